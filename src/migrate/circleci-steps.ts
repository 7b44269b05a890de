import { isMap, isSeq, type YAMLMap } from "yaml";
import type { AwsOrb } from "./circleci-orb.ts";
import { readItem } from "./credential-commands.ts";
import { eachMap, pairOf, type Path, scalarText } from "./rewrite.ts";
import { keyName, mapOf, plainOf, type YamlFile } from "./yaml-file.ts";

// What steps of CircleCI's jobs say. Source: CircleCI docs, configuration reference, as of November 2026.

export interface Run {
  readonly text: string;
  readonly node: unknown;
  readonly path: Path;
}

/** The command of `run: …` or `run: { command: … }`, and where it stands. */
export function runOf(step: unknown, path: Path): Run | null {
  if (!isMap(step)) return null;
  const run = pairOf(step, "run")?.value;
  const short = scalarText(run);
  if (short !== null) return { text: short, node: run, path: [...path, "run"] };
  const command = isMap(run) ? pairOf(run, "command")?.value : null;
  const long = scalarText(command);
  return long === null ? null : { text: long, node: command, path: [...path, "run", "command"] };
}

/** What a step runs, with the steps that a condition (`when:`) has below it. */
export function runsIn(step: unknown): readonly Run[] {
  const found: Run[] = [];
  eachMap(step, (map) => {
    const run = runOf(map, []);
    if (run) found.push(run);
  });
  return found;
}

/** The checkout is there: by its own step, or with the folder that another job kept. */
export function isCheckout(step: unknown, file: YamlFile, isKept: boolean, body: YAMLMap): boolean {
  if (scalarText(step) === "checkout" || (isMap(step) && pairOf(step, "checkout") !== undefined)) return true;
  const attached = isMap(step) ? plainOf(file, pairOf(step, "attach_workspace")?.value) : null;
  const at = (attached as Record<string, unknown> | null)?.["at"];
  const folder = scalarText(pairOf(body, "working_directory")?.value) ?? "~/project";
  return isKept && typeof at === "string" && [".", "./", folder].includes(at);
}

export function keepsCheckout(file: YamlFile): boolean {
  let isKept = false;
  eachMap(file.root, (map) => {
    const kept = plainOf(file, pairOf(map, "persist_to_workspace")?.value) as {
      root?: unknown;
      paths?: unknown;
    } | null;
    const isHere = [".", "./", "~/project"].includes(String(kept?.root));
    isKept ||= isHere && Array.isArray(kept?.paths) && kept.paths.some((one) => [".", "./", "*"].includes(String(one)));
  });
  return isKept;
}

/** Commands of the file that set up the orb, or keys by hand, which become rolecall's line. */
export function giversOf(file: YamlFile, orb: AwsOrb): ReadonlySet<string> {
  const commands = mapOf(file, pairOf(file.root, "commands")?.value);
  const gives = (body: unknown): boolean =>
    isMap(body) &&
    (JSON.stringify(plainOf(file, body)).includes(`"${orb.setup}"`) ||
      runsIn(body).some(({ text }) => readItem(text).sets || /rolecall/.test(text)));
  return new Set((commands?.items ?? []).filter(({ value }) => gives(value)).map(keyName));
}

/** The command that a step calls. */
export function calledBy(step: unknown): string {
  return scalarText(step) ?? (isMap(step) && step.items[0] ? keyName(step.items[0]) : "");
}

export function isOrbStep(step: unknown, { setup }: AwsOrb): boolean {
  const called = calledBy(step);
  return called === setup || (scalarText(step) ?? "").startsWith(setup.replace("setup", ""));
}

export function imageOf(file: YamlFile, body: YAMLMap): string | null {
  const docker = pairOf(body, "docker")?.value;
  const [first] = isSeq(docker) ? docker.items : [];
  const map = mapOf(file, first);
  return map ? scalarText(pairOf(map, "image")?.value) : null;
}
