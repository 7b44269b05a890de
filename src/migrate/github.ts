import { isMap, isScalar, isSeq } from "yaml";
import { audienceFor, type Files, type MigratedJob, type Migration, type Refusal, type Setup } from "./migration.ts";
import { addItem, dropKeys, pairOf, type Path, proveRewrite, scalarText, usesOf } from "./rewrite.ts";
import { handOverLine, imageKind } from "./rolecall-line.ts";
import { CannotSplice } from "./splice.ts";
import { changeConfigure, CONFIGURE, keysWith, otherAudience } from "./github-configure.ts";
import {
  actionsWithKeys,
  environmentsOf,
  maybeUses,
  notesOn,
  roleOf,
  runsScript,
  sourcesOf,
  usesAws,
  usesOther,
  type Workflow,
  workflowOf,
} from "./github-workflow.ts";
import { dropCommands, readRun, replaceRun } from "./github-by-hand.ts";
import { grant } from "./github-permissions.ts";
import { githubRuns } from "./runs-as.ts";
import {
  attempt,
  differentSources,
  hasKeysIn,
  isKeyVariable,
  type KeySource,
  NO_ROLE,
  oneRoleForAll,
} from "./step-script.ts";
import { isUnreadable, plainOf, rangeOf, readYamlFile, saysNothing } from "./yaml-file.ts";

// Source: GitHub docs, workflow syntax (permissions, jobs.<id>.uses) and security hardening with OpenID Connect;
// aws-actions/configure-aws-credentials, README, as of November 2026.

/** An action that makes a profile of a key and a secret, so that a session token never reaches AWS. */
const KEYS_ALONE = /\/s3-sync-action@/;

