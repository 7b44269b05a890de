import { errorXml, type QueryFields, renderXml } from "../wire/query.ts";
import { headerOf, type LocalRequest, type LocalResponse, xml } from "./http.ts";
import type { Refusal } from "./refusal.ts";

/** How a service's protocol writes its errors. */
export type ProtocolName = "ec2" | "json" | "query" | "rest-json" | "rest-xml";

const REST_XML = new Set(["cloudfront", "route53", "s3", "s3control", "s3express"]);

/** The protocol of a call, by what it looks like. */
export function protocolOf(request: LocalRequest, fields: QueryFields, service: string | null): ProtocolName {
  if (headerOf(request, "x-amz-target") !== undefined) return "json";
  if (typeof fields["Action"] === "string") return service === "ec2" ? "ec2" : "query";
  return service === null || REST_XML.has(service) ? "rest-xml" : "rest-json";
}

interface Protocol {
  /** Codes that this protocol has other names for. */
  readonly codes: Readonly<Record<string, string>>;
  readonly render: (refusal: Refusal, request: LocalRequest, requestId: string) => LocalResponse;
}

// What the JSON protocols call these. AWS, common errors of DynamoDB, Lambda and others.
const JSON_CODES: Readonly<Record<string, string>> = {
  AccessDenied: "AccessDeniedException",
  ExpiredToken: "ExpiredTokenException",
  IncompleteSignature: "IncompleteSignatureException",
  InvalidClientTokenId: "UnrecognizedClientException",
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  RequestEntityTooLarge: "RequestEntityTooLargeException",
  ServiceUnavailable: "ServiceUnavailableException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  Throttling: "ThrottlingException",
  UnsupportedOperation: "UnsupportedOperationException",
};

const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  json: { codes: JSON_CODES, render: renderJson },
  "rest-json": { codes: JSON_CODES, render: renderJson },
  query: { codes: {}, render: renderQuery },
  // EC2 API reference, error codes.
  ec2: { codes: { AccessDenied: "UnauthorizedOperation", InvalidClientTokenId: "AuthFailure" }, render: renderEc2 },
  // Amazon S3 API reference, error responses.
  "rest-xml": {
    codes: {
      InvalidClientTokenId: "InvalidAccessKeyId",
      RequestEntityTooLarge: "EntityTooLarge",
      Throttling: "SlowDown",
      UnsupportedOperation: "NotImplemented",
    },
    render: renderRestXml,
  },
};

/** Writes an error as a service of this protocol would. */
export function renderProtocolError(
  protocol: ProtocolName,
  refusal: Refusal,
  request: LocalRequest,
  requestId: string,
): LocalResponse {
  const { codes, render } = PROTOCOLS[protocol];
  return render({ ...refusal, code: codes[refusal.code] ?? refusal.code }, request, requestId);
}

function renderJson({ status, code, message }: Refusal, request: LocalRequest, requestId: string): LocalResponse {
  const version = /json-1\.0/.test(headerOf(request, "content-type") ?? "") ? "1.0" : "1.1";
  const headers = {
    "content-type": `application/x-amz-json-${version}`,
    "x-amzn-errortype": code,
    "x-amzn-requestid": requestId,
  };
  return { status, headers, body: JSON.stringify({ __type: code, ...(message === null ? {} : { message }) }) };
}

function renderQuery({ status, code, message }: Refusal, _: LocalRequest, requestId: string): LocalResponse {
  const namespace = "http://webservices.amazon.com/AWSFault/2005-15-09";
  const error = { code, message, type: status < 500 ? "Sender" : "Receiver" } as const;
  return xml(status, errorXml(namespace, error, requestId), requestId);
}

function renderEc2({ status, code, message }: Refusal, _: LocalRequest, requestId: string): LocalResponse {
  const error = { Code: code, Message: message ?? undefined };
  return xml(status, renderXml("Response", { Errors: { Error: error }, RequestID: requestId }), requestId);
}

function renderRestXml({ status, code, message }: Refusal, { method }: LocalRequest, requestId: string): LocalResponse {
  const error = { Code: code, Message: message ?? undefined, RequestId: requestId };
  return xml(status, method === "HEAD" ? "" : renderXml("Error", error), requestId);
}
