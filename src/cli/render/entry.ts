import type { CatalogueEntry } from "../../doctor/catalogue.ts";

/** One entry of the failure catalogue for a person at a terminal. */
export function renderEntry(entry: CatalogueEntry): string {
  const { id, title, texts, cause, tell, fixes, sources } = entry;
  return [
    `${id}: ${title}\n`,
    // To the letter, so that it can be searched for.
    ...(texts.length > 0 ? [section("said", texts)] : []),
    section("cause", folded([cause])),
    section("shown by", folded([tell])),
    section(fixes.length > 1 ? "fixes, the narrowest first" : "fix", folded(fixes)),
    section("sources", sources),
    section("whether it is this one", [
      "rolecall explain   in the job; elsewhere with --token-file FILE or --as JOB,",
      "                   and --role ARN or --policy FILE",
      "rolecall doctor    what is around the job: variables, profiles, issuer, tools",
    ]),
  ].join("\n");
}

function section(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

const WIDTH = 76;

/** Prose in lines that fit a terminal; what follows the first line of each is set in. */
function folded(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const lines: string[] = [];
    for (const word of text.split(" ")) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(lines.length === 0 ? word : `  ${word}`);
    }
    return lines;
  });
}
