import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { gitlab } from "../../../src/ci/gitlab.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { startJobCloud } from "./cloud.ts";
import { type FakeIo, fakeIo } from "./fake-io.ts";

interface Told {
  readonly state: string;
  readonly place: string;
  readonly says: string;
  readonly failure?: string;
  readonly fix?: string;
}

async function doctor(
  env: Readonly<Record<string, string>>,
  ...options: readonly string[]
): Promise<{ io: FakeIo; status: number; findings: readonly Told[] }> {
  const io = fakeIo({ NO_COLOR: "1", HOME: tempDir(), ...env }, { now: Date.now });
  const status = await main(["doctor", "--json", ...options], io);
  return { io, status, findings: (JSON.parse(io.stdout) as { findings: readonly Told[] }).findings };
}

const wrong = (findings: readonly Told[]): readonly string[] =>
  findings
    .filter(({ state }) => state === "bad" || state === "warning")
    .map(({ state, failure }) => `${state} ${failure ?? ""}`);
const saying = (findings: readonly Told[], text: RegExp): Told | undefined =>
  findings.find(({ says }) => text.test(says));

describe("doctor in a job that is all right", () => {
  it("finds nothing, and has the session tried", async () => {
    const { fixedJob } = await startJobCloud();
    const { status, findings } = await doctor({ ...(await fixedJob(300)), AWS_DEFAULT_REGION: "us-east-1", PATH: "" });
    expect(wrong(findings)).toEqual([]);
    expect(status).toBe(0);
    expect(findings.map(({ place }) => place)).toEqual(
      expect.arrayContaining(["environment", "inputs", "token", "issuer", "clock", "session"]),
    );
    expect(saying(findings, /the signature is good/)).toBeDefined();
    expect(saying(findings, /STS gives this job arn:aws:sts::123456789012:assumed-role\/shop\//)).toBeDefined();
  });

  it("prints no token, no key, and nothing of the session", async () => {
    const { fixedJob, mintingJob, cloud } = await startJobCloud();
    const [, secret] = [cloud.admin.accessKeyId, cloud.admin.secretAccessKey];
    for (const job of [await fixedJob(300), mintingJob]) {
      const env = {
        ...job,
        PATH: "",
        AWS_SECRET_ACCESS_KEY: secret,
        HTTPS_PROXY: "http://user:pr0xypass@proxy.test:3128",
      };
      const { io } = await doctor(env);
      for (const hidden of [
        ...Object.values(job).filter((value) => value.startsWith("eyJ")),
        mintingJob["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "",
        secret,
        "pr0xypass",
      ]) {
        expect(hidden).not.toBe("");
        expect(io.stdout + io.stderr).not.toContain(hidden);
      }
      expect(io.stdout).not.toMatch(/ASIA|eyJ/);
    }
  });
});

describe("doctor", () => {
  it("says that the issuer's keys were rotated away (F48)", async () => {
    const { fixedJob, cloud } = await startJobCloud();
    const job = await fixedJob(300);
    const rotated = await fetch(`${cloud.endpoint}/_rolecall/rotate`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ci: "gitlab", keep: false }),
    });
    expect(rotated.status).toBe(200);
    const { findings, status } = await doctor({ ...job, PATH: "" }, "--timeout", "1s");
    expect(findings.find(({ place, state }) => place === "issuer" && state === "bad")).toMatchObject({
      failure: "F48",
    });
    expect(status).toBe(3);
  });

  it("tells a clock that is off (F53), by what AWS answers", async () => {
    const { fixedJob, cloud } = await startJobCloud();
    cloud.setWeather({ skew: "-200s" });
    const { findings, status } = await doctor({ ...(await fixedJob(900)), PATH: "" });
    expect(saying(findings, /200 s ahead of AWS's|201 s ahead|199 s ahead/)).toMatchObject({
      state: "bad",
      failure: "F53",
    });
    expect(status).toBe(3);
  });

  it("tells the refusal of STS, and with what is likeliest", async () => {
    const { cloud, role } = await startJobCloud();
    const { token, claims } = await cloud.mint({
      ci: "gitlab",
      project: "acme/shop",
      branch: "dev",
      audience: "sts.amazonaws.com",
    });
    const env = {
      ...gitlab.jobEnvironment(claims, token),
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ROLE_ARN: role("shop"),
      PATH: "",
    };
    const { findings, status } = await doctor(env);
    expect(findings.findLast(({ place }) => place === "session")).toMatchObject({ state: "bad", failure: "F25" });
    expect(status).toBe(3);
  });

  it("reads a trust policy that it is given, without asking anybody", async () => {
    const policy = join(tempDir(), "trust.json");
    const statement = {
      Effect: "Allow",
      Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { "gitlab.com:sub": "project_path:acme/shop:*" } },
    };
    writeFileSync(policy, JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
    const { fixedJob } = await startJobCloud();
    const { findings } = await doctor({ ...(await fixedJob(300)), PATH: "" }, "--offline", "--trust-policy", policy);
    expect(findings.find(({ place }) => place === "policy")).toMatchObject({ state: "bad", failure: "F18" });
    expect(findings.some(({ place }) => ["issuer", "clock", "session"].includes(place))).toBe(false);
  });

  it("finds the sessions that the AWS CLI kept for earlier jobs (F81)", async () => {
    const home = tempDir();
    mkdirSync(join(home, ".aws/cli/cache"), { recursive: true });
    writeFileSync(join(home, ".aws/cli/cache/0123.json"), "{}");
    const { findings } = await doctor({ HOME: home, GITLAB_CI: "true", PATH: "" }, "--offline");
    expect(saying(findings, /kept sessions of earlier jobs in this home \(1\)/)).toMatchObject({
      state: "warning",
      failure: "F81",
    });
    expect(wrong((await doctor({ HOME: home, PATH: "" }, "--offline")).findings)).not.toContain("warning F81");
  });

  it("finds a token that is larger than STS takes (F82)", async () => {
    const { cloud } = await startJobCloud();
    const groups = Array.from({ length: 1500 }, (_, at) => `group-${at}`);
    const { token } = await cloud.mint({
      ci: "gitlab",
      project: "acme/shop",
      audience: "sts.amazonaws.com",
      claims: { groups_direct: groups },
    });
    const file = join(tempDir(), "job.jwt");
    writeFileSync(file, token);
    const { findings } = await doctor({ PATH: "" }, "--offline", "--token-file", file);
    expect(saying(findings, /STS takes 20000/)).toMatchObject({ state: "bad", failure: "F82" });
  });

  it.each([
    ["a line break at its end", (token: string) => `${token}\n`, "warning F76"],
    ["quotes around it", (token: string) => `"${token}"`, "bad F76"],
    ["nothing in it", () => "", "bad F39"],
  ])("finds a token file with %s", async (_, write, expected) => {
    const { cloud } = await startJobCloud();
    const { token } = await cloud.mint({ ci: "gitlab", project: "acme/shop", audience: "sts.amazonaws.com" });
    const file = join(tempDir(), "token");
    writeFileSync(file, write(token));
    const { findings } = await doctor(
      { PATH: "", AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/x" },
      "--offline",
    );
    expect(wrong(findings)).toContain(expected);
  });

  it("knows a profile of the config file from one that is not there", async () => {
    const home = tempDir();
    mkdirSync(join(home, ".aws"));
    writeFileSync(join(home, ".aws/config"), "[profile here]\nregion = eu-central-1\n");
    const of = async (name: string) =>
      wrong((await doctor({ HOME: home, AWS_PROFILE: name, PATH: "" }, "--offline")).findings);
    expect(await of("gone")).toContain("bad F58");
    expect(await of("here")).not.toContain("bad F58");
  });

  it("is one line for each finding, and one that counts them, for a person", async () => {
    const io = fakeIo({
      NO_COLOR: "1",
      HOME: tempDir(),
      PATH: "",
      AWS_REGION: "cn-north-1",
      AWS_DEFAULT_REGION: "cn-north-1",
    });
    const status = await main(["doctor", "--offline", "--role", "arn:aws:iam::123456789012:role/shop"], io);
    expect(io.stdout).toMatch(/^✗ environment F62 the region cn-north-1 is in aws-cn, the role in aws$/m);
    expect(io.stdout).toMatch(/^ {4}fix: a region of aws: us-east-1$/m);
    expect(io.stdout).toMatch(/^✓ inputs {6}the role is arn:aws:iam::123456789012:role\/shop \(--role\)$/m);
    expect(io.stdout).toMatch(/\n\n1 wrong, \d to look at\n$/);
    expect(status).toBe(3);
  });
});
