import { isMap, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import { type AwsOrb, awsOrbOf, changeOrbs, otherOrbUses } from "./circleci-orb.ts";
import {
  calledBy,
  giversOf,
  imageOf,
  isCheckout,
  isOrbStep,
  keepsCheckout,
  type Run,
  runOf,
  runsIn,
} from "./circleci-steps.ts";
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
  dropKeys,
  eachMap,
  pairOf,
  type Path,
  proveRewrite,
  type Rewrite,
  scalarText,
  setValue,
} from "./rewrite.ts";
import { handOverLine, imageKind, type LineSetup, lineOptions, SHIM_FILE } from "./rolecall-line.ts";
import { callsAws, commandsOf, mayCallAws } from "./shell-commands.ts";
import { CannotSplice, plain } from "./splice.ts";
import {
  attempt,
  differentSources,
  handWritten,
  hasKeysIn,
  isKeyVariable,
  isOver,
  type KeySource,
  NO_ROLE,
  startOf,
} from "./step-script.ts";
import { keyName, lineOf, mapOf, plainOf, rangeOf, type YamlFile } from "./yaml-file.ts";

// Source: CircleCI docs, openid-connect-tokens and configuration reference, as of November 2026.

export const CIRCLECI_FILE = ".circleci/config.yml";
const NAME = "AWS credentials by OIDC, no keys";

interface Work {
  readonly rewrite: Rewrite;
  readonly file: YamlFile;
  readonly setup: Setup;
  readonly orb: AwsOrb;
  readonly jobs: MigratedJob[];
  readonly sources: KeySource[];
  /** Commands of the file that give a job its credentials. */
  readonly givers: ReadonlySet<string>;
  /** A job keeps its whole folder for later ones. */
  readonly keepsCheckout: boolean;
}

/** Plans the move of `.circleci/config.yml`. */
export function migrateCircleci(files: Files, setup: Setup): Migration {
  const rewrite = startOf("circleci", CIRCLECI_FILE, files);
  if (isOver(rewrite)) return rewrite;
  const { file, edits } = rewrite;
  const refusals: Refusal[] = [];
  const orb = awsOrbOf(file);
  const work: Work = {
    rewrite,
    file,
    setup,
    orb,
    jobs: [],
    sources: [],
    givers: giversOf(file, orb),
    keepsCheckout: keepsCheckout(file),
  };
  attempt(rewrite, null, refusals, () => changeOrbs(rewrite, orb, setup, work.jobs, work.sources));
  for (const family of ["jobs", "commands"]) {
    const map = mapOf(file, pairOf(file.root, family)?.value);
    for (const pair of map?.items ?? []) {
      const body = pair.value;
      if (!isMap(body)) continue;
      const name = family === "jobs" ? keyName(pair) : `command ${keyName(pair)}`;
      attempt(rewrite, keyName(pair), refusals, () => migrateSteps(work, name, body, [family, keyName(pair)]));
    }
  }
  attempt(rewrite, null, refusals, () => {
    eachMap(
      file.root,
      (map, path) => void (pairOf(map, "environment") && dropKeys(rewrite, map, path, "environment", isKeyVariable)),
    );
  });
  refusals.push(...differentSources(work.sources.filter(({ job }) => !setup.roles?.has(job))));
  return {
    ci: "circleci",
    files: edits.length > 0 ? [{ path: file.path, text: file.text, edits }] : [],
    jobs: work.jobs,
    refusals: refusals.length > 0 ? refusals : proveRewrite(rewrite),
    notes: notesOn(work),
  };
}

