import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/account/config.ts";
import { desiredState } from "../../../src/account/desired.ts";
import { configOfRoles } from "../../../src/cli/audit-config-file.ts";
import type { LintRole } from "../../../src/core/lint/finding.ts";
import { rolesOfAccount } from "../../../src/doctor/lint-account.ts";

const GITHUB = "token.actions.githubusercontent.com";
const ACCOUNT = "123456789012";
const CONTEXT = { providers: [], allProviders: false, now: Date.parse("2026-11-25T00:00:00Z") };

function roleOf(condition: object, more: object = {}, url = GITHUB): LintRole {
  const Principal = { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${url}` };
  const statement = { Effect: "Allow", Principal, Action: "sts:AssumeRoleWithWebIdentity", Condition: condition };
  const detail = {
    RoleName: "deploy",
    Arn: `arn:aws:iam::${ACCOUNT}:role/deploy`,
    AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [statement] },
    RolePolicyList: [
      { PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:Get*", Resource: "*" }] } },
    ],
    AttachedManagedPolicies: [{ PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }],
    ...more,
  };
  const [reading] = rolesOfAccount({ RoleDetailList: [detail], Policies: [] } as never, "account");
  if (reading?.kind !== "role") throw new Error("no role");
  return reading.role;
}

const AUD = { [`${GITHUB}:aud`]: "sts.amazonaws.com" };
const gitlab = (sub: string): object => ({
  StringEquals: { "gitlab.com:aud": "https://shop.test", "gitlab.com:sub": sub },
});

describe("a role of an account becomes an entry of rolecall.yaml", () => {
  it.each<readonly [string, LintRole, readonly object[]]>([
    [
      "GitLab",
      roleOf(gitlab("project_path:acme/shop:ref_type:branch:ref:main"), {}, "gitlab.com"),
      [{ project: "acme/shop", branch: "main" }],
    ],
    [
      "GitHub",
      roleOf({ StringEquals: { ...AUD, [`${GITHUB}:sub`]: "repo:acme/shop:environment:prod" } }),
      [{ project: "acme/shop", environment: "prod" }],
    ],
    [
      "GitHub, exact subjects under StringLike",
      roleOf({
        StringEquals: AUD,
        StringLike: { [`${GITHUB}:sub`]: ["repo:acme/shop:ref:refs/heads/main", "repo:acme/shop:ref:refs/tags/v*"] },
      }),
      [
        { project: "acme/shop", branch: "main" },
        { project: "acme/shop", tag: "v*" },
      ],
    ],
  ])("of %s", (_, role, allow) => {
    const text = configOfRoles([role], CONTEXT) ?? "";
    const config = parseConfig(text, "rolecall.yaml");
    expect(config.roles[0]?.allow).toMatchObject(allow);
    const [made] = desiredState(config, { account: ACCOUNT, partition: "aws" }).roles;
    // What apply would take away if it were not in the file.
    expect(made?.managedPolicies).toEqual(["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    expect(Object.values(made?.inlinePolicies ?? {})).toMatchObject([{ Statement: [{ Action: "s3:Get*" }] }]);
  });

  it.each<readonly [string, LintRole]>([
    [
      "a condition that rolecall.yaml has no word for",
      roleOf({
        StringEquals: { ...AUD, [`${GITHUB}:sub`]: "repo:acme/shop:environment:prod", [`${GITHUB}:actor`]: "x" },
      }),
    ],
    [
      "a boundary whose ARN is not read",
      roleOf(
        { StringEquals: { ...AUD, [`${GITHUB}:sub`]: "repo:acme/shop:environment:prod" } },
        { PermissionsBoundary: { PermissionsBoundaryArn: `arn:aws:iam::${ACCOUNT}:policy/b` } },
      ),
    ],
    [
      "a set operator",
      roleOf({
        StringEquals: AUD,
        "ForAnyValue:StringEquals": { [`${GITHUB}:sub`]: "repo:acme/shop:environment:prod" },
      }),
    ],
    ["no audience", roleOf({ StringEquals: { [`${GITHUB}:sub`]: "repo:acme/shop:environment:prod" } })],
  ])("but not with %s", (_, role) => {
    expect(configOfRoles([role], CONTEXT)).toBeNull();
  });
});
