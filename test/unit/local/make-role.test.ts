import { GetRoleCommand, IAMClient, ListRolesCommand, ListRoleTagsCommand } from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";

let cloud: LocalCloud;

beforeEach(async () => {
  cloud = await createLocalCloud();
});

afterEach(async () => {
  vi.useRealTimers();
  await cloud.close();
});

/** A trust policy for one branch of acme/shop on GitLab. */
function trustOf(provider: string, branch: string) {
  const sub = `project_path:acme/shop:ref_type:branch:ref:${branch}`;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: provider },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { "gitlab.com:aud": "shop", "gitlab.com:sub": sub } },
      },
    ],
  };
}

async function shopRole(): Promise<string> {
  const provider = await cloud.createProvider({ url: "https://gitlab.com", audiences: ["shop"] });
  return cloud.createRole({ name: "shop", trustPolicy: trustOf(provider, "main") });
}

async function assume(role: string, token: string) {
  const sts = new STSClient({ endpoint: cloud.endpoint, region: "us-east-1" });
  const call = { RoleArn: role, RoleSessionName: "ci", WebIdentityToken: token };
  return sts.send(new AssumeRoleWithWebIdentityCommand(call));
}

const JOB = { ci: "gitlab", project: "acme/shop", audience: "shop" };

describe("a role made without a client", () => {
  test("is given to the job that it trusts, and to no other", async () => {
    const role = await shopRole();
    const { token } = await cloud.mint({ ...JOB, branch: "main" });
    const { token: other } = await cloud.mint({ ...JOB, branch: "dev" });
    const { AssumedRoleUser } = await assume(role, token);
    expect(AssumedRoleUser?.Arn).toBe("arn:aws:sts::123456789012:assumed-role/shop/ci");
    await expect(assume(role, other)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("has what it was given, as IAM tells it", async () => {
    await cloud.createRole({
      name: "shop",
      trustPolicy: JSON.stringify(trustOf("arn:aws:iam::123456789012:oidc-provider/gitlab.com", "main")),
      path: "/ci/",
      maxSessionDuration: 7200,
      managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      tags: { team: "shop" },
    });
    const iam = new IAMClient(cloud.client);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "shop" }));
    expect(Role).toMatchObject({ Arn: "arn:aws:iam::123456789012:role/ci/shop", MaxSessionDuration: 7200 });
    const { Tags } = await iam.send(new ListRoleTagsCommand({ RoleName: "shop" }));
    expect(Tags).toEqual([{ Key: "team", Value: "shop" }]);
  });

  test("is not there when one of its policies is refused, in IAM's words", async () => {
    const provider = await cloud.createProvider({ url: "https://gitlab.com", audiences: ["shop"] });
    const made = cloud.createRole({
      name: "shop",
      trustPolicy: trustOf(provider, "main"),
      policies: { broken: { Version: "2012-10-17" } },
    });
    await expect(made).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/^PutRolePolicy: MalformedPolicyDocument: ./) as string,
    });
    const { Roles } = await new IAMClient(cloud.client).send(new ListRolesCommand({}));
    expect(Roles).toEqual([]);
  });

  test("is refused where IAM would refuse it", async () => {
    await shopRole();
    await expect(shopRole()).rejects.toThrow("CreateOpenIDConnectProvider: EntityAlreadyExists");
    const trustPolicy = { Version: "2012-10-17", Statement: [] };
    await expect(cloud.createRole({ name: "a b", trustPolicy })).rejects.toThrow("CreateRole: ValidationError");
  });

  test("is not yet seen by STS while propagation lasts", async () => {
    cloud.setWeather({ propagation: "1h" });
    const role = await shopRole();
    const { token } = await cloud.mint({ ...JOB, branch: "main" });
    await expect(assume(role, token)).rejects.toMatchObject({ name: "AccessDenied" });
  });
});

describe("the clock of a cloud", () => {
  test("is that of a test which fakes Date after the cloud was made", async () => {
    const role = await shopRole();
    const { token } = await cloud.mint({ ...JOB, branch: "main", expiresIn: 60 });
    await assume(role, token);
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 3_600_000);
    await expect(assume(role, token)).rejects.toMatchObject({ name: "ExpiredTokenException" });
  });
});

test("a cloud closes at the end of its block, and closing again is no mistake", async () => {
  let endpoint = "";
  {
    await using mine = await createLocalCloud();
    ({ endpoint } = mine);
    await mine.close();
  }
  await expect(fetch(endpoint)).rejects.toThrow("fetch failed");
});
