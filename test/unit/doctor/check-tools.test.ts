import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkTools } from "../../../src/doctor/check-tools.ts";
import { readProfiles } from "../../../src/doctor/profiles.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A PATH with one tool, which says this. */
async function pathWith(name: string, script: string): Promise<string> {
  const folder = tempDir();
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
  return folder;
}

const WEB = "[profile oidc]\nrole_arn = arn:aws:iam::123456789012:role/x\nweb_identity_token_file = /token\n";
const CHAIN = `${WEB}[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/y\nsource_profile = oidc\n`;
const PROCESS = "[profile oidc]\ncredential_process = rolecall creds\n";

describe("CDK", () => {
  it.each([
    ["2.166.0", "oidc", WEB, "bad", "F66"],
    ["2.100.0", "oidc", WEB, "bad", "F66"],
    ["2.160.0", "deploy", CHAIN, "bad", "F67"],
    ["2.167.0", "oidc", WEB, "good", undefined],
    ["3.0.0", "oidc", WEB, "good", undefined],
    ["2.100.0", "oidc", PROCESS, "good", undefined],
    ["2.100.0", "other", WEB, "good", undefined],
  ])("%s with the profile %s", async (version, profile, config, state, failure) => {
    const path = await pathWith("cdk", `echo "${version} (build 1234567)"`);
    const [found] = await checkTools({ PATH: path, AWS_PROFILE: profile }, readProfiles(config));
    expect([found?.state, found?.failure]).toEqual([state, failure]);
  });
});

describe("a tool", () => {
  it("is asked without the job's secrets", async () => {
    const path = await pathWith("terraform", 'echo "Terraform v1.9.5 ${SECRET:-nothing}${AWS_SECRET_ACCESS_KEY:-}"');
    const [found] = await checkTools({ PATH: path, SECRET: "s3cret", AWS_SECRET_ACCESS_KEY: "s3cret" }, new Map());
    expect(found?.says).toBe("terraform 1.9.5");
  });

  it("that fails is no finding to act on", async () => {
    const [found] = await checkTools({ PATH: await pathWith("aws", "exit 1") }, new Map());
    expect(found).toMatchObject({ state: "unknown", says: "aws does not tell its version" });
  });

  it("that is not there is not spoken of", async () => {
    expect(await checkTools({ PATH: tempDir() }, new Map())).toEqual([]);
  });
});
