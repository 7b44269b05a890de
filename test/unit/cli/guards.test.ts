import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { gitlab } from "../../../src/ci/gitlab.ts";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { jwt } from "../core/example.ts";
import { bodyOf, serve, serveBytes } from "../wire/servers.ts";
import { CLAIMS, fakeSts, type FakeSts, jobEnvironment, ROLE, SECRET_KEY } from "./example.ts";
import { startJobCloud } from "./cloud.ts";
import { type FakeIo, fakeIo, NOW } from "./fake-io.ts";

interface Told {
  readonly sts?: FakeSts;
  readonly env?: Readonly<Record<string, string>>;
}

async function creds(args: readonly string[], { sts, env }: Told = {}): Promise<{ status: number; io: FakeIo }> {
  const { url } = sts ?? (await fakeSts());
  const io = fakeIo(jobEnvironment({ AWS_ROLE_ARN: ROLE, AWS_ENDPOINT_URL_STS: url, ...env }));
  return { status: await main(["creds", ...args], io), io };
}

describe("--allow-account", () => {
  it("lets a role of one of these accounts through", async () => {
    expect((await creds(["--allow-account", "210987654321", "--allow-account", "123456789012"])).status).toBe(0);
    const env = { ROLECALL_ALLOW_ACCOUNT: "210987654321, 123456789012" };
    expect((await creds([], { env })).status).toBe(0);
  });

  it.each([
    [["--allow-account", "210987654321"], {}],
    [[], { ROLECALL_ALLOW_ACCOUNT: "210987654321" }],
  ])("refuses a role of another account before AWS is asked: %j %j", async (args, env) => {
    const sts = await fakeSts();
    const { status, io } = await creds(args, { sts, env });
    expect([status, sts.forms]).toEqual([3, []]);
    expect(io.stderr).toContain(`${ROLE} is in account 123456789012: expected 210987654321 (--allow-account)`);
  });

  it("says when what it was given is no account", async () => {
    const { status, io } = await creds(["--allow-account", "shop"]);
    expect([status, io.stderr]).toEqual([
      2,
      expect.stringContaining('--allow-account: expected 12 digits, got "shop"'),
    ]);
  });
});

describe("the session that STS answers with", () => {
  it.each([
    ["another account", "arn:aws:sts::210987654321:assumed-role/shop-deploy/x"],
    ["another role", "arn:aws:sts::123456789012:assumed-role/admin/x"],
    ["a role whose name begins alike", "arn:aws:sts::123456789012:assumed-role/shop-deploy-admin/x"],
    ["another partition", "arn:aws-cn:sts::123456789012:assumed-role/shop-deploy/x"],
    ["nobody", ""],
  ])("is thrown away when it is of %s", async (_, arn) => {
    const answer = `<R><AssumeRoleWithWebIdentityResult><AssumedRoleUser><Arn>${arn}</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>${SECRET_KEY}</SecretAccessKey><SessionToken>IQ==</SessionToken><Expiration>2026-11-23T13:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></R>`;
    const { status, io } = await creds(["-f", "json"], { sts: await fakeSts([200, answer, "text/xml"]) });
    expect([status, io.stdout]).toEqual([3, ""]);
    expect(io.stderr).toContain(
      "STS answered with another role: expected arn:aws:sts::123456789012:assumed-role/shop-deploy/",
    );
    expect(io.stderr).not.toContain(SECRET_KEY);
  });
});

