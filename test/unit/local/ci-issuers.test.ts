import { createRemoteJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";

import { apply } from "../../../src/account/apply.ts";
import { parseConfig } from "../../../src/account/config.ts";
import { desiredState } from "../../../src/account/desired.ts";
import { CIS } from "../../../src/ci/index.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { LocalCloud } from "../../../src/local/index.ts";
import { connectIam } from "../../../src/wire/aws-sdk.ts";
import { exchange, type Reply, send, startCloud } from "./support.ts";

const JSON_TYPE = { "content-type": "application/json" };

function postJson(endpoint: string, path: string, body: unknown): Promise<Reply> {
  return send(endpoint, { method: "POST", path, headers: JSON_TYPE, body: JSON.stringify(body) });
}

/** GitHub's protocol, as a client of a job speaks it. */
async function ask(
  url: string,
  bearer: string,
  audience?: string,
): Promise<{ status: number; value: string; count: number }> {
  const whole = audience === undefined ? url : `${url}&audience=${encodeURIComponent(audience)}`;
  const response = await fetch(whole, { headers: { authorization: `Bearer ${bearer}`, accept: "application/json" } });
  return { value: "", count: 0, ...((await response.json()) as object), status: response.status };
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
}

describe.each(CIS.map(({ id }) => [id]))("the issuer of %s", (id) => {
  it("has documents by which any verifier takes its tokens", async () => {
    const cloud = await startCloud();
    const { token, claims } = await cloud.mint({ ci: id, project: "acme/shop", audience: "a" });
    const { issuer = "", discovery = "", jwks = "" } = cloud.issuers[id] ?? {};
    expect(await (await fetch(discovery)).json()).toMatchObject({ issuer, jwks_uri: jwks });
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks)), { issuer, audience: "a" });
    expect(payload).toEqual(claims);
  });
});

describe("the token request endpoint of GitHub", () => {
  async function github(cloud: LocalCloud): Promise<{ url: string; bearer: string }> {
    const { tokenUrl: url = "", tokenBearer: bearer = "" } = cloud.issuers["github"] ?? {};
    return Promise.resolve({ url, bearer });
  }

  it("gives a token for the audience in the query, as value, beside a count", async () => {
    const cloud = await startCloud();
    const { url, bearer } = await github(cloud);
    expect(url).toContain("?");
    const { status, value, count } = await ask(url, bearer, "sts.amazonaws.com");
    expect({ status, count }).toEqual({ status: 200, count: value.length });
    expect(claimsOf(value)).toMatchObject({ aud: "sts.amazonaws.com", repository: "octo-org/octo-repo" });
  });

  it("gives one for the owner without an audience", async () => {
    const { url, bearer } = await github(await startCloud());
    expect(claimsOf((await ask(url, bearer)).value)["aud"]).toBe("https://github.com/octo-org");
  });

  it("takes the job from the query when it is asked with the cloud's own bearer", async () => {
    const { url, bearer } = await github(await startCloud());
    const { value } = await ask(`${url}&project=acme/shop&event=pull_request`, bearer, "a");
    expect(claimsOf(value)["sub"]).toBe("repo:acme/shop:pull_request");
  });

  it("gives a job the tokens of that job and of no other", async () => {
    const cloud = await startCloud();
    const body = { ci: "github", project: "acme/shop", branch: "main", audience: "x" };
    const minted = JSON.parse((await postJson(cloud.endpoint, "/_rolecall/mint", body)).body) as Record<string, string>;
    const { tokenUrl = "", tokenBearer = "" } = minted;
    const { value } = await ask(
      `${tokenUrl}&project=evil/shop&branch=other&issuer=https://evil.test`,
      tokenBearer,
      "a",
    );
    expect(claimsOf(value)).toMatchObject({
      sub: "repo:acme/shop:ref:refs/heads/main",
      aud: "a",
      iss: "https://token.actions.githubusercontent.com",
    });
  });

  it("refuses every other bearer", async () => {
    const cloud = await startCloud();
    const other = await startCloud();
    const { url, bearer } = await github(cloud);
    const [text = "", signature = ""] = bearer.split(".");
    const forged = Buffer.from('{"ci":"github","project":"a/b"}').toString("base64url");
    const wrong = [
      "",
      "x",
      text,
      `${text}.`,
      `.${signature}`,
      `${forged}.${signature}`,
      `${bearer}x`,
      bearer.slice(0, -2),
    ];
    for (const one of [...wrong, (await github(other)).bearer])
      expect(await ask(url, one)).toMatchObject({ status: 401 });
    expect((await fetch(url)).status).toBe(401);
  });
});

describe("a key that is changed", () => {
  it("signs from then on, and the old one may stay published", async () => {
    const cloud = await startCloud();
    const mint = async (): Promise<string> => (await cloud.mint({ ci: "github", project: "a/b" })).token;
    const keys = createKeys(cloud);
    const old = await mint();
    expect(await postJson(cloud.endpoint, "/_rolecall/rotate", { ci: "github" })).toMatchObject({ status: 200 });
    await expect(jwtVerify(old, keys())).resolves.toBeDefined();
    await expect(jwtVerify(await mint(), keys())).resolves.toBeDefined();
    await postJson(cloud.endpoint, "/_rolecall/rotate", { ci: "github", keep: false });
    await expect(jwtVerify(old, keys())).rejects.toThrow(/no applicable key/);
    await expect(jwtVerify(await mint(), keys())).resolves.toBeDefined();
  });

  it.each([{}, { ci: "gitlub" }, { ci: "github", keep: "no" }, { issuer: "github" }, []])(
    "is not by %j",
    async (body) => {
      const { endpoint } = await startCloud();
      expect(await postJson(endpoint, "/_rolecall/rotate", body)).toMatchObject({ status: 400 });
    },
  );

  function createKeys(cloud: LocalCloud): () => ReturnType<typeof createRemoteJWKSet> {
    return () => createRemoteJWKSet(new URL(cloud.issuers["github"]?.jwks ?? ""));
  }
});

