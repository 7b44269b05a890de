import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { createLocalCloud } from "../../../src/local/index.ts";
import { linesOf } from "../../support/failure-page.ts";
import { type ExchangeScenario, SCENARIOS } from "../../support/failure-scenarios.ts";
import { rolecall, type Terminal, typeLines } from "../../support/shell-lines.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fakeIo } from "./fake-io.ts";

const ROLE = "arn:aws:iam::123456789012:role/demo";
const DENIED = "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";

let terminal: Terminal;
beforeEach(async () => {
  const cloud = await createLocalCloud();
  onTestFinished(() => cloud.close());
  terminal = { cloud, folder: tempDir() };
});

/** Brings a failure of the catalogue about, up to the token. */
async function stage(id: string): Promise<void> {
  const lines = linesOf(SCENARIOS[id] ?? expect.fail(id)).filter((line) => !/^rolecall (creds|explain)/.test(line));
  for (const { status, stderr } of await typeLines(lines, terminal)) expect(status, stderr).toBe(0);
}

const explain = (...more: readonly string[]) =>
  rolecall(["explain", "--token-file", join(terminal.folder, "job.jwt"), "--role", ROLE, ...more], {}, terminal);

describe("the fix alone", () => {
  it("is a policy that IAM takes and the job gets the role by", async () => {
    await stage("F18");
    const { stdout, status } = await explain("--fix", "policy");
    expect(status).toBe(3);
    const aws = (await explain("--fix", "aws")).stdout;
    expect(aws).toBe(
      `aws iam update-assume-role-policy --role-name demo --policy-document '${JSON.stringify(JSON.parse(stdout))}'\n`,
    );
    const [ran] = await typeLines([aws.trim()], terminal);
    expect(ran?.status, ran?.stderr).toBe(0);
    expect((await explain()).status).toBe(0);
  });

  it("is a patch of the policy, and an attribute for Terraform", async () => {
    await stage("F25");
    const patch = JSON.parse((await explain("--fix", "patch")).stdout) as unknown;
    expect(patch).toMatchObject([{ op: "replace", path: "/Statement/0/Condition/StringEquals/gitlab.com:sub" }]);
    const { stdout } = await explain("--fix", "terraform");
    expect(stdout).toContain('# of resource "aws_iam_role" "demo"\nassume_role_policy = jsonencode({');
    expect(stdout).toContain(
      '"gitlab.com:sub" = ["project_path:acme/shop:ref_type:branch:ref:main", "project_path:acme/shop:ref_type:branch:ref:dev"]',
    );
  });

  it("is refused in a form that there is not, and where nothing is to be fixed", async () => {
    await stage("F18");
    expect((await explain("--fix", "pulumi")).stderr).toContain("--fix: expected aws, terraform, policy, patch");
    const { stderr, status } = await rolecall(
      ["explain", "--as", "github octo/shop audience=sts.amazonaws.com", "--policy", policyFile(), "--fix", "aws"],
      {},
      terminal,
    );
    expect(stderr).toContain("nothing is refused");
    expect(status).toBe(2);
  });
});

function policyFile(): string {
  const path = join(terminal.folder, "trust.json");
  const { trust } = SCENARIOS["F10"] as ExchangeScenario;
  writeFileSync(path, JSON.stringify(trust));
  return path;
}

describe("a text beside the policy", () => {
  it("is of a change under way when the policy allows the token by now (F52)", async () => {
    terminal.cloud.setWeather({ propagation: "60s" });
    await stage("F25");
    const [, ran] = await typeLines(
      [
        "rolecall token mint gitlab --project acme/shop --audience https://shop.test > job.jwt",
        `rolecall creds --token-file job.jwt --role ${ROLE}`,
      ],
      terminal,
    );
    expect(ran?.status, ran?.stderr).toBe(3);
    const { stdout } = await explain("--error", ran?.stderr ?? "");
    expect(stdout).toMatch(/^F52 .* \(IAM of account 123456789012 allows this token now\)$/m);
    expect(stdout.split("\n")[0]).toContain("F52");
  });

  it("is first of all what the policy shows", async () => {
    await stage("F18");
    const { stdout } = await explain("--error", DENIED);
    expect(stdout).toMatch(/^F18 .*\(by IAM of account 123456789012\)$/m);
    expect(stdout.split("\n")[0]).toContain("F18");
  });
});

