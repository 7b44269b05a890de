import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { createHash, createHmac } from "node:crypto";

import { SignatureV4 } from "@smithy/signature-v4";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Secret } from "../../../src/core/secret.ts";
import { type KeyLookup, type SignedRequest, verifySignature, type VerifyOptions } from "../../../src/wire/sigv4.ts";

// 38 cases of awslabs/aws-c-auth (Apache-2.0); see ../shared/vectors/README.md. Never part of this repository.
const VECTORS = join(import.meta.dirname, "../../../../shared/vectors/sigv4");

interface Case {
  readonly credentials: { readonly access_key_id: string; readonly secret_access_key: string; readonly token?: string };
  readonly expiration_in_seconds: number;
  readonly normalize: boolean;
  readonly omit_session_token?: boolean;
  readonly region: string;
  readonly service: string;
  readonly timestamp: string;
}

/** Reads a request as text: one line, headers (folded ones continued), a blank line, the body. */
function parseRequest(text: string): SignedRequest {
  const [head = "", ...rest] = text.split("\n\n");
  const [first = "", ...lines] = head.split("\n");
  const headers: [string, string][] = [];
  for (const line of lines) {
    const last = headers.at(-1);
    if (/^\s/.test(line) && last) last[1] += `\n${line}`;
    else headers.push([line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]);
  }
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(first) ?? [];
  const question = target.indexOf("?");
  return {
    method,
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? "" : target.slice(question + 1),
    headers,
    body: Buffer.from(rest.join("\n\n").replace(/^\n*$/, ""), "latin1"),
  };
}

function optionsOf(context: Case): VerifyOptions {
  const { credentials } = context;
  const find: KeyLookup = (id) =>
    id === credentials.access_key_id
      ? { kind: "key", secretAccessKey: new Secret(credentials.secret_access_key) }
      : { kind: "refused", code: "InvalidClientTokenId", status: 403, message: "unknown" };
  return {
    find,
    now: Date.parse(context.timestamp),
    normalize: context.normalize,
    omitSessionToken: context.omit_session_token ?? false,
  };
}

describe.skipIf(!existsSync(VECTORS))("the published SigV4 vectors", () => {
  const names = existsSync(VECTORS) ? readdirSync(VECTORS).filter((name) => name !== "LICENSE") : [];

  it("are all there", () => {
    expect(names).toHaveLength(38);
  });

  for (const name of names) {
    for (const form of ["header", "query"]) {
      it(`accepts ${name}, signed in the ${form}`, () => {
        const read = (file: string): string => readFileSync(join(VECTORS, name, file), "latin1");
        const context = JSON.parse(read("context.json")) as Case;
        const request = parseRequest(read(`${form}-signed-request.txt`));
        expect(verifySignature(request, optionsOf(context))).toMatchObject({
          kind: "verified",
          accessKeyId: context.credentials.access_key_id,
          region: context.region,
          service: context.service,
          sessionToken: context.credentials.token ?? null,
        });
      });

      it(`refuses ${name}, signed in the ${form}, with another method`, () => {
        const read = (file: string): string => readFileSync(join(VECTORS, name, file), "latin1");
        const context = JSON.parse(read("context.json")) as Case;
        const request = { ...parseRequest(read(`${form}-signed-request.txt`)), method: "PUT" };
        expect(verifySignature(request, optionsOf(context))).toMatchObject({ code: "SignatureDoesNotMatch" });
      });
    }
  }
});

if (!existsSync(VECTORS)) console.warn(`sigv4 vectors skipped: ${VECTORS} is not here (it is not part of the project)`);

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW = Date.parse("2026-11-24T12:00:00Z");

class Sha256 {
  readonly #hash: ReturnType<typeof createHash>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash("sha256")
        : (createHmac("sha256", secret as string) as unknown as ReturnType<typeof createHash>);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(data as string);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {}
}

interface Plain {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service?: string;
  readonly sessionToken?: string;
}

function signer({ service = "sts", sessionToken }: Plain): SignatureV4 {
  const credentials = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: SECRET,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  return new SignatureV4({
    service,
    region: "eu-central-1",
    credentials,
    sha256: Sha256,
    uriEscapePath: service !== "s3",
    applyChecksum: service === "s3",
  });
}

function smithyRequest({
  method = "POST",
  path = "/",
  query = {},
  headers = {},
  body = "",
}: Plain): Parameters<SignatureV4["sign"]>[0] {
  const host = { host: "sts.amazonaws.com", ...headers };
  return { method, protocol: "https:", hostname: "sts.amazonaws.com", path, query, headers: host, body };
}

