import { isMap } from "yaml";
import { type ByHand, byHandOf, type ItemReading, KEY_NAMES } from "./credential-commands.ts";
import { masked } from "./masked.ts";
import { type Files, type Migration, NO_MIGRATION, type Refusal } from "./migration.ts";
import { pairOf, type Rewrite, scalarText, startRewrite } from "./rewrite.ts";
import { CannotSplice } from "./splice.ts";
import { isStandIn } from "./stand-in-keys.ts";
import { isUnreadable, keyName, lineOf, rangeOf, readYamlFile, saysNothing } from "./yaml-file.ts";

// What the CIs share whose jobs are lists of steps.

export const NO_ROLE = "no role is named: give --role ARN, or a rolecall.yaml whose account is known";

/** Whether a variable holds a key, or a reference to one. */
export function isKeyVariable(name: string, value: unknown): boolean {
  return (KEY_NAMES as readonly string[]).includes(name.toUpperCase()) && !isStandIn(value);
}

/** Whether a map gives keys to what it stands for, in the map that it calls `name`. */
export function hasKeysIn(node: unknown, name: string): boolean {
  const variables = isMap(node) ? pairOf(node, name)?.value : null;
  return isMap(variables) && variables.items.some((pair) => isKeyVariable(keyName(pair), scalarText(pair.value)));
}

/** Begins the move of a CI's only file. @returns the end of it where there is none, or none that can be read */
export function startOf(ci: string, path: string, files: Files): Rewrite | Migration {
  const text = files.get(path);
  if (text === undefined || saysNothing(text)) return { ...NO_MIGRATION, ci };
  const file = readYamlFile(path, text);
  return isUnreadable(file) ? { ...NO_MIGRATION, ci, refusals: [{ path, job: null, ...file }] } : startRewrite(file);
}

export function isOver(started: Rewrite | Migration): started is Migration {
  return "ci" in started;
}

/** Does a part of the work; where it cannot be done exactly, its reason is kept. */
export function attempt(
  { file: { path, text } }: Rewrite,
  job: string | null,
  refusals: Refusal[],
  work: () => void,
): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof CannotSplice)) throw error;
    refusals.push({ path, line: lineOf(text, error.offset), job, reason: error.message });
  }
}

/** What the steps of a job do with credentials by hand. @throws CannotSplice when it is more than can be replaced */
export function handWritten(
  readings: readonly (ItemReading | null)[],
  nodeAt: (index: number) => unknown,
  list: unknown,
): ByHand {
  const touching = readings.findIndex((reading) => reading?.touching);
  if (touching >= 0)
    throw new CannotSplice(
      `this uses keys in a way that cannot be rewritten: ${masked(readings[touching]?.touching ?? "")}`,
      rangeOf(nodeAt(touching))[0],
    );
  const commands = readings.flatMap((reading) => reading?.commands ?? []);
  const byHand = byHandOf(commands.filter(({ role }) => role !== "other").map(({ text }) => text));
  if ("conflict" in byHand) throw new CannotSplice(byHand.conflict, rangeOf(list)[0]);
  return byHand;
}

/** What hands a key over, and which: two of them may be of two accounts, for which one role would be a guess. */
export interface KeySource {
  readonly job: string;
  /** The variable or secret, as it is written. */
  readonly key: string;
  readonly path: string;
  readonly line: number;
}

/** A note where keys may have been of one environment each. */
export function oneRoleForAll(environments: ReadonlySet<string>): readonly string[] {
  if (environments.size < 2) return [];
  const names = [...environments].join(", ");
  return [
    `keys may have been variables of one environment each (${names}), and all these jobs take one role now: --job-role JOB=ARN gives a job its own`,
  ];
}

/** @returns a refusal for each key but the first */
export function differentSources(sources: readonly KeySource[]): readonly Refusal[] {
  const [first] = sources;
  const nameOf = (key: string | undefined): string | undefined => key?.replaceAll(/[$\s{}"']/g, "");
  const seen = new Set([nameOf(first?.key)]);
  return sources.flatMap(({ job, key, path, line }) => {
    const name = nameOf(key);
    if (seen.has(name)) return [];
    seen.add(name);
    const reason = `it uses other keys than ${first?.job ?? ""}, and so may be of another account: give it its role by --job-role JOB=ARN`;
    return [{ path, line, job, reason }];
  });
}
