import type { Ids, Parts } from "../shapes.ts";
import type { Probe } from "../trial.ts";
import type { Unit } from "../unit.ts";
import type { Anchor } from "./anchors.ts";
import { OWN, probe } from "./probe.ts";

/** What differs from run to run of one project. */
const OF_THE_RUN = new Set([
  "ref",
  "environment",
  "job_workflow_ref",
  "workflow",
  "ref_protected",
  "build_branch",
  "pipeline_source",
]);

/** Tokens of the right project, for other branches, tags and pull requests. */
export function runs(unit: Unit, { pattern, meant }: Anchor): readonly Probe[] {
  const { shape } = unit;
  const wanted = (claim: string): boolean => !OF_THE_RUN.has(claim);
  const ids = idsOf(meant);
  const made = shape.runs.map((run) => {
    const parts = { ...meant, tail: run.tail };
    const more = { ...run.claims, ...(shape.id === "gitlab" ? { ref_protected: "false" } : {}) };
    return probe(unit, run.kind, RUN_WORDS[run.kind], { parts, ids, wanted, more });
  });
  const tail = nearTail(pattern?.tail ?? "");
  if (tail === null) return made;
  return [...made, probe(unit, "near", RUN_WORDS.near, { parts: { ...meant, tail }, ids, wanted })];
}

/** The name of a ref or an environment at the beginning of a tail; what stands behind it is of other things. */
const NAMED = /^((?:ref:refs\/(?:heads|tags)\/|ref_type:(?:branch|tag):ref:|environment:))([^:]*)/;

/** A ref whose name only begins as the pattern's does; null where its name is not open. */
function nearTail(tail: string): string | null {
  const [all = "", lead = "", name = ""] = NAMED.exec(tail) ?? [];
  if (!name.includes("*")) return null;
  const near = name.replace(/^\*/, "rolecall-probe").replaceAll("*", "-rolecall-probe").replaceAll("?", "x");
  return `${lead}${near.replaceAll("/-", "/")}${tail.slice(all.length).replaceAll("*", "").replaceAll("?", "x")}`;
}

const RUN_WORDS: Readonly<Record<"branch" | "tag" | "near" | "pull-request", string>> = {
  branch: "the right project, on a branch of any name",
  tag: "the right project, on a tag of any name",
  near: "the right project, on a ref whose name only begins right",
  "pull-request": "the right project, for a pull request",
};

function idsOf({ tenant, project }: Parts): Ids {
  return { tenant: tenant.split("@")[1] ?? OWN.tenant, project: project.split("@")[1] ?? OWN.project };
}
