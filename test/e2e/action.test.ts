import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.ts";
import { type ActionCloud, startActionCloud } from "./action-cloud.ts";
import { callsOf, startFront } from "./action-front.ts";
import { type ActionInputs, after, type Job, masksIn, REPOSITORY, runStep, shownLog, startJob } from "./action-step.ts";
import { cleanEnv, HERE, rolecall, ROOT } from "./support.ts";

let around: ActionCloud;
beforeAll(async () => {
  around = await startActionCloud();
});
afterAll(() => around.cloud.close());

const inputs = (role = "deploy"): ActionInputs => ({
  "aws-region": "eu-central-1",
  "role-to-assume": around.arn(role),
});

describe("in a job", () => {
  it.each([
    ["github", "deploy"],
    ["forgejo", "forge"],
  ])("of %s it makes later steps its role, and leaves nothing when the job ends", async (ci, role) => {
    const command = [join(HERE, "action-workflow.mjs"), join(ROOT, "dist", "action"), join(HERE, "sdk-identity.mjs")];
    const given = { "INPUT_AWS-REGION": "eu-central-1", "INPUT_ROLE-TO-ASSUME": around.arn(role) };
    const pretend = ["job", ci, "--endpoint-url", around.cloud.endpoint, "--project", REPOSITORY];
    const result = await rolecall([...pretend, "--", process.execPath, ...command], cleanEnv(tempDir(), given));
    expect(JSON.parse(result.stdout)).toEqual({
      status: [0, 0, 0],
      identity: `arn:aws:sts::${around.cloud.account}:assumed-role/${role}/GitHubActions`,
      notBlanked: [],
    });
  });

  it("masks the token and the keys, and shows none of them", async () => {
    const result = await runStep(startJob(around.cloud), { ...inputs(), "output-credentials": "true" });
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = result.variables;
    const masks = masksIn(result.log);
    expect(masks).toEqual(expect.arrayContaining([id, secret, token, expect.stringMatching(/^eyJ/)]));
    const unmasked = result.log.replaceAll(/^::add-mask::.*\n/gm, "");
    for (const one of masks) expect(unmasked).not.toContain(one);
    expect(unmasked).toMatch(
      /^rolecall: this job is arn:aws:sts::\d+:assumed-role\/deploy\/GitHubActions until \S+\n$/,
    );
  });
});

describe("a machine with a wrong clock", () => {
  it.each(["600s", "-600s"])("signs by the clock of STS, %s away", async (skew) => {
    const there = await startActionCloud();
    try {
      there.cloud.setWeather({ skew });
      const { accessKeyId, secretAccessKey } = there.user;
      const keys = { "aws-access-key-id": accessKeyId, "aws-secret-access-key": secretAccessKey };
      const role = { "aws-region": "eu-central-1", "role-to-assume": there.arn("target") };
      expect((await runStep(startJob(there.cloud), { ...keys, ...role })).status).toBe(0);
    } finally {
      await there.cloud.close();
    }
  });
});

describe("tags that are too large for a session", () => {
  it("are fewer in a second try, which still say which repository it was", async () => {
    const front = await startFront(around.cloud.endpoint);
    const job = startJob(around.cloud, { AWS_ENDPOINT_URL: front.url });
    const keys = { "aws-access-key-id": around.user.accessKeyId, "aws-secret-access-key": around.user.secretAccessKey };
    front.answers.push({ kind: "pass" }, { kind: "error", status: 400, code: "PackedPolicyTooLarge" });
    const result = await runStep(job, { ...inputs("target"), ...keys });
    expect(result.status).toBe(0);
    const tags = callsOf(front, "AssumeRole").map((call) =>
      [...call].filter(([name]) => /^Tags\.member\.\d+\.Key$/.test(name)).map(([, key]) => key),
    );
    expect(tags.map((names) => names.includes("Repository"))).toEqual([true, true]);
    expect(tags.map((names) => names.includes("RunId"))).toEqual([true, false]);
  });
});

