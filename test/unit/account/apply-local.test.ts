import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { apply } from "../../../src/account/apply.ts";
import { parseConfig } from "../../../src/account/config.ts";
import { desiredState } from "../../../src/account/desired.ts";
import { readLive } from "../../../src/account/live.ts";
import { audienceTag } from "../../../src/account/tags.ts";
import { Secret } from "../../../src/core/secret.ts";
import { createLocalCloud, type LocalCloud, type MintRequest } from "../../../src/local/index.ts";
import { type AwsOptions, callerIdentity, connectIam, type Iam } from "../../../src/wire/aws-sdk.ts";
import { EXAMPLE } from "./example.ts";

// The local AWS through the real SDK: signatures, XML and IAM's own checks included.

const ACCOUNT = "210987654321";
const GITLAB = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`;

let cloud: LocalCloud;
let iam: Iam;

beforeAll(async () => {
  cloud = await createLocalCloud({ account: ACCOUNT });
  iam = await connectIam(admin());
});
beforeEach(() => cloud.reset());
afterAll(() => cloud.close());

function admin(): AwsOptions {
  const { accessKeyId, secretAccessKey } = cloud.admin;
  return {
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: new Secret(secretAccessKey) },
  };
}

async function wanted(text: string) {
  const { account, partition } = await callerIdentity(admin());
  return desiredState(parseConfig(text, "rolecall.yaml"), { account, partition });
}

async function done(text = EXAMPLE, options = {}): Promise<string[]> {
  const changes = await apply(iam, await wanted(text), options);
  return changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`);
}

const RICH = `${EXAMPLE}    path: /ci/
    boundary: arn:aws:iam::aws:policy/ReadOnlyAccess
    description: "Deploys the shop, and \\"no more\\""
    tags: { team: shop, cost center: "7" }
    max_session: 2h
  shop-read:
    ci: gitlab
    issuer: https://gitlab.example.com/git
    audience: https://shop-read.test
    allow: [{ project: acme/shop, branch: "feature/*" }, { project: acme/shop, branch: "a\${b}" }]
    permissions:
      - Version: 2012-10-17
        Statement: { Effect: Allow, Action: ["s3:GetObject"], Resource: "arn:aws:s3:::\${aws:PrincipalTag/x}/*" }
`;

