import type * as IamSdk from "@aws-sdk/client-iam";

import { call } from "./call.ts";
import { collect, decodeDocument, type Sdk } from "./read.ts";

/** A policy that gives a user permissions. */
export interface UserPolicy {
  /** Where it comes from: `inline policy deploy`, `arn:aws:iam::aws:policy/…`, `group ops: inline policy s3`. */
  readonly from: string;
  /** JSON. */
  readonly document: string;
}

export interface UserPermissions {
  readonly arn: string;
  readonly policies: readonly UserPolicy[];
  readonly boundary: UserPolicy | null;
}

export interface PermissionCalls {
  /** A user's policies, inline and attached, its own and its groups'. */
  userPermissions(user: string): Promise<UserPermissions>;
}

type Client = IamSdk.IAMClient;

export function permissionCalls(sdk: Sdk, client: Client): PermissionCalls {
  return {
    async userPermissions(user) {
      const answer = await call("iam:GetUser", user, () => client.send(new sdk.GetUserCommand({ UserName: user })));
      const boundary = answer.User?.PermissionsBoundary?.PermissionsBoundaryArn;
      const groups = await call("iam:ListGroupsForUser", user, () =>
        collect(sdk.paginateListGroupsForUser({ client }, { UserName: user }), ({ Groups = [] }) =>
          Groups.map(({ GroupName = "" }) => GroupName),
        ),
      );
      const own = await holderPolicies(sdk, client, ofUser(sdk, client, user));
      const shared: UserPolicy[] = [];
      for (const group of groups) {
        const policies = await holderPolicies(sdk, client, ofGroup(sdk, client, group));
        shared.push(...policies.map(({ from, document }) => ({ from: `group ${group}: ${from}`, document })));
      }
      return {
        arn: answer.User?.Arn ?? "",
        policies: [...own, ...shared],
        boundary: boundary === undefined ? null : await managedPolicy(sdk, client, boundary),
      };
    },
  };
}

/** Where the policies of a user or group are read. */
interface Holder {
  readonly name: string;
  readonly inline: () => Promise<readonly string[]>;
  readonly document: (policy: string) => Promise<string | undefined>;
  readonly attached: () => Promise<readonly string[]>;
}

async function holderPolicies(sdk: Sdk, client: Client, holder: Holder): Promise<readonly UserPolicy[]> {
  const policies: UserPolicy[] = [];
  for (const name of await call("iam:ListPolicies", holder.name, holder.inline)) {
    const document = await call("iam:GetPolicy", `${holder.name}/${name}`, () => holder.document(name));
    policies.push({ from: `inline policy ${name}`, document: decodeDocument(document) });
  }
  for (const arn of await call("iam:ListAttachedPolicies", holder.name, holder.attached))
    policies.push(await managedPolicy(sdk, client, arn));
  return policies;
}

async function managedPolicy(sdk: Sdk, client: Client, arn: string): Promise<UserPolicy> {
  return await call("iam:GetPolicyVersion", arn, async () => {
    const { Policy } = await client.send(new sdk.GetPolicyCommand({ PolicyArn: arn }));
    const version = { PolicyArn: arn, VersionId: Policy?.DefaultVersionId ?? "v1" };
    const { PolicyVersion } = await client.send(new sdk.GetPolicyVersionCommand(version));
    return { from: arn, document: decodeDocument(PolicyVersion?.Document) };
  });
}

const arns = (policies: readonly IamSdk.AttachedPolicy[] = []): readonly string[] =>
  policies.map(({ PolicyArn = "" }) => PolicyArn);

function ofUser(sdk: Sdk, client: Client, name: string): Holder {
  const UserName = name;
  return {
    name: `user ${name}`,
    inline: () =>
      collect(sdk.paginateListUserPolicies({ client }, { UserName }), ({ PolicyNames = [] }) => PolicyNames),
    document: async (PolicyName) =>
      (await client.send(new sdk.GetUserPolicyCommand({ UserName, PolicyName }))).PolicyDocument,
    attached: () =>
      collect(sdk.paginateListAttachedUserPolicies({ client }, { UserName }), (page) => arns(page.AttachedPolicies)),
  };
}

function ofGroup(sdk: Sdk, client: Client, name: string): Holder {
  const GroupName = name;
  return {
    name: `group ${name}`,
    inline: () =>
      collect(sdk.paginateListGroupPolicies({ client }, { GroupName }), ({ PolicyNames = [] }) => PolicyNames),
    document: async (PolicyName) =>
      (await client.send(new sdk.GetGroupPolicyCommand({ GroupName, PolicyName }))).PolicyDocument,
    attached: () =>
      collect(sdk.paginateListAttachedGroupPolicies({ client }, { GroupName }), (page) => arns(page.AttachedPolicies)),
  };
}
