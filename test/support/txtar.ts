/** A script with the files that it needs, in one text. The format is that of Go's txtar. */
export interface Txtar {
  /** What comes before the first file. */
  readonly comment: string;
  readonly files: ReadonlyMap<string, string>;
}

const MARKER = /^-- (.+) --$/;

export function parseTxtar(text: string): Txtar {
  const comment: string[] = [];
  const files = new Map<string, string[]>();
  let current = comment;
  for (const line of text.split(/(?<=\n)/)) {
    const name = MARKER.exec(line.trimEnd())?.[1];
    if (name === undefined) {
      current.push(line);
      continue;
    }
    current = [];
    files.set(name.trim(), current);
  }
  const joined = [...files].map(([name, lines]) => [name, lines.join("")] as const);
  return { comment: comment.join(""), files: new Map(joined) };
}
