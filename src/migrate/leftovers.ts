import { isForVault, KEY_NAMES } from "./credential-commands.ts";
import type { Refusal } from "./migration.ts";
import { withoutStandIns } from "./stand-in-keys.ts";
import { isUnreadable, lineOf, readYamlFile, scalarsOf } from "./yaml-file.ts";

const LEFT = new RegExp(
  `\\b(?:${KEY_NAMES.join("|")}|CI_JOB_JWT(?:_V[12])?)\\b|\\bA(?:KIA|SIA)[A-Z2-7]{16}\\b|aws[-_]access[-_]key[-_]id|aws[-_]secret[-_]access[-_]key`,
);

/**
 * Mentions of keys that a new file still has outside of its comments: then something was not understood.
 *
 * @param before the file as it is, whose lines a person sees
 */
export function leftovers(path: string, text: string, before: string): readonly Refusal[] {
  const file = readYamlFile(path, text);
  if (isUnreadable(file)) return [{ path, job: null, ...file }];
  // A token of a job's own may have the old one's name.
  const isOwn = /^\s+CI_JOB_JWT(?:_V[12])?:/m.test(text);
  const [first] = scalarsOf(file).filter(
    ({ name, value, isStandIn: stands }) =>
      !stands &&
      LEFT.test(withoutStandIns(isOwn ? value.replaceAll(/CI_JOB_JWT(?:_V[12])?/g, "") : value)) &&
      !isForVault(`${name}: ${value}`),
  );
  if (!first) return [];
  const [name = ""] = LEFT.exec(withoutStandIns(first.value)) ?? [];
  const shown = /^A(?:KIA|SIA)[A-Z2-7]/.test(name) ? `${name.slice(0, 4)}…` : name;
  return [
    {
      path,
      line: lineBefore(text, before, lineOf(text, first.offset)),
      job: null,
      reason: `${shown} is used here in a way that rolecall does not rewrite`,
    },
  ];
}

/** Where a text of no known grammar first mentions keys; -1 when it does not. */
export function leftoverNames(text: string): number {
  return text.search(LEFT);
}

/** The line of the old file that reads as one of the new file does. */
function lineBefore(text: string, before: string, line: number): number {
  const lines = text.split("\n");
  const same = lines.slice(0, line).filter((one) => one === lines[line - 1]).length;
  const found = before.split("\n").flatMap((one, index) => (one === lines[line - 1] ? [index + 1] : []));
  return found[same - 1] ?? found[0] ?? 1;
}
