import { errorXml, type QueryFields, renderXml } from "../wire/query.ts";
import { claimedService } from "../wire/sigv4.ts";
import { authenticate } from "./authenticate.ts";
import { headerOf, type LocalRequest, type LocalResponse, xml } from "./http.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * A call to a service that this cloud does not play: who signs wrongly hears so, everybody else that
 * there is nothing behind the door, in the error shape of the service's protocol.
 */
export function answerOther(
  request: LocalRequest,
  fields: QueryFields,
  world: World,
  requestId: string,
): LocalResponse {
  const signer = authenticate(request, world);
  const service = claimedService(request);
  const refusal =
    signer.kind === "refused"
      ? signer
      : refuse(
          501,
          "UnsupportedOperation",
          `rolecall's local cloud does not emulate ${service ?? "this service"}; it has IAM and STS`,
        );
  return protocolOf(request, fields, service)(refusal, requestId);
}

type Protocol = (refusal: Refusal, requestId: string) => LocalResponse;

const REST_XML = new Set(["s3", "s3control", "cloudfront", "route53"]);

function protocolOf(request: LocalRequest, fields: QueryFields, service: string | null): Protocol {
  if (headerOf(request, "x-amz-target") !== undefined) return jsonError;
  if (typeof fields["Action"] === "string") return service === "ec2" ? ec2Error : queryError;
  return service === null || REST_XML.has(service) ? restXmlError : jsonError;
}

// What the JSON protocols call the errors of signing. AWS, common errors of DynamoDB, Lambda and others.
const JSON_CODES: Readonly<Record<string, string>> = {
  ExpiredToken: "ExpiredTokenException",
  IncompleteSignature: "IncompleteSignatureException",
  InvalidClientTokenId: "UnrecognizedClientException",
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  SignatureDoesNotMatch: "InvalidSignatureException",
  UnsupportedOperation: "UnsupportedOperationException",
};

function jsonError({ status, code, message }: Refusal, requestId: string): LocalResponse {
  const type = JSON_CODES[code] ?? code;
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": type, "x-amzn-requestid": requestId },
    body: JSON.stringify({ __type: type, message }),
  };
}

function queryError({ status, code, message }: Refusal, requestId: string): LocalResponse {
  const namespace = "http://webservices.amazon.com/AWSFault/2005-15-09";
  return xml(
    status,
    errorXml(namespace, { code, message, type: status < 500 ? "Sender" : "Receiver" }, requestId),
    requestId,
  );
}

function ec2Error({ status, code, message }: Refusal, requestId: string): LocalResponse {
  const error = { Code: code, Message: message ?? undefined };
  return xml(status, renderXml("Response", { Errors: { Error: error }, RequestID: requestId }), requestId);
}

// S3 has its own names for these. Amazon S3 API reference, error responses.
const S3_CODES: Readonly<Record<string, string>> = {
  InvalidClientTokenId: "InvalidAccessKeyId",
  UnsupportedOperation: "NotImplemented",
};

function restXmlError({ status, code, message }: Refusal, requestId: string): LocalResponse {
  return xml(
    status,
    renderXml("Error", { Code: S3_CODES[code] ?? code, Message: message ?? undefined, RequestId: requestId }),
    requestId,
  );
}
