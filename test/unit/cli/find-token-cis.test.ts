import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { CIS, findCi } from "../../../src/ci/index.ts";
import { findToken, type FoundToken } from "../../../src/cli/find-token.ts";
import { isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import type { Partition } from "../../../src/core/arn.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { onTestFinished } from "vitest";
import { jwt } from "../core/example.ts";
import { fakeIo, NOW } from "./fake-io.ts";

type Env = Readonly<Record<string, string>>;

function find(env: Env, audience?: string, partition?: Partition): Promise<FoundToken> {
  const rest = { help: false, verbose: false, quiet: false, "no-color": false };
  return findToken({ "token-env": undefined, "token-file": undefined, audience, ...rest }, fakeIo(env), partition);
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
    expect(error).toMatchObject({ code: "no-token", hints: expect.arrayContaining(["  id-token: write"]) as string[] });
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

const NO_TOKEN: readonly (readonly [ci: string, env: Env, hint: string])[] = [
  ["gitlab", { GITLAB_CI: "true" }, "id_tokens:"],
  ["github", { GITHUB_ACTIONS: "true" }, "  id-token: write"],
  ["forgejo", { GITHUB_ACTIONS: "true", FORGEJO_ACTIONS: "true" }, "enable-openid-connect: true"],
  ["circleci", { CIRCLECI: "true" }, "Pass secrets to builds from forked pull requests"],
  ["jenkins", { JENKINS_URL: "https://j/", BUILD_ID: "1" }, "AWS_WEB_IDENTITY_TOKEN_FILE = credentials("],
  ["bitbucket", { BITBUCKET_BUILD_NUMBER: "1" }, "oidc: true"],
  ["buildkite", { BUILDKITE: "true" }, "buildkite-agent"],
];

describe("without an ID token", () => {
  it.each(NO_TOKEN)("a job of %s is told what to add", async (_, env, hint) => {
    const error = await refusal({ ...env, PATH: "/nowhere" });
    expect(error.code).toBe("no-token");
    expect(error.hints.join("\n")).toContain(hint);
  });

  it("every CI that can be recognised has such a hint", () => {
    const told = NO_TOKEN.map(([id]) => id);
    expect(CIS.map(({ id }) => id).filter((id) => id !== "custom" && !told.includes(id))).toEqual([]);
  });
});
