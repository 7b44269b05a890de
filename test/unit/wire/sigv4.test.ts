import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { SignatureV4 } from "@smithy/signature-v4";
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
