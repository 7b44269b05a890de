import { matchGlob, parseGlob } from "../../glob.ts";

// Names of owners and repositories hold no `@`. Source: GitHub docs, immutable subjects.
const WITH_IDS = /^repo:([^/@:]+)@\d+\/([^/@:]+)@\d+:/;
const WITHOUT_IDS = /^repo:([^/@:]+)\/([^/@:]+):/;

/** The value of a policy that names the same job of GitHub as a subject, in the other of the two forms; null when there is none. */
export function otherForm(subject: string, values: readonly string[]): string | null {
  if (WITH_IDS.test(subject)) {
    const plain = subject.replace(WITH_IDS, "repo:$1/$2:");
    return values.some((value) => matchGlob(parseGlob(value), plain)) ? plain : null;
  }
  if (!WITHOUT_IDS.test(subject)) return null;
  const same = values.find((value) => value.replace(WITH_IDS, "repo:$1/$2:") === subject && value !== subject);
  return same ?? null;
}
