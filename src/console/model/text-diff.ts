/** A piece of a text, and whether the other text has it too. */
export interface Piece {
  readonly text: string;
  readonly same: boolean;
}

/** Two texts, each in pieces that the other has as well and pieces that it has not. */
export interface TextDiff {
  readonly wanted: readonly Piece[];
  readonly got: readonly Piece[];
}

/**
 * What differs between two texts, character by character: what they have in common at the beginning and at the end
 * stays. A finer difference would light up letters that two names share by chance.
 */
export function diffTexts(wanted: string, got: string): TextDiff {
  // By code points, so that no pair of surrogates is torn apart.
  const [left, right] = [Array.from(wanted), Array.from(got)];
  const shortest = Math.min(left.length, right.length);
  let start = 0;
  while (start < shortest && left[start] === right[start]) start++;
  let end = 0;
  while (end < shortest - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  return { wanted: pieces(left, start, end), got: pieces(right, start, end) };
}

function pieces(characters: readonly string[], start: number, end: number): readonly Piece[] {
  const last = characters.length - end;
  const parts = [
    { text: characters.slice(0, start).join(""), same: true },
    { text: characters.slice(start, last).join(""), same: false },
    { text: characters.slice(last).join(""), same: true },
  ];
  return parts.filter(({ text }) => text !== "");
}

/** Of several texts the one that shares the longest beginning with another. */
export function nearestText(got: string, texts: readonly string[]): string | null {
  const shared = (text: string): number => {
    let at = 0;
    while (at < text.length && text[at] === got[at]) at++;
    return at;
  };
  return texts.toSorted((a, b) => shared(b) - shared(a))[0] ?? null;
}
