import type { Finding, Region } from "../core/lint/finding.ts";
import { type Path, type Place, placeAt, placesOf } from "./lint-places.ts";

/**
 * Findings with the lines and columns that they are about.
 *
 * @param at by resource, where its trust policy stands
 */
export function locateFindings(
  findings: readonly Finding[],
  text: string,
  at: ReadonlyMap<string, Path>,
): readonly Finding[] {
  const root = findings.length > 0 && at.size > 0 ? placesOf(text) : null;
  if (!root) return findings;
  const regionOf = regions(text);
  return findings.map((finding) => {
    const policy = at.get(finding.resource);
    const range = policy && rangeOf(root, policy, finding);
    if (!range) return finding;
    const region = regionOf(range);
    return { ...finding, line: region.line, region };
  });
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function rangeOf(root: Place, policy: Path, { path }: Finding): Range | null {
  if (path === undefined) return nameOf(root, policy);
  const statement = placeAt(root, [...policy, "Statement"])?.value;
  const steps = readPath(path).filter((_, index) => index !== 1 || statement?.kind === "list");
  return deepest(root, [...policy, ...steps]);
}

/** `Statement[0].Condition.StringLike["gitlab.com:sub"]` in steps. */
function readPath(path: string): Path {
  return [...path.matchAll(/\[(\d+)\]|\["((?:[^"]|"(?!\]))*)"\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted ?? name ?? "") : Number(index),
  );
}

/** A member with its name; of a path that the text writes in another way, as far as it goes. */
function deepest(root: Place, path: Path): Range | null {
  const found = placeAt(root, path);
  if (found) return { start: found.pair?.key.start ?? found.value.start, end: found.value.end };
  return path.length > 0 ? deepest(root, path.slice(0, -1)) : null;
}

/** What is about the role as a whole points to the name that it has in the document. */
function nameOf(root: Place, policy: Path): Range | null {
  const own = policy.at(-2) === "Properties" ? policy.slice(0, -2) : policy.slice(0, -1);
  const found = placeAt(root, own);
  const name = found?.pair?.key ?? found?.value;
  return name ? { start: name.start, end: found?.pair ? name.end : name.start + 1 } : null;
}

/** Turns offsets into lines and columns. */
export function regions(text: string): (range: Range) => Region {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const place = (offset: number): readonly [number, number] => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return [low + 1, offset - (starts[low] ?? 0) + 1];
  };
  return ({ start, end }) => {
    const [line, column] = place(start);
    const [endLine, endColumn] = place(end);
    return { line, column, endLine, endColumn };
  };
}
