import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assume, type JobInput, parseEndpoint, type Plan, planExchange } from "../../../src/cli/assume.ts";
import { parseInput } from "../../../src/cli/command.ts";
import execCommand from "../../../src/cli/commands/exec.ts";
import { isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLAIMS, DENIED, fakeSts, jobEnvironment, LOGIN_PAGE, ROLE, SECRET_KEY, TOKEN } from "./example.ts";
import { type FakeIo, fakeIo } from "./fake-io.ts";

const OPTIONS: JobInput = parseInput(execCommand, ["--", "true"]).options;

function plan(given: Partial<JobInput>, env: Readonly<Record<string, string>> = {}): Promise<Plan> {
  return planExchange({ ...OPTIONS, ...given }, fakeIo(jobEnvironment(env)));
}

async function refuse(given: Partial<JobInput>, env: Readonly<Record<string, string>> = {}): Promise<RolecallError> {
  const error: unknown = await plan(given, env).catch((thrown: unknown) => thrown);
  if (!isRolecallError(error)) throw new Error("expected a RolecallError");
  return error;
}

const role = (name: string): string => ROLE.replace("shop-deploy", name);

describe("the role", () => {
  it.each([
    [{ role: role("a") }, { ROLECALL_ROLE_ARN: role("b"), AWS_ROLE_ARN: role("c"), ROLE_ARN: role("d") }, "a"],
    [{}, { ROLECALL_ROLE_ARN: role("b"), AWS_ROLE_ARN: role("c"), ROLE_ARN: role("d") }, "b"],
    [{}, { AWS_ROLE_ARN: role("c"), ROLE_ARN: role("d") }, "c"],
    [{}, { ROLE_ARN: role("d") }, "d"],
    [{}, { ROLECALL_ROLE_ARN: "", ROLE_ARN: role("d") }, "d"],
  ])("of %j and %j is %s", async (given, env, name) => {
    expect((await plan(given, env)).call.roleArn).toBe(role(name));
  });

  it("is needed; a variable that is set and empty is told, since a protected one would be so", async () => {
    expect(await refuse({})).toMatchObject({
      code: "usage",
      message: "no role: expected --role ARN, or one of ROLECALL_ROLE_ARN, AWS_ROLE_ARN, ROLE_ARN",
    });
    const { hints } = await refuse({}, { AWS_ROLE_ARN: "" });
    expect(hints[0]).toBe("AWS_ROLE_ARN is set and empty: a protected CI variable is absent on unprotected branches");
  });

  it("that is no ARN is named by where it came from", async () => {
    expect((await refuse({ role: "shop-deploy" })).message).toContain("--role is not the ARN of a role");
    expect((await refuse({}, { ROLE_ARN: "shop-deploy" })).message).toContain("ROLE_ARN is not the ARN of a role");
  });
});

