/** The same number for the same name each time, so that a policy which names ids can be tried too. */
export function pretendedId(name: string): string {
  return String(hash(name, 7, 31));
}

/** The same UUID for the same name each time. */
export function pretendedUuid(name: string): string {
  const hex = (seed: number, factor: number): string => hash(name, seed, factor).toString(16).padStart(8, "0");
  return `${hex(7, 31)}-1111-4222-8333-${hex(11, 37)}${hex(13, 41).slice(-4)}`;
}

function hash(text: string, seed: number, factor: number): number {
  let value = seed;
  for (const character of text) value = (value * factor + (character.codePointAt(0) ?? 0)) % 99_999_989;
  return value;
}

/** A commit for every pretended job; GitLab's published example has it. */
export const PRETENDED_COMMIT = "714a629c0b401fdce83e847fc9589983fc6f46bc";
