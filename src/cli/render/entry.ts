import { type CatalogueEntry, pageOf } from "../../doctor/catalogue.ts";

/** One entry of the failure catalogue for a person at a terminal. */
export function renderEntry(entry: CatalogueEntry): string {
  const { id, title, texts, cause, tell, fixes, sources } = entry;
  return [
    `${id}: ${title}\n`,
    ...(texts.length > 0 ? [section("said", texts)] : []),
    section("cause", [cause]),
    section("shown by", [tell]),
    section(fixes.length > 1 ? "fixes, the narrowest first" : "fix", fixes),
    section("sources", sources),
    `how to reproduce it: ${pageOf(id)}\n`,
  ].join("\n");
}

function section(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}
