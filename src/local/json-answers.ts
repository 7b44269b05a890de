import type { XmlFields, XmlValue } from "../wire/query.ts";
import { headerOf, type LocalRequest, type LocalResponse } from "./http.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Answers of the query protocol in JSON, which STS and IAM give to whoever accepts it. In no API model; the shapes are
 * those that clients which ask for it read, in many repositories: the names of the XML, times as seconds since 1970.
 * Not known: whether AWS writes null for what is not there. It is left out here.
 */

/** Whether a client asks for JSON, before XML if at all. Not known: what else AWS looks at. */
export function wantsJson(request: LocalRequest): boolean {
  const accepted = headerOf(request, "accept");
  if (accepted === undefined || !accepted.includes("json")) return false;
  const types = accepted.split(",").map((one) => one.split(";", 1)[0]?.trim().toLowerCase());
  return types.find((type) => type === "application/json" || type?.endsWith("xml")) === "application/json";
}

/** The answer to a successful call; `result` null for the calls that answer nothing. */
export function jsonResult(operation: string, result: XmlFields | null, requestId: string): LocalResponse {
  const own = result === null ? {} : { [`${operation}Result`]: jsonOf("", result) };
  return response(200, { [`${operation}Response`]: { ...own, ResponseMetadata: { RequestId: requestId } } }, requestId);
}

export function jsonError({ status, code, message }: Refusal, requestId: string): LocalResponse {
  const text = message === null ? {} : { Message: message };
  const error = { Code: code, ...text, Type: status < 500 ? "Sender" : "Receiver" };
  return response(status, { Error: error, RequestId: requestId }, requestId);
}

function response(status: number, value: unknown, requestId: string): LocalResponse {
  const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
  return { status, headers, body: JSON.stringify(value) };
}

// The members that are times in the API models of IAM and STS (botocore 1.43); none of these names means anything else.
const TIMES = new Set([
  "CreateDate",
  "EnableDate",
  "Expiration",
  "ExpirationDate",
  "ExpirationTime",
  "GeneratedTime",
  "JobCompletionDate",
  "JobCreationDate",
  "LastAccessedTime",
  "LastAuthenticated",
  "LastAuthenticatedTime",
  "LastUsedDate",
  "PasswordLastUsed",
  "Timestamp",
  "UpdateDate",
  "UpdatedTime",
  "UploadDate",
  "ValidUntil",
]);

function jsonOf(name: string, value: XmlValue): unknown {
  if (typeof value === "string" && TIMES.has(name)) return Date.parse(value) / 1000;
  if (typeof value !== "object") return value;
  if (isList(value)) return value.map((one) => jsonOf("", one));
  const entries = isMap(value) ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, one]) => [key, jsonOf(key, one)]));
}

function isList(value: object): value is readonly XmlValue[] {
  return Array.isArray(value);
}

function isMap(value: object): value is ReadonlyMap<string, XmlValue> {
  return value instanceof Map;
}
