import {
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { forgejo } from "../../src/ci/forgejo.ts";
import type { Json } from "../../src/core/token.ts";
import { createLocalCloud, type LocalCloud, type LocalCloudOptions } from "../../src/local/index.ts";
import { REPOSITORY } from "./action-step.ts";

const FORGEJO = forgejo.pretendedIssuer.replace(/^https:\/\//, "");
const ISSUER = "token.actions.githubusercontent.com";

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ActionCloud {
  readonly cloud: LocalCloud;
  /** Keys of a user who may take roles, and nothing else. */
  readonly user: Keys;
  readonly arn: (role: string) => string;
}

/** Roles: `deploy` for the job's token, `forge` for one of Forgejo; for keys `target`, `external`, `untagged`; `closed` for nobody. */
export async function startActionCloud(options: LocalCloudOptions = {}): Promise<ActionCloud> {
  const cloud = await createLocalCloud(options);
  const { account, admin, endpoint } = cloud;
  const iam = new IAMClient({ endpoint, region: "us-east-1", credentials: { ...admin } });
  await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: `https://${ISSUER}`,
      ClientIDList: ["sts.amazonaws.com", "https://shop.test"],
    }),
  );
  await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: `https://${FORGEJO}`, ClientIDList: ["sts.amazonaws.com"] }),
  );
  await iam.send(new CreateUserCommand({ UserName: "ci" }));
  const everyRole = policy([{ Effect: "Allow", Action: ["sts:AssumeRole", "sts:TagSession"], Resource: "*" }]);
  await iam.send(new PutUserPolicyCommand({ UserName: "ci", PolicyName: "p", PolicyDocument: everyRole }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ci" }));
  const trusts: Readonly<Record<string, Json>> = {
    deploy: {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${ISSUER}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${ISSUER}:sub`]: `repo:${REPOSITORY}:ref:refs/heads/main` } },
    },
    forge: {
      Effect: "Allow",
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${FORGEJO}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [`${FORGEJO}:aud`]: "sts.amazonaws.com" } },
    },
    target: { Effect: "Allow", Principal: { AWS: account }, Action: ["sts:AssumeRole", "sts:TagSession"] },
    untagged: { Effect: "Allow", Principal: { AWS: account }, Action: "sts:AssumeRole" },
    external: {
      Effect: "Allow",
      Principal: { AWS: account },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: { StringEquals: { "sts:ExternalId": "shop-17" } },
    },
    closed: { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
  };
  for (const [RoleName, statement] of Object.entries(trusts)) {
    await iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy([statement]), MaxSessionDuration: 7200 }),
    );
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument: everyRole }));
  }
  return {
    cloud,
    user: { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" },
    arn: (role) => `arn:aws:iam::${account}:role/${role}`,
  };
}

function policy(statements: readonly Json[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
