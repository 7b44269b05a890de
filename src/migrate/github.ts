import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import { KEY_NAMES } from "./credential-commands.ts";
import { isRecord } from "./gitlab-config.ts";
import { type Files, type MigratedJob, type Migration, type Refusal, type Setup } from "./migration.ts";
import {
  addItem,
  addPairs,
  dropKeys,
  dropPair,
  pairOf,
  type Path,
  proveRewrite,
  type Rewrite,
  scalarText,
  startRewrite,
} from "./rewrite.ts";
import { handOverLine, imageKind } from "./rolecall-line.ts";
import { callsAws, commandsOf, mayCallAws } from "./shell-commands.ts";
import { isStandIn } from "./stand-in-keys.ts";
import { CannotSplice } from "./splice.ts";
import { isUnreadable, keyName, lineOf, mapOf, plainOf, rangeOf, readYamlFile, type YamlFile } from "./yaml-file.ts";

// Source: GitHub docs, workflow syntax (permissions, jobs.<id>.uses) and security hardening with OpenID Connect;
// aws-actions/configure-aws-credentials, README, as of November 2026.

const CONFIGURE = /^aws-actions\/configure-aws-credentials@/;
const WITH_KEYS = new Set(["aws-access-key-id", "aws-secret-access-key", "aws-session-token"]);
/** Actions that use the job's credentials. */
const AWS_ACTIONS =
  /^(?:aws-actions\/(?!configure-aws-credentials)|aws\/|docker\/login-action@.*ecr|hashicorp\/terraform|pulumi\/actions@|serverless\/github-action@|einaregilsson\/beanstalk-deploy@|jakejarvis\/s3-sync-action@)/;
/** What needs more of GITHUB_TOKEN than `contents: read`. */
const TOKEN_USE = /secrets\.GITHUB_TOKEN|github\.token|GH_TOKEN|\bgit push\b|ghcr\.io|\bgh (?:pr|release|issue|api)\b/;
const TOKEN_ACTIONS =
  /^(?:actions\/(?:github-script|labeler|stale|deploy-pages|attest)|softprops\/|peter-evans\/|release-drafter\/|googleapis\/release|github\/codeql|docker\/build-push-action)/;

const isKey = (name: string, value: unknown): boolean =>
  (KEY_NAMES as readonly string[]).includes(name) && !isStandIn(value);

interface Workflow {
  readonly file: YamlFile;
  readonly rewrite: Rewrite;
  readonly jobs: readonly { readonly name: string; readonly map: YAMLMap }[];
  /** Keys stood in the workflow's own `env:`, so that every job had them. */
  readonly hasGlobalKeys: boolean;
}

/** Plans the move of GitHub's workflows. */
export function migrateGithub(files: Files, setup: Setup): Migration {
  const refusals: Refusal[] = [];
  const jobs: MigratedJob[] = [];
  const notes = new Set<string>();
  const workflows = [...files].flatMap(([path, text]) => {
    if (!/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return [];
    const file = readYamlFile(path, text);
    if (!isUnreadable(file)) return [workflowOf(file)];
    if (/AWS_|aws-access-key-id/.test(text)) refusals.push({ path, job: null, ...file });
    return [];
  });
  const attempt = (file: YamlFile, job: string | null, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof CannotSplice)) throw error;
      refusals.push({ path: file.path, line: lineOf(file.text, error.offset), job, reason: error.message });
    }
  };
  const granted = new Set<string>();
  for (const workflow of workflows)
    for (const job of workflow.jobs)
      attempt(workflow.file, job.name, () => {
        const done = migrateJob(workflow, job, setup);
        if (!done) {
          if (maybeUses(workflow, job))
            notes.add(`${job.name} had the workflow's keys too: if its steps call AWS, say --job ${job.name}`);
          return;
        }
        jobs.push(done);
        granted.add(workflow.file.path);
        for (const note of notesOn(workflow.file)) notes.add(note);
      });
  for (const workflow of workflows) {
    for (const job of workflow.jobs) attempt(workflow.file, job.name, () => migrateCaller(workflow, job, granted));
    if (workflow.hasGlobalKeys || granted.has(workflow.file.path))
      attempt(workflow.file, null, () => dropGlobals(workflow));
  }
  const changed = workflows.filter(({ rewrite }) => rewrite.edits.length > 0);
  const proofs = changed.flatMap(({ rewrite }) => proveRewrite(rewrite));
  return {
    ci: "github",
    files: changed.map(({ file, rewrite }) => ({ path: file.path, text: file.text, edits: rewrite.edits })),
    jobs,
    refusals: withoutEchoes(refusals, [...proofs, ...untouched(workflows)]),
    notes: [...notes],
  };
}

