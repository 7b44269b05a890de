import { isObject } from "../../core/token.ts";

// Only long-term keys of users; source: IAM guide, identifiers.
const KEY_ID = /(?<![A-Z0-9])AKIA[A-Z2-7]{16}(?![A-Z0-9])/g;

/** Whether a text is the id of a user's access key. */
export function isKeyId(text: string): boolean {
  return /^AKIA[A-Z2-7]{16}$/.test(text);
}

/** A line of a file that `rolecall migrate --json` found a key in; the id itself is not in what it prints. */
export interface KeyPlace {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The places of `rolecall migrate --json`; null when it is something else. Places in git's history are left out. */
export function keyPlaces(json: string): readonly KeyPlace[] | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  const findings: unknown = isObject(value) ? value["findings"] : null;
  if (!Array.isArray(findings)) return null;
  return (findings as readonly unknown[]).flatMap((one) => {
    if (!isObject(one) || one["kind"] !== "key id" || one["commit"] !== undefined) return [];
    const { path, line } = one;
    return typeof path === "string" && typeof line === "number" && isBelow(path) ? [{ path, line }] : [];
  });
}

/** Below the folder: what a list says is read, so it may not lead elsewhere. */
function isBelow(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !/(?:^|[\\/])\.\.(?:[\\/]|$)|^[A-Za-z]:|^\\/.test(path);
}

/** Ids of keys in one line of a text. */
export function keysInLine(text: string, line: number): readonly string[] {
  return (text.split("\n")[line - 1] ?? "").match(KEY_ID) ?? [];
}
