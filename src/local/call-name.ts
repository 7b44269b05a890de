import type { QueryFields } from "../wire/query.ts";
import { parsePairs } from "../wire/query.ts";
import { ACTION_PREFIXES, RENAMED, RESOURCES, REST_OPERATIONS, S3_OPERATIONS, type S3Scope } from "./call-names.ts";
import { headerOf, type LocalRequest } from "./http.ts";

/** What a call to another service is, in IAM's words. */
export interface CallName {
  /** As in the credential scope. */
  readonly service: string;
  /** Without the service: `DescribeInstances`. */
  readonly operation: string;
  /** `ec2:DescribeInstances`. */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** The call's parameters, of the form or the JSON body. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Place {
  readonly region: string;
  readonly account: string;
}

// An operation that the tables do not know: covered by `service:*` alone.
const UNKNOWN = "UnknownOperation";

/** Names a call: from Action, from X-Amz-Target, or from method and path. */
export function nameCall(request: LocalRequest, fields: QueryFields, service: string, place: Place): CallName {
  if (service === "s3" || service === "s3express") return nameS3(request, service);
  const rest = REST_OPERATIONS[service]?.find(([method, path]) => method === request.method && path.test(request.path));
  const { Action: action } = fields;
  const target = headerOf(request, "x-amz-target");
  const operation = typeof action === "string" ? action : (target?.split(".").at(-1) ?? rest?.[2] ?? UNKNOWN);
  const parameters = {
    ...(typeof action === "string" ? fields : jsonBody(request)),
    path: rest?.[1].exec(request.path)?.[1],
  };
  const plain = `${prefixOf(service)}:${operation}`;
  const resource = resourceOf(service, parameters, place);
  return { service, operation, action: RENAMED[plain] ?? plain, resource, parameters };
}

function prefixOf(service: string): string {
  return ACTION_PREFIXES[service] ?? service;
}

function jsonBody({ body }: LocalRequest): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function resourceOf(service: string, parameters: Readonly<Record<string, unknown>>, place: Place): string {
  const [name, form] = (RESOURCES[service] ?? []).find(([one]) => typeof parameters[one] === "string") ?? [];
  const value = name === undefined ? undefined : parameters[name];
  if (typeof value !== "string" || value === "" || form === undefined) return "*";
  if (value.startsWith("arn:")) return value;
  // Names with a path begin with a slash of their own: parameter/team/key for /team/key.
  const tail = form.replace("{}", value.replace(/^\//, ""));
  return `arn:aws:${prefixOf(service)}:${place.region}:${place.account}:${tail}`;
}

function nameS3(request: LocalRequest, service: string): CallName {
  const { bucket, key } = s3Path(request);
  const scope: S3Scope = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  const given = new Set(parsePairs(request.query).map(([name]) => name));
  const row = S3_OPERATIONS.find(
    ([method, where, selector]) =>
      method === request.method && where === scope && (selector === null || given.has(selector)),
  );
  const operation = row?.[3] ?? UNKNOWN;
  const resource = { service: "*", bucket: `arn:aws:s3:::${bucket}`, object: `arn:aws:s3:::${bucket}/${key}` }[scope];
  return { service, operation, action: `s3:${operation}`, resource, parameters: { bucket, key } };
}

// Path style, or the bucket before the host.
function s3Path(request: LocalRequest): { readonly bucket: string; readonly key: string } {
  const path = decode(request.path.replace(/^\//, ""));
  const [, hosted] = /^(.+?)\.(?:s3[.-]|localhost)/.exec(headerOf(request, "host") ?? "") ?? [];
  if (hosted !== undefined) return { bucket: hosted, key: path };
  const at = path.indexOf("/");
  return at < 0 ? { bucket: path, key: "" } : { bucket: path.slice(0, at), key: path.slice(at + 1) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
