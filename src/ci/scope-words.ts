import type { Ci, Scope } from "./ci.ts";

/** A scope as one entry of `allow:` in rolecall.yaml, in that CI's words: `{ project: acme/shop, branch: main }`. */
export function scopeWords(ci: Ci, scope: Scope): string | null {
  const said = new Set<string>();
  const parts = Object.entries(ci.words).flatMap(([word, { means, claim }]) => {
    const value = means === "id" ? scope.ids?.[claim ?? ""] : scope[means];
    // Some have two words for one thing.
    const meaning = means === "id" ? `id ${claim ?? ""}` : means;
    if (value === undefined || said.has(meaning)) return [];
    said.add(meaning);
    return [`${word}: ${typeof value === "string" ? quote(value) : String(value)}`];
  });
  return parts.length > 0 ? `{ ${parts.join(", ")} }` : null;
}

/** Quoted where YAML would read something else than the text. */
function quote(value: string): string {
  return /^[\w./-]*[A-Za-z/][\w./-]*$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