/** STS's answer to the example's role: the session's ARN, or the error code. */
async function exchange(job: Partial<MintRequest>): Promise<string> {
  const { token } = await cloud.mint({
    ci: "gitlab",
    project: "acme/shop",
    audience: "https://shop-deploy.test",
    ...job,
  });
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/shop-deploy`,
    RoleSessionName: "test",
    WebIdentityToken: token,
  });
  const answer = await (await fetch(cloud.endpoint, { method: "POST", body })).text();
  return /<(?:Arn|Code)>([^<]+)</.exec(answer)?.[1] ?? answer;
}

describe("apply, against the local AWS", () => {
  it("makes the example's provider and role, and does nothing the second time", async () => {
    expect(await done()).toEqual(["create provider https://gitlab.com", "create role shop-deploy"]);
    expect(await done()).toEqual(["keep provider https://gitlab.com", "keep role shop-deploy"]);
    expect(await iam.getProvider(GITLAB)).toMatchObject({ url: "gitlab.com", audiences: ["https://shop-deploy.test"] });
  });

  it("makes everything that a file can say, and does nothing the second time", async () => {
    expect((await done(RICH)).map((line) => line.split(" ")[0])).toEqual(["create", "create", "create", "create"]);
    expect((await done(RICH)).map((line) => line.split(" ")[0])).toEqual(["keep", "keep", "keep", "keep"]);
    const { roles } = await readLive(iam, await wanted(RICH));
    expect(roles.get("shop-deploy")).toMatchObject({
      path: "/ci/",
      description: 'Deploys the shop, and "no more"',
      boundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
      maxSessionDuration: 7200,
      tags: { team: "shop", "cost center": "7", "rolecall:managed": "rolecall" },
    });
    expect([...(roles.get("shop-read")?.inlinePolicies.keys() ?? [])]).toEqual(["rolecall-1"]);
  });

  it("adds its audience to a provider that is there, and leaves the others", async () => {
    await iam.createProvider({ url: "https://gitlab.com", audiences: ["theirs"], tags: { owner: "them" } });
    expect(await done()).toContain("add-audience provider https://gitlab.com");
    expect(await iam.getProvider(GITLAB)).toMatchObject({
      audiences: ["theirs", "https://shop-deploy.test"],
      tags: { owner: "them", [audienceTag("https://shop-deploy.test")]: "rolecall" },
    });
    expect(await done()).toContain("keep provider https://gitlab.com");
  });

  it("mends what somebody changed, and takes away what somebody added", async () => {
    const without = RICH.replace(/ {4}(boundary|max_session).*\n/g, "");
    await done(RICH);
    await iam.attachPolicy("shop-deploy", "arn:aws:iam::aws:policy/AdministratorAccess");
    await iam.putInlinePolicy(
      "shop-read",
      "more",
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    );
    const lines = await apply(iam, await wanted(without));
    expect(lines.map(({ action, what }) => [action, ...what])).toEqual([
      ["keep"],
      ["keep"],
      [
        "update",
        "without policy arn:aws:iam::aws:policy/AdministratorAccess",
        "maximum session duration",
        "permissions boundary",
      ],
      ["update", "without policy more"],
    ]);
    expect(await iam.attachedPolicies("shop-deploy")).toEqual(["arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"]);
    expect(await iam.getRole("shop-deploy")).toMatchObject({ boundary: null, maxSessionDuration: 3600 });
  });

  it("takes over a role made by hand on demand only", async () => {
    await done();
    const role = await iam.getRole("shop-deploy");
    await cloud.reset();
    await iam.createProvider({ url: "https://gitlab.com", audiences: [], tags: {} });
    await iam.createRole({
      name: "shop-deploy",
      path: "/",
      trust: role?.trust.replaceAll("acme/shop", "acme/other") ?? "",
      maxSessionDuration: 3600,
      description: "by hand",
      boundary: null,
      tags: {},
    });
    await expect(done()).rejects.toThrowWithCode("config", "is there already and not ours");
    expect(await done(EXAMPLE, { adopt: true })).toContain("update role shop-deploy");
    expect((await iam.getRole("shop-deploy"))?.tags).toMatchObject({ "rolecall:adopted": "true" });
    expect(await done()).toContain("keep role shop-deploy");
  });

  it("says which policy is not there, and goes on from there once it is right", async () => {
    const bad = EXAMPLE.replace("iam::aws:policy/AmazonEC2ReadOnlyAccess", `iam::${ACCOUNT}:policy/none`);
    await expect(done(bad)).rejects.toThrowWithCode("config", /^AWS did not take iam:AttachRolePolicy for shop-deploy/);
    expect(await done()).toEqual(["keep provider https://gitlab.com", "update role shop-deploy"]);
  });
});

describe("the example's role, in the local STS", () => {
  beforeEach(async () => void (await done()));

  it.each<[string, Partial<MintRequest>]>([
    ["the branch main", { branch: "main" }],
    ["the tag v1.0", { tag: "v1.0" }],
  ])("is given to %s", async (_, job) => {
    expect(await exchange(job)).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/shop-deploy/test`);
  });

  it.each<[string, Partial<MintRequest>, string]>([
    ["the branch dev", { branch: "dev" }, "AccessDenied"],
    ["a branch named like the tags", { branch: "v1.0" }, "AccessDenied"],
    ["another project", { project: "acme/tool", branch: "main" }, "AccessDenied"],
    ["another audience", { branch: "main", audience: "https://other.test" }, "InvalidIdentityToken"],
  ])("is not given to %s", async (_, job, code) => {
    expect(await exchange(job)).toBe(code);
  });
});