function received(signed: Parameters<SignatureV4["sign"]>[0], body = ""): SignedRequest {
  const query = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return {
    method: signed.method,
    path: signed.path,
    query: query.join("&"),
    headers: Object.entries(signed.headers),
    body: Buffer.from(body),
  };
}

async function sign(plain: Plain = {}): Promise<SignedRequest> {
  return received(await signer(plain).sign(smithyRequest(plain), { signingDate: new Date(NOW) }), plain.body);
}

async function presign(plain: Plain = {}, expiresIn = 60): Promise<SignedRequest> {
  return received(
    await signer(plain).presign(smithyRequest({ method: "GET", ...plain }), { signingDate: new Date(NOW), expiresIn }),
  );
}

const find: KeyLookup = (id) =>
  id === "AKIDEXAMPLE"
    ? { kind: "key", secretAccessKey: new Secret(SECRET) }
    : {
        kind: "refused",
        code: "InvalidClientTokenId",
        status: 403,
        message: "The security token included in the request is invalid",
      };

function verify(request: SignedRequest, seconds = 0): ReturnType<typeof verifySignature> {
  return verifySignature(request, { find, now: NOW + seconds * 1000 });
}

function withHeader(request: SignedRequest, name: string, change: (value: string) => string): SignedRequest {
  return {
    ...request,
    headers: request.headers.map(([one, value]) => [one, one.toLowerCase() === name ? change(value) : value]),
  };
}

