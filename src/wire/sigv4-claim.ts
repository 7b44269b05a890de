import { createHash } from "node:crypto";

import { decode, headerValues, type SignedRequest, splitOnce, splitQuery } from "./sigv4-canonical.ts";

/** A refusal in AWS's words. */
export interface SignatureRefusal {
  readonly kind: "refused";
  readonly code: string;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly message: string;
}

/** What a request says of its own signature; nothing of it has been checked. */
export interface Claim {
  readonly kind: "claim";
  readonly accessKeyId: string;
  readonly scope: { readonly date: string; readonly region: string; readonly service: string; readonly end: string };
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  readonly sessionToken: string | null;
  /** Seconds that a presigned URL lives; null for a signature in the Authorization header. */
  readonly expires: number | null;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
// AWS General Reference: a presigned URL lives at most seven days.
const LONGEST = 604_800;

export function refuse(code: string, status: number, message: string): SignatureRefusal {
  return { kind: "refused", code, status, message };
}

const incomplete = (message: string): SignatureRefusal => refuse("IncompleteSignature", 400, message);

/** Reads the signature of a request, from the Authorization header or from the URL. */
export function readClaim(request: SignedRequest): Claim | SignatureRefusal {
  const authorization = headerValues(request, "authorization");
  const [header] = authorization;
  if (header !== undefined && authorization.length === 1) return readHeader(header, request);
  if (header !== undefined) return incomplete("The request has more than one Authorization header.");
  if (request.query === "") return UNSIGNED;
  const query = new Map(splitQuery(request.query).map(([name, value]) => [decode(name), decode(value)]));
  if (query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature")) return readPresigned(query);
  return UNSIGNED;
}

const UNSIGNED = refuse("MissingAuthenticationToken", 403, "Request is missing Authentication Token");

const NEEDED = ["Credential", "Signature", "SignedHeaders"] as const;

function readHeader(header: string, request: SignedRequest): Claim | SignatureRefusal {
  const [scheme, rest = ""] = splitOnce(header.trim(), " ");
  if (!scheme.startsWith("AWS")) return refuse("MissingAuthenticationToken", 403, "Missing Authentication Token");
  if (scheme !== ALGORITHM) return incomplete(`Unsupported AWS 'algorithm': '${scheme}'.`);
  const parts = new Map<string, string>();
  for (const part of rest.split(",")) {
    const [name, value] = splitOnce(part.trim(), "=");
    if (value === undefined)
      return incomplete(`'${name}' not a valid key=value pair (missing equal-sign) in Authorization header.`);
    parts.set(name, value);
  }
  const timestamp = headerValues(request, "x-amz-date")[0] ?? basicDate(headerValues(request, "date")[0]);
  const missing = NEEDED.filter((name) => !parts.get(name)).map(
    (name) => `Authorization header requires '${name}' parameter.`,
  );
  if (timestamp === undefined)
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  if (timestamp === undefined || missing.length > 0) return incomplete(`${missing.join(" ")} ${digestOf(header)}`);
  return readCredential(parts.get("Credential") ?? "", {
    signedHeaders: parts.get("SignedHeaders") ?? "",
    signature: parts.get("Signature") ?? "",
    timestamp,
    sessionToken: headerValues(request, "x-amz-security-token")[0] ?? null,
    expires: null,
  });
}

// AWS no longer repeats the header itself: its digest is enough to find it in a log.
function digestOf(header: string): string {
  return `(Hashed with SHA-256 and encoded with Base64) Authorization=${createHash("sha256").update(header).digest("base64")}`;
}

/** An HTTP date (`Sun, 30 Aug 2015 12:36:00 GMT`) in the basic form that signatures use. */
function basicDate(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? text : basicForm(time);
}

/** The form that signatures write times in: `20150830T123600Z`. */
export function basicForm(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

const IN_URL = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"];

function readPresigned(query: ReadonlyMap<string, string>): Claim | SignatureRefusal {
  const value = (name: string): string => query.get(`X-Amz-${name}`) ?? "";
  const missing = IN_URL.filter((name) => value(name) === "").map(
    (name) => `AWS query-string parameters must include 'X-Amz-${name}'.`,
  );
  if (missing.length > 0) return incomplete(`${missing.join(" ")} Re-examine the query-string parameters.`);
  if (value("Algorithm") !== ALGORITHM) return incomplete(`Unsupported AWS 'algorithm': '${value("Algorithm")}'.`);
  const expires = /^\d{1,6}$/.test(value("Expires")) ? Number(value("Expires")) : Number.NaN;
  if (!(expires <= LONGEST)) return incomplete(`X-Amz-Expires must be a number of seconds up to ${LONGEST}.`);
  return readCredential(value("Credential"), {
    signedHeaders: value("SignedHeaders"),
    signature: value("Signature"),
    timestamp: value("Date"),
    sessionToken: query.get("X-Amz-Security-Token") ?? null,
    expires,
  });
}

interface Parts extends Pick<Claim, "signature" | "timestamp" | "sessionToken" | "expires"> {
  readonly signedHeaders: string;
}

function readCredential(credential: string, parts: Parts): Claim | SignatureRefusal {
  const [accessKeyId, date, region, service, end, more] = credential.split("/");
  if (
    !accessKeyId ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    end === undefined ||
    more !== undefined
  ) {
    return incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  if (!/^\d{8}T\d{6}Z$/.test(parts.timestamp) || Number.isNaN(timeOf(parts.timestamp))) {
    return incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${parts.timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  const signedHeaders = parts.signedHeaders.split(";");
  return { kind: "claim", ...parts, accessKeyId, scope: { date, region, service, end }, signedHeaders };
}

/** Milliseconds since 1970 of `20150830T123600Z`; NaN when it is not a date. */
export function timeOf(basic: string): number {
  return Date.parse(basic.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}