describe("region and endpoint", () => {
  const given = (env: Readonly<Record<string, string>>, options: Partial<JobInput> = {}): Promise<Plan> =>
    plan({ role: ROLE, ...options }, env);

  it.each([
    [{ region: "eu-west-1" }, { AWS_REGION: "eu-west-2", AWS_DEFAULT_REGION: "eu-west-3" }, "eu-west-1"],
    [{}, { AWS_REGION: "eu-west-2", AWS_DEFAULT_REGION: "eu-west-3" }, "eu-west-2"],
    [{}, { AWS_REGION: "", AWS_DEFAULT_REGION: "eu-west-3" }, "eu-west-3"],
  ])("of %j and %j are those of %s", async (options, env, region) => {
    const found = await given(env, options);
    expect([found.region, found.call.endpoint.href]).toEqual([region, `https://sts.${region}.amazonaws.com/`]);
  });

  it("without a region are those of the role's partition", async () => {
    expect((await given({})).call.endpoint.href).toBe("https://sts.us-east-1.amazonaws.com/");
    expect((await given({}, { role: ROLE.replace("aws", "aws-cn") })).call.endpoint.href).toBe(
      "https://sts.cn-north-1.amazonaws.com.cn/",
    );
  });

  it.each([
    [{ fips: true, region: "us-east-2" }, {}, "aws", "sts-fips.us-east-2.amazonaws.com"],
    [{}, { AWS_USE_FIPS_ENDPOINT: "true", AWS_REGION: "us-west-2" }, "aws", "sts-fips.us-west-2.amazonaws.com"],
    [{}, { AWS_USE_FIPS_ENDPOINT: "false", AWS_REGION: "us-west-2" }, "aws", "sts.us-west-2.amazonaws.com"],
    [{ fips: true }, { AWS_REGION: "us-gov-east-1" }, "aws-us-gov", "sts.us-gov-east-1.amazonaws.com"],
    [{}, { AWS_REGION: "cn-northwest-1" }, "aws-cn", "sts.cn-northwest-1.amazonaws.com.cn"],
    [{}, { AWS_REGION: "us-iso-west-1" }, "aws-iso", "sts.us-iso-west-1.c2s.ic.gov"],
    [{}, {}, "aws-iso-b", "sts.us-isob-east-1.sc2s.sgov.gov"],
    [{}, {}, "aws-eusc", "sts.eusc-de-east-1.amazonaws.eu"],
  ])("with %j and %j in %s are %s", async (options, env, partition, host) => {
    const made = await plan({ role: ROLE.replace("arn:aws:", `arn:${partition}:`), ...options }, env);
    expect(made.call.endpoint.host).toBe(host);
  });

  it("must fit the role's partition, and be a region at all", async () => {
    expect(await refuse({ role: ROLE, region: "cn-north-1" })).toMatchObject({ code: "config" });
    expect((await refuse({ role: ROLE }, { AWS_DEFAULT_REGION: "x.evil.test/" })).message).toContain(
      "AWS_DEFAULT_REGION is not a region",
    );
  });

  it.each([
    [
      { "endpoint-url": "https://a.test" },
      { AWS_ENDPOINT_URL_STS: "https://b.test", AWS_ENDPOINT_URL: "https://c.test" },
      "a",
    ],
    [{}, { AWS_ENDPOINT_URL_STS: "https://b.test", AWS_ENDPOINT_URL: "https://c.test" }, "b"],
    [{}, { AWS_ENDPOINT_URL: "https://c.test", AWS_REGION: "eu-west-1" }, "c"],
  ])("with %j and %j are at %s", async (options, env, host) => {
    expect((await given(env, options)).call.endpoint.href).toBe(`https://${host}.test/`);
  });

  it("are AWS's own where endpoints of the environment are to be ignored, but not one that is given", async () => {
    const env = { AWS_ENDPOINT_URL: "https://c.test", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
    expect((await given(env)).call.endpoint.host).toBe("sts.us-east-1.amazonaws.com");
    expect((await given(env, { "endpoint-url": "https://a.test" })).call.endpoint.host).toBe("a.test");
  });
});

describe("the URL of another STS", () => {
  it.each([
    "https://sts.acme.test",
    "http://127.0.0.1:4580",
    "http://localhost:4580",
    "http://[::1]:4580",
    "https://10.0.0.1/sts",
  ])("may be %s", (text) => {
    expect(parseEndpoint(text, "--endpoint-url").href).toContain(text);
  });

  it.each([
    "http://sts.acme.test",
    "http://10.0.0.1",
    "http://127.0.0.1.evil.test",
    "http://localhost@evil.test",
    "HTTP://STS.ACME.TEST",
  ])("is not %s: the token would travel in the clear", (text) => {
    expect(() => parseEndpoint(text, "AWS_ENDPOINT_URL")).toThrowWithCode(
      "config",
      "AWS_ENDPOINT_URL would send the ID token in the clear: expected https, got http://",
    );
  });

  it.each(["", "sts.acme.test", "ftp://sts.acme.test", "file:///etc/passwd", "javascript:1", "localhost:4580"])(
    "is not %j",
    (text) => {
      expect(() => parseEndpoint(text, "--endpoint-url")).toThrowWithCode(
        "config",
        "--endpoint-url is not the URL of an STS",
      );
    },
  );
});

describe("the session", () => {
  const call = async (given: Partial<JobInput>, env: Readonly<Record<string, string>> = {}): Promise<Plan["call"]> =>
    (await plan({ role: ROLE, ...given }, env)).call;

  it("is named by CI, project, pipeline and job", async () => {
    const { project_id: project, pipeline_id: pipeline, job_id: job } = CLAIMS as Record<string, string>;
    expect((await call({})).sessionName).toBe(`gitlab-${project}-${pipeline}-${job}`);
  });

  it("is named otherwise by option or variable, which STS must take", async () => {
    const env = { ROLECALL_SESSION_NAME: "two", AWS_ROLE_SESSION_NAME: "three" };
    expect((await call({ "session-name": "one" }, env)).sessionName).toBe("one");
    expect((await call({}, env)).sessionName).toBe("two");
    expect((await call({}, { AWS_ROLE_SESSION_NAME: "three" })).sessionName).toBe("three");
    expect(await refuse({ role: ROLE }, { AWS_ROLE_SESSION_NAME: "a b" })).toMatchObject({
      code: "usage",
      message: expect.stringContaining("AWS_ROLE_SESSION_NAME is not a session name") as string,
    });
  });

  it("outside of a CI is named after us", async () => {
    const io = fakeIo({ MINE: TOKEN });
    const made = await planExchange({ ...OPTIONS, role: ROLE, "token-env": "MINE" }, io);
    expect(made.call.sessionName).toBe("rolecall");
  });

  it("lasts as long as is asked for, and STS's own time otherwise", async () => {
    expect((await call({ duration: "15m" }, { ROLECALL_DURATION: "1h" })).duration).toBe(900);
    expect((await call({}, { ROLECALL_DURATION: "1h" })).duration).toBe(3600);
    expect(await call({})).not.toHaveProperty("duration");
    expect((await refuse({ role: ROLE, duration: "5m" })).message).toContain("--duration is not a session duration");
  });

  it("is narrowed by a policy, given itself or in a file", async () => {
    const path = join(tempDir(), "policy.json");
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    writeFileSync(path, policy);
    expect((await call({ policy: ` ${policy}` })).policy).toBe(` ${policy}`);
    expect((await call({ policy: path })).policy).toBe(policy);
    expect((await call({ policy: `file://${path}` })).policy).toBe(policy);
    const arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"];
    expect((await call({ "policy-arn": arns })).policyArns).toEqual(arns);
    expect(await call({})).not.toHaveProperty("policyArns");
  });

  it("is not narrowed by what is no policy", async () => {
    expect((await refuse({ role: ROLE, policy: "{not json" })).message).toContain("--policy is not JSON");
    expect((await refuse({ role: ROLE, policy: "/no/such/file" })).message).toContain(
      "--policy cannot be read: ENOENT",
    );
  });
});

describe("the plan", () => {
  it("sends nothing, and shows a wrong role before a missing token", async () => {
    const sts = await fakeSts();
    await plan({ role: ROLE, "endpoint-url": sts.url });
    expect(sts.forms).toEqual([]);
    const nobody = planExchange(OPTIONS, fakeIo());
    await expect(nobody).rejects.toThrowWithCode("usage", "no role");
  });

  it("never shows the token when it is printed", async () => {
    expect(JSON.stringify(await plan({ role: ROLE }))).not.toContain(TOKEN);
  });
});

describe("the exchange", () => {
  async function run(given: Partial<JobInput>, url: string): Promise<{ io: FakeIo; result: unknown }> {
    const io = fakeIo(jobEnvironment());
    const options = { ...OPTIONS, role: ROLE, "endpoint-url": url, ...given };
    const made = await planExchange(options, io);
    return { io, result: await assume(made, options, io).catch((thrown: unknown) => thrown) };
  }

  it("gives credentials, and says nothing", async () => {
    const sts = await fakeSts();
    const { io, result } = await run({ "session-name": "mine" }, sts.url);
    expect(result).toMatchObject({
      accessKeyId: "ASIAIOSFODNN7EXAMPLE",
      role: "arn:aws:sts::123456789012:assumed-role/shop-deploy/mine",
    });
    expect(sts.forms.map((form) => form.get("WebIdentityToken"))).toEqual([TOKEN]);
    expect(io.stderr).toBe("");
  });

  it("says with -v whom it asks and for what, and neither token nor secret", async () => {
    const sts = await fakeSts();
    const { io } = await run({ verbose: true, "session-name": "mine" }, sts.url);
    expect(io.stderr).toBe(`rolecall: asking ${sts.url} for ${ROLE} as mine\n`);
    expect(io.stderr + io.stdout).not.toContain(SECRET_KEY);
  });

  it("that STS refuses is explained: its words, the token's claims, the likeliest causes, what to do", async () => {
    const { result } = await run({}, (await fakeSts(DENIED)).url);
    if (!isRolecallError(result)) throw new Error("expected a RolecallError");
    expect(result).toMatchObject({
      code: "refused",
      message: `STS refused ${ROLE}: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`,
    });
    expect(result.details).toEqual(
      expect.arrayContaining([
        "token iss  https://gitlab.com",
        "token aud  https://shop-deploy.test",
        "token sub  project_path:acme/shop:ref_type:branch:ref:main",
        "token exp  2026-11-23T12:05:00Z",
        "request    7-7",
        "likely causes:",
        expect.stringMatching(/^ {2}F25 .*\(sub is project_path:acme\/shop/),
      ]),
    );
    expect(result.hints[0]).toMatch(
      /^F25: the trust policy must allow StringEquals gitlab\.com:sub = project_path:acme/,
    );
    expect(JSON.stringify([result.message, result.details, result.hints])).not.toContain(TOKEN);
  });

  it("that something else answers is no refusal", async () => {
    const { result } = await run({}, (await fakeSts(LOGIN_PAGE)).url);
    expect(result).toMatchObject({ code: "unavailable", permanent: true });
  });
});
