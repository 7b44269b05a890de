import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import type { Secret } from "../core/secret.ts";
import { canonicalRequest, headerValues, type SignedRequest } from "./sigv4-canonical.ts";
import { basicForm, type Claim, readClaim, refuse, type SignatureRefusal, timeOf } from "./sigv4-claim.ts";

export type { SignedRequest } from "./sigv4-canonical.ts";
export type { SignatureRefusal } from "./sigv4-claim.ts";

export interface VerifiedSignature {
  readonly kind: "verified";
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly sessionToken: string | null;
}

/** The secret of an access key, or why it has none. */
export type KeyLookup = (
  accessKeyId: string,
  sessionToken: string | null,
) => { readonly kind: "key"; readonly secretAccessKey: Secret } | SignatureRefusal;

export interface VerifyOptions {
  readonly find: KeyLookup;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether `/a/./b//c` is signed as `/a/b/c`: every service but S3, which is the default. */
  readonly normalize?: boolean;
  /** Whether the session token of a presigned URL was added after signing, as a few services want it. */
  readonly omitSessionToken?: boolean;
}

const SKEW = 5 * 60 * 1000;

const mismatch = (message: string): SignatureRefusal => refuse("SignatureDoesNotMatch", 403, message);

const DIFFERS =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/**
 * Checks the AWS Signature Version 4 of a request, in the Authorization header or in the URL.
 * Source: AWS General Reference, "Signing AWS API requests"; texts as STS and IAM answer them.
 */
export function verifySignature(request: SignedRequest, options: VerifyOptions): VerifiedSignature | SignatureRefusal {
  const claim = readClaim(request);
  if (claim.kind === "refused") return claim;
  const scopeProblem = checkScope(claim) ?? checkHeaders(claim, request);
  if (scopeProblem) return scopeProblem;
  const key = options.find(claim.accessKeyId, claim.sessionToken);
  if (key.kind === "refused") return key;
  const timeProblem = checkTime(claim, options.now);
  if (timeProblem) return timeProblem;
  const payload = payloadHash(claim, request);
  if (payload.kind === "refused") return payload;
  const s3 = claim.scope.service === "s3";
  const canonical = canonicalRequest(request, {
    signedHeaders: claim.signedHeaders,
    payloadHash: payload.hash,
    s3,
    normalize: options.normalize ?? !s3,
    omitSessionToken: claim.expires !== null && options.omitSessionToken === true,
  });
  const toSign = stringToSign(claim, canonical);
  const expected = hmac(signingKey(key.secretAccessKey, claim.scope), toSign);
  if (!sameSignature(expected, claim.signature)) return mismatch(DIFFERS);
  const { region, service } = claim.scope;
  return { kind: "verified", accessKeyId: claim.accessKeyId, region, service, sessionToken: claim.sessionToken };
}

/** The service named in a request's credential scope, before anything is verified; null when unsigned. */
export function claimedService(request: SignedRequest): string | null {
  const claim = readClaim(request);
  return claim.kind === "claim" ? claim.scope.service : null;
}

// Any region of the right form passes: with a custom endpoint, clients sign IAM for their own region.
function checkScope({ scope, timestamp }: Claim): SignatureRefusal | null {
  const day = timestamp.slice(0, 8);
  const problems = [
    ...(/^[a-z0-9-]+$/.test(scope.region)
      ? []
      : [`Credential should be scoped to a valid region, not '${scope.region}'. `]),
    ...(/^[a-z0-9-]+$/.test(scope.service) ? [] : ["Credential should be scoped to correct service. "]),
    ...(scope.end === "aws4_request"
      ? []
      : [`Credential should be scoped with a valid terminator: 'aws4_request', not '${scope.end}'. `]),
    ...(scope.date === day
      ? []
      : [
          `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date}' != '${day}', from '${timestamp}'.`,
        ]),
  ];
  return problems.length === 0 ? null : mismatch(problems.join(""));
}

function checkHeaders({ signedHeaders }: Claim, request: SignedRequest): SignatureRefusal | null {
  if (!signedHeaders.includes("host"))
    return mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  const absent = signedHeaders.find((name) => headerValues(request, name).length === 0);
  // A header that is signed and not there cannot have been signed by this request's sender.
  return absent === undefined ? null : mismatch(DIFFERS);
}

function checkTime({ timestamp, expires }: Claim, now: number): SignatureRefusal | null {
  const signedAt = timeOf(timestamp);
  const current = basicForm(now);
  if (signedAt > now + SKEW) {
    return mismatch(
      `Signature not yet current: ${timestamp} is still later than ${basicForm(now + SKEW)} (${current} + 5 min.)`,
    );
  }
  if (expires === null && signedAt < now - SKEW) {
    return mismatch(
      `Signature expired: ${timestamp} is now earlier than ${basicForm(now - SKEW)} (${current} - 5 min.)`,
    );
  }
  const end = signedAt + (expires ?? 0) * 1000;
  return expires !== null && end < now
    ? mismatch(`Signature expired: ${basicForm(end)} is now earlier than ${current}`)
    : null;
}

const HASH = "x-amz-content-sha256";
const UNSIGNED = "UNSIGNED-PAYLOAD";

// Only S3 takes a body that is not signed. Amazon S3 API reference, "Authenticating requests".
function payloadHash(claim: Claim, request: SignedRequest): { kind: "hash"; hash: string } | SignatureRefusal {
  const [given] = headerValues(request, HASH);
  if (claim.scope.service === "s3") {
    const literal = given === UNSIGNED || given?.startsWith("STREAMING-") ? given : undefined;
    if (literal !== undefined || claim.expires !== null) return { kind: "hash", hash: literal ?? UNSIGNED };
  }
  const hash = sha256(request.body);
  if (given === undefined || given === hash) return { kind: "hash", hash };
  return claim.scope.service === "s3"
    ? refuse(
        "XAmzContentSHA256Mismatch",
        400,
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      )
    : mismatch(DIFFERS);
}

function stringToSign({ timestamp, scope }: Claim, canonical: string): string {
  const { date, region, service, end } = scope;
  return [
    "AWS4-HMAC-SHA256",
    timestamp,
    [date, region, service, end].join("/"),
    sha256(Buffer.from(canonical, "latin1")),
  ].join("\n");
}

function signingKey(secret: Secret, { date, region, service, end }: Claim["scope"]): Buffer {
  const first = hmac(`AWS4${secret.reveal()}`, date);
  return [region, service, end].reduce((key, part) => hmac(key, part), first);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function sameSignature(expected: Buffer, given: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(given)) return false;
  return timingSafeEqual(expected, Buffer.from(given, "hex"));
}
