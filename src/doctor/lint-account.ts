import { issuerName, providerArn, readRoleArn } from "../core/arn.ts";
import type { Provider } from "../core/decide.ts";
import { isObject, type Json } from "../core/token.ts";
import type { Path } from "./lint-places.ts";
import { decoded, objectsOf, readPermissions, readRole, type RoleReading, textOf, textsOf } from "./lint-role.ts";

type Members = { readonly [key: string]: Json };

/** What else was read of an account, beside its details. */
export interface AccountExtras {
  /** Role name to MaxSessionDuration in seconds, which the details leave out. */
  readonly maxSessions?: ReadonlyMap<string, number>;
}

/** Roles of an answer of GetAccountAuthorizationDetails, as `aws iam get-account-authorization-details` saves it. */
export function rolesOfAccount(details: Members, from: string, extras: AccountExtras = {}): readonly RoleReading[] {
  const documents = documentsOf(objectsOf(details["Policies"]));
  return objectsOf(details["RoleDetailList"]).map((detail, index) =>
    roleOfDetail(detail, { from, documents, extras, at: ["RoleDetailList", index, "AssumeRolePolicyDocument"] }),
  );
}

/** The default version of each managed policy, by its ARN. */
function documentsOf(policies: readonly Members[]): ReadonlyMap<string, Json> {
  return new Map(
    policies.flatMap((policy) => {
      const versions = objectsOf(policy["PolicyVersionList"]);
      const current = versions.find((version) => version["IsDefaultVersion"] === true) ?? versions[0];
      const arn = textOf(policy["Arn"]);
      const document = current?.["Document"];
      return arn === undefined || document === undefined ? [] : [[arn, document] as const];
    }),
  );
}

interface DetailContext {
  readonly from: string;
  readonly documents: ReadonlyMap<string, Json>;
  readonly extras: AccountExtras;
  readonly at: Path;
}

function roleOfDetail(detail: Members, { from, documents, extras, at }: DetailContext): RoleReading {
  const name = textOf(detail["RoleName"]) ?? "";
  const boundary = isObject(detail["PermissionsBoundary"])
    ? textOf(detail["PermissionsBoundary"]["PermissionsBoundaryArn"])
    : undefined;
  const used = detail["RoleLastUsed"];
  const created = timeOf(detail["CreateDate"]);
  const attached = objectsOf(detail["AttachedManagedPolicies"]).flatMap((one) => textOf(one["PolicyArn"]) ?? []);
  return readRole({
    resource: textOf(detail["Arn"]) ?? name,
    from,
    trust: detail["AssumeRolePolicyDocument"],
    at,
    maxSessionDuration: extras.maxSessions?.get(name) ?? numberOf(detail["MaxSessionDuration"]),
    permissions: readPermissions(
      objectsOf(detail["RolePolicyList"]).flatMap((one) => one["PolicyDocument"] ?? []),
      attached.map((arn) => ({ arn, document: documents.get(arn) })),
      boundary === undefined ? null : { document: documents.get(boundary) },
    ),
    ...(used === undefined ? {} : { lastUsed: isObject(used) ? (timeOf(used["LastUsedDate"]) ?? null) : null }),
    ...(created === undefined ? {} : { created }),
  });
}

/**
 * The role of `aws iam get-role`, or those of `aws iam list-roles`; their permissions are not in there.
 *
 * @param at where the role with this index stands
 */
export function rolesWithout(
  roles: readonly Members[],
  from: string,
  at: (index: number) => Path,
): readonly RoleReading[] {
  return roles.map((role, index) => {
    const used = role["RoleLastUsed"];
    const created = timeOf(role["CreateDate"]);
    return readRole({
      resource: textOf(role["Arn"]) ?? textOf(role["RoleName"]) ?? "the role",
      from,
      trust: decoded(role["AssumeRolePolicyDocument"] ?? null),
      at: [...at(index), "AssumeRolePolicyDocument"],
      maxSessionDuration: numberOf(role["MaxSessionDuration"]),
      permissions: null,
      ...(isObject(used) ? { lastUsed: timeOf(used["LastUsedDate"]) ?? null } : {}),
      ...(created === undefined ? {} : { created }),
    });
  });
}

/** A provider as `aws iam get-open-id-connect-provider` answers; its ARN is not in there, its account that of the roles. */
export function providerOf(answer: Members, account: string): Provider | null {
  const url = textOf(answer["Url"]);
  if (url === undefined) return null;
  return {
    arn: textOf(answer["Arn"]) ?? providerArn(url, account),
    url: issuerName(url),
    audiences: textsOf(answer["ClientIDList"]),
    thumbprints: textsOf(answer["ThumbprintList"]),
  };
}

/** The account that most of these roles are of; null when none has an ARN. */
export function accountOf(readings: readonly RoleReading[]): string | null {
  for (const reading of readings) {
    const arn = readRoleArn(reading.kind === "role" ? reading.role.resource : reading.resource);
    if (arn) return arn.account;
  }
  return null;
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" ? value : null;
}

/** Milliseconds since 1970 of an ISO date; undefined when there is none. */
function timeOf(value: Json | undefined): number | undefined {
  if (typeof value !== "string") return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}
