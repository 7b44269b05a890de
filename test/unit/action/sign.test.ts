import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, test } from "vitest";
import { signedHeaders } from "../../../src/action/sign.ts";
import { Secret } from "../../../src/core/secret.ts";
import { verifySignature } from "../../../src/wire/sigv4.ts";
import { Sha256 } from "../local/sha256.ts";

const KEYS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: new Secret("wJalr+XUtn/EXAMPLEKEY") };
const NOW = Date.parse("2026-11-24T12:34:56Z");
const BODY = "Action=GetCallerIdentity&Version=2011-06-15";

describe.each([
  ["long-term keys", KEYS],
  ["temporary keys", { ...KEYS, sessionToken: new Secret("IQoJ/token+==") }],
] as const)("a call signed with %s", (_, keys) => {
  const url = new URL("http://127.0.0.1:4580/");
  const headers = signedHeaders({ url, body: BODY, region: "eu-west-3", now: NOW }, keys);

  test("has the signature that the AWS SDK would give it", async () => {
    const { authorization, ...rest } = headers;
    const signer = new SignatureV4({
      service: "sts",
      region: "eu-west-3",
      sha256: Sha256,
      applyChecksum: false,
      credentials: {
        accessKeyId: keys.accessKeyId,
        secretAccessKey: keys.secretAccessKey.reveal(),
        ...("sessionToken" in keys ? { sessionToken: keys.sessionToken.reveal() } : {}),
      },
    });
    const request = {
      method: "POST",
      protocol: "http:",
      hostname: "127.0.0.1",
      port: 4580,
      path: "/",
      query: {},
      body: BODY,
    };
    const signed = await signer.sign({ ...request, headers: rest }, { signingDate: new Date(NOW) });
    expect(authorization).toBe(signed.headers["authorization"]);
  });

  test("is verified, and another body is not", () => {
    const request = (body: string) => ({
      method: "POST",
      path: "/",
      query: "",
      headers: Object.entries(headers),
      body: Buffer.from(body),
    });
    const find = () => ({ kind: "key", secretAccessKey: KEYS.secretAccessKey }) as const;
    expect(verifySignature(request(BODY), { find, now: NOW })).toMatchObject({ kind: "verified", region: "eu-west-3" });
    expect(verifySignature(request(`${BODY}x`), { find, now: NOW })).toMatchObject({ code: "SignatureDoesNotMatch" });
  });
});
