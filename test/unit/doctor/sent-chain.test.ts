import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { checkSentChain, readSentChain } from "../../../src/doctor/sent-chain.ts";
import { findOnPath } from "../../../src/wire/path-lookup.ts";
import { tempDir } from "../../support/temp-dir.ts";

const OPENSSL = await findOnPath("openssl", process.env["PATH"] ?? "");

let folder = "";
const openssl = (...args: readonly string[]): void =>
  void execFileSync("openssl", [...args], { cwd: folder, stdio: "ignore" });

/** A certificate of the name, by an authority or by itself. */
function certificate(name: string, by: string | null, extension: string): void {
  writeFileSync(join(folder, `${name}.ext`), extension);
  openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
  openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
  const signer =
    by === null ? ["-signkey", `${name}.key`] : ["-CA", `${by}.pem`, "-CAkey", `${by}.key`, "-CAcreateserial"];
  const about = ["-in", `${name}.csr`, "-days", "2", "-extfile", `${name}.ext`, "-out", `${name}.pem`];
  openssl("x509", "-req", ...about, ...signer);
}

const pem = (name: string): string => readFileSync(join(folder, `${name}.pem`), "utf8");

async function serve(chain: readonly string[]): Promise<number> {
  const server = createServer({ key: readFileSync(join(folder, "leaf.key")), cert: chain.map(pem).join("") });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe.skipIf(OPENSSL === null)("the certificates that a server sends", () => {
  beforeAll(() => {
    folder = tempDir(afterAll);
    certificate("root", null, "basicConstraints=critical,CA:TRUE");
    certificate("middle", "root", "basicConstraints=critical,CA:TRUE");
    certificate("leaf", "middle", "subjectAltName=IP:127.0.0.1");
  }, 60_000);

  it.each([
    [["leaf", "middle", "root"], "good", "in order (leaf, middle, root)"],
    [["leaf", "middle"], "good", "in order (leaf, middle)"],
    [["leaf", "root", "middle"], "bad", "out of order: leaf is not signed by root, which follows it"],
    [["leaf", "middle", "middle"], "bad", "sends the certificate middle twice"],
  ])("%s are %s", async (chain, state, says) => {
    const sent = await readSentChain(OPENSSL ?? "", "127.0.0.1", await serve(chain));
    const [finding] = checkSentChain("gitlab.example.com", sent ?? expect.fail("nothing was sent"));
    expect(finding).toMatchObject({ state, ...(state === "bad" ? { failure: "F51" } : {}) });
    expect(finding?.says).toContain(says);
  });

  it("are not known of a server that does not answer", async () => {
    expect(await readSentChain(OPENSSL ?? "", "127.0.0.1", 9)).toBeNull();
  });
});
