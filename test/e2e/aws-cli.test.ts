import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LocalCloud } from "../../src/local/index.ts";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import {
  adminEnv,
  AUDIENCE,
  aws,
  AWS_CLIS,
  type AwsCli,
  cleanEnv,
  type Env,
  roleArn,
  startCloud,
  trustPolicy,
} from "./support.ts";
import { startTlsFront } from "./tls-front.ts";

interface Scene {
  readonly cloud: LocalCloud;
  readonly home: string;
  readonly env: Env;
}

/** What an administrator does first, by the CLI itself. */
async function scene(cli: AwsCli): Promise<Scene> {
  const cloud = await startCloud();
  const home = tempDir();
  const admin = cleanEnv(home, adminEnv(cloud));
  // As JSON: version 1 would fetch a plain https:// value. Version 2.9 still asks for a thumbprint.
  const lists = ["--client-id-list", JSON.stringify([AUDIENCE]), "--thumbprint-list", "a".repeat(40)];
  const url = ["--url", "https://gitlab.com", ...lists];
  const provider = await aws(cli, cloud, ["iam", "create-open-id-connect-provider", ...url], admin);
  expect(provider).toMatchObject({ status: 0, stderr: "" });
  expect(provider.stdout).toContain(":oidc-provider/gitlab.com");
  const trust = ["--role-name", "shop-deploy", "--assume-role-policy-document", trustPolicy(cloud)];
  const role = await aws(cli, cloud, ["iam", "create-role", ...trust], admin);
  expect(role).toMatchObject({ status: 0, stderr: "" });
  expect(role.stdout).toContain(roleArn(cloud));
  return { cloud, home, env: cleanEnv(home) };
}

async function token(cloud: LocalCloud, job: Partial<Parameters<LocalCloud["mint"]>[0]> = {}): Promise<string> {
  const minted = await cloud.mint({ ci: "gitlab", project: "acme/shop", branch: "main", audience: AUDIENCE, ...job });
  return minted.token;
}

// The blog's own flags.
function assume(cli: AwsCli, { cloud, env }: Scene, idToken: string): Promise<RunResult> {
  const flags = [
    "--role-arn",
    roleArn(cloud),
    "--role-session-name",
    "GitLabRunner-20-574",
    "--web-identity-token",
    idToken,
  ];
  const output = [
    "--duration-seconds",
    "900",
    "--query",
    "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]",
    "--output",
    "text",
  ];
  return aws(cli, cloud, ["sts", "assume-role-with-web-identity", ...flags, ...output], env);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function parts(idToken: string): { header: Record<string, unknown>; claims: string; signature: string } {
  const [header = "", claims = "", signature = ""] = idToken.split(".");
  return {
    header: JSON.parse(Buffer.from(header, "base64url").toString()) as Record<string, unknown>,
    claims,
    signature,
  };
}

const REFUSED: readonly (readonly [name: string, code: string, make: (cloud: LocalCloud) => Promise<string>])[] = [
  [
    "a flipped signature bit",
    "InvalidIdentityToken",
    async (cloud) => {
      const idToken = await token(cloud);
      const { signature } = parts(idToken);
      const bytes = Buffer.from(signature, "base64url");
      bytes[10] = (bytes[10] ?? 0) ^ 1;
      return idToken.slice(0, -signature.length) + bytes.toString("base64url");
    },
  ],
  [
    "alg none",
    "InvalidIdentityToken",
    async (cloud) => {
      const { header, claims } = parts(await token(cloud));
      return `${encode({ ...header, alg: "none" })}.${claims}.`;
    },
  ],
  [
    "HS256 with the public key as its secret",
    "InvalidIdentityToken",
    async (cloud) => {
      const { header, claims } = parts(await token(cloud));
      const jwks = await (await fetch(cloud.issuers["gitlab"]?.jwks ?? "")).text();
      const signed = `${encode({ ...header, alg: "HS256" })}.${claims}`;
      return `${signed}.${createHmac("sha256", jwks).update(signed).digest("base64url")}`;
    },
  ],
  [
    "another issuer's key",
    "InvalidIdentityToken",
    async (cloud) => {
      const other = await startCloud();
      const idToken = await token(other);
      const kid = parts(await token(cloud)).header["kid"];
      const { header, claims } = parts(idToken);
      // Its own kid is unknown here; under the right kid the signature is another key's.
      expect(header["kid"]).not.toBe(kid);
      return `${encode({ ...header, kid })}.${claims}.${parts(idToken).signature}`;
    },
  ],
  ["another audience", "InvalidIdentityToken", (cloud) => token(cloud, { audience: "https://other.test" })],
  ["an expired token", "ExpiredTokenException", (cloud) => token(cloud, { expiresIn: -600 })],
  ["branch dev", "AccessDenied", (cloud) => token(cloud, { branch: "dev" })],
];

describe.each(AWS_CLIS.map((cli) => [cli.version.split(" ")[0] ?? "", cli] as const))(
  "%s against the local cloud",
  (_, cli) => {
    it("exchanges a token with the blog's flags, and is the role with the result", async () => {
      const stage = await scene(cli);
      const exchanged = await assume(cli, stage, await token(stage.cloud));
      expect(exchanged).toMatchObject({ status: 0, stderr: "" });
      const [id = "", secret = "", session = ""] = exchanged.stdout.trim().split(/\s+/);
      expect(id).toMatch(/^ASIA[A-Z2-7]{16}$/);
      const keys = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session };
      const identity = await aws(cli, stage.cloud, ["sts", "get-caller-identity"], { ...stage.env, ...keys });
      expect(JSON.parse(identity.stdout)).toMatchObject({
        Account: stage.cloud.account,
        Arn: `arn:aws:sts::${stage.cloud.account}:assumed-role/shop-deploy/GitLabRunner-20-574`,
      });
    });

    it("is the role by a profile with role_arn and web_identity_token_file", async () => {
      const stage = await scene(cli);
      writeFileSync(join(stage.home, "token"), await token(stage.cloud));
      writeFileSync(
        join(stage.home, "config"),
        `[default]\nrole_arn=${roleArn(stage.cloud)}\nweb_identity_token_file=${join(stage.home, "token")}\n`,
      );
      // The exchange inside ignores --endpoint-url, so the client is led here as a proxy would do it.
      const front = await startTlsFront(stage.cloud.endpoint);
      const env = {
        ...stage.env,
        HTTPS_PROXY: front.proxy,
        AWS_CA_BUNDLE: front.ca,
        AWS_STS_REGIONAL_ENDPOINTS: "regional",
      };
      const identity = await run(cli.path, ["sts", "get-caller-identity", "--query", "Arn", "--output", "text"], {
        env,
      });
      expect(identity).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(":assumed-role/shop-deploy/botocore-session-") as string,
      });
    });

    it("is refused every wrong token with the right code", async () => {
      const stage = await scene(cli);
      for (const [name, code, make] of REFUSED) {
        const refused = await assume(cli, stage, await make(stage.cloud));
        const error = `An error occurred (${code}) when calling the AssumeRoleWithWebIdentity operation`;
        expect(refused, name).toMatchObject({ stdout: "", stderr: expect.stringContaining(error) as string });
        expect(refused.status, name).not.toBe(0);
      }
    }, 90_000);
  },
);
