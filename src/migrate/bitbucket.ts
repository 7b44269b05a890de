import { isMap, isSeq, type YAMLMap } from "yaml";
import { type ItemReading, keyNamedIn, readItem } from "./credential-commands.ts";
import {
  audienceFor,
  type Files,
  type MigratedJob,
  type Migration,
  type Refusal,
  roleFor,
  type Setup,
} from "./migration.ts";
import {
  addItem,
  addPairs,
  dropPair,
  eachMap,
  pairOf,
  type Path,
  proveRewrite,
  type Rewrite,
  scalarText,
  setValue,
} from "./rewrite.ts";
import { evalLine, imageKind } from "./rolecall-line.ts";
import { callsAws, changesFolder, commandsOf, mayCallAws } from "./shell-commands.ts";
import { CannotSplice, plain, removeItem, replaceItem } from "./splice.ts";
import {
  attempt,
  differentSources,
  handWritten,
  isKeyVariable,
  isOver,
  type KeySource,
  NO_ROLE,
  oneRoleForAll,
  startOf,
} from "./step-script.ts";
import { findPair, keyName, lineOf, plainOf, rangeOf, resolved, type YamlFile } from "./yaml-file.ts";

// Source: Atlassian support, deploy on AWS using Bitbucket Pipelines OpenID Connect; the pipes atlassian/aws-*,
// README (AWS_OIDC_ROLE_ARN), as of November 2026.

const AWS_PIPE = /^(?:docker:\/\/)?atlassian\/aws-/;
export const BITBUCKET_FILE = "bitbucket-pipelines.yml";

/** Plans the move of `bitbucket-pipelines.yml`. */
export function migrateBitbucket(files: Files, setup: Setup): Migration {
  const rewrite = startOf("bitbucket", BITBUCKET_FILE, files);
  if (isOver(rewrite)) return rewrite;
  const { file, edits } = rewrite;
  const refusals: Refusal[] = [];
  const jobs: MigratedJob[] = [];
  const sources: KeySource[] = [];
  const places = new Set<string>();
  for (const { step, path, name } of stepsOf(file))
    attempt(rewrite, name, refusals, () => {
      const done = migrateStep(rewrite, step, path, name, setup);
      if (!done) return;
      jobs.push(done);
      const key = keyOf(file, step);
      if (key !== null) sources.push({ job: name, key, path: file.path, line: lineOf(file.text, rangeOf(step)[0]) });
      const deployment = scalarText(pairOf(step, "deployment")?.value);
      if (deployment !== null && !setup.roles?.has(name)) places.add(deployment);
    });
  refusals.push(...differentSources(sources.filter(({ job }) => !setup.roles?.has(job))));
  return {
    ci: "bitbucket",
    files: edits.length > 0 ? [{ path: file.path, text: file.text, edits }] : [],
    jobs,
    refusals: refusals.length > 0 ? refusals : proveRewrite(rewrite, sharedTokens),
    notes: oneRoleForAll(places),
  };
}

/** What the step's scripts and pipes take their key from. */
function keyOf(file: YamlFile, step: YAMLMap): string | null {
  const script = resolved(file, pairOf(step, "script")?.value);
  const items = isSeq(script) ? script.items : [];
  const inPipe = items
    .flatMap((item) => (isMap(item) ? [pairOf(item, "variables")?.value] : []))
    .flatMap((variables) => (isMap(variables) ? [scalarText(pairOf(variables, "AWS_ACCESS_KEY_ID")?.value)] : []));
  return inPipe.find((key) => key !== null) ?? keyNamedIn(items.map((item) => scalarText(item) ?? "").join("\n"));
}

interface Step {
  readonly step: YAMLMap;
  readonly path: Path;
  readonly name: string;
}