describe("what a policy asks of the request", () => {
  const ask = async (
    conditions: Readonly<Record<string, Readonly<Record<string, string>>>>,
    env: Readonly<Record<string, string>> = {},
  ) => {
    const path = join(terminal.folder, "trust.json");
    const statement = {
      Effect: "Allow",
      Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringLike: { "gitlab.com:sub": "project_path:acme/shop:*" }, ...conditions },
    };
    writeFileSync(path, JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
    return rolecall(["explain", "--as", "gitlab acme/shop", "--policy", path], env, terminal);
  };

  it("is known of its session's name, its region and its transport", async () => {
    const named = { StringEquals: { "sts:RoleSessionName": "deploy" } };
    expect((await ask(named, { AWS_ROLE_SESSION_NAME: "deploy" })).status).toBe(0);
    expect((await ask(named, { AWS_ROLE_SESSION_NAME: "other" })).status).toBe(3);
    expect((await ask({ StringEquals: { "aws:RequestedRegion": "us-east-1" } })).status).toBe(0);
    expect((await ask({ Bool: { "aws:SecureTransport": "true" } })).status).toBe(0);
  });

  it("is not known of the address, which is said", async () => {
    const { status, stdout } = await ask({ IpAddress: { "aws:SourceIp": "203.0.113.0/24" } });
    expect(status).toBe(3);
    expect(stdout).toMatch(/^taken for granted: no address: where the job asks from is not known here/m);
    expect(stdout).not.toMatch(/^fix /m);
  });
});

describe("without the right to read IAM", () => {
  it("tells what the token shows, and the very statement to ask for", async () => {
    await stage("F15");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "NOBODY");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nobody");
    // The SDK reads the process's own environment.
    vi.stubEnv("AWS_ENDPOINT_URL", terminal.cloud.endpoint);
    onTestFinished(() => void vi.unstubAllEnvs());
    const io = fakeIo({ NO_COLOR: "1", AWS_ENDPOINT_URL: terminal.cloud.endpoint }, { now: Date.now });
    const file = join(terminal.folder, "job.jwt");
    const status = await main(["explain", "--token-file", file, "--role", ROLE], io);
    expect(io.stdout).toMatch(/^F15 /m);
    const [, statement = ""] = /in the trust policy: (\{.*\})$/m.exec(io.stdout) ?? [];
    const { sub } = JSON.parse(Buffer.from(readFileSync(file, "utf8").split(".")[1] ?? "", "base64url").toString()) as {
      sub: string;
    };
    expect(JSON.parse(statement)).toEqual({
      Effect: "Allow",
      Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": sub,
        },
      },
    });
    expect(io.stderr).toMatch(/^rolecall: error: the role and the provider cannot be read: .*iam:GetRole/);
    expect(status).toBe(3);
  });
});

describe("help of an entry", () => {
  it("prints it, by its id in either case", async () => {
    for (const id of ["F18", "f18"]) {
      const io = fakeIo();
      expect(await main(["help", id], io)).toBe(0);
      expect(io.stdout).toMatch(/^F18: a wildcard stands under StringEquals, where \* is a plain star\n/);
      expect(io.stdout).toContain("docs/errors/F18.md");
    }
  });

  it("names those that there are when it is none of them", async () => {
    const io = fakeIo();
    expect(await main(["help", "F85"], io)).toBe(2);
    expect(io.stderr).toContain("expected F01 to F84");
  });
});