/** A file that is refused already has keys left for that reason. */
function withoutEchoes(refusals: readonly Refusal[], more: readonly Refusal[]): readonly Refusal[] {
  return [...refusals, ...more.filter(({ path }) => !refusals.some((one) => one.path === path))];
}

function workflowOf(file: YamlFile): Workflow {
  const map = mapOf(file, pairOf(file.root, "jobs")?.value);
  const env = pairOf(file.root, "env")?.value;
  return {
    file,
    rewrite: startRewrite(file),
    jobs: (map?.items ?? []).flatMap((pair) => (isMap(pair.value) ? [{ name: keyName(pair), map: pair.value }] : [])),
    hasGlobalKeys: isMap(env) && env.items.some((pair) => isKey(keyName(pair), scalarText(pair.value))),
  };
}

/** A workflow with keys in it that no change reached. */
function untouched(workflows: readonly Workflow[]): readonly Refusal[] {
  return workflows
    .filter(({ rewrite }) => rewrite.edits.length === 0)
    .flatMap(({ rewrite }) => proveRewrite(rewrite).filter(({ reason }) => reason.includes("is used here")));
}

function migrateJob(
  { file, rewrite, hasGlobalKeys }: Workflow,
  { name, map }: Workflow["jobs"][number],
  setup: Setup,
): MigratedJob | null {
  const steps = pairOf(map, "steps")?.value;
  if (!isSeq(steps)) return null;
  const path: Path = ["jobs", name];
  const role = setup.role;
  const refuse = (node: unknown, reason: string): never => {
    throw new CannotSplice(reason, isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0);
  };
  const all = steps.items.map((item) => (isMap(item) ? item : null));
  if (all.some((step) => step && /\brolecall(?:@\S+)? creds/.test(scalarText(pairOf(step, "run")?.value) ?? "")))
    return null;
  const configured = all.findIndex((step) => step && usesOf(step, CONFIGURE) && keysWith(step) > 0);
  const inEnv = all.flatMap((step, index) => (step && hasEnvKeys(step) ? [index] : []));
  const jobKeys = hasEnvKeys(map);
  const using = all.findIndex((step) => step && usesAws(step));
  // Keys of the whole job were there for scripts that nobody sees into, too.
  const early = all.findIndex((step) => step && (usesAws(step) || runsScript(step) || usesOther(step)));
  const consumes =
    configured >= 0 ||
    inEnv.length > 0 ||
    jobKeys ||
    (hasGlobalKeys && using >= 0) ||
    (setup.jobs.includes(name) && early >= 0);
  if (!consumes) return null;
  let line = "";
  let ownRole = role;
  if (configured >= 0) {
    const step = all[configured];
    if (!step) return null;
    ({ line, role: ownRole } = changeConfigure(rewrite, step, [...path, "steps", configured], setup, refuse));
  }
  if (jobKeys) dropKeys(rewrite, map, path, "env", isKey);
  for (const index of inEnv) {
    const step = all[index];
    if (step) dropKeys(rewrite, step, [...path, "steps", index], "env", isKey);
  }
  const places = [
    ...inEnv,
    ...((jobKeys || hasGlobalKeys || setup.jobs.includes(name)) && early >= 0 ? [early] : []),
    ...(using >= 0 ? [using] : []),
  ].toSorted((left, right) => left - right);
  const first = places[0] ?? 0;
  const hasOther = all.some((step, index) => step && usesOf(step, CONFIGURE) && index < first);
  if (configured < 0 && !hasOther) {
    if (role === null) refuse(map, "no role is named: give --role ARN, or a rolecall.yaml whose account is known");
    const container = pairOf(map, "container");
    const image = container
      ? (scalarText(container.value) ??
        scalarText(isMap(container.value) ? pairOf(container.value, "image")?.value : null))
      : null;
    if (container && imageKind(image, []) !== "node")
      refuse(container.key, "the job's container has no Node.js, which the later steps' credentials need");
    line = handOverLine({ image: "node", role, tokenEnv: null, audience: otherAudience(setup) }, "github");
    if (steps.flow) refuse(steps, "the steps are written in brackets");
    addItem(rewrite, steps, first, [...path, "steps"], {
      lines: ["name: AWS credentials by OIDC, no keys", `run: ${line}`],
      value: { name: "AWS credentials by OIDC, no keys", run: line },
    });
  }
  grant(rewrite, file, map, path, refuse);
  return { path: file.path, name, image: "node", role: ownRole ?? "", audience: null, tokenEnv: null, line };
}