/** Steps that take a token from an anchor and run another script: they need none. */
function sharedTokens(after: YamlFile): readonly Refusal[] {
  const found: Refusal[] = [];
  eachMap(after.root, (map) => {
    const own = pairOf(map, "script");
    if (!own || pairOf(map, "oidc") || findPair(after, map, "oidc") === null) return;
    if (/rolecall|AWS_OIDC_ROLE_ARN/.test(JSON.stringify(plainOf(after, own.value)))) return;
    const line = lineOf(after.text, rangeOf(own.key)[0]);
    found.push({
      path: after.path,
      line,
      job: null,
      reason: "a step with a script of its own would get a token by the anchor that it merges",
    });
  });
  return found;
}

/** Maps with a script: steps, and what anchors make steps of. */
function stepsOf(file: YamlFile): readonly Step[] {
  const found: Step[] = [];
  eachMap(file.root, (map, path) => {
    if (!isSeq(resolved(file, pairOf(map, "script")?.value))) return;
    found.push({ step: map, path, name: scalarText(pairOf(map, "name")?.value) ?? path.join(".") });
  });
  return found;
}

function migrateStep(rewrite: Rewrite, step: YAMLMap, path: Path, name: string, setup: Setup): MigratedJob | null {
  const script = pairOf(step, "script")?.value;
  if (!isSeq(script)) throwIfNeeded(rewrite.file, script);
  if (!isSeq(script)) return null;
  const own: Path = [...path, "script"];
  const texts = script.items.map((item) => scalarText(resolved(rewrite.file, item)) ?? "");
  const pipes = script.items.flatMap((item, index) => (isMap(item) && hasPipeKeys(item) ? [{ item, index }] : []));
  if (texts.some((text) => /\brolecall(?:@\S+)? creds|rolecall\.sh/.test(text))) return null;
  const readings = texts.map(readItem);
  const byHand = handWritten(readings, (index) => script.items[index], script);
  const setting = readings.some(({ sets }) => sets);
  const calls =
    setup.jobs.includes(name) ||
    texts.some((text) => commandsOf(text).some((command) => callsAws(command.text, setup.scripts)));
  const use = texts.findIndex((text) => commandsOf(text).some((command) => mayCallAws(command.text, setup.scripts)));
  const calling = calls ? Math.max(0, use) : -1;
  if (!setting && calling < 0 && pipes.length === 0) return null;
  const role = byHand.role ?? roleFor(setup, name);
  if (role === null) throw new CannotSplice(NO_ROLE, rangeOf(script)[0]);
  const image = imageKind(imageOf(rewrite.file, step), texts);
  if (image === "shell" && (setting || calling >= 0) && hasNoClone(rewrite.file, step))
    throw new CannotSplice("the step has no clone, so that it cannot have rolecall.sh", rangeOf(script)[0]);
  const place = setting ? readings.findIndex(({ sets }) => sets) : calling;
  const hasLeft = readings
    .slice(0, Math.max(0, place))
    .some(({ commands }) => commands.some(({ text }) => changesFolder(text)));
  const line = evalLine({
    image,
    role,
    tokenEnv: null,
    duration: byHand.duration,
    session: byHand.session,
    checkout: hasLeft ? "$BITBUCKET_CLONE_DIR" : null,
  });
  for (const { item, index } of pipes) changePipe(rewrite, item, [...own, index], role);
  if (setting) replaceByHand(rewrite, script, readings, own, line);
  else if (calling >= 0) addItem(rewrite, script, calling, own, { lines: [plain(line)], value: line });
  askForToken(rewrite, step, path, audienceFor(setup, role));
  return {
    path: rewrite.file.path,
    name,
    image,
    role,
    audience: null,
    tokenEnv: null,
    line: calling >= 0 || setting ? line : "AWS_OIDC_ROLE_ARN",
  };
}

/** A script behind an anchor is changed where it is written, unless it stands outside of all steps. */
function throwIfNeeded(file: YamlFile, script: unknown): void {
  const seq = resolved(file, script);
  const isNeeded =
    isSeq(seq) && seq.items.some((item) => commandsOf(scalarText(item) ?? "").some(({ text }) => callsAws(text)));
  if (isNeeded) throw new CannotSplice("the step's script is written elsewhere, behind an anchor", rangeOf(script)[0]);
}