describe("a request signed by the AWS SDK's own signer", () => {
  it("is verified, its region, service and session token named", async () => {
    expect(verify(await sign({ body: "Action=GetCallerIdentity", sessionToken: "a+/=" }))).toEqual({
      kind: "verified",
      accessKeyId: "AKIDEXAMPLE",
      region: "eu-central-1",
      service: "sts",
      sessionToken: "a+/=",
    });
  });

  it("is verified whatever its path, query, headers and body are", async () => {
    const plain = fc.record({
      method: fc.constantFrom("GET", "POST", "PUT"),
      path: fc
        .array(fc.stringMatching(/^[A-Za-z0-9\-._~!$&'()*+,;=:@]{1,8}$/), { maxLength: 4 })
        .map((parts) => `/${parts.join("/")}`),
      // The signer copies names into plain objects, where `__proto__` is lost.
      query: fc.dictionary(
        fc.string({ minLength: 1 }).filter((name) => name !== "__proto__"),
        fc.string(),
        { maxKeys: 4, noNullPrototype: true },
      ),
      headers: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
      body: fc.string({ unit: "binary" }).map((text) => text.replaceAll(/\p{Surrogate}/gu, "?")),
      service: fc.constantFrom("sts", "iam", "dynamodb"),
    });
    await fc.assert(
      fc.asyncProperty(plain, async (one) => {
        expect(verify(await sign(one))).toMatchObject({ kind: "verified" });
      }),
    );
  });

  it.each<[string, (request: SignedRequest) => SignedRequest]>([
    ["method", (request) => ({ ...request, method: "GET" })],
    ["path", (request) => ({ ...request, path: "/other" })],
    ["query", (request) => ({ ...request, query: "Action=DeleteRole" })],
    ["body", (request) => ({ ...request, body: Buffer.from("Action=DeleteRole") })],
    ["host", (request) => withHeader(request, "host", () => "iam.amazonaws.com")],
    ["date", (request) => withHeader(request, "x-amz-date", () => "20261124T120001Z")],
    ["session token", (request) => withHeader(request, "x-amz-security-token", () => "other")],
    [
      "signature",
      (request) =>
        withHeader(request, "authorization", (value) => value.replace(/.$/, (last) => (last === "0" ? "1" : "0"))),
    ],
    ["signature's length", (request) => withHeader(request, "authorization", (value) => value.slice(0, -1))],
  ])("is refused with another %s", async (_, change) => {
    const request = await sign({ body: "Action=GetCallerIdentity", sessionToken: "token" });
    expect(verify(change(request))).toMatchObject({ code: "SignatureDoesNotMatch", status: 403 });
  });

  it("is taken up to five minutes after and before its date, and not a second more", async () => {
    const request = await sign();
    for (const seconds of [-300, 0, 300]) expect(verify(request, seconds)).toMatchObject({ kind: "verified" });
    expect(verify(request, 301)).toMatchObject({
      code: "SignatureDoesNotMatch",
      message: "Signature expired: 20261124T120000Z is now earlier than 20261124T120001Z (20261124T120501Z - 5 min.)",
    });
    expect(verify(request, -301)).toMatchObject({
      code: "SignatureDoesNotMatch",
      message:
        "Signature not yet current: 20261124T120000Z is still later than 20261124T115959Z (20261124T115459Z + 5 min.)",
    });
  });

  it("is taken in a URL as long as the URL says", async () => {
    const request = await presign({ query: { Action: "GetCallerIdentity" }, sessionToken: "t/+=" });
    expect(verify(request, 60)).toMatchObject({ kind: "verified", sessionToken: "t/+=" });
    expect(verify(request, 61)).toMatchObject({
      code: "SignatureDoesNotMatch",
      message: expect.stringContaining("Signature expired") as string,
    });
    expect(verify({ ...request, query: request.query.replace("Expires=60", "Expires=600") })).toMatchObject({
      code: "SignatureDoesNotMatch",
    });
  });

  it("may leave the body unsigned for S3 only", async () => {
    const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    expect(verify(await sign({ headers, body: "a", service: "s3" }))).toMatchObject({ kind: "verified" });
    expect(verify(await sign({ headers, body: "a" }))).toMatchObject({ code: "SignatureDoesNotMatch" });
    const signed = await sign({ body: "a", service: "s3" });
    expect(verify(signed)).toMatchObject({ kind: "verified" });
    expect(verify({ ...signed, body: Buffer.from("b") })).toMatchObject({
      code: "XAmzContentSHA256Mismatch",
      status: 400,
    });
  });
});

describe("a request whose signature is not whole", () => {
  const bare: SignedRequest = {
    method: "POST",
    path: "/",
    query: "",
    headers: [["Host", "sts.amazonaws.com"]],
    body: Buffer.alloc(0),
  };
  const authorized = (value: string): SignedRequest => ({
    ...bare,
    headers: [...bare.headers, ["Authorization", value]],
  });

  it("is told that it has none", () => {
    expect(verify(bare)).toMatchObject({ code: "MissingAuthenticationToken", status: 403 });
    expect(verify(authorized("Bearer abc"))).toMatchObject({ code: "MissingAuthenticationToken", status: 403 });
  });

  it("is told all that is missing, and its own text is not repeated", () => {
    const header = "AWS4-HMAC-SHA256 Credential=";
    const digest = createHash("sha256").update(header).digest("base64");
    expect(verify(authorized(header))).toMatchObject({
      code: "IncompleteSignature",
      status: 400,
      message:
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
        "Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a " +
        `'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=${digest}`,
    });
  });

  it.each([
    ["another algorithm", (value: string) => value.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512")],
    ["a part without a value", (value: string) => value.replace("Signature=", "Signature")],
    ["a scope of four parts", (value: string) => value.replace("/sts/", "/")],
  ])("is incomplete with %s", async (_, change) => {
    expect(verify(withHeader(await sign(), "authorization", change))).toMatchObject({
      code: "IncompleteSignature",
      status: 400,
    });
  });

  it("is incomplete with a date that is none, or with two Authorization headers", async () => {
    const request = await sign();
    expect(verify(withHeader(request, "x-amz-date", () => "yesterday"))).toMatchObject({ code: "IncompleteSignature" });
    const twice = request.headers.find(([name]) => name === "authorization");
    expect(verify({ ...request, headers: [...request.headers, ...(twice ? [twice] : [])] })).toMatchObject({
      code: "IncompleteSignature",
    });
  });

  it.each([
    ["another day", "/20261124/", "/20261123/", "Date in Credential scope does not match YYYYMMDD"],
    ["another end", "aws4_request", "aws5_request", "valid terminator: 'aws4_request', not 'aws5_request'"],
    ["a region that is none", "eu-central-1", "EU!", "valid region, not 'EU!'"],
    ["no host among the signed headers", "=host;", "=", "'Host' or ':authority' must be a 'SignedHeader'"],
  ])("is refused with %s", async (_, from, to, message) => {
    expect(verify(withHeader(await sign(), "authorization", (value) => value.replace(from, to)))).toMatchObject({
      code: "SignatureDoesNotMatch",
      message: expect.stringContaining(message) as string,
    });
  });

  it("is refused with a key that nobody has", async () => {
    expect(verify(withHeader(await sign(), "authorization", (value) => value.replace("AKID", "AKIX")))).toMatchObject({
      code: "InvalidClientTokenId",
      status: 403,
    });
  });
});