describe("the code of a fork", () => {
  const FORK = { CI_MERGE_REQUEST_ID: "1", CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "7", CI_MERGE_REQUEST_PROJECT_ID: "20" };

  it("gets no credentials, and AWS is not asked", async () => {
    const sts = await fakeSts();
    const { status, io } = await creds([], { sts, env: FORK });
    expect([status, io.stdout, sts.forms]).toEqual([3, "", []]);
    expect(io.stderr).toContain("this job runs the code of a fork: CI_MERGE_REQUEST_SOURCE_PROJECT_ID is 7");
    expect(io.stderr).toContain("hint: if the role is meant for forks: --allow-fork\n");
  });

  it("gets them with --allow-fork", async () => {
    expect((await creds(["--allow-fork"], { env: FORK })).status).toBe(0);
  });

  it("is not what a merge request of the project itself has", async () => {
    expect((await creds([], { env: { ...FORK, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "20" } })).status).toBe(0);
  });

  it("of GitHub is known by the event, also where the job has an ID token", async () => {
    const path = join(tempDir(), "event.json");
    const head = { repo: { full_name: "mallory/shop" } };
    writeFileSync(path, JSON.stringify({ repository: { full_name: "acme/shop" }, pull_request: { head } }));
    const env = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request_target", GITHUB_EVENT_PATH: path };
    const { status, io } = await creds(["--token-env", "OIDC_TOKEN"], { env });
    expect([status, io.stderr]).toEqual([3, expect.stringContaining("the event's code is of mallory/shop")]);
  });
});

describe("a token that STS would refuse for certain", () => {
  const token = (changes: Readonly<Record<string, unknown>>): string =>
    jwt({ ...CLAIMS, ...changes } as typeof CLAIMS, { alg: "RS256", kid: "1" }, "c2lnbmF0dXJl");

  it("is not sent when it is over for longer than AWS forgives, and what to do is told", async () => {
    const sts = await fakeSts();
    const env = { OIDC_TOKEN: token({ exp: NOW / 1000 - 301 }) };
    const { status, io } = await creds([], { sts, env });
    expect([status, sts.forms]).toEqual([4, []]);
    expect(io.stderr).toContain("ended 5 min ago by this machine's clock");
    expect(io.stderr).toContain("raise timeout: in the job");
  });

  it("is sent when it ended within the five minutes that AWS forgives", async () => {
    const sts = await fakeSts();
    const { status } = await creds([], { sts, env: { OIDC_TOKEN: token({ exp: NOW / 1000 - 290 }) } });
    expect([status, sts.forms.length]).toEqual([0, 1]);
  });

  it("is not sent without an audience", async () => {
    const sts = await fakeSts();
    const env = { MINE: token({ aud: [] }) };
    const { status, io } = await creds(["--token-env", "MINE"], { sts, env });
    expect([status, sts.forms]).toEqual([4, []]);
    expect(io.stderr).toContain("has no audience");
  });

  it("is not sent with another audience than the one that is wanted", async () => {
    const sts = await fakeSts();
    const { status } = await creds(["--audience", "sts.amazonaws.com"], { sts });
    expect([status, sts.forms]).toEqual([4, []]);
  });
});

describe("this machine's clock", () => {
  it.each([
    [412, "412 s behind AWS's"],
    [-90, "90 s ahead of AWS's"],
  ])("that differs by %i s from AWS's is told, and the credentials are given", async (seconds, words) => {
    const sts = await fakeSts(undefined, () => NOW + seconds * 1000);
    const { status, io } = await creds([], { sts });
    expect([status, io.stderr]).toEqual([0, expect.stringContaining(words)]);
    expect((await creds(["-q"], { sts })).io.stderr).toBe("");
  });

  it("that is a minute off at most is not worth a word", async () => {
    const { io } = await creds([], { sts: await fakeSts(undefined, () => NOW + 60_000) });
    expect(io.stderr).toBe("");
  });
});