/** Plans the move of GitHub's workflows. */
export function migrateGithub(files: Files, setup: Setup): Migration {
  const refusals: Refusal[] = [];
  const jobs: MigratedJob[] = [];
  const notes = new Set<string>();
  const workflows = [...files].flatMap(([path, text]) => {
    if (!/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return [];
    const file = readYamlFile(path, text);
    if (!isUnreadable(file)) return [workflowOf(file)];
    if (!saysNothing(text) && /AWS_|aws-access-key-id/.test(text)) refusals.push({ path, job: null, ...file });
    return [];
  });
  const granted = new Set<string>();
  const sources: KeySource[] = [];
  for (const workflow of workflows)
    for (const job of workflow.jobs)
      attempt(workflow.rewrite, job.name, refusals, () => {
        const done = migrateJob(workflow, job, setup);
        if (!done) {
          if (maybeUses(workflow, job))
            notes.add(`${job.name} had the workflow's keys too: if its steps call AWS, say --job ${job.name}`);
          return;
        }
        jobs.push(done);
        if (!setup.roles || roleOf(setup, workflow, job.name) === null) sources.push(...sourcesOf(workflow, job));
        granted.add(workflow.file.path);
        for (const note of [...notesOn(workflow.file), ...actionsWithKeys(job)]) notes.add(note);
      });
  for (const workflow of workflows) {
    for (const job of workflow.jobs)
      attempt(workflow.rewrite, job.name, refusals, () => migrateCaller(workflow, job, granted));
    if (workflow.hasGlobalKeys || granted.has(workflow.file.path))
      attempt(workflow.rewrite, null, refusals, () => dropGlobals(workflow));
  }
  refusals.push(...differentSources(sources));
  const changed = workflows.filter(({ rewrite }) => rewrite.edits.length > 0);
  const proofs = changed.flatMap(({ rewrite }) => proveRewrite(rewrite));
  return {
    ci: "github",
    files: changed.map(({ file, rewrite }) => ({ path: file.path, text: file.text, edits: rewrite.edits })),
    jobs,
    refusals: withoutEchoes(refusals, [...proofs, ...untouched(workflows)]),
    notes: [...notes, ...oneRoleForAll(environmentsOf(workflows, jobs, setup))],
  };
}

/** A file that is refused already has keys left for that reason. */
function withoutEchoes(refusals: readonly Refusal[], more: readonly Refusal[]): readonly Refusal[] {
  return [...refusals, ...more.filter(({ path }) => !refusals.some((one) => one.path === path))];
}

/** A workflow with keys in it that no change reached. */
function untouched(workflows: readonly Workflow[]): readonly Refusal[] {
  return workflows
    .filter(({ rewrite }) => rewrite.edits.length === 0)
    .flatMap(({ rewrite }) => proveRewrite(rewrite).filter(({ reason }) => reason.includes("is used here")));
}

function migrateJob(workflow: Workflow, { name, map }: Workflow["jobs"][number], setup: Setup): MigratedJob | null {
  const { file, rewrite, hasGlobalKeys } = workflow;
  const steps = pairOf(map, "steps")?.value;
  if (!isSeq(steps)) return null;
  const path: Path = ["jobs", name];
  const role = roleOf(setup, workflow, name) ?? setup.role;
  const audience = audienceFor(setup, role);
  const refuse = (node: unknown, reason: string): never => {
    throw new CannotSplice(reason, isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0);
  };
  const all = steps.items.map((item) => (isMap(item) ? item : null));
  if (all.some((step) => step && /\brolecall(?:@\S+)? creds/.test(scalarText(pairOf(step, "run")?.value) ?? "")))
    return null;
  const alone = all.find((step) => step && usesOf(step, KEYS_ALONE));
  if (alone)
    refuse(
      alone,
      `${scalarText(pairOf(alone, "uses")?.value) ?? ""} takes long-lived keys alone: put run: aws s3 sync in its place`,
    );
  const configured = all.findIndex((step) => step && usesOf(step, CONFIGURE) && keysWith(step) > 0);
  const inEnv = all.flatMap((step, index) => (step && hasKeysIn(step, "env") ? [index] : []));
  const byHand = all.flatMap((step, index) => (step && readRun(step).sets ? [index] : []));
  const jobKeys = hasKeysIn(map, "env");
  const using = all.findIndex((step) => step && usesAws(step, setup));
  // Keys of the whole job were there for scripts that nobody sees into, too.
  const early = all.findIndex((step) => step && (usesAws(step, setup) || runsScript(step) || usesOther(step)));
  const consumes =
    configured >= 0 ||
    inEnv.length + byHand.length > 0 ||
    jobKeys ||
    (hasGlobalKeys && using >= 0) ||
    (setup.jobs.includes(name) && early >= 0);
  if (!consumes) return null;
  let line = "";
  let ownRole = role;
  if (configured >= 0) {
    const step = all[configured];
    if (!step) return null;
    ({ line, role: ownRole } = changeConfigure(
      rewrite,
      step,
      [...path, "steps", configured],
      { ...setup, role, audience },
      refuse,
    ));
  }
  if (jobKeys) dropKeys(rewrite, map, path, "env", isKeyVariable);
  for (const index of inEnv) {
    const step = all[index];
    if (step) dropKeys(rewrite, step, [...path, "steps", index], "env", isKeyVariable);
  }
  const places = [
    ...inEnv,
    ...byHand,
    ...((jobKeys || hasGlobalKeys || setup.jobs.includes(name)) && early >= 0 ? [early] : []),
    ...(using >= 0 ? [using] : []),
  ].toSorted((left, right) => left - right);
  const first = places[0] ?? 0;
  const firstStep = all[first];
  const isReplaced = configured < 0 && byHand[0] === first && Boolean(firstStep && readRun(firstStep).isCredentials);
  for (const index of byHand) {
    const step = all[index];
    if (step && !(isReplaced && index === first)) dropCommands(rewrite, step, [...path, "steps", index]);
  }
  const hasOther = all.some((step, index) => step && usesOf(step, CONFIGURE) && index < first);
  if (configured < 0 && !hasOther) {
    if (role === null) refuse(map, NO_ROLE);
    const container = pairOf(map, "container");
    const image = container
      ? (scalarText(container.value) ??
        scalarText(isMap(container.value) ? pairOf(container.value, "image")?.value : null))
      : null;
    if (container && imageKind(image, []) !== "node")
      refuse(container.key, "the job's container has no Node.js, which the later steps' credentials need");
    line = handOverLine({ image: "node", role, tokenEnv: null, audience: otherAudience(audience) }, "github");
    if (steps.flow) refuse(steps, "the steps are written in brackets");
    if (isReplaced && firstStep) replaceRun(rewrite, firstStep, [...path, "steps", first], line);
    else
      addItem(rewrite, steps, first, [...path, "steps"], {
        lines: ["name: AWS credentials by OIDC, no keys", `run: ${line}`],
        value: { name: "AWS credentials by OIDC, no keys", run: line },
      });
  }
  grant(rewrite, file, map, path, refuse);
  const runs = githubRuns(plainOf(file, pairOf(file.root, "on")?.value), {
    if: plainOf(file, pairOf(map, "if")?.value),
    environment: plainOf(file, pairOf(map, "environment")?.value),
  });
  return { path: file.path, name, image: "node", role: ownRole ?? "", audience: null, tokenEnv: null, line, runs };
}

/** A job that calls a workflow of this repository: it grants what the called one needs, and passes no keys. */
function migrateCaller(
  { file, rewrite }: Workflow,
  { name, map }: Workflow["jobs"][number],
  granted: ReadonlySet<string>,
): void {
  const uses = scalarText(pairOf(map, "uses")?.value) ?? "";
  if (!granted.has(uses.replace(/^\.\//, ""))) return;
  const path: Path = ["jobs", name];
  dropKeys(rewrite, map, path, "secrets", isKeyVariable);
  grant(rewrite, file, map, path, (node, reason) => {
    throw new CannotSplice(reason, isMap(node) ? (node.range?.[0] ?? 0) : 0);
  });
}

/** The workflow's own `env:`, and the secrets that it asks its callers for. */
function dropGlobals({ file, rewrite, hasGlobalKeys }: Workflow): void {
  if (hasGlobalKeys && rewrite.edits.length === 0) {
    const [offset] = rangeOf(pairOf(file.root, "env")?.key);
    throw new CannotSplice("no job of the workflow calls AWS by name, and its env holds keys", offset);
  }
  dropKeys(rewrite, file.root, [], "env", isKeyVariable);
  const on = pairOf(file.root, "on")?.value;
  const call = isMap(on) ? pairOf(on, "workflow_call")?.value : null;
  if (isMap(call)) dropKeys(rewrite, call, ["on", "workflow_call"], "secrets", isKeyVariable);
}
