import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { thumbprintOf } from "../../../src/wire/thumbprint.ts";
import { tempDir } from "../../support/temp-dir.ts";

let folder = "";
const servers: Server[] = [];

beforeAll(() => {
  folder = tempDir(afterAll);
  certificate("root", null, "basicConstraints=critical,CA:TRUE");
  certificate("middle", "root", "basicConstraints=critical,CA:TRUE");
  certificate("leaf", "middle", "subjectAltName=IP:127.0.0.1");
  certificate("keys", "root", "subjectAltName=IP:127.0.0.1");
}, 60_000);
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

function openssl(...args: readonly string[]): void {
  execFileSync("openssl", [...args], { cwd: folder, stdio: "ignore" });
}

/** A certificate of the name, by an authority or by itself. */
function certificate(name: string, by: string | null, extension: string): void {
  writeFileSync(join(folder, `${name}.ext`), extension);
  openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
  openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
  const signer =
    by === null ? ["-signkey", `${name}.key`] : ["-CA", `${by}.pem`, "-CAkey", `${by}.key`, "-CAcreateserial"];
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-days",
    "2",
    "-extfile",
    `${name}.ext`,
    ...signer,
    "-out",
    `${name}.pem`,
  );
}

function pem(name: string): string {
  return readFileSync(join(folder, `${name}.pem`), "utf8");
}

/** As openssl says it: of the file, not of what was received. */
function sha1(name: string): string {
  return new X509Certificate(pem(name)).fingerprint.replaceAll(":", "").toLowerCase();
}

/** An https server that sends this chain, and answers discovery with this jwks_uri. */
async function serve(
  chain: readonly string[],
  keys: (own: string) => unknown = (own) => `${own}/jwks`,
): Promise<string> {
  const [leaf = ""] = chain;
  const options = { key: readFileSync(join(folder, `${leaf}.key`)), cert: chain.map(pem).join("") };
  const server = createServer(options, (_, response) => response.end(JSON.stringify({ jwks_uri: keys(url()) })));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = (): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return url();
}

describe("a thumbprint", () => {
  it.each([
    [["leaf", "middle"], "middle"],
    [["leaf", "middle", "root"], "root"],
    [["leaf"], "leaf"],
    [["root"], "root"],
  ])("of the chain %j is that of %s, the last one that was sent", async (chain, last) => {
    const issuer = await serve(chain);
    const { host } = new URL(issuer);
    expect(await thumbprintOf(issuer)).toEqual({
      thumbprint: sha1(last),
      host,
      subject: `CN=${last}`,
      verified: false,
    });
  });

  it("is of the host of the keys, not of the issuer", async () => {
    const keys = await serve(["keys", "root"]);
    const issuer = await serve(["leaf", "middle"], () => `${keys}/jwks`);
    expect(await thumbprintOf(`${issuer}/`)).toMatchObject({ thumbprint: sha1("root"), host: new URL(keys).host });
  });

  it.each([
    ["no jwks_uri", () => undefined, /expected a jwks_uri with https, got undefined/],
    ["one without TLS", () => "http://127.0.0.1/jwks", /expected a jwks_uri with https, got "http:/],
  ])("is not made of a discovery with %s", async (_, keys, message) => {
    await expect(thumbprintOf(await serve(["leaf"], keys))).rejects.toThrowWithCode("config", message);
  });

  it("is not had of an issuer that does not answer, or has no certificate", async () => {
    await expect(thumbprintOf("https://127.0.0.1:9")).rejects.toThrowWithCode("unavailable", /ECONNREFUSED/);
    await expect(thumbprintOf("http://127.0.0.1:9")).rejects.toThrowWithCode("config", /has none/);
  });
});
