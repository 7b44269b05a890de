import { FAILURES } from "../core/failures.ts";
import { AUDIENCE } from "./catalogue/audience.ts";
import type { Entry } from "./catalogue/entry.ts";
import { NETWORK } from "./catalogue/network.ts";
import { REQUEST } from "./catalogue/request.ts";
import { SHELL } from "./catalogue/shell.ts";
import { SUBJECT } from "./catalogue/subject.ts";
import { TOOLS } from "./catalogue/tools.ts";

/** An entry of the failure catalogue, whole. */
export interface CatalogueEntry extends Required<Entry> {
  readonly id: string;
}

/** Every way that is known in which OIDC from CI to AWS goes wrong, by id. */
export const CATALOGUE: ReadonlyMap<string, CatalogueEntry> = new Map(
  Object.entries({ ...AUDIENCE, ...SUBJECT, ...REQUEST, ...NETWORK, ...TOOLS, ...SHELL })
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, entry]) => [id, { id, ...entry, title: entry.title ?? titleInJob(id) }]),
);

function titleInJob(id: string): string {
  const titles: Readonly<Record<string, { readonly title: string } | undefined>> = FAILURES;
  return titles[id]?.title ?? "";
}

/**
 * The entries whose texts are in a pasted text, the one with the longest first: what says more is about less.
 */
export function entriesSaying(pasted: string): readonly CatalogueEntry[] {
  const said = pasted.replaceAll(/\s+/g, " ");
  return [...CATALOGUE.values()]
    .map((entry) => ({
      entry,
      length: Math.max(0, ...entry.texts.filter((text) => says(said, text)).map((text) => text.length)),
    }))
    .filter(({ length }) => length > 0)
    .toSorted((a, b) => b.length - a.length)
    .map(({ entry }) => entry);
}

/** A text with its code is found without it too, since tools drop it. */
function says(said: string, text: string): boolean {
  const parts = text
    .replaceAll(/\s+/g, " ")
    .replace(/^\w+: (?=[A-Z][^.]{9})/, "")
    .split("…")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  let from = 0;
  for (const part of parts) {
    const at = said.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return parts.length > 0;
}
