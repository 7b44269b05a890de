import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { CIS, findCi } from "../../../src/ci/index.ts";
import { detectCi, findToken, type FoundToken } from "../../../src/cli/find-token.ts";
import { exitStatus, isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import type { Partition } from "../../../src/core/arn.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { parse } from "yaml";
import { tempDir } from "../../support/temp-dir.ts";
import { onTestFinished } from "vitest";
import { jwt } from "../core/example.ts";
import { fakeIo, NOW } from "./fake-io.ts";

type Env = Readonly<Record<string, string>>;

function find(env: Env, audience?: string, partition?: Partition, ci?: string): Promise<FoundToken> {
  const rest = { help: false, verbose: false, quiet: false, "no-color": false };
  const places = { "token-env": undefined, "token-file": undefined, "token-command": undefined };
  return findToken({ ...places, ci, audience, ...rest }, fakeIo(env), partition);
}

async function refusal(env: Env, audience?: string): Promise<RolecallError> {
  const error: unknown = await find(env, audience).catch((thrown: unknown) => thrown);
  if (!isRolecallError(error)) throw new Error("expected a RolecallError");
  return error;
}

async function startCloud(): Promise<LocalCloud> {
  const cloud = await createLocalCloud({ now: () => NOW });
  onTestFinished(() => cloud.close());
  return cloud;
}

async function githubJob(): Promise<Env> {
  const { tokenUrl = "", tokenBearer = "" } = (await startCloud()).issuers["github"] ?? {};
  return {
    GITHUB_ACTIONS: "true",
    ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: tokenBearer,
  };
}

describe("the ID token in a GitHub job", () => {
  it("is asked for, for STS, and again whenever it is needed", async () => {
    const { token, place, ci } = await find(await githubJob());
    expect(token.claims["aud"]).toBe("sts.amazonaws.com");
    expect(place).toEqual({ kind: "ci" });
    expect(ci).toMatchObject({ ci: "github" });
  });

  it("is for the STS of China when the role is there, and for the audience that is named", async () => {
    const env = await githubJob();
    expect((await find(env, undefined, "aws-cn")).token.claims["aud"]).toBe("sts.amazonaws.com.cn");
    const named = await find(env, "other", "aws-cn");
    expect(named.token.claims["aud"]).toBe("other");
    expect(named.place).toEqual({ kind: "ci", audience: "other" });
  });

  it("is not the pod's on a runner in EKS", async () => {
    const pod = { AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token" };
    expect((await find({ ...(await githubJob()), ...pod })).token.claims["repository"]).toBe("octo-org/octo-repo");
  });

  it("is refused to another bearer, and nothing is told of it", async () => {
    const error = await refusal({ ...(await githubJob()), ACTIONS_ID_TOKEN_REQUEST_TOKEN: "secret-bearer" });
    expect(error).toMatchObject({
      code: "no-token",
      hints: expect.arrayContaining(["permissions: { id-token: write, contents: read }"]) as string[],
    });
    expect(JSON.stringify([error.message, error.details, error.hints])).not.toContain("secret-bearer");
  });
});

/** A job of CircleCI whose token was given out for an hour at this time, in seconds from now. */
function circleciJob(issued: number): Env {
  const ci = findCi("circleci");
  const claims = ci?.pretend({ project: "acme/shop", issuedAt: NOW / 1000 + issued }) ?? {};
  const folder = tempDir();
  const minted = jwt({ ...claims, aud: "minted", exp: NOW / 1000 + 3600 });
  writeFileSync(join(folder, "circleci"), `#!/bin/sh\necho ${minted}\n`);
  chmodSync(join(folder, "circleci"), 0o700);
  const path = `${folder}${delimiter}${process.env["PATH"] ?? ""}`;
  return { ...ci?.jobEnvironment(claims, jwt(claims)), PATH: path };
}

describe("the ID token in a CircleCI job", () => {
  it("is the variable's as long as it is good, and is asked for again afterwards", async () => {
    const { token, place } = await find(circleciJob(0));
    expect(token.claims["aud"]).toBe("aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb");
    expect(place).toEqual({ kind: "ci" });
    expect((await find(circleciJob(-3590))).token.claims["aud"]).toBe("minted");
  });

  it("is asked for when another audience is wanted", async () => {
    expect((await find(circleciJob(0), "minted")).because).toBe("what circleci run oidc get wrote");
  });
});

describe("a CI that is named", () => {
  const token = jwt({ sub: "system:serviceaccount:ci:runner", aud: "sts.amazonaws.com", exp: NOW / 1000 + 3600 });

  it("wins over the one that is recognised, and is the evidence", async () => {
    const folder = join(tempDir(), "eks.amazonaws.com", "serviceaccount");
    const file = join(folder, "token");
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, token);
    const env = { ...(await githubJob()), AWS_WEB_IDENTITY_TOKEN_FILE: file };
    expect((await find(env)).ci?.ci).toBe("github");
    const found = await find(env, undefined, undefined, "eks");
    expect(found).toMatchObject({ ci: { ci: "eks", because: ["named by --ci"] }, place: { kind: "file", path: file } });
    expect(found.token.claims["sub"]).toBe("system:serviceaccount:ci:runner");
  });

  it("must be one that there is", async () => {
    const thrown: unknown = await find({}, undefined, undefined, "gitlub").catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "usage" });
    expect((thrown as RolecallError).message).toMatch(/^--ci: there is no CI "gitlub": expected gitlab, .*kubernetes$/);
  });
});

