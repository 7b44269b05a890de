import type * as IamSdk from "@aws-sdk/client-iam";

import { call } from "./call.ts";
import { decodeDocument, fromRole, fromTagList, type Sdk } from "./read.ts";
import type { AccountCalls, LiveRole } from "./types.ts";

// The most that IAM takes. Source: IAM API reference, MaxItems of both calls.
const PAGE = 1000;

/** Description and maximum session, which the account's details leave out. Source: IAM API model, RoleDetail. */
type Settings = Pick<LiveRole, "description" | "maxSessionDuration">;

/**
 * Two lists instead of three calls for each role: what neither has, the other tells. One page at a time
 * is held, and of the first list two values for each role.
 */
export function accountCalls(sdk: Sdk, client: IamSdk.IAMClient): AccountCalls {
  return {
    listProviders: () =>
      call("iam:ListOpenIDConnectProviders", "", async () => {
        const { OpenIDConnectProviderList = [] } = await client.send(new sdk.ListOpenIDConnectProvidersCommand({}));
        return OpenIDConnectProviderList.flatMap(({ Arn }) => (Arn === undefined ? [] : [Arn]));
      }),
    eachRole: async (visit) => {
      const settings = await call("iam:ListRoles", "", () => readSettings(sdk, client));
      await call("iam:GetAccountAuthorizationDetails", "", async () => {
        const query = { Filter: ["Role" as const] };
        for await (const page of sdk.paginateGetAccountAuthorizationDetails({ client, pageSize: PAGE }, query)) {
          for (const detail of page.RoleDetailList ?? []) visit(liveRole(detail, settings));
        }
      });
    },
  };
}

async function readSettings(sdk: Sdk, client: IamSdk.IAMClient): Promise<ReadonlyMap<string, Settings>> {
  const settings = new Map<string, Settings>();
  for await (const page of sdk.paginateListRoles({ client, pageSize: PAGE }, {})) {
    for (const role of page.Roles ?? []) {
      const { name, description, maxSessionDuration } = fromRole(role);
      settings.set(name, { description, maxSessionDuration });
    }
  }
  return settings;
}

function liveRole(detail: IamSdk.RoleDetail, settings: ReadonlyMap<string, Settings>): LiveRole {
  const name = detail.RoleName ?? "";
  // A role that was made between the two lists has IAM's defaults here; what it really has is read by the next run.
  const { description = "", maxSessionDuration = 3600 } = settings.get(name) ?? {};
  return {
    name,
    arn: detail.Arn ?? "",
    path: detail.Path ?? "/",
    trust: decodeDocument(detail.AssumeRolePolicyDocument),
    maxSessionDuration,
    description,
    boundary: detail.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
    tags: fromTagList(detail.Tags ?? []),
    managedPolicies: (detail.AttachedManagedPolicies ?? []).map(({ PolicyArn = "" }) => PolicyArn),
    inlinePolicies: new Map(
      (detail.RolePolicyList ?? []).map(({ PolicyName = "", PolicyDocument }) => [
        PolicyName,
        decodeDocument(PolicyDocument),
      ]),
    ),
  };
}
