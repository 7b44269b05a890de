import { RolecallError } from "../core/errors.ts";

export interface SessionTag {
  readonly key: string;
  readonly value: string;
}

const MOST_TAGS = 50;
// STS API reference, Tag: letters, digits and spaces of any script, and these marks.
const LEGAL = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Session tags from `KEY=VALUE` texts, and those that go on to later roles.
 *
 * @throws RolecallError `usage` for what STS would refuse
 */
export function parseTags(
  texts: readonly string[],
  transitive: readonly string[],
): { readonly tags: readonly SessionTag[]; readonly transitiveTags: readonly string[] } {
  const tags = texts.map(parseTag);
  if (tags.length > MOST_TAGS) throw wrong(`--tag: expected ${MOST_TAGS} at most, got ${tags.length}`);
  const keys = tags.map(({ key }) => key.toLowerCase());
  const twice = tags.find(({ key }, at) => keys.indexOf(key.toLowerCase()) !== at);
  if (twice) throw wrong(`--tag: ${twice.key} is given twice; upper and lower case are the same key`);
  const missing = transitive.find((key) => !keys.includes(key.toLowerCase()));
  if (missing !== undefined) throw wrong(`--transitive-tag ${missing}: expected the key of a --tag`);
  return { tags, transitiveTags: transitive };
}

function parseTag(text: string): SessionTag {
  const at = text.indexOf("=");
  const [key, value] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  const fits = key !== "" && key.length <= 128 && value.length <= 256;
  if (fits && LEGAL.test(key) && LEGAL.test(value)) return { key, value };
  throw wrong(
    `--tag: expected KEY=VALUE of letters, digits, spaces and _.:/=+-@, 128 and 256 at most, got ${JSON.stringify(text.slice(0, 80))}`,
  );
}

/** @throws RolecallError `usage` */
export function parseExternalId(text: string): string {
  // STS API reference, ExternalId.
  if (/^[\w+=,.@:/-]{2,1224}$/.test(text)) return text;
  throw wrong(
    `--external-id: expected 2 to 1224 of letters, digits and _+=,.@:/-, got ${JSON.stringify(text.slice(0, 40))}`,
  );
}

function wrong(message: string): RolecallError {
  return new RolecallError("usage", message);
}
