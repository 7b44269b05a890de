import type { Account, AccountRole } from "../../../src/console/model/account.ts";
import { EXAMPLE_AUDIENCE, exampleCalls, type IamCall } from "../../../src/console/model/iam-call.ts";

export const ACCOUNT_ID = "123456789012";
export const GITLAB = `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/gitlab.com`;
export const GITHUB = `arn:aws:iam::${ACCOUNT_ID}:oidc-provider/token.actions.githubusercontent.com`;

/** A role of this name that trusts one provider on these conditions. */
export function roleOf(
  name: string,
  provider: string,
  condition: object,
  more: Partial<AccountRole> = {},
): AccountRole {
  const statement = {
    Effect: "Allow",
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: condition,
  };
  return {
    arn: `arn:aws:iam::${ACCOUNT_ID}:role/${name}`,
    name,
    description: null,
    maxSessionDuration: 3600,
    trust: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    inline: {},
    attached: [],
    boundary: null,
    created: 0,
    ...more,
  };
}

function parameter(call: IamCall | undefined, name: string): string {
  const value = call?.parameters[name];
  if (typeof value !== "string") throw new Error(`the example has no ${name}`);
  return value;
}

/** The account of the example, with these roles beside its own. */
export function exampleAccount(roles: readonly AccountRole[] = []): Account {
  const [, createRole, putPolicy] = exampleCalls(ACCOUNT_ID);
  const example: AccountRole = {
    ...roleOf("shop-deploy", GITLAB, {}),
    trust: parameter(createRole, "AssumeRolePolicyDocument"),
    inline: { s3: parameter(putPolicy, "PolicyDocument") },
  };
  return {
    account: ACCOUNT_ID,
    stsTexts: "2026",
    now: 0,
    issuers: [{ issuer: "https://gitlab.com", name: "gitlab" }],
    providers: [{ arn: GITLAB, url: "gitlab.com", audiences: [EXAMPLE_AUDIENCE], created: 0 }],
    roles: [example, ...roles],
  };
}
