import { isMap, isSeq, type YAMLMap } from "yaml";
import { byHandOf, KEY_NAMES, readItem } from "./credential-commands.ts";
import { masked } from "./masked.ts";
import { type Files, type MigratedJob, type Migration, NO_MIGRATION, type Refusal, type Setup } from "./migration.ts";
import {
  addItem,
  addPairs,
  dropKeys,
  dropPair,
  eachMap,
  pairOf,
  type Path,
  proveRewrite,
  type Rewrite,
  scalarText,
  setValue,
  startRewrite,
} from "./rewrite.ts";
import { handOverLine, imageKind, SHIM_FILE, type LineSetup } from "./rolecall-line.ts";
import { callsAws, commandsOf, mayCallAws } from "./shell-commands.ts";
import { isStandIn } from "./stand-in-keys.ts";
import { CannotSplice, plain } from "./splice.ts";
import { isUnreadable, keyName, lineOf, mapOf, rangeOf, readYamlFile, type YamlFile } from "./yaml-file.ts";

// Source: CircleCI docs, openid-connect-tokens and configuration reference; the orb circleci/aws-cli, command setup,
// as of November 2026.

export const CIRCLECI_FILE = ".circleci/config.yml";
const ORB_KEYS = new Set(["aws_access_key_id", "aws_secret_access_key", "aws-access-key-id", "aws-secret-access-key"]);
const NAME = "AWS credentials by OIDC, no keys";
const isKey = (name: string, value: unknown): boolean =>
  (KEY_NAMES as readonly string[]).includes(name) && !isStandIn(value);

/** Plans the move of `.circleci/config.yml`. */
export function migrateCircleci(files: Files, setup: Setup): Migration {
  const text = files.get(CIRCLECI_FILE);
  if (text === undefined) return { ...NO_MIGRATION, ci: "circleci" };
  const file = readYamlFile(CIRCLECI_FILE, text);
  if (isUnreadable(file))
    return { ...NO_MIGRATION, ci: "circleci", refusals: [{ path: CIRCLECI_FILE, job: null, ...file }] };
  const rewrite = startRewrite(file);
  const refusals: Refusal[] = [];
  const jobs: MigratedJob[] = [];
  const attempt = (job: string | null, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof CannotSplice)) throw error;
      refusals.push({ path: file.path, line: lineOf(text, error.offset), job, reason: error.message });
    }
  };
  attempt(null, () => changeOrbs(rewrite, setup, jobs));
  for (const family of ["jobs", "commands"]) {
    const map = mapOf(file, pairOf(file.root, family)?.value);
    for (const pair of map?.items ?? []) {
      const body = pair.value;
      if (isMap(body))
        attempt(keyName(pair), () =>
          migrateSteps({ rewrite, file, setup, jobs }, keyName(pair), body, [family, keyName(pair)]),
        );
    }
  }
  attempt(null, () => {
    eachMap(
      file.root,
      (map, path) => void (pairOf(map, "environment") && dropKeys(rewrite, map, path, "environment", isKey)),
    );
  });
  return {
    ci: "circleci",
    files: rewrite.edits.length > 0 ? [{ path: file.path, text, edits: rewrite.edits }] : [],
    jobs,
    refusals: refusals.length > 0 ? refusals : proveRewrite(rewrite),
    notes: notesOn(jobs),
  };
}

function notesOn(jobs: readonly MigratedJob[]): readonly string[] {
  if (jobs.length === 0) return [];
  const own = jobs.some(({ line, image }) => line === "aws-cli/setup" || image === "shell");
  return [
    "builds of forks get no ID token, unless the project passes secrets to them",
    ...(own
      ? ["the token that every job has is for the organization's id: in rolecall.yaml that id is the role's audience"]
      : []),
  ];
}

