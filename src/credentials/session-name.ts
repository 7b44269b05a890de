import { RolecallError } from "../core/errors.ts";

const LEGAL = /^[\w+=,.@-]{2,64}$/;
const LONGEST = 64;

/**
 * A role session name from its parts, made legal: other characters become `-`, and a name that is too
 * long loses the beginning of its middle, since the last parts say which run it was (F37, F38).
 * Source: STS API reference, RoleSessionName.
 */
export function makeSessionName(parts: readonly string[]): string {
  const clean = parts.map(squeeze).filter((part) => part !== "");
  const name = clean.join("-");
  if (name.length < 2) return "rolecall";
  if (name.length <= LONGEST) return name;
  const [first = "", ...rest] = clean;
  const tail = rest.join("-");
  const head = first.slice(0, 16);
  return `${head}-${tail.slice(-(LONGEST - head.length - 1))}`;
}

function squeeze(part: string): string {
  return part.replaceAll(/[^\w+=,.@-]+/g, "-").replaceAll(/^-+|-+$/g, "");
}

/** @throws RolecallError `usage` when STS would not take the name */
export function parseSessionName(text: string, from: string): string {
  if (LEGAL.test(text)) return text;
  throw new RolecallError(
    "usage",
    `${from} is not a session name: expected 2 to 64 of letters, digits and _+=,.@-, got ${JSON.stringify(text.slice(0, 80))}`,
    { hints: [`for example ${makeSessionName([text])}`] },
  );
}
