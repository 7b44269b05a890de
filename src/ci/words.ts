import type { Word } from "./ci.ts";

// Words that mean the same on several CIs.

export const PROJECT: Word = { means: "project", about: "the project's path", example: "acme/shop" };

export const BRANCH: Word = {
  means: "branch",
  about: "jobs of this branch; * and ? are wildcards",
  example: "main",
};

export const TAG: Word = { means: "tag", about: "jobs of this tag; * and ? are wildcards", example: "v*" };

/** The same project, in the word that users of the CI have for it. */
export function projectAs(about: string, example: string): Word {
  return { means: "project", about, example };
}

/** A number or UUID that stays when the name is given to somebody else. */
export function idOf(what: string, claim: string, example: string): Word {
  return { means: "id", claim, about: `${what}, which nobody gets again`, example };
}