/** The orb's `setup`, wherever steps are: its keys go, and the role comes. */
function changeOrbs(rewrite: Rewrite, setup: Setup, jobs: MigratedJob[]): void {
  eachMap(rewrite.file.root, (map, path) => {
    const pair = pairOf(map, "aws-cli/setup");
    const inputs = pair?.value;
    if (!isMap(inputs)) return;
    const keys = inputs.items.filter((one) => ORB_KEYS.has(keyName(one)));
    const hasRole = pairOf(inputs, "role_arn") ?? pairOf(inputs, "role-arn");
    if (keys.length === 0 && hasRole) return;
    const [start] = rangeOf(pair?.key);
    if (inputs.flow) throw new CannotSplice("its parameters are written with braces", start);
    const named = pairOf(inputs, "role_arn") ?? pairOf(inputs, "role-arn");
    if (!named && setup.role === null)
      throw new CannotSplice("no role is named: give --role ARN, or a rolecall.yaml whose account is known", start);
    const [first] = inputs.items;
    const other = inputs.items.find((one) => !keys.includes(one)) ?? first;
    if (!named && other)
      addPairs(rewrite, inputs, [...path, "aws-cli/setup"], { role_arn: setup.role ?? "" }, { before: other });
    for (const one of keys) dropPair(rewrite, inputs, one, [...path, "aws-cli/setup"]);
    const job =
      path[0] === "jobs"
        ? String(path[1])
        : String(path.findLast((step) => typeof step === "string" && !["auth", "steps"].includes(step)));
    jobs.push({
      path: rewrite.file.path,
      name: job,
      image: "none",
      role: scalarText(named?.value) ?? setup.role ?? "",
      audience: null,
      tokenEnv: null,
      line: "aws-cli/setup",
    });
  });
}

interface Work {
  readonly rewrite: Rewrite;
  readonly file: YamlFile;
  readonly setup: Setup;
  readonly jobs: MigratedJob[];
}

/** The command of `run: …` or `run: { command: … }`, and where it stands. */
function runOf(
  step: unknown,
  path: Path,
): { readonly text: string; readonly node: unknown; readonly path: Path } | null {
  if (!isMap(step)) return null;
  const run = pairOf(step, "run")?.value;
  const short = scalarText(run);
  if (short !== null) return { text: short, node: run, path: [...path, "run"] };
  const command = isMap(run) ? pairOf(run, "command")?.value : null;
  const long = scalarText(command);
  return long === null ? null : { text: long, node: command, path: [...path, "run", "command"] };
}

function migrateSteps({ rewrite, file, setup, jobs }: Work, name: string, body: YAMLMap, path: Path): void {
  const steps = pairOf(body, "steps")?.value;
  if (!isSeq(steps)) return;
  const runs = steps.items.map((step, index) => runOf(step, [...path, "steps", index]));
  const texts = runs.flatMap((run) => (run ? [run.text] : []));
  if (texts.some((text) => /\brolecall(?:@\S+)? creds|rolecall\.sh/.test(text))) return;
  const bare = steps.items.find((step) => scalarText(step) === "aws-cli/setup");
  if (bare !== undefined)
    throw new CannotSplice("aws-cli/setup takes the keys of the project: give it role_arn", rangeOf(bare)[0]);
  if (steps.items.some((step) => isOrbSetup(step))) return;
  const readings = runs.map((run) => (run ? readItem(run.text) : null));
  const touching = readings.findIndex((reading) => reading?.touching);
  if (touching >= 0)
    throw new CannotSplice(
      `this uses keys in a way that cannot be rewritten: ${masked(readings[touching]?.touching ?? "")}`,
      rangeOf(runs[touching]?.node)[0],
    );
  const setting = readings.findIndex((reading) => reading?.sets);
  const calls = texts.some((text) => commandsOf(text).some((command) => callsAws(command.text)));
  const isUse = (run: (typeof runs)[number]): boolean =>
    run !== null && commandsOf(run.text).some(({ text }) => mayCallAws(text));
  const hasKeys = hasOwnKeys(body) || steps.items.some((step) => isMap(step) && hasOwnKeys(pairOf(step, "run")?.value));
  const first = runs.findIndex(isUse);
  const calling = calls || hasKeys ? (first >= 0 ? first : runs.findIndex((run) => run !== null)) : -1;
  if (setting < 0 && calling < 0) return;
  const byHand = byHandOf(
    readings.flatMap(
      (reading) => reading?.commands.filter(({ role }) => role !== "other").map(({ text }) => text) ?? [],
    ),
  );
  if ("conflict" in byHand) throw new CannotSplice(byHand.conflict, rangeOf(steps)[0]);
  const role = byHand.role ?? setup.role;
  if (role === null)
    throw new CannotSplice(
      "no role is named: give --role ARN, or a rolecall.yaml whose account is known",
      rangeOf(body)[0],
    );
  const image = imageKind(imageOf(file, body), texts);
  const place = setting >= 0 ? setting : calling;
  if (image === "shell" && path[0] === "jobs" && !steps.items.slice(0, place).some(isCheckout))
    throw new CannotSplice("the job has no checkout before it, so that it cannot have rolecall.sh", rangeOf(steps)[0]);
  const line = persistentLine({
    image,
    role,
    tokenEnv: null,
    audience: setup.audience,
    duration: byHand.duration,
    session: byHand.session,
  });
  if (setting < 0) {
    if (steps.flow) throw new CannotSplice("the steps are written in brackets", rangeOf(steps)[0]);
    addItem(rewrite, steps, calling, [...path, "steps"], {
      lines: ["run:", `  name: ${NAME}`, `  command: ${plain(line)}`],
      value: { run: { name: NAME, command: line } },
    });
  } else replaceRun(rewrite, runs, readings, setting, line);
  if (path[0] === "jobs") jobs.push({ path: file.path, name, image, role, audience: null, tokenEnv: null, line });
  else jobs.push({ path: file.path, name: `command ${name}`, image, role, audience: null, tokenEnv: null, line });
}

