import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InputName, INPUTS } from "../../src/action/inputs.ts";
import { type ActionCloud, startActionCloud } from "./action-cloud.ts";
import { callsOf, type Front, startFront } from "./action-front.ts";
import {
  type ActionInputs,
  after,
  type Job,
  masksIn,
  REPOSITORY,
  runStep,
  startJob,
  type StepResult,
} from "./action-step.ts";
import { startTlsFront } from "./tls-front.ts";

let around: ActionCloud;
beforeAll(async () => {
  around = await startActionCloud();
});
afterAll(() => around.cloud.close());

/** A job before an STS that is looked over the shoulder. */
interface Scene {
  readonly job: Job;
  readonly front: Front;
  readonly run: (inputs: ActionInputs, job?: Job) => Promise<StepResult>;
}

async function scene(): Promise<Scene> {
  const front = await startFront(around.cloud.endpoint);
  const there = startJob(around.cloud, { AWS_ENDPOINT_URL: front.url });
  const url = there.env["ACTIONS_ID_TOKEN_REQUEST_URL"]?.replace(around.cloud.endpoint, front.url) ?? "";
  const job = { ...there, env: { ...there.env, ACTIONS_ID_TOKEN_REQUEST_URL: url } };
  const run = (inputs: ActionInputs, of: Job = job) => runStep(of, { "aws-region": "eu-central-1", ...inputs });
  return { job, front, run };
}

const byToken = (role = "deploy"): ActionInputs => ({ "role-to-assume": around.arn(role) });
const byKeys = (role?: string): ActionInputs => ({
  "aws-access-key-id": around.user.accessKeyId,
  "aws-secret-access-key": around.user.secretAccessKey,
  ...(role === undefined ? {} : { "role-to-assume": around.arn(role) }),
});

/** The one call of AssumeRole, or of its form for tokens. */
function assumed({ front }: Scene): ReadonlyMap<string, string> {
  const [call] = [...callsOf(front, "AssumeRole"), ...callsOf(front, "AssumeRoleWithWebIdentity")];
  if (!call) throw new Error("no role was asked for");
  return call;
}

function tagsOf(call: ReadonlyMap<string, string>): Record<string, string> {
  const keys = [...call].filter(([name]) => /^Tags\.member\.\d+\.Key$/.test(name));
  return Object.fromEntries(keys.map(([name, key]) => [key, call.get(name.replace(/Key$/, "Value")) ?? ""]));
}

const ARN = (role: string, session = "GitHubActions"): string =>
  `arn:aws:sts::${around.cloud.account}:assumed-role/${role}/${session}`;