/** The audience that the action and rolecall would not take by themselves. */
function otherAudience({ audience }: Setup): string | null {
  return audience === "sts.amazonaws.com" ? null : audience;
}

function usesOf(step: YAMLMap, pattern: RegExp): boolean {
  const uses = scalarText(pairOf(step, "uses")?.value);
  return uses !== null && pattern.test(uses);
}

function keysWith(step: YAMLMap): number {
  const inputs = pairOf(step, "with")?.value;
  return isMap(inputs) ? inputs.items.filter((pair) => WITH_KEYS.has(keyName(pair))).length : 0;
}

function hasEnvKeys(map: YAMLMap): boolean {
  const env = pairOf(map, "env")?.value;
  return isMap(env) && env.items.some((pair) => isKey(keyName(pair), scalarText(pair.value)));
}

/** A job that had the workflow's keys, and whose steps may have used them where nobody sees it. */
function maybeUses({ hasGlobalKeys }: Workflow, { map }: Workflow["jobs"][number]): boolean {
  const steps = pairOf(map, "steps")?.value;
  if (!hasGlobalKeys || !isSeq(steps)) return false;
  return steps.items.some((step) => isMap(step) && (runsScript(step) || usesOther(step)));
}

/** An action of somebody else's may read the keys from its environment. */
function usesOther(step: YAMLMap): boolean {
  return usesOf(step, /^(?!(?:\.\/)?actions\/|docker\/setup|hashicorp\/setup|pnpm\/action-setup)/);
}

function runsScript(step: YAMLMap): boolean {
  const run = scalarText(pairOf(step, "run")?.value);
  return run !== null && commandsOf(run).some(({ text }) => mayCallAws(text));
}

function usesAws(step: YAMLMap): boolean {
  const run = scalarText(pairOf(step, "run")?.value);
  if (run !== null && commandsOf(run).some(({ text }) => callsAws(text))) return true;
  return usesOf(step, AWS_ACTIONS);
}

/** Takes the keys out of the action's inputs; a role that they were only the way to stays. */
function changeConfigure(
  rewrite: Rewrite,
  step: YAMLMap,
  path: Path,
  setup: Setup,
  refuse: (node: unknown, reason: string) => never,
): { line: string; role: string | null } {
  const { role } = setup;
  const inputs = pairOf(step, "with")?.value;
  if (!isMap(inputs)) return refuse(step, "its inputs are written elsewhere");
  if (pairOf(inputs, "role-chaining")) return refuse(inputs, "it takes one role after another (role-chaining)");
  const named = scalarText(pairOf(inputs, "role-to-assume")?.value);
  if (named === null && role === null)
    return refuse(step, "no role is named: give --role ARN, or a rolecall.yaml whose account is known");
  const others = inputs.items.filter((pair) => !WITH_KEYS.has(keyName(pair)));
  const [other] = others;
  const [first] = inputs.items;
  const audience = pairOf(inputs, "audience") ? null : otherAudience(setup);
  const more = {
    ...(named === null ? { "role-to-assume": role ?? "" } : {}),
    ...(audience === null ? {} : { audience }),
  };
  if (first && Object.keys(more).length > 0) {
    if (inputs.flow) return refuse(inputs, "its inputs are written with braces");
    addPairs(rewrite, inputs, [...path, "with"], more, { before: other ?? first });
  }
  for (const pair of inputs.items.filter((one) => WITH_KEYS.has(keyName(one)))) {
    dropPair(rewrite, inputs, pair, [...path, "with"]);
  }
  return { line: `uses: ${scalarText(pairOf(step, "uses")?.value) ?? ""}`, role: named ?? role };
}