type Readings = readonly (ReturnType<typeof readItem> | null)[];

function replaceRun(
  rewrite: Rewrite,
  runs: readonly ReturnType<typeof runOf>[],
  readings: Readings,
  setting: number,
  line: string,
): void {
  const others = readings.filter((reading, index) => index !== setting && reading?.sets);
  const run = runs[setting];
  if (!run) return;
  const [start, end] = rangeOf(run.node);
  if (others.length > 0) throw new CannotSplice("several steps set keys", start);
  if (!readings[setting]?.isCredentials)
    throw new CannotSplice("the step that sets keys does something else too", start);
  const source = rewrite.file.text.slice(start, end);
  rewrite.edits.push({ start, end, text: plain(line) + (source.endsWith("\n") ? rewrite.file.eol : "") });
  setValue(rewrite, run.path, line);
}

function isCheckout(step: unknown): boolean {
  return scalarText(step) === "checkout" || (isMap(step) && pairOf(step, "checkout") !== undefined);
}

/** Keys that the file gives to a job or a step: then it uses them, whatever its commands are. */
function hasOwnKeys(node: unknown): boolean {
  const environment = isMap(node) ? pairOf(node, "environment")?.value : null;
  return isMap(environment) && environment.items.some((pair) => isKey(keyName(pair), scalarText(pair.value)));
}

function isOrbSetup(step: unknown): boolean {
  return (
    (isMap(step) && pairOf(step, "aws-cli/setup") !== undefined) || (scalarText(step) ?? "").startsWith("aws-cli/")
  );
}

function imageOf(file: YamlFile, body: YAMLMap): string | null {
  const docker = pairOf(body, "docker")?.value;
  const [first] = isSeq(docker) ? docker.items : [];
  const map = mapOf(file, first);
  return map ? scalarText(pairOf(map, "image")?.value) : null;
}

/** Later steps are shells of their own, which all read BASH_ENV. */
function persistentLine(setup: LineSetup): string {
  if (setup.image === "node") return handOverLine(setup, "circleci");
  const { role, duration, session } = setup;
  const more = [
    ["--role", role],
    ["--duration", duration],
    ["--session-name", session],
  ] as const;
  return `sh ${SHIM_FILE}${more.map(([name, value]) => (value ? ` ${name} ${/^["']/.test(value) || !value.includes("$") ? value : `"${value}"`}` : "")).join("")} >> "$BASH_ENV"`;
}
