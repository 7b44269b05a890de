import type { Json } from "../core/token.ts";
import { isObject } from "../core/token.ts";
import type { AuditedAccount } from "./audit.ts";
import { providerOf, rolesOfAccount } from "./lint-account.ts";
import { decoded, objectsOf, textOf } from "./lint-role.ts";

type Members = { readonly [name: string]: Json };

/** Rows of AWS Config by resource type. */
export interface ConfigRows {
  readonly roles: readonly Json[];
  readonly policies: readonly Json[];
  readonly providers: readonly Json[];
}

/** What AWS Config does not hold, and is therefore not looked at. */
export const NOT_IN_CONFIG =
  "AWS Config does not hold how long a role's sessions may be, when it was last used, nor access keys: nothing is said of them";

/**
 * The accounts of an aggregator, by their number. A resource that is recorded in several Regions is taken once, and
 * that no provider is missing is only believed where Config records them at all.
 */
export function accountsOfConfig({ roles, policies, providers }: ConfigRows): readonly AuditedAccount[] {
  const [roleRows, policyRows, providerRows] = [byAccount(roles), byAccount(policies), byAccount(providers)];
  const numbers = [...new Set([...roleRows.keys(), ...providerRows.keys()])].toSorted();
  return numbers.map((account) => {
    const from = `account ${account}`;
    const known = unique(providerRows.get(account), "Arn").flatMap(
      (one) => providerOf(providerDetail(one), account) ?? [],
    );
    const details = {
      RoleDetailList: unique(roleRows.get(account), "arn").map(roleDetail),
      Policies: unique(policyRows.get(account), "arn").map(policyDetail),
    };
    const readings = rolesOfAccount(details, from);
    return {
      from,
      roles: readings.flatMap((one) => (one.kind === "role" ? [one.role] : [])),
      providers: known,
      allProviders: known.length > 0,
      unread: readings.flatMap((one) => (one.kind === "unread" ? [one] : [])),
      keys: null,
      readsKeys: false,
    };
  });
}

function byAccount(rows: readonly Json[]): ReadonlyMap<string, readonly Members[]> {
  const found = new Map<string, Members[]>();
  for (const row of rows) {
    if (!isObject(row) || typeof row["accountId"] !== "string" || !isObject(row["configuration"])) continue;
    const held = found.get(row["accountId"]);
    if (held) held.push(row["configuration"]);
    else found.set(row["accountId"], [row["configuration"]]);
  }
  return found;
}

function unique(rows: readonly Members[] = [], name: string): readonly Members[] {
  return [...new Map(rows.map((row) => [textOf(row[name]) ?? JSON.stringify(row), row])).values()];
}

/** As IAM answers; Config begins names with small letters, and has documents URL-encoded. */
function roleDetail(role: Members): Members {
  const boundary = role["permissionsBoundary"];
  return {
    Arn: role["arn"] ?? "",
    RoleName: role["roleName"] ?? "",
    ...(role["createDate"] === undefined ? {} : { CreateDate: role["createDate"] }),
    ...(role["assumeRolePolicyDocument"] === undefined
      ? {}
      : { AssumeRolePolicyDocument: decoded(role["assumeRolePolicyDocument"]) }),
    RolePolicyList: listed(role["rolePolicyList"]).map((one) => ({ PolicyDocument: one["policyDocument"] ?? "" })),
    AttachedManagedPolicies: listed(role["attachedManagedPolicies"]).map((one) => ({
      PolicyArn: one["policyArn"] ?? "",
    })),
    ...(isObject(boundary) && typeof boundary["permissionsBoundaryArn"] === "string"
      ? { PermissionsBoundary: { PermissionsBoundaryArn: boundary["permissionsBoundaryArn"] } }
      : {}),
  };
}

function policyDetail(policy: Members): Members {
  return {
    Arn: policy["arn"] ?? "",
    PolicyVersionList: listed(policy["policyVersionList"]).flatMap((one) =>
      one["document"] === undefined
        ? []
        : [{ IsDefaultVersion: one["isDefaultVersion"] === true, Document: one["document"] }],
    ),
  };
}

function providerDetail({ Arn, Url, ClientIdList, ThumbprintList }: Members): Members {
  return {
    Arn: Arn ?? "",
    Url: Url ?? "",
    ClientIDList: several(ClientIdList),
    ThumbprintList: several(ThumbprintList),
  };
}

/** A list of one is answered as the one. */
function several(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function listed(value: Json | undefined): readonly Members[] {
  return objectsOf([...several(value)]);
}
