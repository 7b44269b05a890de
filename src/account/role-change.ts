import type { Change, Step } from "./change.ts";
import type { DesiredRole } from "./desired.ts";
import type { LiveRole } from "./live.ts";
import { sameDocument } from "./same-document.ts";
import { ADOPTED, MANAGED } from "./tags.ts";

/** What to do with a role so that it is exactly what is desired, tags of others apart. */
export function roleChange(role: DesiredRole, live: LiveRole | undefined): Change {
  const parts = live ? roleParts(role, live) : newRoleParts(role);
  return {
    action: live ? (parts.length > 0 ? "update" : "keep") : "create",
    kind: "role",
    name: role.name,
    arn: role.arn,
    what: parts.map(({ what }) => what),
    steps: parts.map(({ step }) => step),
  };
}

interface Part {
  readonly what: string;
  readonly step: Step;
}

function newRoleParts(role: DesiredRole): readonly Part[] {
  const { name, path, description, maxSessionDuration, boundary, tags } = role;
  const trust = JSON.stringify(role.trust);
  const step: Step = {
    kind: "create-role",
    role: { name, path, trust, description, maxSessionDuration, boundary, tags },
  };
  return [{ what: "trust policy", step }, ...policyParts(role, { managedPolicies: [], inlinePolicies: new Map() })];
}

/**
 * The tags first, so that a run which is cut short leaves no altered role without its mark. Then what
 * takes away, the trust policy, and what gives: so nobody new gets what the role could do before, and
 * nobody old what it will be able to do.
 */
function roleParts(role: DesiredRole, live: LiveRole): readonly Part[] {
  const boundary = boundaryParts(role, live);
  return [
    ...tagParts(role, live),
    ...(role.boundary === null ? [] : boundary),
    ...withoutParts(role, live),
    ...settingParts(role, live),
    ...trustParts(role, live),
    ...policyParts(role, live),
    ...(role.boundary === null ? boundary : []),
  ];
}

function tagParts({ name: role, tags: desired }: DesiredRole, { tags: live }: LiveRole): readonly Part[] {
  const adopted = live[MANAGED] === undefined ? { [ADOPTED]: "true" } : {};
  const tags = Object.fromEntries(
    Object.entries({ ...desired, ...adopted }).filter(([key, value]) => live[key] !== value),
  );
  if (Object.keys(tags).length === 0) return [];
  return [{ what: `tags ${Object.keys(tags).join(", ")}`, step: { kind: "tag-role", role, tags } }];
}

function boundaryParts({ name: role, boundary }: DesiredRole, live: LiveRole): readonly Part[] {
  if (live.boundary === boundary) return [];
  return [{ what: "permissions boundary", step: { kind: "set-boundary", role, boundary } }];
}

function settingParts(desired: DesiredRole, live: LiveRole): readonly Part[] {
  const { name: role, description, maxSessionDuration } = desired;
  if (live.description === description && live.maxSessionDuration === maxSessionDuration) return [];
  const what = live.maxSessionDuration === maxSessionDuration ? "description" : "maximum session duration";
  return [{ what, step: { kind: "update-role", role, description, maxSessionDuration } }];
}

function trustParts({ name: role, trust }: DesiredRole, live: LiveRole): readonly Part[] {
  if (sameDocument(live.trust, trust)) return [];
  return [{ what: "trust policy", step: { kind: "set-trust", role, trust: JSON.stringify(trust) } }];
}

type Policies = Pick<LiveRole, "managedPolicies" | "inlinePolicies">;

function withoutParts(desired: DesiredRole, live: Policies): readonly Part[] {
  const { name: role } = desired;
  const attached = live.managedPolicies.filter((arn) => !desired.managedPolicies.includes(arn));
  const inline = [...live.inlinePolicies.keys()].filter((name) => !Object.hasOwn(desired.inlinePolicies, name));
  return [
    ...attached.map((arn): Part => ({ what: `without policy ${arn}`, step: { kind: "detach-policy", role, arn } })),
    ...inline.map((name): Part => ({ what: `without policy ${name}`, step: { kind: "delete-policy", role, name } })),
  ];
}

function policyParts(desired: DesiredRole, live: Policies): readonly Part[] {
  const { name: role } = desired;
  const attached = desired.managedPolicies.filter((arn) => !live.managedPolicies.includes(arn));
  const inline = Object.entries(desired.inlinePolicies).filter(
    ([name, document]) => !sameDocument(live.inlinePolicies.get(name) ?? "", document),
  );
  return [
    ...attached.map((arn): Part => ({ what: `policy ${arn}`, step: { kind: "attach-policy", role, arn } })),
    ...inline.map(([name, document]): Part => ({
      what: `policy ${name}`,
      step: { kind: "put-policy", role, name, document: JSON.stringify(document) },
    })),
  ];
}
