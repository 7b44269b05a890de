/** A line that both texts have, or only the first, or only the second. */
export interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** What differs between two texts, line by line: a longest common subsequence stays. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const common = commonLengths(before, after);
  const lines: DiffLine[] = [];
  let left = 0;
  let right = 0;
  while (left < before.length || right < after.length) {
    const [old, next] = [before[left], after[right]];
    if (old !== undefined && old === next) {
      lines.push({ sign: " ", text: old });
      left++;
      right++;
    } else if (
      old !== undefined &&
      (next === undefined || at(common, left + 1, right) >= at(common, left, right + 1))
    ) {
      lines.push({ sign: "-", text: old });
      left++;
    } else {
      lines.push({ sign: "+", text: next ?? "" });
      right++;
    }
  }
  return lines;
}

/** By position in both texts: how many lines the rests have in common. Policies are short. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  for (let left = before.length - 1; left >= 0; left--) {
    for (let right = after.length - 1; right >= 0; right--) {
      const row = table[left];
      if (!row) continue;
      row[right] =
        before[left] === after[right]
          ? at(table, left + 1, right + 1) + 1
          : Math.max(at(table, left + 1, right), at(table, left, right + 1));
    }
  }
  return table;
}

function at(table: readonly (readonly number[])[], left: number, right: number): number {
  return table[left]?.[right] ?? 0;
}
