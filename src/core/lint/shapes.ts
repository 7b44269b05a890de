import { matchGlob, parseGlob } from "../glob.ts";
import { SHARED_ISSUERS } from "../shared-issuers.ts";
import { SHAPES } from "./shapes/known-issuers.ts";
import { OWN_ISSUERS } from "./shapes/own-issuers.ts";
import type { Shape } from "./shapes/shape.ts";

/** The shape of a provider's subjects, by its URL or else by the first subject of a policy that tells. */
export function shapeOf(url: string, subjects: readonly string[]): Shape {
  const known = SHAPES.find(({ issuer }) => issuer?.test(url));
  if (known) return known;
  const [fitting] = subjects.flatMap((subject) => OWN_ISSUERS.find(({ lead }) => beginsLike(subject, lead)) ?? []);
  return fitting ?? ANY;
}

/**
 * The other shapes that subjects of an issuer of one's own may have: each that one of a policy's may begin like, and
 * any at all where the policy says only who it is not for.
 */
export function otherShapes(
  url: string,
  own: Shape,
  subjects: readonly string[],
  areWanted: boolean,
): readonly Shape[] {
  if (SHAPES.some(({ issuer }) => issuer?.test(url))) return [];
  const mayBegin = (lead: string): boolean =>
    subjects.some((subject) => /^[*?]*\*./.test(subject) || beginsLike(subject, lead));
  return OWN_ISSUERS.filter((shape) => shape !== own && (shape === ANY ? !areWanted : mayBegin(shape.lead)));
}

/** Whether a pattern begins as subjects of a form do, as far as it says. */
function beginsLike(pattern: string, lead: string): boolean {
  const [told = ""] = pattern.split("*");
  const length = Math.min(told.length, lead.length);
  if (length === 0) return false;
  return matchGlob(parseGlob(told.slice(0, length)), lead.slice(0, length));
}

const ANY = OWN_ISSUERS.at(-1) as Shape;

/** True when customers who do not know each other have this issuer. */
export function isShared(url: string): boolean {
  return (
    url === "accounts.google.com" ||
    SHARED_ISSUERS.some(({ issuer, byPrefix }) => (byPrefix ? url.startsWith(issuer) : url === issuer)) ||
    /^agent\.[^./]+\.buildkite\.(dev|site)$/.test(url)
  );
}
