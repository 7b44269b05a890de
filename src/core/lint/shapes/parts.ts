import { matchGlob, parseGlob } from "../../glob.ts";
import { fill, isPattern } from "../wildcards.ts";
import type { Parts, Shape } from "./shape.ts";

/** Takes a subject, or a pattern, apart; null when it does not begin as this issuer's do. Parts that are not there are empty. */
export function readParts(shape: Shape, text: string): Parts | null {
  const lead = text.slice(0, shape.lead.length);
  // `?epo:` is `repo:` to every token of this issuer.
  if (lead.includes("*") || !matchGlob(parseGlob(lead), shape.lead)) return null;
  const rest = text.slice(shape.lead.length);
  const { afterTenant, afterProject } = shape;
  const end = afterProject === null ? -1 : rest.indexOf(afterProject);
  if (afterTenant === null) return { tenant: "", project: rest, tail: "" };
  const at = rest.indexOf(afterTenant);
  // `repo:*:ref:…`: the tail begins before there is a project.
  if (at < 0 || (end >= 0 && end < at && !afterTenant.startsWith(":"))) {
    const cut = afterTenant.startsWith(":") ? -1 : end;
    return cut < 0
      ? { tenant: rest, project: "", tail: "" }
      : { tenant: rest.slice(0, cut), project: "", tail: rest.slice(cut + (afterProject ?? "").length) };
  }
  const tenant = rest.slice(0, at);
  const behind = rest.slice(at + afterTenant.length);
  const next = afterProject === null ? -1 : behind.indexOf(afterProject);
  return next < 0
    ? { tenant, project: behind, tail: "" }
    : { tenant, project: behind.slice(0, next), tail: behind.slice(next + (afterProject ?? "").length) };
}

/** The subject that is made of these parts. */
export function writeSubject(shape: Shape, { tenant, project, tail }: Parts): string {
  const { lead, afterTenant, afterProject } = shape;
  const first = afterTenant === null ? lead : `${lead}${tenant}${afterTenant}`;
  return afterProject === null || tail === "" ? `${first}${project}` : `${first}${project}${afterProject}${tail}`;
}

/** Concrete parts for those of a pattern: what its author had in mind. */
export function meantParts(shape: Shape, pattern: Parts): Parts {
  return {
    tenant: meant(pattern.tenant, shape.sample.tenant),
    project: meant(pattern.project, shape.sample.project),
    tail: meantTail(pattern.tail, shape),
  };
}

function meant(pattern: string, sample: string): string {
  if (pattern === "") return sample;
  // Of `acme@*` the number is open, and of `*@5` the name.
  const pieces = pattern.split("@").map((piece, index) => fill(piece, index === 0 ? sample : "1"));
  return pieces.join("@");
}

function meantTail(pattern: string, { sample, runs }: Shape): string {
  if (!isPattern(pattern)) return pattern === "" ? sample.tail : pattern;
  const glob = parseGlob(pattern);
  const known = [sample.tail, ...runs.map(({ tail }) => tail)].find((one) => matchGlob(glob, one));
  return known ?? pattern.replaceAll("*", "x").replaceAll("?", "x");
}
