import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { CIS } from "../../../src/ci/index.ts";
import { issuerName } from "../../../src/core/arn.ts";
import { textClaim } from "../../../src/core/token.ts";
import { CATALOGUE } from "../../../src/doctor/catalogue.ts";
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

  it("is a line of the CI file, or an entry of rolecall.yaml", async () => {
    await stage("F02");
    expect((await explain("--fix", "ci")).stdout).toBe("id_tokens: { ROLECALL_TOKEN: { aud: https://shop.test } }\n");
    await terminal.cloud.reset();
    await stage("F25");
    expect((await explain("--fix", "rolecall")).stdout).toBe(
      "under roles.demo.allow:  - { project: acme/shop, branch: dev }\n",
    );
    // Where IAM was read, it is not known that there is such a file.
    expect((await explain()).stdout).not.toContain("under roles.demo");
    await terminal.cloud.reset();
    await stage("F43");
    expect((await explain("--duration", "2h", "--fix", "ci")).stdout).toBe("--duration 3600\n");
  });

  it("is one step under the other where it takes more than one", async () => {
    await stage("F01");
    expect((await explain()).stdout).toMatch(
      / or {6}\.github\/workflows\/\*\.yml: --audience \S+, or audience: \S+ of an action\nand {6}run\n {2}aws iam update-assume-role-policy /,
    );
  });

  it("is refused in a form that there is not, and where nothing is to be fixed", async () => {
    await stage("F18");
    expect((await explain("--fix", "pulumi")).stderr).toContain(
      "--fix: expected aws, terraform, policy, patch, ci, rolecall",
    );
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

  it("tells what stands beside the token too, which may be why IAM answers somebody else", async () => {
    await stage("F15");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "NOBODY");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nobody");
    vi.stubEnv("AWS_ENDPOINT_URL", terminal.cloud.endpoint);
    onTestFinished(() => void vi.unstubAllEnvs());
    const file = join(terminal.folder, "job.jwt");
    const stale = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "old", GITHUB_ACTIONS: "true" };
    const run = async (env: Readonly<Record<string, string>>, ...more: readonly string[]) => {
      const io = fakeIo({ NO_COLOR: "1", HOME: terminal.folder, ...env }, { now: Date.now });
      await main(["explain", "--token-file", file, "--role", ROLE, ...more], io);
      return io;
    };
    const { stdout } = await run(stale);
    expect(stdout).toMatch(
      /^F15 [^]*^tools in this place may fail whatever the role says, or be somebody else:\n[^]* F57 /m,
    );
    const json = JSON.parse((await run(stale, "--json")).stdout) as { beside: readonly { failure: string }[] };
    expect(json.beside.map(({ failure }) => failure)).toContain("F57");
    expect((await run({ AWS_REGION: "us-east-1" })).stdout).not.toContain("tools in this place");
  });
});

describe("the statement to ask for", () => {
  it("is the CI's own pattern, where a subject names the step", async () => {
    const job = "bitbucket {9d3c2b1a-5e6f-4a7b-8c9d-0e1f2a3b4c5d}";
    const { stdout } = await rolecall(["explain", "--error", DENIED, "--as", job], {}, terminal);
    const statement: unknown = JSON.parse(/in the trust policy: (\{.*\})$/m.exec(stdout)?.[1] ?? "null");
    expect(statement).toMatchObject({
      Condition: {
        StringLike: {
          "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc:sub":
            "{9d3c2b1a-5e6f-4a7b-8c9d-0e1f2a3b4c5d}:*",
        },
      },
    });
  });
});

describe("a job that does not exist, of every CI", () => {
  it.each(CIS.map(({ id }) => id))("%s: is allowed by what trusts it, and refused as another project", async (id) => {
    const ci = CIS.find((one) => one.id === id) ?? expect.fail(id);
    const audience = ci.defaultAudience({ project: "acme/shop" }) ?? "sts.amazonaws.com";
    const claims = ci.pretend({ project: "acme/shop", audience, issuedAt: 0 });
    const name = issuerName(textClaim(claims, "iss") ?? "");
    const statement = {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${name}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${name}:aud`]: audience, [`${name}:sub`]: textClaim(claims, "sub") ?? "" } },
    };
    const policy = join(terminal.folder, "trust.json");
    writeFileSync(policy, JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
    const as = (project: string) => rolecall(["explain", "--as", `${id} ${project}`, "--policy", policy], {}, terminal);
    // Bitbucket's has the step's id, which is another in each run.
    const own = await as(id === "bitbucket" ? `acme/shop claim.sub=${textClaim(claims, "sub") ?? ""}` : "acme/shop");
    expect(own.status, own.stdout + own.stderr).toBe(0);
    const other = await as("acme/store");
    expect(other.status, other.stdout).toBe(3);
    expect(other.stdout).toMatch(/^ {2}proved {3}lets this job in, and none of \d+ neighbours/m);
    // A subject that names commit, step or machine is another one in the next run.
    const pins = ["bitbucket", "buildkite", "fly", "spacelift"].includes(id);
    const first = other.stdout.slice(other.stdout.search(/^fix /m), other.stdout.search(/^( or|the fix alone) /m));
    expect(first.includes("pins a part of sub that another run may not have")).toBe(pins);
    if (pins) expect(other.stdout).toMatch(/^ or {6}trust policy: one more statement: .*"StringLike":\{.*\*/m);
  });
});

describe("help of an entry", () => {
  it("prints it, by its id in either case", async () => {
    for (const id of ["F18", "f18"]) {
      const io = fakeIo();
      expect(await main(["help", id], io)).toBe(0);
      expect(io.stdout).toMatch(/^F18: a wildcard stands under StringEquals, where \* is a plain star\n/);
      // The pages of docs/errors are not in the package.
      expect(io.stdout).not.toContain("docs/");
      expect(io.stdout).toContain("rolecall explain   in the job");
    }
  });

  it("fits a terminal, but for what is said to the letter", async () => {
    for (const id of CATALOGUE.keys()) {
      const io = fakeIo();
      expect(await main(["help", id], io)).toBe(0);
      const [, prose = ""] = /\ncause\n([^]*?)\nsources\n/.exec(io.stdout) ?? [];
      expect(prose.split("\n").filter((line) => line.length > 80 && line.trim().includes(" "))).toEqual([]);
    }
  });

  it("names those that there are when it is none of them", async () => {
    const io = fakeIo();
    expect(await main(["help", "F85"], io)).toBe(2);
    expect(io.stderr).toContain("expected F01 to F84");
  });
});
