import type { Scope } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { RolecallError } from "../core/errors.ts";
import type { RoleConfig } from "./config.ts";
import type { Target } from "./desired.ts";
import { buildTrust, fitsQuota, splitAllow, type TrustDocument } from "./trust.ts";

/** A role in IAM that a role of the file becomes, or one of several. */
export interface RolePart {
  readonly name: string;
  readonly allow: readonly Scope[];
}

/** What a role becomes: itself, unless it may be split and is too long for one trust policy. */
export function partsOf(role: RoleConfig, target: Target): readonly RolePart[] {
  return role.split ? splitParts(role, target) : [part(role, role.allow, 0)];
}

/** What a role would become if it might be split: as few as fit. */
export function splitParts(role: RoleConfig, target: Target): readonly RolePart[] {
  const lists = splitAllow(role.allow, (allow) => fitsQuota(trustOf(role, target, allow)));
  return lists.map((allow, index) => part(role, allow, index));
}

/** `shop`, `shop-2`, `shop-3`. */
function part({ name }: RoleConfig, allow: readonly Scope[], index: number): RolePart {
  return { name: index === 0 ? name : `${name}-${index + 1}`, allow };
}

/** The trust policy for some of a role's entries. */
export function trustOf(
  { ci: id, issuer, audience }: RoleConfig,
  target: Target,
  allow: readonly Scope[],
): TrustDocument {
  const ci = findCi(id);
  if (!ci) throw new RolecallError("unexpected", `the configuration names the CI ${id}, which rolecall does not know`);
  return buildTrust({ ci, issuer, audience, allow, ...target });
}