function notesOn({ file, jobs, orb, givers }: Work): readonly string[] {
  const bodies = mapOf(file, pairOf(file.root, "jobs")?.value)?.items ?? [];
  const given = bodies.filter(({ value }) => {
    const text = JSON.stringify(plainOf(file, value));
    return [orb.setup, ...givers].some((called) => text.includes(`"${called}"`));
  });
  const served = new Set([...jobs.map(({ name }) => name), ...given.map(keyName)]);
  const others = otherOrbUses(file, (job) => served.has(job)).map(
    (used) =>
      `${used} takes keys by itself: give it auth:, with ${orb.setup} and its role, or credentials in a step before`,
  );
  if (jobs.length === 0) return others;
  const own = jobs.some(({ line, image }) => line === orb.setup || image === "shell");
  // Alpine's images have no bash, which alone reads BASH_ENV.
  const isAlpine = /image:\s*["']?[\w./-]*(?::[\w.-]*)?alpine/.test(file.text);
  return [
    ...others,
    ...(isAlpine ? ["an image with alpine in its name needs bash: later steps get the credentials by BASH_ENV"] : []),
    "builds of forks get no ID token, unless the project passes secrets to them",
    ...(own
      ? ["the token that every job has is for the organization's id: in rolecall.yaml that id is the role's audience"]
      : []),
  ];
}

function migrateSteps(work: Work, name: string, body: YAMLMap, path: Path): void {
  const { rewrite, file, setup, orb, jobs } = work;
  const steps = pairOf(body, "steps")?.value;
  if (!isSeq(steps)) return;
  const own: Path = [...path, "steps"];
  const runs = steps.items.map((step, index) => runOf(step, [...own, index]));
  const texts = steps.items.map((step) => runsIn(step).map(({ text }) => text));
  if (texts.flat().some((text) => /\brolecall(?:@\S+)? creds|rolecall\.sh/.test(text))) return;
  const bare =
    orb.parameter === null ? steps.items.flatMap((step, index) => (scalarText(step) === orb.setup ? [index] : [])) : [];
  if (bare.length === 0 && steps.items.some((step) => isOrbStep(step, orb))) return;
  const readings = runs.map((run) => (run ? readItem(run.text) : null));
  const byHand = handWritten(readings, (index) => runs[index]?.node, steps);
  const setting = readings.findIndex((reading) => reading?.sets);
  const place = setting >= 0 ? setting : placeOf(work, name, steps, texts, body, bare);
  if (place < 0) return;
  if (setting < 0 && steps.items.slice(0, place).some((step) => work.givers.has(calledBy(step)))) return;
  noteSource(work, name, body, texts.flat());
  const role = byHand.role ?? roleFor(setup, name);
  if (role === null) throw new CannotSplice(NO_ROLE, rangeOf(body)[0]);
  const image = imageKind(imageOf(file, body), texts.flat());
  if (
    image === "shell" &&
    path[0] === "jobs" &&
    !steps.items.slice(0, place).some((step) => isCheckout(step, file, work.keepsCheckout, body))
  )
    throw new CannotSplice("the job has no checkout before it, so that it cannot have rolecall.sh", rangeOf(steps)[0]);
  const { duration, session } = byHand;
  const line = persistentLine({ image, role, tokenEnv: null, audience: audienceFor(setup, role), duration, session });
  for (const index of bare) installOnly(rewrite, orb, steps.items[index], [...own, index]);
  if (setting >= 0) replaceRun(rewrite, runs, readings, setting, line);
  else insertRun(rewrite, steps, place, own, line);
  jobs.push({ path: file.path, name, image, role, audience: null, tokenEnv: null, line });
}

/** Before which step credentials come in; -1 where none needs them. */
function placeOf(
  { setup }: Work,
  name: string,
  steps: YAMLSeq,
  texts: readonly (readonly string[])[],
  body: YAMLMap,
  bare: readonly number[],
): number {
  const [first] = bare;
  if (first !== undefined) return Math.min(first + 1, steps.items.length - 1);
  const some =
    (is: (command: string) => boolean) =>
    (all: readonly string[]): boolean =>
      all.some((text) => commandsOf(text).some((command) => is(command.text)));
  const hasKeys =
    hasKeysIn(body, "environment") ||
    steps.items.some((step) => isMap(step) && hasKeysIn(pairOf(step, "run")?.value, "environment"));
  const calls = texts.some(some((command) => callsAws(command, setup.scripts)));
  if (!hasKeys && !calls && !setup.jobs.includes(name)) return -1;
  const use = texts.findIndex(some((command) => mayCallAws(command, setup.scripts)));
  return use >= 0 ? use : texts.findIndex((all) => all.length > 0);
}

function noteSource({ sources, file }: Work, job: string, body: YAMLMap, texts: readonly string[]): void {
  let key = keyNamedIn(texts.join("\n"));
  eachMap(body, (map) => {
    const environment = pairOf(map, "environment")?.value;
    if (isMap(environment)) key ??= scalarText(pairOf(environment, "AWS_ACCESS_KEY_ID")?.value);
  });
  if (key !== null) sources.push({ job, key, path: file.path, line: lineOf(file.text, rangeOf(body)[0]) });
}

function insertRun(rewrite: Rewrite, steps: YAMLSeq, place: number, path: Path, line: string): void {
  if (steps.flow) throw new CannotSplice("the steps are written in brackets", rangeOf(steps)[0]);
  const step = steps.items[place];
  const run = isMap(step) ? pairOf(step, "run")?.value : null;
  const when = isMap(run) ? scalarText(pairOf(run, "when")?.value) : null;
  // A step for failures runs where those before it do not: its credentials must be there as well.
  const isAlways = when === "on_fail" || when === "always";
  addItem(rewrite, steps, place, path, {
    lines: ["run:", `  name: ${NAME}`, `  command: ${plain(line)}`, ...(isAlways ? ["  when: always"] : [])],
    value: { run: { name: NAME, command: line, ...(isAlways ? { when: "always" } : {}) } },
  });
}

/** An orb that only knows keys is left to install the AWS CLI. */
function installOnly(rewrite: Rewrite, { install }: AwsOrb, item: unknown, path: Path): void {
  const [start, end] = rangeOf(item);
  rewrite.edits.push({ start, end, text: install });
  setValue(rewrite, path, install);
}

function replaceRun(
  rewrite: Rewrite,
  runs: readonly (Run | null)[],
  readings: readonly (ItemReading | null)[],
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

/** Later steps are shells of their own, which all read BASH_ENV. */
function persistentLine(setup: LineSetup): string {
  if (setup.image === "node") return handOverLine(setup, "circleci");
  const { role, duration = null, session = null } = setup;
  return `sh ${SHIM_FILE}${lineOptions({ role, duration, session })} >> "$BASH_ENV"`;
}