describe("--timeout", () => {
  it("is for token and exchange together: an STS that does not answer is given up in time", async () => {
    const port = await serveBytes(() => {});
    const env = { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` };
    const { status, io } = await creds(["--timeout", "1s"], { env });
    expect(status).toBe(5);
    expect(io.stderr).toMatch(/cannot be reached: no answer within \S+ s\n$/);
  });

  it("ends the wait for a CI that does not answer", async () => {
    const port = await serveBytes(() => {});
    const io = fakeIo({
      GITHUB_ACTIONS: "true",
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/?x=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
      AWS_ROLE_ARN: ROLE,
      ROLECALL_TIMEOUT: "1",
    });
    expect(await main(["creds"], io)).toBe(5);
    expect(io.stderr).toContain("no credentials within the time of --timeout");
  });

  it.each(["0", "11m", "soon", "-1"])("is not %s", async (text) => {
    const { status, io } = await creds([`--timeout=${text}`]);
    expect([status, io.stderr]).toEqual([2, expect.stringContaining("--timeout is not a time limit")]);
  });
});

describe("--use-existing", () => {
  async function session(): Promise<{ env: Record<string, string>; exchanges: () => number }> {
    const { cloud, mintingJob } = await startJobCloud();
    const io = fakeIo(mintingJob, { now: Date.now });
    expect(await main(["creds", "-f", "env-no-export"], io)).toBe(0);
    const pairs = io.stdout
      .trim()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
    return {
      env: { ...mintingJob, ...(Object.fromEntries(pairs) as Record<string, string>) },
      exchanges: () => cloud.exchanges().length,
    };
  }

  async function again(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<FakeIo> {
    const io = fakeIo(env, { now: Date.now });
    expect(await main(["creds", "-f", "env-no-export", "--use-existing", ...args], io), io.stderr).toBe(0);
    return io;
  }

  it("keeps a session that works and is the wanted one", async () => {
    const { env, exchanges } = await session();
    const io = await again(env);
    expect([exchanges(), io.stderr]).toEqual([1, ""]);
    expect(io.stdout).toContain(`AWS_SESSION_TOKEN=${env["AWS_SESSION_TOKEN"] ?? ""}\n`);
  });

  it.each([
    ["AWS does not take", { AWS_SECRET_ACCESS_KEY: "wrong" }, /is not kept: AWS refused/],
    [
      "ends in a moment",
      { AWS_CREDENTIAL_EXPIRATION: new Date(Date.now() + 60_000).toISOString() },
      /is not kept: it ends in/,
    ],
    ["does not say when it ends", { AWS_CREDENTIAL_EXPIRATION: "" }, /AWS_CREDENTIAL_EXPIRATION does not say/],
    ["are keys without an end", { AWS_SESSION_TOKEN: "" }, /keys without an end/],
  ])("exchanges anew for one that %s, and says why", async (_, change, why) => {
    const { env, exchanges } = await session();
    const io = await again({ ...env, ...change });
    expect(io.stderr).toMatch(why);
    expect([exchanges(), io.stdout.includes(env["AWS_SESSION_TOKEN"] ?? "")]).toEqual([2, false]);
  });

  it("exchanges anew, without a word, where there is none", async () => {
    const { mintingJob } = await startJobCloud();
    expect((await again(mintingJob)).stderr).toBe("");
  });

  it("exchanges anew for a session of an account that is not allowed", async () => {
    const { env } = await session();
    const io = fakeIo({ ...env, ROLECALL_ALLOW_ACCOUNT: "210987654321" }, { now: Date.now });
    expect(await main(["creds", "--use-existing"], io)).toBe(3);
    expect(io.stderr).toContain("is not kept: it is of account 123456789012");
  });

  it("exchanges anew for a session of another role", async () => {
    const { env } = await session();
    const other = { ...env, AWS_ROLE_ARN: ROLE };
    const io = fakeIo(other, { now: Date.now });
    expect(await main(["creds", "--use-existing"], io)).toBe(3);
    expect(io.stderr).toContain("is not kept: it is arn:aws:sts::123456789012:assumed-role/deploy/");
  });
});

describe("handing over to later steps", () => {
  it("works where the CI gives its jobs a terminal, since no secret is shown", async () => {
    const { url } = await fakeSts();
    const path = join(tempDir(), "bash_env");
    const env = jobEnvironment({ AWS_ROLE_ARN: ROLE, AWS_ENDPOINT_URL_STS: url, BASH_ENV: path });
    const io = fakeIo(env, { stdoutIsTerminal: true, stderrIsTerminal: true });
    expect(await main(["creds", "-f", "circleci"], io)).toBe(0);
    expect(io.stdout).toBe("");
    expect((await run("cat", [path])).stdout).toContain(SECRET_KEY);
  });
});

describe("exec --renew", () => {
  it("renews no session of somebody else", async () => {
    const io = fakeIo(jobEnvironment({ AWS_ROLE_ARN: ROLE }));
    expect(await main(["exec", "--renew", "--use-existing", "--", "true"], io)).toBe(2);
    expect(io.stderr).toContain("--renew and --use-existing: expected one");
  });
});

describe("what stands in the way of the credentials", () => {
  it("is left out of the command's environment, and told", async () => {
    const { url } = await fakeSts();
    const env = jobEnvironment({ AWS_ROLE_ARN: ROLE, AWS_ENDPOINT_URL_STS: url, AWS_PROFILE: "mine" });
    const io = fakeIo({ ...env, AWS_ACCESS_KEY_ID: "AKIAOLD", AWS_SECRET_ACCESS_KEY: "old" });
    const out = join(tempDir(), "out");
    const script = `echo "$AWS_ACCESS_KEY_ID [$AWS_PROFILE]" > "${out}"`;
    expect(await main(["exec", "--", "sh", "-c", script], io)).toBe(0);
    expect((await run("cat", [out])).stdout).toBe("ASIAIOSFODNN7EXAMPLE []\n");
    expect(io.stderr).toContain(
      "left out of the command's environment, they would shadow the credentials: AWS_ROLE_ARN, AWS_PROFILE\n",
    );
    expect(io.stderr).toContain("replaced in the command's environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY\n");
  });
});

describe("a token that the CI gives anew", () => {
  it("is asked for again at each try, and no token is sent twice", async () => {
    let minted = 0;
    const ci = await serve((_, response) => {
      const token = jwt({
        ...gitlab.pretend({ project: "a/b", audience: "x", issuedAt: NOW / 1000 }),
        jti: String(++minted),
      });
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ value: token }));
    });
    const busy = await fakeSts([503, "<html>busy</html>", "text/html"]);
    const io = fakeIo({
      GITHUB_ACTIONS: "true",
      ACTIONS_ID_TOKEN_REQUEST_URL: `${ci.href}?x=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
      AWS_ROLE_ARN: ROLE,
      AWS_ENDPOINT_URL_STS: busy.url,
    });
    expect(await main(["creds", "--timeout", "3s"], io)).toBe(5);
    const sent = busy.forms.map((form) => form.get("WebIdentityToken"));
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent).size).toBe(sent.length);
    expect(minted).toBe(sent.length);
    // Each wait was for a try that came: none is behind the last one.
    expect(io.stderr.match(/trying again/g) ?? []).toHaveLength(sent.length - 1);
  });

  it("is read again from its file at each try", async () => {
    const path = join(tempDir(), "token");
    const write = (number: number): void => writeFileSync(path, jwt({ ...CLAIMS, jti: String(number) }));
    write(1);
    const sent: string[] = [];
    const busy = await serve((request, response) => {
      void bodyOf(request).then((text) => {
        sent.push(new URLSearchParams(text).get("WebIdentityToken") ?? "");
        write(sent.length + 1);
        return response.writeHead(503, { "content-type": "text/html" }).end("<html>busy</html>");
      });
    });
    const env = { AWS_ENDPOINT_URL_STS: busy.origin };
    expect((await creds(["--token-file", path, "--timeout", "3s"], { env })).status).toBe(5);
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent).size).toBe(sent.length);
  });

  it("is asked for again when less than a minute of it is left", async () => {
    let minted = 0;
    const ci = await serve((_, response) => {
      const claims = gitlab.pretend({
        project: "a/b",
        audience: "x",
        issuedAt: NOW / 1000,
        expiresIn: minted++ ? 300 : 59,
      });
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ value: jwt(claims) }));
    });
    const sts = await fakeSts();
    const io = fakeIo({
      GITHUB_ACTIONS: "true",
      ACTIONS_ID_TOKEN_REQUEST_URL: `${ci.href}?x=1`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
      AWS_ROLE_ARN: ROLE,
      AWS_ENDPOINT_URL_STS: sts.url,
    });
    expect([await main(["creds"], io), minted, sts.forms.length]).toEqual([0, 2, 1]);
  });
});
