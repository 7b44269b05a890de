import { iamError, type Refusal } from "./refusal.ts";

export interface PageRequest {
  readonly Marker: string | undefined;
  readonly MaxItems: number | undefined;
}

export interface Page<Item> {
  readonly kind: "page";
  readonly items: readonly Item[];
  /** To be laid into the answer. */
  readonly tail: { readonly IsTruncated: boolean; readonly Marker: string | undefined };
}

// IAM API reference: 100 when MaxItems is left out.
const DEFAULT_SIZE = 100;

/**
 * Cuts a list into pages, in the order of its keys. A marker names the last key that was answered, so
 * that it stays good when entries come and go between two pages.
 */
export function paginate<Item>(
  all: Iterable<Item>,
  keyOf: (item: Item) => string,
  request: PageRequest,
): Page<Item> | Refusal {
  const after = request.Marker === undefined ? null : readMarker(request.Marker);
  if (after === undefined) return iamError("ValidationError", "Invalid Marker.");
  const sorted = [...all].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const rest = after === null ? sorted : sorted.filter((item) => keyOf(item) > after);
  const items = rest.slice(0, request.MaxItems ?? DEFAULT_SIZE);
  const last = items.at(-1);
  const more = rest.length > items.length && last !== undefined;
  return { kind: "page", items, tail: { IsTruncated: more, Marker: more ? writeMarker(keyOf(last)) : undefined } };
}

const SEAL = "after:";

function writeMarker(key: string): string {
  return Buffer.from(SEAL + key).toString("base64");
}

function readMarker(marker: string): string | undefined {
  const text = Buffer.from(marker, "base64").toString();
  return text.startsWith(SEAL) ? text.slice(SEAL.length) : undefined;
}
