import { gitlab } from "../../ci/gitlab.ts";
import { readRoleArn } from "../../core/arn.ts";
import type { Json } from "../../core/token.ts";
import type { Change } from "../../doctor/change.ts";

/** A call of IAM that the console may make in the local account. */
export interface IamCall {
  readonly action: string;
  readonly parameters: { readonly [name: string]: Json };
}

/** The change that mends a refusal as the call that makes it; null for what is not the account's to change. */
export function callOf(change: Change, roleArn: string): IamCall | null {
  if (change.kind === "provider-audience") {
    const parameters = { OpenIDConnectProviderArn: change.provider, ClientID: change.audience };
    return { action: "AddClientIDToOpenIDConnectProvider", parameters };
  }
  if (change.kind === "new-provider") {
    return {
      action: "CreateOpenIDConnectProvider",
      parameters: { Url: change.url, ClientIDList: [change.audience] },
    };
  }
  if (change.kind !== "trust-policy") return null;
  return {
    action: "UpdateAssumeRolePolicy",
    parameters: { RoleName: readRoleArn(roleArn)?.name ?? "", PolicyDocument: JSON.stringify(change.policy) },
  };
}

const ISSUER = "https://gitlab.com";
/** The audience of the example: any text will do, and one of its own keeps roles apart. */
export const EXAMPLE_AUDIENCE = "https://shop-deploy.test";
export const EXAMPLE_ROLE = "shop-deploy";
const PROJECT = "acme/shop";

/** GitLab to S3: a provider, a role that the branch main may have, and leave to read one bucket. */
export function exampleCalls(account: string): readonly IamCall[] {
  const provider = `arn:aws:iam::${account}:oidc-provider/gitlab.com`;
  const conditions = gitlab.conditions(ISSUER, { project: PROJECT, branch: "main" });
  const trust = {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: provider },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            "gitlab.com:aud": EXAMPLE_AUDIENCE,
            ...Object.fromEntries(conditions.map(({ key, values }) => [key, values[0] ?? ""])),
          },
        },
      },
    ],
  };
  const permissions = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::acme-shop" },
      { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::acme-shop/*" },
    ],
  };
  return [
    {
      action: "CreateOpenIDConnectProvider",
      parameters: { Url: ISSUER, ClientIDList: [EXAMPLE_AUDIENCE] },
    },
    {
      action: "CreateRole",
      parameters: {
        RoleName: EXAMPLE_ROLE,
        Description: "The example of the console: GitLab to S3",
        AssumeRolePolicyDocument: JSON.stringify(trust),
      },
    },
    {
      action: "PutRolePolicy",
      parameters: { RoleName: EXAMPLE_ROLE, PolicyName: "s3", PolicyDocument: JSON.stringify(permissions) },
    },
  ];
}
