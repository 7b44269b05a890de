import { createHash, createHmac } from "node:crypto";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import { canonicalRequest } from "../wire/sigv4-canonical.ts";
import { basicForm } from "../wire/sigv4-claim.ts";

export interface Unsigned {
  readonly url: URL;
  readonly body: string;
  /** For the scope: `us-east-1`. */
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export const FORM = "application/x-www-form-urlencoded; charset=utf-8";

/**
 * The headers of a signed POST to STS. The AWS SDK would do the same and is five times this action's size.
 * Source: AWS IAM guide, "Create a signed AWS API request" (Signature Version 4).
 */
export function signedHeaders({ url, body, region, now }: Unsigned, keys: AwsKeys): Record<string, string> {
  const time = basicForm(now);
  const headers: Record<string, string> = {
    "content-type": FORM,
    host: url.host,
    "x-amz-date": time,
    ...(keys.sessionToken === undefined ? {} : { "x-amz-security-token": keys.sessionToken.reveal() }),
  };
  const names = Object.keys(headers).toSorted();
  const canonical = canonicalRequest(
    {
      method: "POST",
      path: url.pathname,
      query: url.search.slice(1),
      headers: Object.entries(headers),
      body: Buffer.from(body),
    },
    { signedHeaders: names, payloadHash: sha256(body), s3: false, normalize: true, omitSessionToken: false },
  );
  const scope = [time.slice(0, 8), region, "sts", "aws4_request"];
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n");
  const key = scope.reduce<Buffer | string>((last, part) => hmac(last, part), `AWS4${keys.secretAccessKey.reveal()}`);
  const parts = [
    `Credential=${[keys.accessKeyId, ...scope].join("/")}`,
    `SignedHeaders=${names.join(";")}`,
    `Signature=${hmac(key, toSign).toString("hex")}`,
  ];
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${parts.join(", ")}` };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
