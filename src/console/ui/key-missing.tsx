import type { Words } from "../words/index.ts";

/** What stands in place of everything when the page has no key, or one of another run. */
export function KeyMissing({ words, stale }: { readonly words: Words; readonly stale: boolean }) {
  return (
    <section class="empty">
      <h1 tabIndex={-1}>{words.keyTitle}</h1>
      {stale && <p>{words.keyStale}</p>}
      <p>{words.keyText}</p>
      <pre tabIndex={0}>rolecall up</pre>
    </section>
  );
}