/** What each input does, one test each. */
const CASES: { readonly [Name in InputName]: (scene: Scene) => Promise<void> } = {
  "aws-region": async ({ run }) => {
    const { variables } = await run({ ...byToken(), "aws-region": "eu-west-3" });
    expect(variables).toMatchObject({ AWS_REGION: "eu-west-3", AWS_DEFAULT_REGION: "eu-west-3" });
    const without = await run({ ...byToken(), "aws-region": "" });
    expect(without).toMatchObject({ status: 2, variables: {} });
    expect(without.log).toContain("aws-region is missing");
    expect(await run({ ...byToken(), "aws-region": "EU;x" })).toMatchObject({ status: 2, variables: {} });
  },

  "aws-profile": async ({ run, job }) => {
    const result = await run({ ...byToken(), "aws-profile": "shop" });
    expect(Object.keys(result.variables)).toEqual([]);
    const [credentials, config] = ["credentials", "config"].map((file) => readFileSync(join(job.home, file), "utf8"));
    expect(credentials).toMatch(
      /^\[shop\]\naws_access_key_id = ASIA\w+\naws_secret_access_key = .+\naws_session_token = .+$/m,
    );
    expect(config).toMatch(/^\[profile shop\]\nregion = eu-central-1$/m);
    expect(await run({ ...byToken(), "aws-profile": "a b" })).toMatchObject({ status: 2 });
    await run({ ...byKeys(), "aws-profile": "keys" });
    const { accessKeyId } = around.user;
    const section = readFileSync(join(job.home, "credentials"), "utf8").split("[keys]")[1];
    expect(section).toContain(`aws_access_key_id = ${accessKeyId}\n`);
    expect(section).not.toContain("aws_session_token");
  },

  "overwrite-aws-profile": async ({ run, job, front }) => {
    writeFileSync(join(job.home, "credentials"), "[shop]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\n");
    const refused = await run({ ...byToken(), "aws-profile": "shop" });
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.log).toContain("has a profile shop already");
    expect(front.calls).toEqual([]);
    const result = await run({ ...byToken(), "aws-profile": "shop", "overwrite-aws-profile": "true" });
    expect(result.status).toBe(0);
    const live = readFileSync(join(job.home, "credentials"), "utf8")
      .split("\n")
      .filter((line) => !line.startsWith("#"));
    expect(live.filter((line) => line.startsWith("aws_access_key_id"))).toEqual([expect.stringMatching(/= ASIA/)]);
  },

  "role-to-assume": async (one) => {
    const result = await one.run(byToken());
    expect(assumed(one).get("RoleArn")).toBe(around.arn("deploy"));
    expect(result.outputs["authenticated-arn"]).toBe(ARN("deploy"));
    const named = await one.run({ ...byKeys(), "role-to-assume": "target" });
    expect(named.outputs["authenticated-arn"]).toBe(ARN("target"));
    expect(await one.run({ "role-to-assume": "deploy" })).toMatchObject({ status: 2 });
  },

  "aws-access-key-id": async ({ run }) => {
    const { accessKeyId, secretAccessKey } = around.user;
    const { variables, outputs } = await run(byKeys());
    expect(variables).toMatchObject({ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    expect(outputs).toEqual({
      "aws-account-id": around.cloud.account,
      "authenticated-arn": `arn:aws:iam::${around.cloud.account}:user/ci`,
    });
    const unknown = await run({ ...byKeys(), "aws-access-key-id": "AKIAUNKNOWNUNKNOWN00" });
    expect(unknown.status).toBe(3);
    expect(unknown.variables).not.toHaveProperty("AWS_ACCESS_KEY_ID");
  },

  "aws-secret-access-key": async ({ run, front }) => {
    const missing = await run({ ...byKeys(), "aws-secret-access-key": "" });
    expect(missing).toMatchObject({ status: 2, variables: {} });
    expect(missing.log).toContain("aws-secret-access-key");
    const wrong = await run({ ...byKeys("target"), "aws-secret-access-key": "w".repeat(40) });
    expect(wrong.status).toBe(3);
    expect(wrong.log).toContain("SignatureDoesNotMatch");
    expect(masksIn(wrong.log)).toContain("w".repeat(40));
    expect(wrong.log.replaceAll(/^::add-mask.*$/gm, "")).not.toContain("w".repeat(40));
    expect(callsOf(front, "AssumeRole")).toEqual([]);
  },

  "aws-session-token": async ({ run, job }) => {
    const first = await run({ ...byKeys("target") });
    const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN = "" } = first.variables;
    const keys = { "aws-access-key-id": AWS_ACCESS_KEY_ID, "aws-secret-access-key": AWS_SECRET_ACCESS_KEY };
    const second = await run({ ...keys, "aws-session-token": AWS_SESSION_TOKEN, ...byToken("target") });
    expect(second.outputs["authenticated-arn"]).toBe(ARN("target"));
    expect((await run(keys)).status).toBe(3);
    // Keys without a token after a step that left one.
    const later = await run(byKeys(), after(job, first));
    expect(later.variables["AWS_SESSION_TOKEN"]).toBe("");
  },

  "web-identity-token-file": async (one) => {
    const { token } = await around.cloud.mint({
      ci: "github",
      project: REPOSITORY,
      branch: "main",
      audience: "sts.amazonaws.com",
    });
    mkdirSync(join(one.job.home, "tokens"));
    writeFileSync(join(one.job.home, "tokens", "aws"), `${token}\n`);
    const { ACTIONS_ID_TOKEN_REQUEST_URL: _, ACTIONS_ID_TOKEN_REQUEST_TOKEN: __, ...env } = one.job.env;
    const inputs = { ...byToken(), "web-identity-token-file": "tokens/aws" };
    const result = await one.run(inputs, { ...one.job, env });
    expect(result.outputs["authenticated-arn"]).toBe(ARN("deploy"));
    expect(assumed(one).get("WebIdentityToken")).toBe(token);
    expect(await one.run({ ...inputs, "web-identity-token-file": "tokens/none" })).toMatchObject({ status: 4 });
  },

  "role-chaining": async ({ run, job, front }) => {
    const first = await run(byToken());
    const second = await run({ ...byToken("target"), "role-chaining": "true" }, after(job, first));
    expect(second.outputs["authenticated-arn"]).toBe(ARN("target"));
    expect(callsOf(front, "AssumeRoleWithWebIdentity")).toHaveLength(1);
    const long = { ...byToken("target"), "role-chaining": "true", "role-duration-seconds": "7200" };
    expect((await run(long, after(job, first))).log).toContain(
      "hint: a role that is taken with another role's session",
    );
  },

  audience: async (one) => {
    const result = await one.run({ ...byToken(), audience: "https://shop.test" });
    expect(result.status).toBe(0);
    const [, payload = ""] = (assumed(one).get("WebIdentityToken") ?? "").split(".");
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({ aud: "https://shop.test" });
  },

  "http-proxy": async ({ run, job }) => {
    const { proxy, ca } = await startTlsFront(around.cloud.endpoint);
    const { AWS_ENDPOINT_URL: _, ...env } = job.env;
    const there = { ...job, env: { ...env, AWS_CA_BUNDLE: ca } };
    const result = await run({ ...byToken(), "http-proxy": proxy }, there);
    expect(result.outputs["authenticated-arn"]).toBe(ARN("deploy"));
    const byVariable = await run(byToken(), { ...there, env: { ...there.env, HTTP_PROXY: proxy } });
    expect(byVariable.status).toBe(0);
  },

  "no-proxy": async ({ run, job }) => {
    const { proxy, ca } = await startTlsFront(around.cloud.endpoint);
    const there = { ...job, env: { ...job.env, AWS_CA_BUNDLE: ca } };
    const inputs = {
      ...byToken(),
      "http-proxy": proxy,
      "sts-endpoint": "https://sts.invalid",
      "disable-retry": "true",
    };
    // There is no such host: who asks for it directly learns so, and the proxy has a certificate for others.
    expect((await run(inputs, there)).log).toMatch(/cannot be reached: ERR_TLS/);
    expect((await run({ ...inputs, "no-proxy": "example.com, sts.invalid" }, there)).log).toMatch(
      /ENOTFOUND|EAI_AGAIN/,
    );
  },

  "mask-aws-account-id": async ({ run }) => {
    const { account } = around.cloud;
    expect(masksIn((await run(byToken())).log)).not.toContain(account);
    const result = await run({ ...byToken(), "mask-aws-account-id": "true" });
    expect(masksIn(result.log)).toEqual(expect.arrayContaining([account, ARN("deploy")]));
    expect(result.outputs["aws-account-id"]).toBe(account);
    const denied = await run({ ...byToken("closed"), "mask-aws-account-id": "true" });
    expect(denied.summary).toContain("arn:aws:iam::***:role/closed");
    expect(denied.summary).not.toContain(account);
  },

  "role-duration-seconds": async (one) => {
    await one.run({ ...byToken(), "role-duration-seconds": "7200" });
    expect(assumed(one).get("DurationSeconds")).toBe("7200");
    const again = await scene();
    await again.run(byToken());
    expect(assumed(again).get("DurationSeconds")).toBe("3600");
    const tooLong = await one.run({ ...byToken(), "role-duration-seconds": "14400" });
    expect(tooLong.status).toBe(3);
    expect(tooLong.log).toContain("DurationSeconds exceeds");
    expect(await one.run({ ...byToken(), "role-duration-seconds": "1h" })).toMatchObject({ status: 2 });
  },

  "role-external-id": async ({ run }) => {
    const refused = await run(byKeys("external"));
    expect(refused.status).toBe(3);
    expect(refused.log).toContain("role-external-id");
    const result = await run({ ...byKeys("external"), "role-external-id": "shop-17" });
    expect(result.outputs["authenticated-arn"]).toBe(ARN("external"));
    expect((await run({ ...byToken(), "role-external-id": "x1" })).log).toMatch(
      /^::warning .*role-external-id: ignored/m,
    );
  },

  "role-session-name": async ({ run }) => {
    const result = await run({ ...byToken(), "role-session-name": "shop-17@main" });
    expect(result.outputs["authenticated-arn"]).toBe(ARN("deploy", "shop-17@main"));
    expect(await run({ ...byToken(), "role-session-name": "a b" })).toMatchObject({ status: 2 });
    expect(await run({ ...byToken(), "role-session-name": "a" })).toMatchObject({ status: 2 });
  },

  "role-skip-session-tagging": async (one) => {
    const refused = await one.run(byKeys("untagged"));
    expect(refused.status).toBe(3);
    expect(refused.log).toMatch(/sts:TagSession.*role-skip-session-tagging/);
    const result = await one.run({ ...byKeys("untagged"), "role-skip-session-tagging": "true" });
    expect(result.status).toBe(0);
    const tagged = await scene();
    await tagged.run(byKeys("target"));
    expect(tagsOf(assumed(tagged))).toMatchObject({
      GitHub: "Actions",
      Repository: REPOSITORY,
      Workflow: "Deploy _ test",
      Branch: "refs/heads/main",
      RunId: "17",
    });
  },

  "transitive-tag-keys": async (one) => {
    await one.run({ ...byKeys("target"), "transitive-tag-keys": "Repository\n  Branch  \nNoSuchTag" });
    const keys = [...assumed(one)].filter(([name]) => name.startsWith("TransitiveTagKeys."));
    expect(keys.map(([, key]) => key)).toEqual(["Repository", "Branch"]);
  },

  "inline-session-policy": async (one) => {
    const policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
    });
    const first = await one.run({ ...byToken(), "inline-session-policy": policy });
    expect(assumed(one).get("Policy")).toBe(policy);
    // The narrowed session may not take the next role, which it else may.
    const second = await one.run({ ...byToken("target"), "role-chaining": "true" }, after(one.job, first));
    expect(second.status).toBe(3);
    expect(await one.run({ ...byToken(), "inline-session-policy": "{" })).toMatchObject({ status: 2 });
    const keyed = await scene();
    await keyed.run({ ...byKeys("target"), "inline-session-policy": policy });
    expect(assumed(keyed).get("Policy")).toBe(policy);
  },

  "managed-session-policies": async (one) => {
    const arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit"];
    await one.run({ ...byToken(), "managed-session-policies": arns.join("\n") });
    const listed = [...assumed(one)].filter(([name]) => name.startsWith("PolicyArns.member."));
    expect(listed).toEqual(arns.map((arn, at) => [`PolicyArns.member.${at + 1}.arn`, arn]));
  },

  "output-credentials": async ({ run }) => {
    const { variables, outputs } = await run({ ...byToken(), "output-credentials": "true" });
    expect(outputs).toMatchObject({
      "aws-access-key-id": variables["AWS_ACCESS_KEY_ID"],
      "aws-secret-access-key": variables["AWS_SECRET_ACCESS_KEY"],
      "aws-session-token": variables["AWS_SESSION_TOKEN"],
    });
    const end = Date.parse(JSON.parse(outputs["aws-expiration"] ?? "") as string);
    expect(end - Date.now()).toBeGreaterThan(3_500_000);
    expect(Object.keys((await run(byToken())).outputs)).toEqual(["aws-account-id", "authenticated-arn"]);
  },

  "output-env-credentials": async ({ run }) => {
    const { variables, outputs } = await run({
      ...byToken(),
      "output-env-credentials": "false",
      "output-credentials": "true",
    });
    expect(variables).toEqual({});
    expect(Object.keys(outputs)).toEqual(
      expect.arrayContaining(["aws-access-key-id", "aws-secret-access-key", "aws-session-token", "aws-expiration"]),
    );
    const both = await run({ ...byToken(), "aws-profile": "shop", "output-env-credentials": "true" });
    expect(both.variables).toMatchObject({
      AWS_PROFILE: "shop",
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/) as string,
    });
  },

  "unset-current-credentials": async ({ run, job }) => {
    const old = { AWS_ACCESS_KEY_ID: "AKIAOLD", AWS_SECRET_ACCESS_KEY: "old", AWS_SESSION_TOKEN: "old" };
    const result = await run(
      { ...byToken("closed"), "unset-current-credentials": "true" },
      { ...job, env: { ...job.env, ...old } },
    );
    expect(result.status).toBe(3);
    expect(result.variables).toMatchObject({ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_SESSION_TOKEN: "" });
  },

  "disable-retry": async ({ run, front }) => {
    front.answers.push({ kind: "error", status: 503, code: "ServiceUnavailable" });
    const result = await run({ ...byToken(), "disable-retry": "true" });
    expect(result.status).toBe(3);
    expect(front.calls).toHaveLength(1);
    front.answers.push({ kind: "error", status: 503, code: "ServiceUnavailable" });
    expect((await run(byToken())).status).toBe(0);
  },

  "retry-max-attempts": async ({ run, front }) => {
    front.answers.push(
      ...Array.from({ length: 5 }, () => ({ kind: "error", status: 400, code: "Throttling" }) as const),
    );
    const result = await run({ ...byToken(), "retry-max-attempts": "3" });
    expect(result.status).toBe(3);
    expect(front.calls).toHaveLength(3);
    expect(result.log.match(/trying again/g)).toHaveLength(2);
    // Each with a token of its own.
    expect(front.reads).toEqual(["/_rolecall/token", "/_rolecall/token", "/_rolecall/token"]);
  },

  "special-characters-workaround": async ({ run, front }) => {
    front.answers.push(
      { kind: "session", secret: `+${"a".repeat(39)}` },
      { kind: "session", secret: `/${"b".repeat(39)}` },
    );
    const { variables } = await run({ ...byToken(), "special-characters-workaround": "true" });
    expect(variables["AWS_SECRET_ACCESS_KEY"]).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(callsOf(front, "AssumeRoleWithWebIdentity").length).toBeGreaterThan(2);
  },

  "use-existing-credentials": async ({ run, job, front }) => {
    const first = await run(byToken());
    const second = await run({ ...byToken("closed"), "use-existing-credentials": "true" }, after(job, first));
    expect(second.status).toBe(0);
    expect(second.log).toMatch(/^::notice .*deploy/m);
    expect(second.variables).not.toHaveProperty("AWS_ACCESS_KEY_ID");
    expect(callsOf(front, "AssumeRoleWithWebIdentity")).toHaveLength(1);
    const none = await run({ ...byToken(), "use-existing-credentials": "true" });
    expect(none.outputs["authenticated-arn"]).toBe(ARN("deploy"));
  },

  "allowed-account-ids": async ({ run, front }) => {
    const { account } = around.cloud;
    const elsewhere = await run({ ...byToken(), "allowed-account-ids": "111122223333, 444455556666" });
    expect(elsewhere.status).toBe(3);
    expect(elsewhere.log).toContain(`expected credentials of 111122223333, 444455556666, got those of ${account}`);
    expect(front.calls).toEqual([]);
    expect((await run({ ...byToken(), "allowed-account-ids": `111122223333,${account}` })).status).toBe(0);
    // Another than the role's ARN said, as only STS can know.
    front.answers.push({ kind: "pass" }, { kind: "identity", account: "444455556666" });
    const turned = await run({ ...byToken(), "allowed-account-ids": account });
    expect(turned.status).toBe(3);
    expect(turned.variables).not.toHaveProperty("AWS_ACCESS_KEY_ID");
    const keys = await run({ ...byKeys(), "allowed-account-ids": "111122223333" });
    expect(keys.status).toBe(3);
    expect(keys.variables).not.toHaveProperty("AWS_ACCESS_KEY_ID");
  },

  "force-skip-oidc": async ({ run, job, front }) => {
    const alone = await run({ ...byToken(), "force-skip-oidc": "true" });
    expect(alone).toMatchObject({ status: 2 });
    expect(front.calls).toEqual([]);
    const keys = { AWS_ACCESS_KEY_ID: around.user.accessKeyId, AWS_SECRET_ACCESS_KEY: around.user.secretAccessKey };
    const result = await run({ "force-skip-oidc": "true" }, { ...job, env: { ...job.env, ...keys } });
    expect(result.outputs["authenticated-arn"]).toBe(`arn:aws:iam::${around.cloud.account}:user/ci`);
  },

  "action-timeout-s": async ({ run, front }) => {
    front.answers.push({ kind: "silence" });
    const result = await run({ ...byToken(), "action-timeout-s": "1" });
    expect(result.status).toBe(5);
    expect(result.log).toMatch(/^::error .*action-timeout-s: not done after 1 s$/m);
    expect(result.variables).not.toHaveProperty("AWS_ACCESS_KEY_ID");
    expect((await run({ ...byToken(), "action-timeout-s": "0" })).status).toBe(0);
  },

  "custom-tags": async (one) => {
    await one.run({ ...byKeys("target"), "custom-tags": '{"Team":"shop","Cost":17}' });
    expect(tagsOf(assumed(one))).toMatchObject({ Team: "shop", Cost: "17", Repository: REPOSITORY });
    expect(await one.run({ ...byKeys("target"), "custom-tags": '{"Repository":"x"}' })).toMatchObject({ status: 2 });
    expect(await one.run({ ...byKeys("target"), "custom-tags": "[]" })).toMatchObject({ status: 2 });
    expect((await one.run({ ...byToken(), "custom-tags": '{"a":"b"}' })).log).toMatch(
      /^::warning .*custom-tags: ignored/m,
    );
  },

  "sts-endpoint": async ({ run, job, front }) => {
    const elsewhere = { ...job, env: { ...job.env, AWS_ENDPOINT_URL: "http://127.0.0.1:9" } };
    expect((await run({ ...byToken(), "sts-endpoint": front.url }, elsewhere)).status).toBe(0);
    expect(front.calls.length).toBeGreaterThan(0);
    const clear = await run({ ...byToken(), "sts-endpoint": "http://sts.example.com" });
    expect(clear).toMatchObject({ status: 2 });
  },
};

describe("the input", () => {
  it.each(Object.entries(CASES))("%s", async (_, test) => {
    await test(await scene());
  });

  it("of each name has a test", () => {
    expect(Object.keys(CASES)).toEqual(Object.keys(INPUTS));
  });
});
