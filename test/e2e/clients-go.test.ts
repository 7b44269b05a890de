import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileGo, findGo } from "../support/clients-go.ts";
import { type Clients, type HandOver, HAND_OVERS, SESSION, startClients } from "../support/clients-job.ts";
import { tempDir } from "../support/temp-dir.ts";
import { AUDIENCE, HERE, roleArn } from "./support.ts";

/** Milliseconds: to compile an SDK for the first time, and for several clients one after the other. */
const COMPILING = 600_000;
const LONG = 120_000;

/** What each SDK calls the place that it took the credentials from. */
const SOURCES: Readonly<Record<"v1" | "v2", Readonly<Record<HandOver, string>>>> = {
  v1: {
    exec: "EnvConfigCredentials",
    "exec --renew": "CredentialsEndpointProvider",
    "login's profile": "ProcessProvider",
    "the token's own file": "WebIdentityCredentials",
  },
  v2: {
    exec: "EnvConfigCredentials",
    "exec --renew": "CredentialsEndpointProvider",
    "login's profile": "ProcessProvider",
    "the token's own file": "WebIdentityCredentials",
  },
};

describe.each([
  ["v1", findGo("aws-sdk-go")],
  ["v2", findGo("aws-sdk-go-v2")],
] as const)("the AWS SDK for Go %s", (version, go) => {
  let folder = "";
  let program = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "rolecall-go-"));
    if (go !== null) program = await compileGo(go, join(HERE, "clients", `go-${version}`), folder);
  }, COMPILING);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.runIf(go)("is the role in a GitLab job, however its credentials come", { timeout: LONG }, async () => {
    const { job } = await startClients();
    for (const how of Object.keys(HAND_OVERS) as HandOver[]) {
      const { stdout } = await job(how, [program, "identity"]);
      expect(JSON.parse(stdout), how).toMatchObject({
        arn: expect.stringMatching(SESSION) as string,
        source: SOURCES[version][how],
      });
    }
  });

  it.runIf(go)("tries again what the weather refuses", { timeout: LONG }, async () => {
    const { cloud, admin } = await startClients();
    for (const weather of [{ throttle: 2 }, { throttle: 0, error: 2 }]) {
      cloud.setWeather(weather);
      const { stdout } = await admin([program, "weather"]);
      // Every second call is struck: the first gets through, and each of the others needs a second try.
      expect(JSON.parse(stdout)).toEqual({ tries: [1, 2, 2, 2] });
    }
  });

  it.runIf(go && version === "v1")("administers IAM: waiters, pages, error codes", { timeout: LONG }, async () => {
    expect(await account(await startClients())).toEqual({
      pages: 3,
      names: [0, 1, 2, 3, 4].map((at) => `page-${at}`),
      errors: {
        missing: "NoSuchEntity 404",
        twice: "EntityAlreadyExists 409",
        malformed: "MalformedPolicyDocument 400",
      },
    });
  });

  it.runIf(go && version === "v2")(
    "administers IAM: waiters, pages, times, typed errors",
    { timeout: LONG },
    async () => {
      const told = (await account(await startClients())) as { age: number; document: string };
      expect(told).toMatchObject({
        provider: { url: "token.actions.githubusercontent.com", audiences: ["sts.amazonaws.com"] },
        pages: 3,
        roles: [0, 1, 2, 3, 4, 5, 6].map((at) => `page-${at}`),
        tags: "web shop+1",
        late: true,
        errors: {
          missing: { go: "*types.NoSuchEntityException", code: "NoSuchEntity", fault: "client" },
          twice: { go: "*types.EntityAlreadyExistsException" },
          malformed: { go: "*types.MalformedPolicyDocumentException" },
          busy: { go: "*types.DeleteConflictException" },
          invalid: { go: "*smithy.GenericAPIError", code: "ValidationError" },
          report: { go: "*types.CredentialReportNotPresentException" },
        },
      });
      expect(Math.abs(told.age)).toBeLessThan(60);
      expect(decodeURIComponent(told.document)).toContain('"ü%&=<>"');
    },
  );

  it.runIf(go && version === "v2")("types the refusals of STS", { timeout: LONG }, async () => {
    const { cloud, admin } = await startClients();
    const refusal = async (job: { branch?: string; audience?: string; expiresIn?: number }): Promise<unknown> => {
      const claims = { ci: "gitlab", project: "acme/shop", branch: "main", audience: AUDIENCE, ...job } as const;
      const file = join(tempDir(), "token");
      writeFileSync(file, (await cloud.mint(claims)).token, { mode: 0o600 });
      // The role is the program's own argument: with keys in the environment no SDK assumes it by itself.
      const { stdout } = await admin([program, "refusal", file], { AWS_ROLE_ARN: roleArn(cloud) });
      return JSON.parse(stdout);
    };
    expect(await refusal({ branch: "dev" })).toMatchObject({
      go: "*smithy.GenericAPIError",
      code: "AccessDenied",
      message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    });
    expect(await refusal({ audience: "https://other.test" })).toMatchObject({ invalid: true });
    expect(await refusal({ expiresIn: -600 })).toMatchObject({ expired: true });
  });

  async function account({ admin }: Clients): Promise<unknown> {
    const { stdout } = await admin([program, "account"]);
    return JSON.parse(stdout);
  }
});
