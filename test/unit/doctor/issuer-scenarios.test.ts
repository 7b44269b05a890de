import { generateKeyPairSync, sign } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Json } from "../../../src/core/token.ts";
import { linesOf } from "../../support/failure-page.ts";
import { firstOf, type Told, type, useTerminal } from "../../support/failure-staging.ts";
import { typeLines } from "../../support/shell-lines.ts";
import { claims } from "../core/example.ts";

const terminal = useTerminal();
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const JWK = { ...publicKey.export({ format: "jwk" }), use: "sig" };
const AUDIENCE = "https://shop.test";
const SUB = "project_path:acme/shop:ref_type:branch:ref:main";
const NAMED: Json = { keys: [{ ...JWK, kid: "k1" }] as unknown as Json };

/** What an issuer of one's own publishes; `{issuer}` stands for its address. */
interface Published {
  readonly issuer: string;
  readonly keys: Json;
}

const GOOD: Published = { issuer: "{issuer}", keys: NAMED };

/** A web server of one's own that publishes an issuer's documents; what it publishes may change. */
async function startIssuer(first: Published) {
  const state = { published: first };
  const server = createServer((request, response) => {
    const { issuer, keys } = state.published;
    const document = { issuer: issuer.replace("{issuer}", address), jwks_uri: `${address}/jwks` };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.url === "/jwks" ? keys : document));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, publish: (next: Published) => (state.published = next) };
}

function signed(issuer: string): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const own = claims({ iss: issuer, aud: AUDIENCE, sub: SUB, iat: now, nbf: now, exp: now + 300 });
  const head = `${encode({ alg: "RS256", kid: "k1" })}.${encode(own)}`;
  return `${head}.${sign("sha256", Buffer.from(head), privateKey).toString("base64url")}`;
}

describe("an issuer of one's own that publishes something wrong is named, and its jobs get the role once it does not", () => {
  test.each<[string, Published]>([
    ["F47", { ...GOOD, issuer: "https://gitlab.internal.test" }],
    ["F48", { ...GOOD, keys: { keys: [{ ...JWK, kid: "old" }] as unknown as Json } }],
    ["F49", { ...GOOD, keys: { keys: [JWK] as unknown as Json } }],
  ])("%s", async (id, published) => {
    const { address, publish } = await startIssuer(published);
    const name = address.slice("http://".length);
    const statement = {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${name}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${name}:aud`]: AUDIENCE, [`${name}:sub`]: SUB } },
    };
    const lines = linesOf({
      kind: "exchange",
      outcome: "refused",
      providers: [[`https://${name}`, AUDIENCE]],
      trust: { Version: "2012-10-17", Statement: [statement] },
      job: [],
      credsOptions: ["--timeout", "1s"],
    }).filter((line) => !line.includes("token mint"));
    const [explain = "", creds = "", ...account] = lines.toReversed();
    await writeFile(join(terminal().folder, "job.jwt"), signed(address), { mode: 0o600 });
    await typeLines(account, terminal());

    const refused = await type(creds);
    expect(refused.stderr).toContain("Couldn't retrieve verification key");
    expect(refused.status).toBe(3);
    const told = JSON.parse((await type(`${explain} --json`)).stdout) as Told;
    expect(firstOf(told)).toBe(id);
    expect(told.refusal?.fixes[0]).toMatchObject({ where: "issuer" });

    publish(GOOD);
    const mended = await type(creds);
    expect(mended.status, mended.stderr).toBe(0);
    expect((await type(explain)).status).toBe(0);
  });
});