describe("a request for a token", () => {
  it.each<[string, object, string]>([
    ["without an audience of a CI that gives none", { ci: "jenkins", project: "a" }, "audience: expected text"],
    ["with an event that is no text", { ci: "github", project: "a/b", event: 1 }, "event: expected text"],
    ["with immutable as text", { ci: "github", project: "a/b", immutable: "yes" }, "immutable: expected true or false"],
    [
      "with flags that are no texts",
      { ci: "buildkite", project: "a/b", flags: { claim: 1 } },
      "flags: expected an object",
    ],
  ])("is refused %s", async (_, body, message) => {
    const { endpoint } = await startCloud();
    const reply = await postJson(endpoint, "/_rolecall/mint", body);
    expect(reply).toMatchObject({ status: 400, body: expect.stringContaining(message) as string });
  });
});

const CIRCLECI = "cccccccc-1111-4222-8333-dddddddddddd/github.com/my-org/my-repo";
const BITBUCKET = "{aaaaaaaa-2222-4333-8444-555555555555}";

/** CI, what its role allows, the job that is meant, and a neighbour. */
const ROLES: readonly (readonly [ci: string, allow: string, job: object, neighbour: object])[] = [
  ["gitlab", "project: acme/shop, branch: main", { project: "acme/shop" }, { project: "acme/shop", branch: "dev" }],
  [
    "github",
    "project: octo/repo, branch: main",
    { project: "octo/repo" },
    { project: "octo/repo", event: "pull_request" },
  ],
  [
    "github",
    "project: octo/repo, environment: prod",
    { project: "octo/repo", environment: "prod" },
    { project: "octo/repo" },
  ],
  [
    "github",
    "project: octo/repo, pull_requests: true",
    { project: "octo/repo", event: "pull_request" },
    { project: "octo/repo" },
  ],
  [
    "github",
    "project: octo@1/repo@2, tag: v*",
    { project: "octo@1/repo@2", tag: "v1" },
    { project: "octo/repo", tag: "v1" },
  ],
  ["circleci", `project: ${CIRCLECI}, branch: main`, { project: CIRCLECI }, { project: CIRCLECI, branch: "dev" }],
  ["jenkins", "project: deploy/shop", { project: "deploy/shop" }, { project: "deploy/shop/x" }],
  ["bitbucket", `project: "${BITBUCKET}"`, { project: BITBUCKET }, { project: "other" }],
  ["buildkite", "project: acme/shop, branch: main", { project: "acme/shop" }, { project: "acme/shop", tag: "main" }],
  ["forgejo", "project: acme/shop, tag: v*", { project: "acme/shop", tag: "v1" }, { project: "acme/shop" }],
  ["azure", "project: acme/shop/deploy", { project: "acme/shop/deploy" }, { project: "acme/shop/other" }],
  [
    "azure",
    "project: acme/shop, service_connection: aws",
    { project: "acme/shop", environment: "aws" },
    { project: "acme/shop/aws" },
  ],
  ["semaphore", "project: acme/web, branch: main", { project: "acme/web" }, { project: "acme/web2" }],
  ["codefresh", "project: a/p, branch: main", { project: "a/p" }, { project: "a/p", event: "pull_request" }],
  [
    "spacelift",
    "project: production/infra, access: write",
    { project: "production/infra" },
    { project: "production/infra", event: "PROPOSED" },
  ],
  [
    "terraform",
    "project: acme/shop, run_phase: apply",
    { project: "acme/shop" },
    { project: "acme/shop", environment: "plan" },
  ],
  [
    "vercel",
    "project: acme/web, environment: production",
    { project: "acme/web" },
    { project: "acme/web", environment: "preview" },
  ],
  ["fly", "project: acme/shop", { project: "acme/shop" }, { project: "acme/shop2" }],
  ["eks", "project: ci/runner", { project: "ci/runner" }, { project: "prod/runner" }],
  ["kubernetes", "service_account: ci/runner", { project: "ci/runner" }, { project: "ci/runner2" }],
  ["custom", "project: build-7", { project: "build-7" }, { project: "build-77" }],
];

describe("a role of rolecall.yaml", () => {
  it.each(ROLES)(
    "of %s that allows %s is for that job and not for its neighbour",
    async (ci, allow, job, neighbour) => {
      const cloud = await startCloud();
      await provision(cloud, ci, allow);
      const assume = async (given: object): Promise<Reply> => {
        const request = { ci, audience: "sts.amazonaws.com", project: "", ...given };
        return exchange(cloud, (await cloud.mint(request)).token);
      };
      expect(await assume(job)).toMatchObject({ status: 200, code: null });
      expect(await assume(neighbour)).toMatchObject({ code: "AccessDenied" });
    },
  );
});

async function provision(cloud: LocalCloud, ci: string, allow: string): Promise<void> {
  const issuer = CIS.find(({ id }) => id === ci)?.pretendedIssuer ?? "";
  const text = [
    "version: 1",
    "roles:",
    "  deploy:",
    `    ci: ${ci}`,
    `    issuer: ${issuer}`,
    "    audience: sts.amazonaws.com",
    "    allow:",
    `      - { ${allow} }`,
  ].join("\n");
  const credentials = {
    accessKeyId: cloud.admin.accessKeyId,
    secretAccessKey: new Secret(cloud.admin.secretAccessKey),
  };
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  await apply(iam, desiredState(parseConfig(text, "rolecall.yaml"), { account: cloud.account, partition: "aws" }));
}
