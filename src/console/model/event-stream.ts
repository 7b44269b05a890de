/** An event of a stream. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | null;
}

/**
 * Reads `text/event-stream` as it comes in, in pieces that end anywhere. `EventSource` would do the same, and cannot
 * send the header with the key. Source: HTML Standard, server-sent events.
 *
 * @returns takes the next piece and gives the events that are complete with it
 */
export function eventReader(): (piece: string) => readonly StreamEvent[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.flatMap(readBlock);
  };
}

function readBlock(block: string): readonly StreamEvent[] {
  const fields = block.split("\n").map((line): readonly [string, string] => {
    const at = line.indexOf(":");
    return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
  });
  const valuesOf = (name: string): readonly string[] =>
    fields.filter(([one]) => one === name).map(([, value]) => value);
  const data = valuesOf("data");
  if (data.length === 0) return [];
  return [{ event: valuesOf("event").at(-1) ?? "message", data: data.join("\n"), id: valuesOf("id").at(-1) ?? null }];
}
