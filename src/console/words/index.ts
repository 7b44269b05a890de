import { en, type Words } from "./en.ts";
import { ko } from "./ko.ts";

export type { Words } from "./en.ts";

export const LANGUAGES = { en, ko } as const;

export type Language = keyof typeof LANGUAGES;

/** The language for somebody who reads these, best first; English where there is none of them. */
export function languageFor(preferred: readonly string[]): Language {
  for (const one of preferred) {
    const [name = ""] = one.toLowerCase().split("-");
    if (name === "en" || name === "ko") return name;
  }
  return "en";
}

export function wordsOf(language: Language): Words {
  return LANGUAGES[language];
}