/** What a job without a token is told: the lines to paste, or where there is nothing to add, what the reason may be. */
const NO_TOKEN: readonly (readonly [ci: string, env: Env, hints: readonly (string | RegExp)[]])[] = [
  [
    "gitlab",
    { GITLAB_CI: "true" },
    ["add to the job in .gitlab-ci.yml:", "id_tokens: { ROLECALL_TOKEN: { aud: sts.amazonaws.com } }"],
  ],
  [
    "github",
    { GITHUB_ACTIONS: "true" },
    [
      "add to the job in .github/workflows/*.yml:",
      "permissions: { id-token: write, contents: read }",
      /reusable workflow .* forks and Dependabot/,
    ],
  ],
  ["forgejo", { GITHUB_ACTIONS: "true", FORGEJO_ACTIONS: "true" }, ["enable-openid-connect: true"]],
  [
    "circleci",
    { CIRCLECI: "true" },
    [/Pass secrets to builds from forked pull requests/, /server before 4\.4.* context/],
  ],
  [
    "jenkins",
    { JENKINS_URL: "https://j/", BUILD_ID: "1" },
    ["environment { AWS_WEB_IDENTITY_TOKEN_FILE = credentials('aws-jwt') }", /audience/],
  ],
  ["bitbucket", { BITBUCKET_BUILD_NUMBER: "1" }, ["add to the step in bitbucket-pipelines.yml:", "oidc: true"]],
  ["buildkite", { BUILDKITE: "true" }, [/buildkite-agent/]],
  [
    "azure",
    { TF_BUILD: "True", SYSTEM_OIDCREQUESTURI: "https://dev.azure.com/x" },
    ["add to the step in azure-pipelines.yml:", "env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }"],
  ],
  ["semaphore", { SEMAPHORE: "true" }, [/SEMAPHORE_OIDC_TOKEN .* plan has OpenID Connect/]],
  [
    "codefresh",
    { CF_BUILD_ID: "1" },
    ["obtain_id_token: { type: obtain-oidc-id-token, arguments: { AUDIENCE: sts.amazonaws.com } }"],
  ],
  ["spacelift", { TF_VAR_spacelift_run_id: "01H" }, [/paid account has SPACELIFT_OIDC_TOKEN/]],
  ["terraform", { TFC_RUN_ID: "run-1" }, ["TFC_WORKLOAD_IDENTITY_AUDIENCE=aws.workload.identity"]],
  ["vercel", { VERCEL: "1" }, [/Secure backend access with OIDC federation/, /x-vercel-oidc-token/]],
  [
    "fly",
    { FLY_APP_NAME: "a", FLY_MACHINE_ID: "m", AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/.fly/oidc_token" },
    [/\/\.fly\/api/],
  ],
  [
    "eks",
    { AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/eks.amazonaws.com/serviceaccount/token" },
    [/annotations: \{ eks\.amazonaws\.com\/role-arn: "arn:/],
  ],
  [
    "kubernetes",
    { KUBERNETES_SERVICE_HOST: "10.0.0.1" },
    [
      /^volumes: .*serviceAccountToken: \{ audience: sts\.amazonaws\.com, path: token \}/,
      /^volumeMounts: .*\/var\/run\/secrets\/aws /,
      "env: [{ name: AWS_WEB_IDENTITY_TOKEN_FILE, value: /var/run/secrets/aws/token }]",
    ],
  ],
];

describe("without an ID token", () => {
  it.each(NO_TOKEN)("a job of %s is told what to add", async (id, env, hints) => {
    const error = await refusal({ ...env, PATH: "/nowhere" });
    expect(error.code).toBe("no-token");
    expect(exitStatus(error.code)).toBe(4);
    expect(detectCi(fakeIo(env))?.ci.id).toBe(id);
    const matching = (hint: string | RegExp): unknown =>
      typeof hint === "string" ? hint : expect.stringMatching(hint);
    expect(error.hints).toEqual(expect.arrayContaining(hints.map(matching)));
  });

  it("the lines for YAML are YAML, with the audience that is wanted whatever is in it", () => {
    for (const ci of CIS.filter(({ id }) => !["jenkins", "terraform"].includes(id))) {
      for (const audience of ["https://shop.test", "a: b", "}", "true", "7"]) {
        const lines = ci
          .snippet({ audience })
          .split("\n")
          .filter((line) => !line.startsWith("#"));
        const read = lines.map((line) => parse(line) as unknown);
        if (["gitlab", "bitbucket", "semaphore", "codefresh", "kubernetes"].includes(ci.id))
          expect(JSON.stringify(read)).toContain(JSON.stringify(audience));
      }
    }
  });

  it("a job in a pod with a role of its own is told that it is not taken, and how it would be", async () => {
    const pod = { AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token" };
    const error = await refusal({ GITHUB_ACTIONS: "true", ...pod });
    expect(error.details.at(-1)).toBe(
      "AWS_WEB_IDENTITY_TOKEN_FILE is not taken: it is the pod's or the machine's token, not this job's; --ci eks takes it",
    );
  });

  it("and without a CI, the file that AWS SDKs would read is named", async () => {
    const error = await refusal({ AWS_WEB_IDENTITY_TOKEN_FILE: "/tmp/token" });
    expect(error.hints[0]).toContain('--token-file "$AWS_WEB_IDENTITY_TOKEN_FILE"');
  });

  it("where nobody can choose the audience, the one there is is to be registered", async () => {
    const azure = findCi("vercel");
    const claims = azure?.pretend({ project: "acme/web", issuedAt: NOW / 1000 }) ?? {};
    const error = await refusal({ ...azure?.jobEnvironment(claims, jwt(claims)) }, "sts.amazonaws.com");
    expect(error.hints).toEqual([
      "Vercel lets nobody choose the audience: register https://vercel.com/acme with the IAM provider, and drop --audience",
    ]);
  });

  it("every CI that can be recognised has such a hint", () => {
    const told = NO_TOKEN.map(([id]) => id);
    expect(CIS.map(({ id }) => id).filter((id) => id !== "custom" && !told.includes(id))).toEqual([]);
  });
});