/** The job's permissions: what it had, and the right to ask for an ID token. */
function grant(
  rewrite: Rewrite,
  file: YamlFile,
  map: YAMLMap,
  path: Path,
  refuse: (node: unknown, reason: string) => never,
): void {
  const own = pairOf(map, "permissions");
  if (own) {
    if (isMap(own.value)) return grantInMap(rewrite, own.value, [...path, "permissions"], refuse);
    if (scalarText(own.value) === "write-all") return;
    return refuse(own.key, `the job's permissions are ${String(plainOf(file, own.value))}: name them one by one first`);
  }
  const above = pairOf(file.root, "permissions");
  const inherited = above ? plainOf(file, above.value) : null;
  if (inherited === "write-all") return;
  if (above && !isRecord(inherited))
    return refuse(above.key, `the workflow's permissions are ${String(inherited)}: name them one by one first`);
  if (isRecord(inherited) && inherited["id-token"] === "write") return;
  if (!above && usesToken(file, map)) {
    return refuse(
      map,
      "the job uses GITHUB_TOKEN and names no permissions, which would be taken away: name them first, on the job",
    );
  }
  const steps = pairOf(map, "steps") ?? pairOf(map, "uses") ?? map.items[0];
  if (!steps) return;
  const base = isRecord(inherited) ? inherited : { contents: "read" };
  addPairs(rewrite, map, path, { permissions: { "id-token": "write", ...base } }, { before: steps });
}

function grantInMap(
  rewrite: Rewrite,
  permissions: YAMLMap,
  path: Path,
  refuse: (node: unknown, reason: string) => never,
): void {
  const given = pairOf(permissions, "id-token");
  const [first] = permissions.items;
  if (given) {
    if (scalarText(given.value) === "write") return;
    return refuse(given.key, "the job's permissions take the ID token away");
  }
  if (!first) return refuse(permissions, "the job's permissions are empty");
  if (!permissions.flow) return addPairs(rewrite, permissions, path, { "id-token": "write" }, { before: first });
  const [start] = first.key && isScalar(first.key) ? (first.key.range ?? [0]) : [0];
  rewrite.edits.push({ start, end: start, text: "id-token: write, " });
  let owner: unknown = rewrite.wanted;
  for (const step of path) owner = (owner as Record<string, unknown>)[String(step)];
  if (isRecord(owner)) owner["id-token"] = "write";
}

function usesToken(file: YamlFile, map: YAMLMap): boolean {
  const [start, end] = map.range ?? [0, 0];
  if (TOKEN_USE.test(file.text.slice(start, end))) return true;
  const steps = pairOf(map, "steps")?.value;
  return isSeq(steps) && steps.items.some((step) => isMap(step) && usesOf(step, TOKEN_ACTIONS));
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
  dropKeys(rewrite, map, path, "secrets", isKey);
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
  dropKeys(rewrite, file.root, [], "env", isKey);
  const on = pairOf(file.root, "on")?.value;
  const call = isMap(on) ? pairOf(on, "workflow_call")?.value : null;
  if (isMap(call)) dropKeys(rewrite, call, ["on", "workflow_call"], "secrets", isKey);
}

function notesOn(file: YamlFile): readonly string[] {
  const on = plainOf(file, pairOf(file.root, "on")?.value);
  const names =
    typeof on === "string" ? [on] : Array.isArray(on) ? on.map(String) : isRecord(on) ? Object.keys(on) : [];
  return names.includes("pull_request")
    ? [`${file.path} runs for pull requests: those from forks and of Dependabot get no ID token`]
    : [];
}
