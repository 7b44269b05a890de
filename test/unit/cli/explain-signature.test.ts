import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import type { ExchangeScenario } from "../../support/failure-scenarios.ts";
import { SCENARIOS } from "../../support/failure-scenarios.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fakeIo } from "./fake-io.ts";

const AUDIENCE = "https://shop.test";

let cloud: LocalCloud;
let folder: string;
beforeEach(async () => {
  cloud = await createLocalCloud();
  onTestFinished(() => cloud.close());
  folder = tempDir();
  // Allows the branch main of acme/shop, at whatever provider.
  const { trust } = SCENARIOS["F01"] as ExchangeScenario;
  writeFileSync(join(folder, "trust.json"), JSON.stringify(trust).replaceAll(OF_HUB, OF_LAB));
});

const OF_HUB = /token\.actions\.githubusercontent\.com|sts\.amazonaws\.com|repo:octo\/shop:ref:refs\/heads\/main/g;
const OF_LAB = (text: string): string =>
  text.startsWith("token")
    ? "gitlab.com"
    : text.startsWith("sts")
      ? AUDIENCE
      : "project_path:acme/shop:ref_type:branch:ref:main";

async function explain(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const io = fakeIo({ NO_COLOR: "1", ...env }, { now: Date.now });
  const status = await main(["explain", "--policy", join(folder, "trust.json"), ...words], io);
  const line = io.stdout.split("\n").find((one) => / signature/.test(one));
  return { status, line, stdout: io.stdout, stderr: io.stderr };
}

async function tokenFile(issuer?: string): Promise<readonly string[]> {
  const claims = issuer === undefined ? {} : { claims: { iss: issuer } };
  const { token } = await cloud.mint({
    ci: "gitlab",
    project: "acme/shop",
    branch: "main",
    audience: AUDIENCE,
    ...claims,
  });
  writeFileSync(join(folder, "job.jwt"), token, { mode: 0o600 });
  return ["--token-file", join(folder, "job.jwt")];
}

/** The keys of the local GitLab, or others, in a file. */
async function jwksFile(keys?: unknown): Promise<readonly string[]> {
  const answer = await fetch(`${cloud.endpoint}/_rolecall/issuers/gitlab/jwks`);
  writeFileSync(join(folder, "jwks.json"), keys === undefined ? await answer.text() : JSON.stringify(keys));
  return ["--jwks", join(folder, "jwks.json")];
}

describe("the signature", () => {
  it("is checked by the keys that the issuer publishes", async () => {
    const { line, status } = await explain(await tokenFile(), { AWS_ENDPOINT_URL: cloud.endpoint });
    expect(line).toMatch(/^✓ signature {3}the signature is good \(key \S+\)$/);
    expect(status).toBe(0);
  });

  it("is checked by the keys of a file, and asks nobody", async () => {
    const { line, status } = await explain([...(await tokenFile()), ...(await jwksFile())]);
    expect(line).toMatch(/^✓ signature {3}the signature is good/);
    expect(status).toBe(0);
  });

  it("that no key of the file made is refused as AWS refuses it", async () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const other = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "other" }] };
    const { status, stdout } = await explain([...(await tokenFile()), ...(await jwksFile(other))]);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^✗ signature {3}the token's key \S+ is not published: there are other$/m);
    expect(stdout).toMatch(/^why {6}F48 /m);
    expect(stdout).toMatch(/^fix {6}issuer: publish the old keys and the new ones$/m);
  });

  it.each([
    ["of a pretended job", ["--as", "gitlab acme/shop branch=main"], "a pretended job has none"],
    ["offline", ["--offline"], "--offline; --jwks FILE checks it by saved keys"],
  ])("is not checked %s, which is said", async (_, words, why) => {
    const token = words.includes("--as") ? [] : await tokenFile();
    const { line, status } = await explain([...words, ...token]);
    expect(line).toBe(`- signature   not checked: ${why}`);
    expect(status).toBe(0);
  });

  it("is not checked where the issuer does not answer from here, which may answer AWS", async () => {
    // A name that is nobody's. Source: RFC 6761.
    const { line, stdout } = await explain(await tokenFile("https://gitlab.invalid"));
    expect(line).toMatch(/^- signature {3}not checked: there is no address for gitlab\.invalid: /);
    expect(stdout).toMatch(/^✗ principal /m);
  });

  it("is asked for through the proxy where there is one, which looks the name up itself", async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.once("data", (data) => {
        asked.push(data.toString().split("\r\n")[0] ?? "");
        socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const { line } = await explain(await tokenFile("https://gitlab.invalid"), {
      HTTPS_PROXY: `http://user:s3cret@127.0.0.1:${port}`,
    });
    expect(asked).toEqual(["CONNECT gitlab.invalid:443 HTTP/1.1"]);
    expect(line).toMatch(/^- signature {3}not checked: https:\/\/gitlab\.invalid\/\S+ does not answer here: /);
    expect(line).not.toContain("s3cret");
  });

  it("of an issuer at a private address is one that AWS cannot check (F46)", async () => {
    const { status, stdout } = await explain(await tokenFile("https://127.0.0.1:9"));
    expect(status).toBe(3);
    expect(stdout).toMatch(/^why {6}F46 /m);
    expect(stdout).toMatch(/^✗ signature {3}127\.0\.0\.1 is 127\.0\.0\.1 here, which AWS cannot reach$/m);
    expect(stdout).toMatch(/^ or {6}to see the rest: --offline/m);
  });

  it("is asked for over https alone: a token may name any address", async () => {
    const { line } = await explain(await tokenFile("http://203.0.113.9/latest"));
    expect(line).toMatch(/^- signature {3}not checked: .* does not answer here: it is not https$/);
  });

  it("of a pretended job fits no keys", async () => {
    const { status, stderr } = await explain(["--as", "gitlab acme/shop", ...(await jwksFile())]);
    expect(status).toBe(2);
    expect(stderr).toContain("--jwks: a pretended job (--as) has no signature");
    writeFileSync(join(folder, "jwks.json"), "<html>");
    const wrong = await explain([...(await tokenFile()), "--jwks", join(folder, "jwks.json")]);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain("is not JSON: expected what the issuer's jwks_uri answers");
  });
});