function hasNoClone(file: YamlFile, step: YAMLMap): boolean {
  const clone = plainOf(file, (pairOf(step, "clone") ?? pairOf(file.root, "clone"))?.value);
  return (clone as Record<string, unknown> | null)?.["enabled"] === false;
}

function imageOf(file: YamlFile, step: YAMLMap): string | null {
  const image = plainOf(file, (pairOf(step, "image") ?? pairOf(file.root, "image"))?.value);
  if (typeof image === "string") return image;
  const name = (image as Record<string, unknown> | null)?.["name"];
  return typeof name === "string" ? name : null;
}

function hasPipeKeys(item: YAMLMap): boolean {
  const variables = pairOf(item, "variables")?.value;
  const pipe = scalarText(pairOf(item, "pipe")?.value);
  if (pipe === null || !isMap(variables)) return false;
  // Atlassian's take the repository's keys by themselves where they are given none.
  if (AWS_PIPE.test(pipe)) return pairOf(variables, "AWS_OIDC_ROLE_ARN") === undefined;
  return variables.items.some((pair) => isKeyVariable(keyName(pair), scalarText(pair.value)));
}

function changePipe(rewrite: Rewrite, item: YAMLMap, path: Path, role: string): void {
  const pipe = scalarText(pairOf(item, "pipe")?.value) ?? "";
  const variables = pairOf(item, "variables")?.value;
  if (!isMap(variables)) return;
  const [start] = rangeOf(item);
  if (!AWS_PIPE.test(pipe)) throw new CannotSplice(`the pipe ${pipe} takes keys alone`, start);
  if (variables.flow) throw new CannotSplice("its variables are written with braces", start);
  const keys = variables.items.filter((pair) => isKeyVariable(keyName(pair), scalarText(pair.value)));
  const first = variables.items.find((pair) => !keys.includes(pair)) ?? variables.items[0];
  if (first && !pairOf(variables, "AWS_OIDC_ROLE_ARN"))
    addPairs(rewrite, variables, [...path, "variables"], { AWS_OIDC_ROLE_ARN: role }, { before: first });
  for (const pair of keys) dropPair(rewrite, variables, pair, [...path, "variables"]);
}

function replaceByHand(
  rewrite: Rewrite,
  script: { readonly items: readonly unknown[] } & object,
  readings: readonly ItemReading[],
  path: Path,
  line: string,
): void {
  if (!isSeq(script)) return;
  const writesFiles = readings.some(({ commands }) =>
    commands.some(({ role, text }) => role === "sets" && /\.aws\/|TOKEN_FILE|token_file/.test(text)),
  );
  const kept: unknown[] = [];
  let isPlaced = false;
  script.items.forEach((item, index) => {
    const reading = readings[index];
    const servesOnly =
      reading !== undefined && reading.commands.length > 0 && reading.commands.every(({ role }) => role === "serves");
    if (reading?.sets && !reading.isCredentials)
      throw new CannotSplice("the keys are set on a line that does something else too", rangeOf(item)[0]);
    if (!reading?.sets && !(servesOnly && writesFiles)) {
      kept.push(plainOf(rewrite.file, item));
      return;
    }
    const isFirst = Boolean(reading?.sets) && !isPlaced;
    rewrite.edits.push(
      isFirst ? replaceItem(rewrite.file, script, item, line) : removeItem(rewrite.file, script, item),
    );
    if (isFirst) {
      kept.push(line);
      isPlaced = true;
    }
  });
  setValue(rewrite, path, kept);
}

/** One audience alone: AWS refuses a token with several. Without one the token is for the workspace. */
function askForToken(rewrite: Rewrite, step: YAMLMap, path: Path, audience: string | null): void {
  const given = pairOf(step, "oidc");
  if (given) {
    if (plainOf(rewrite.file, given.value) === false)
      throw new CannotSplice("the step says oidc: false", rangeOf(given.key)[0]);
    return;
  }
  const script = pairOf(step, "script");
  if (script) {
    const isOwn = audience === null || audience.startsWith("ari:");
    addPairs(rewrite, step, path, { oidc: isOwn ? true : { audiences: [audience] } }, { before: script });
  }
}
