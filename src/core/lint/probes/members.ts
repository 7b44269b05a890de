import type { Parts, Shape } from "../shapes/shape.ts";
import type { Probe, ProbeKind } from "../trial.ts";
import { type Unit, wantedValues } from "../unit.ts";
import { evil, isPattern } from "../wildcards.ts";
import type { Anchor } from "./anchors.ts";
import { otherProjects } from "./forms.ts";
import { NOT_IN_REF } from "./not-in-ref.ts";
import { OTHERS, OWN } from "./ids.ts";
import { ARRANGED, like, otherProjectFor, probe } from "./probe.ts";

/** Tokens of other projects of the same customer. */
export function members(unit: Unit, anchor: Anchor): readonly Probe[] {
  const { shape } = unit;
  const { value, pattern, meant } = anchor;
  if (shape.id === "cognito") return guest(unit, anchor);
  if (shape.afterTenant === null || shape.tenancy) return [];
  const [, id = OWN.tenant] = meant.tenant.split("@");
  const ids = { tenant: id, project: OTHERS.project };
  const make = (kind: ProbeKind, parts: Parts, subject?: string): Probe =>
    probe(unit, kind, whoOf(shape), { parts, ids, wanted: ofMember, ...(subject === undefined ? {} : { subject }) });
  const other = otherProjectFor(unit);
  const project = otherProject(other, meant.project);
  const found = [make("member", { ...meant, project }), make("member", { ...meant, project, tail: shape.sample.tail })];
  const open = projectName(shape, pattern?.project ?? "");
  if (isPattern(open)) {
    const rest =
      shape.afterProject === null
        ? meant.project
            .split(":")
            .slice(2)
            .map((part) => `:${part}`)
            .join("")
        : "";
    const named = like(meant.project, evil(open), OTHERS.project) + rest;
    found.push(make("member", { ...meant, project: named }));
    found.push(make("member", { ...meant, project: named, tail: shape.sample.tail }));
  }
  if (value !== null && pattern && shape.template && /\*./.test(value)) {
    const rest = value
      .slice(value.indexOf("*") + 1)
      .replaceAll("*", "")
      .replaceAll("?", "x")
      .replace(/^\//, "");
    if (rest !== "" && !NOT_IN_REF.test(rest)) {
      const tail = `ref:refs/heads/${rest}`;
      const named = { tenant: meant.tenant, project: like(meant.project, "evil", OTHERS.project), tail };
      found.push(make("crafted", named));
      found.push(make("crafted", named, `${shape.lead}${meant.tenant}${shape.afterTenant}${other}:${tail}`));
    }
  }
  return found;
}

/** Whoever has not logged in, of the same pool; a role that names them is for them. Source: Cognito guide, role trust. */
function guest(unit: Unit, { meant }: Anchor): readonly Probe[] {
  if (wantedValues(unit.tests, "amr").includes("unauthenticated")) return [];
  const making = { parts: meant, ids: OWN, wanted: () => false, more: { amr: ["unauthenticated"] } };
  return [probe(unit, "member", "a guest of the pool, who has not logged in,", making)];
}

/** Other projects whose subjects a pattern takes although it looks closed. */
export function fittedMembers(unit: Unit, { value, meant }: Anchor): readonly Probe[] {
  const { shape } = unit;
  if (shape.afterTenant === null || shape.tenancy) return [];
  const [, id = OWN.tenant] = meant.tenant.split("@");
  return otherProjects(unit, value, meant).map((parts) => {
    // What is behind the project may be a name that somebody made to fit.
    const kind = parts.tail === meant.tail || parts.tail === shape.sample.tail ? "member" : "crafted";
    return probe(unit, kind, whoOf(shape), { parts, ids: { tenant: id, project: OTHERS.project }, wanted: ofMember });
  });
}

function whoOf({ tenantWord }: Shape): string {
  return `another project of the same ${tenantWord}`;
}

const ofMember = (claim: string): boolean => ARRANGED.has(claim) || OF_THE_TENANT.has(claim);

/** What of a project's pattern is its name: `pipeline:shop` of `pipeline:shop:initiator:*`. */
function projectName(shape: Shape, pattern: string): string {
  return shape.afterProject === null ? pattern.split(":").slice(0, 2).join(":") : (pattern.split("@")[0] ?? "");
}

const OF_THE_TENANT = new Set([
  "repository_owner_id",
  "namespace_id",
  "organization_id",
  "organization_slug",
  "enterprise_id",
]);

/** `project:shop:workspace:prod` has the name behind its first word. */
function otherProject(other: string, project: string): string {
  return project.includes(":")
    ? project.replace(/^([^:]*):[^:]*/, `$1:${other}`)
    : like(project, other, OTHERS.project);
}
