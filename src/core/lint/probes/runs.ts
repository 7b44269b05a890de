import { matchGlob, parseGlob } from "../../glob.ts";
import type { Ids, Parts, RunKind } from "../shapes/shape.ts";
import type { Probe } from "../trial.ts";
import type { Unit } from "../unit.ts";
import type { Anchor } from "./anchors.ts";
import { otherRuns } from "./forms.ts";
import { OWN } from "./ids.ts";
import { probe } from "./probe.ts";

/** What differs from run to run of one project; a workflow's name is whatever its file says. */
const OF_THE_RUN = new Set([
  "ref",
  "environment",
  "job_workflow_ref",
  "ref_protected",
  "build_branch",
  "pipeline_source",
]);

/** Tokens of the right project, for other branches, tags and pull requests. */
export function runs(unit: Unit, { pattern, meant }: Anchor): readonly Probe[] {
  const { shape } = unit;
  const ids = idsOf(meant);
  // A role for plans is for plans.
  const others = shape.runs.filter(({ kind, tail }) => kind !== "plan" || tail !== meant.tail);
  const made = others.map((run) => {
    const parts = { ...meant, tail: run.tail };
    const more = { ...run.claims, ...(shape.id === "gitlab" ? { ref_protected: "false" } : {}) };
    return probe(unit, run.kind, RUN_WORDS[run.kind], { parts, ids, wanted: isFixed, more });
  });
  if (shape.template && unit.tests.some(({ claim }) => claim === "environment")) made.push(inEnvironment(unit, meant));
  const tail = nearTail(pattern?.tail ?? "", shape.sample.tail);
  return tail === null ? made : [...made, near(unit, { ...meant, tail })];
}

/** On a branch of any name too, in an environment that nobody knows: the first job that names one makes it. */
function inEnvironment(unit: Unit, meant: Parts): Probe {
  const parts = { ...meant, tail: "environment:rolecall-probe" };
  const more = { ref: "refs/heads/rolecall-probe" };
  return probe(unit, "branch", RUN_WORDS.branch, { parts, ids: idsOf(meant), wanted: isFixed, more });
}

/** Other runs whose subjects a pattern takes although it looks closed. */
export function fittedRuns(unit: Unit, { value, meant }: Anchor): readonly Probe[] {
  if (unit.shape.afterTenant === null) return [];
  return otherRuns(unit, value, meant)
    .filter(({ tail }) => !unit.shape.runs.some((run) => run.tail === tail))
    .map((parts) => near(unit, parts));
}

function near(unit: Unit, parts: Parts): Probe {
  return probe(unit, "near", RUN_WORDS.near, { parts, ids: idsOf(parts), wanted: isFixed });
}

const isFixed = (claim: string): boolean => !OF_THE_RUN.has(claim);

/** The name of a ref or an environment at the beginning of a tail; what stands behind it is of other things. */
const NAMED = /^((?:ref:refs\/(?:heads|tags)\/|ref_type:(?:branch|tag):ref:|environment:))([^:]*)/;

/**
 * A ref whose name only begins as the pattern's does; null where its name is not open. What stands behind it is as in
 * the sample, where the pattern takes that: a commit, a step.
 */
function nearTail(tail: string, sample: string): string | null {
  const [all = "", lead = "", name = ""] = NAMED.exec(tail) ?? [];
  if (!name.includes("*")) return null;
  const other = name.replace(/^\*/, "rolecall-probe").replaceAll("*", "-rolecall-probe").replaceAll("?", "x");
  const rest = tail.slice(all.length);
  const usual = sample.replace(NAMED, "");
  const behind = matchGlob(parseGlob(rest), usual) ? usual : rest.replaceAll("*", "").replaceAll("?", "x");
  return `${lead}${other.replaceAll("/-", "/")}${behind}`;
}

const RUN_WORDS: Readonly<Record<RunKind | "near", string>> = {
  branch: "the right project, on a branch of any name",
  tag: "the right project, on a tag of any name",
  near: "the right project, on a ref whose name only begins right",
  "pull-request": "the right project, for a pull request",
  plan: "the right workspace, in a plan that nobody has approved",
};

function idsOf({ tenant, project }: Parts): Ids {
  return { tenant: tenant.split("@")[1] ?? OWN.tenant, project: project.split("@")[1] ?? OWN.project };
}