describe("a denial", () => {
  it("is explained at once, after a single question", async () => {
    const front = await startFront(around.cloud.endpoint);
    const job = startJob(around.cloud, { AWS_ENDPOINT_URL: front.url });
    const result = await runStep(job, inputs("closed"));
    expect(result.status).toBe(3);
    expect(front.calls).toHaveLength(1);
    expect(result.variables).toEqual({ AWS_REGION: "eu-central-1", AWS_DEFAULT_REGION: "eu-central-1" });
    const annotations = shownLog(result).match(/^::error.*$/gm) ?? [];
    expect(annotations).toHaveLength(1);
    for (const text of [annotations[0], result.summary]) {
      expect(text).toContain("AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity");
      expect(text).toContain(`token sub  repo:${REPOSITORY}:ref:refs/heads/main`);
      expect(text).toMatch(/hint: F25: the trust policy must allow/);
    }
  });

  it("of AssumeRole says who asked", async () => {
    const keys = { "aws-access-key-id": around.user.accessKeyId, "aws-secret-access-key": around.user.secretAccessKey };
    const result = await runStep(startJob(around.cloud), { ...inputs("closed"), ...keys });
    expect(result.status).toBe(3);
    expect(result.summary).toContain(`asked by arn:aws:iam::${around.cloud.account}:user/ci`);
    expect(result.variables).not.toHaveProperty("AWS_ACCESS_KEY_ID");
  });

  it("shows what others wrote without obeying it", async () => {
    const branch = "x\n::add-mask::a\r\n##[set-env name=A]b\n```\n<h1>c";
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url = "", ...env } = startJob(around.cloud).env;
    const job = {
      home: tempDir(),
      env: { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: `${url}&branch=${encodeURIComponent(branch)}` },
    };
    const result = await runStep(job, inputs());
    expect(result.status).toBe(3);
    const lines = result.log.trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/^(::[a-z-]+).*/, "$1"))).toEqual(["::add-mask", "::error"]);
    expect(result.log).not.toContain("##[");
    expect(result.summary.match(/^`+/gm)).toEqual(["````", "````"]);
    expect(result.summary.split("\n").some((line) => line.startsWith("<h1>"))).toBe(false);
  });

  it("is reported where there is no summary", async () => {
    const { ACTIONS_ID_TOKEN_REQUEST_TOKEN: _, ...env } = startJob(around.cloud).env;
    const result = await runStep({ home: tempDir(), env }, inputs());
    expect(result.status).toBe(4);
    expect(result.log).toMatch(/^::error .*no ID token.*%0Ahint: .*id-token: write/m);
  });

  it("comes before anything when the CI gives no token", async () => {
    const front = await startFront(around.cloud.endpoint);
    const job = startJob(around.cloud, {
      AWS_ENDPOINT_URL: front.url,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-another-job",
    });
    const result = await runStep(job, inputs());
    expect(result.status).toBe(4);
    expect(callsOf(front, "AssumeRoleWithWebIdentity")).toEqual([]);
    expect(result.log).not.toContain("of-another-job");
  });
});

const CREDENTIALS = `# mine
[default]
aws_access_key_id = AKIAMINE
aws_secret_access_key = mine

[shop]
; of the shop
aws_access_key_id = AKIASHOP
aws_secret_access_key = shop
`;
const CONFIG = `[profile shop]
region=us-west-2
role_arn = arn:aws:iam::111122223333:role/old
source_profile = default
s3 =
  max_concurrent_requests = 20
  addressing_style = path
output = json # as ever`;

describe("the post step", () => {
  it("puts the files of a profile back, byte for byte", async () => {
    const job = startJob(around.cloud);
    const files = { credentials: CREDENTIALS, config: CONFIG };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(job.home, name), text, { mode: 0o600 });
    const main = await runStep(job, { ...inputs(), "aws-profile": "shop", "overwrite-aws-profile": "true" });
    expect(main.status).toBe(0);
    const config = readFileSync(join(job.home, "config"), "utf8");
    expect(config).toContain(
      "s3 =\n  max_concurrent_requests = 20\n  addressing_style = path\noutput = json # as ever",
    );
    expect(config).not.toMatch(/^(role_arn|source_profile|region=us-west-2)/m);
    expect(readFileSync(join(job.home, "credentials"), "utf8")).toContain(
      "# mine\n[default]\naws_access_key_id = AKIAMINE",
    );
    const post = await runStep(job, { "aws-profile": "shop" }, { file: "post", state: main.state });
    expect(post).toMatchObject({ status: 0, variables: {} });
    for (const [name, text] of Object.entries(files)) expect(readFileSync(join(job.home, name), "utf8")).toBe(text);
  });

  it("deletes the files that the action made, which nobody else could read", async () => {
    const { home, env } = startJob(around.cloud);
    const { AWS_CONFIG_FILE: _, AWS_SHARED_CREDENTIALS_FILE: __, ...rest } = env;
    const job = { home, env: rest };
    const main = await runStep(job, { ...inputs(), "aws-profile": "shop" });
    const files = ["credentials", "config"].map((name) => join(home, ".aws", name));
    expect(files.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(statSync(join(home, ".aws")).mode & 0o777).toBe(0o700);
    await runStep(job, {}, { file: "post", state: main.state });
    expect(files.filter((path) => existsSync(path))).toEqual([]);
  });

  it("blanks every variable that the step set, and no other", async () => {
    const job = startJob(around.cloud);
    const both = { ...inputs(), "aws-profile": "shop", "output-env-credentials": "true" };
    const main = await runStep(job, both);
    const post = await runStep(after(job, main), both, { file: "post", state: main.state });
    expect(Object.keys(post.variables).toSorted()).toEqual(Object.keys(main.variables).toSorted());
    expect(Object.values(post.variables).filter((value) => value !== "")).toEqual([]);
  });

  it("does as the inputs say where the runner tells it nothing", async () => {
    const job = startJob(around.cloud);
    await runStep(job, { ...inputs(), "aws-profile": "shop" });
    const post = await runStep(
      { ...job, env: { ...job.env } },
      { "aws-profile": "shop" },
      { file: "post", state: null },
    );
    expect(post).toMatchObject({ status: 0, variables: {} });
    expect(existsSync(join(job.home, "credentials"))).toBe(false);
  });

  it("does nothing with AWS_SKIP_CLEANUP_STEP, nor after a step that did nothing", async () => {
    const job = startJob(around.cloud);
    const main = await runStep(job, { ...inputs(), "aws-profile": "shop" });
    const skipping: Job = { ...job, env: { ...job.env, AWS_SKIP_CLEANUP_STEP: "true" } };
    await runStep(skipping, {}, { file: "post", state: main.state });
    expect(existsSync(join(job.home, "credentials"))).toBe(true);
    expect((await runStep(job, {}, { file: "post" })).variables).toEqual({});
  });
});

describe("a link", () => {
  it("in the place of the credentials file is not written through", async () => {
    const job = startJob(around.cloud);
    const elsewhere = join(tempDir(), "file");
    writeFileSync(elsewhere, "");
    symlinkSync(elsewhere, join(job.home, "credentials"));
    const result = await runStep(job, { ...inputs(), "aws-profile": "shop" });
    expect(result.status).toBe(2);
    expect(readFileSync(elsewhere, "utf8")).toBe("");
  });

  it("in the place of the token file, or of its folder, is not followed", async () => {
    const job = startJob(around.cloud);
    const real = join(tempDir(), "real");
    mkdirSync(real);
    writeFileSync(join(real, "token"), "x.y.z");
    symlinkSync(join(real, "token"), join(job.home, "link"));
    symlinkSync(real, join(job.home, "folder"));
    for (const file of ["link", "folder/token"]) {
      const result = await runStep(job, { ...inputs(), "web-identity-token-file": file });
      expect(result.status).toBe(2);
      expect(result.log).toContain("is a symbolic link");
    }
  });
});
