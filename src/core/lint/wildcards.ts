/** True when a value of StringLike would match more than itself. */
export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/** What stands before the first wildcard. */
export function literalPrefix(pattern: string): string {
  return /^[^*?]*/.exec(pattern)?.[0] ?? "";
}

/** A text that the pattern was meant for: nothing for `*` beside other text, else the sample. */
export function fill(pattern: string, sample: string): string {
  if (/^[*?]*$/.test(pattern)) return sample;
  return pattern.replaceAll("*", "").replaceAll("?", "x");
}

/** A text that the pattern matches and that nobody meant. */
export function evil(pattern: string): string {
  return pattern.replaceAll("?", "z").replaceAll(/^\*/g, "evil-").replaceAll("*", "-evil").replace(/-$/, "");
}
