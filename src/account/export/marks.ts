import type { Target } from "../desired.ts";

// Private-use characters stand for what is known only where an export is used: no name, policy or subject of a
// file has them, and a document is as long with them as it will be in partition aws.
const ACCOUNT = "\u{e000}".repeat(12);
const PARTITION = "\u{e001}".repeat(3);

/** The target of what is exported for whichever account it is used in. */
export const ANY_ACCOUNT = { account: ACCOUNT, partition: PARTITION } as unknown as Target;

/** What a format puts in the place of account and partition. */
export interface Filling {
  readonly account: string;
  readonly partition: string;
}

const MARK = new RegExp(`(${ACCOUNT}|${PARTITION})`, "u");

/** True when the text depends on the account that it is used in. */
export function isMarked(text: string): boolean {
  return MARK.test(text);
}

/** Writes what the file says as the format wants it. */
type Escape = (literal: string, isBeforeMark: boolean) => string;

/** The text in the words of a format: what the file says is escaped, and the marks are filled in. */
export function fillMarks(text: string, filling: Filling, escape: Escape = (literal) => literal): string {
  const parts = text.split(MARK);
  return parts
    .map((part, index) => {
      if (part === ACCOUNT) return filling.account;
      return part === PARTITION ? filling.partition : escape(part, index < parts.length - 1);
    })
    .join("");
}

/** As `rolecall.yaml` writes them, for messages. */
export function readable(text: string): string {
  return text.replaceAll(ACCOUNT, "$(account)").replaceAll(PARTITION, "$(partition)");
}
