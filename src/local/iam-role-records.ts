import { readTrustPolicy } from "../core/policy.ts";
import { encodePart, type XmlFields } from "../wire/query.ts";
import { findHolder, holderArn, ROLES } from "./iam-holders.ts";
import { tagsXml } from "./iam-tags.ts";
import { trustPrincipalProblem } from "./iam-trust-principals.ts";
import { isoSeconds } from "../core/iso-date.ts";
import { type Answer, type Call, result } from "./operation.ts";
import type { Holder, RoleRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** What the calls about roles share: finding, changing, writing one. */

type NamesRole = { readonly RoleName: string };

/** The ARN that a call about a role is authorised for. */
export const roleArnOf = holderArn(ROLES);

export function findRole(call: Call<NamesRole>): RoleRecord | Refusal {
  return findHolder(ROLES, call);
}

export function putRole(world: World, role: RoleRecord): void {
  world.store.changeIam((iam) => ROLES.put(iam, role));
}

/** Changes the role that a call names, or refuses. */
export function changeRole(
  call: Call<NamesRole>,
  update: (role: RoleRecord) => RoleRecord | Refusal,
  answer: (role: RoleRecord) => XmlFields | null = () => null,
): Answer {
  const found = findRole(call);
  const changed = "kind" in found ? found : update(found);
  if ("kind" in changed) return changed;
  putRole(call.world, changed);
  return result(answer(changed));
}

// IAM quotas: characters of a trust policy, white space not counted.
const LONGEST_TRUST = 2048;

/** What IAM would say against saving a trust policy; null when it would save it. */
export function checkTrust(document: string, { store }: World): Refusal | null {
  const reading = readTrustPolicy(document);
  if (reading.kind === "malformed") return iamError("MalformedPolicyDocument", reading.message);
  const stranger = trustPrincipalProblem(reading.policy, store.identity.account, store.iam);
  if (stranger !== null) return iamError("MalformedPolicyDocument", stranger);
  if (sizeOf(document) <= LONGEST_TRUST) return null;
  return iamError("LimitExceeded", `Cannot exceed quota for ACLSizePerRole: ${LONGEST_TRUST}`);
}

/** Characters of a policy as IAM's quotas count them. */
export function sizeOf(document: string): number {
  return document.replaceAll(/\s/g, "").length;
}

/** The members that every answer about a role has. */
export function roleXml(role: RoleRecord): XmlFields {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: isoSeconds(role.created / 1000),
    // "URL-encoded JSON, compliant with RFC 3986". IAM API reference.
    AssumeRolePolicyDocument: encodePart(role.trust),
  };
}

/** A role as GetRole answers it. Which call answers which member: recorded, ../shared/vectors/aws-recorded. */
export function wholeRoleXml(role: RoleRecord, world: World): XmlFields {
  return {
    ...roleXml(role),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    PermissionsBoundary: boundaryXml(role),
    Tags: role.tags.length > 0 ? tagsXml(role.tags) : undefined,
    RoleLastUsed: lastUsedXml(role, world),
  };
}

/** Nothing for a role that was never used (recorded). AWS tells it hours later; here it is told at once. */
export function lastUsedXml({ id }: RoleRecord, { store }: World): XmlFields {
  const use = store.lastUse(id);
  return use ? { LastUsedDate: isoSeconds(use.at / 1000), Region: use.region } : {};
}

export function boundaryXml({ boundary }: Holder): XmlFields | undefined {
  return boundary === undefined ? undefined : { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: boundary };
}
