/** Where an object of a JSON text stands: offsets of `{` and behind `}`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The outermost objects within a JSON text's top-level object, by the name of the member that holds them. */
export function objectSpans(text: string, member: string): readonly Span[] {
  const spans: Span[] = [];
  let depth = 0;
  let start = -1;
  let name = "";
  for (const { index, 0: token } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === "{") {
      depth += 1;
      if (depth === 2) start = index;
    } else if (token === "}") {
      if (depth === 2 && name === member) spans.push({ start, end: index + 1 });
      depth -= 1;
    } else if (depth === 1 && /^\s*:/.test(text.slice(index + token.length))) {
      name = JSON.parse(token) as string;
    }
  }
  return spans;
}
