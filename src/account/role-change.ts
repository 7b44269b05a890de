import type { Json } from "../core/token.ts";
import { accessChange } from "./access.ts";
import { type Change, type Field, joinParts, type Part } from "./change.ts";
import type { DesiredRole } from "./desired.ts";
import type { LiveRole } from "./live.ts";
import { sameDocument } from "./same-document.ts";
import { ADOPTED, MANAGED } from "./tags.ts";

/** What to do with a role so that it is exactly what is desired, tags of others apart. */
export function roleChange(role: DesiredRole, live: LiveRole | undefined): Change {
  const parts = live ? roleParts(role, live) : newRoleParts(role);
  const trustChanges = !live || parts.some(({ field }) => field.name === "trust");
  return {
    action: live ? (parts.length > 0 ? "update" : "keep") : "create",
    kind: "role",
    name: role.name,
    arn: role.arn,
    access: trustChanges ? accessChange(live?.trust ?? null, JSON.stringify(role.trust)) : null,
    notes: [],
    ...joinParts(parts),
  };
}

/**
 * What to do with a role of ours that the file no longer has: delete it, policies first, or only take our
 * marks off when it was there before us.
 */
export function roleRemoval(live: LiveRole): Change {
  const { name, arn, tags } = live;
  const change = { kind: "role", name, arn, notes: [] } as const;
  if (tags[ADOPTED] !== undefined) {
    const keys = [MANAGED, ADOPTED];
    const field: Field = { name: "tags", before: keys.join(", "), after: null };
    const notes = ["it was there before rolecall took it over, so it stays as it is"];
    const steps = [{ kind: "untag-role", role: name, keys } as const];
    return { ...change, action: "release", access: null, what: ["our tags"], fields: [field], steps, notes };
  }
  const parts = withoutParts({ name, managedPolicies: [], inlinePolicies: {} }, live);
  const whole: Part = {
    what: "the role",
    field: { name: "trust", before: live.trust, after: null, document: true },
    steps: [{ kind: "delete-role", role: name }],
  };
  return { ...change, action: "delete", access: accessChange(live.trust, null), ...joinParts([...parts, whole]) };
}

function text(name: string, before: string | null, after: string | null): Field {
  return { name, before: before === "" ? null : before, after: after === "" ? null : after };
}

function newRoleParts(role: DesiredRole): readonly Part[] {
  const { name, path, description, maxSessionDuration, boundary, tags } = role;
  const trust = JSON.stringify(role.trust);
  const create: Part = {
    what: "trust policy",
    field: { name: "trust", before: null, after: trust, document: true },
    steps: [{ kind: "create-role", role: { name, path, trust, description, maxSessionDuration, boundary, tags } }],
  };
  return [
    create,
    ...settingFields(role).map((field) => ({ what: "", field, steps: [] })),
    ...policyParts(role, { managedPolicies: [], inlinePolicies: new Map() }),
  ];
}

/** What a new role is made with, as far as it is not what every role has. */
function settingFields({ path, description, maxSessionDuration, boundary, tags }: DesiredRole): readonly Field[] {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return [
    text("path", null, path === "/" ? null : path),
    text("description", null, description),
    text("max_session", null, `${maxSessionDuration}s`),
    text("boundary", null, boundary),
    text("tags", null, pairs.join(", ")),
  ].filter(({ after }) => after !== null);
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
  const keys = Object.keys(tags);
  if (keys.length === 0) return [];
  const before = keys.filter((key) => live[key] !== undefined).map((key) => `${key}=${live[key] ?? ""}`);
  const after = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return [
    {
      what: `tags ${keys.join(", ")}`,
      field: text("tags", before.join(", "), after.join(", ")),
      steps: [{ kind: "tag-role", role, tags }],
    },
  ];
}

function boundaryParts({ name: role, boundary }: DesiredRole, live: LiveRole): readonly Part[] {
  if (live.boundary === boundary) return [];
  const field = text("boundary", live.boundary, boundary);
  return [{ what: "permissions boundary", field, steps: [{ kind: "set-boundary", role, boundary }] }];
}

/** One call sets both; each is told of by itself. */
function settingParts(desired: DesiredRole, live: LiveRole): readonly Part[] {
  const { name: role, description, maxSessionDuration } = desired;
  const step = { kind: "update-role", role, description, maxSessionDuration } as const;
  const longer = text("max_session", `${live.maxSessionDuration}s`, `${maxSessionDuration}s`);
  const parts: Part[] = [];
  if (live.maxSessionDuration !== maxSessionDuration)
    parts.push({ what: "maximum session duration", field: longer, steps: [step] });
  if (live.description !== description) {
    const field = text("description", live.description, description);
    parts.push({ what: "description", field, steps: parts.length > 0 ? [] : [step] });
  }
  return parts;
}

function trustParts({ name: role, trust }: DesiredRole, live: LiveRole): readonly Part[] {
  if (sameDocument(live.trust, trust)) return [];
  const after = JSON.stringify(trust);
  const field = { name: "trust", before: live.trust, after, document: true } as const;
  return [{ what: "trust policy", field, steps: [{ kind: "set-trust", role, trust: after }] }];
}

type Wanted = Pick<DesiredRole, "name" | "managedPolicies" | "inlinePolicies">;
type Policies = Pick<LiveRole, "managedPolicies" | "inlinePolicies">;

function withoutParts(desired: Wanted, live: Policies): readonly Part[] {
  const { name: role } = desired;
  const attached = live.managedPolicies.filter((arn) => !desired.managedPolicies.includes(arn));
  const inline = [...live.inlinePolicies].filter(([name]) => !Object.hasOwn(desired.inlinePolicies, name));
  return [
    ...attached.map((arn): Part => ({
      what: `without policy ${arn}`,
      field: text("permissions", arn, null),
      steps: [{ kind: "detach-policy", role, arn }],
    })),
    ...inline.map(([name, document]): Part => ({
      what: `without policy ${name}`,
      field: { name: `permissions ${name}`, before: document, after: null, document: true },
      steps: [{ kind: "delete-policy", role, name }],
    })),
  ];
}

function policyParts(desired: Wanted, live: Policies): readonly Part[] {
  const { name: role } = desired;
  const attached = desired.managedPolicies.filter((arn) => !live.managedPolicies.includes(arn));
  const inline = Object.entries(desired.inlinePolicies).filter(
    ([name, document]) => !sameDocument(live.inlinePolicies.get(name) ?? "", document),
  );
  return [
    ...attached.map((arn): Part => ({
      what: `policy ${arn}`,
      field: text("permissions", null, arn),
      steps: [{ kind: "attach-policy", role, arn }],
    })),
    ...inline.map((one): Part => inlinePart(role, one, live)),
  ];
}

function inlinePart(role: string, [name, wanted]: readonly [string, Json], live: Policies): Part {
  const document = JSON.stringify(wanted);
  const before = live.inlinePolicies.get(name) ?? null;
  return {
    what: `policy ${name}`,
    field: { name: `permissions ${name}`, before, after: document, document: true },
    steps: [{ kind: "put-policy", role, name, document }],
  };
}
