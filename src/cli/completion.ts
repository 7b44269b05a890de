import { type Choices, type Command, GLOBAL_OPTIONS, type Option, type Options } from "./command.ts";

/** What a shell needs to complete the command lines of rolecall. */
export interface Completion {
  /** The first is rolecall itself, with an empty name; of a family (`token`), the family too. */
  readonly commands: readonly CompletedCommand[];
}

export interface CompletedCommand {
  /** The words that lead to it: `exec`, `token show`. */
  readonly name: string;
  readonly words: Completed;
  readonly options: readonly CompletedOption[];
  /** Another command stands behind `--`. */
  readonly takesCommand: boolean;
}

export interface CompletedOption {
  /** `-f`, `--format`. */
  readonly flags: readonly string[];
  readonly about: string;
  readonly repeats: boolean;
  /** Name of the value, as in help; null when there is none. */
  readonly value: string | null;
  readonly choices: Completed;
}

/** The words that fit in a place, or that paths do; an empty list where only the user can know. */
export type Completed = readonly Choice[] | "files" | "folders";

export interface Choice {
  readonly word: string;
  /** Empty where the word says it all. */
  readonly about: string;
}

/** Of `rolecall` alone, which no command's table has. */
const OWN_OPTIONS = {
  help: GLOBAL_OPTIONS.help,
  version: { type: "boolean", short: "V", help: "show the version" },
} as const satisfies Options;

/** Reads the commands' own tables, so that what is new there is completed too. */
export function completionOf(commands: readonly Command[]): Completion {
  const families = [...new Set(commands.flatMap(({ name }) => (name.includes(" ") ? [firstWord(name)] : [])))];
  const first = firstWords(commands, families);
  const own = commands.map((command) => completed(command, commands));
  const pure = families.filter((family) => !commands.some(({ name }) => name === family));
  return {
    commands: [
      { name: "", words: first, options: optionsOf(OWN_OPTIONS), takesCommand: false },
      ...own.map((one) => (one.name === "help" ? { ...one, words: [...first, ...listOf(one.words)] } : one)),
      ...pure.map((family) => bare(family, membersOf(family, commands))),
      ...families.map((family) => bare(`help ${family}`, membersOf(family, commands))),
    ],
  };
}

function completed({ name, options, rest, choices }: Command, commands: readonly Command[]): CompletedCommand {
  const members = membersOf(name, commands);
  return {
    name,
    words: members.length > 0 ? members : resolveChoices(choices),
    options: optionsOf({ ...options, ...GLOBAL_OPTIONS }),
    takesCommand: rest === "required",
  };
}

function bare(name: string, words: Completed): CompletedCommand {
  return { name, words, options: [], takesCommand: false };
}

function firstWords(commands: readonly Command[], families: readonly string[]): readonly Choice[] {
  const words = new Map<string, string>();
  for (const { name, summary } of commands) {
    const word = firstWord(name);
    if (name === word) words.set(word, summary);
    else if (families.includes(word) && !words.has(word))
      words.set(
        word,
        membersOf(word, commands)
          .map((one) => one.word)
          .join(", "),
      );
  }
  return [...words].map(([word, about]) => ({ word, about }));
}

function membersOf(family: string, commands: readonly Command[]): readonly Choice[] {
  return commands
    .filter(({ name }) => name.startsWith(`${family} `))
    .map(({ name, summary }) => ({ word: name.slice(family.length + 1), about: summary }));
}

function firstWord(name: string): string {
  return name.split(" ")[0] ?? "";
}

function listOf(words: Completed): readonly Choice[] {
  return typeof words === "string" ? [] : words;
}

function optionsOf(options: Options): readonly CompletedOption[] {
  return Object.entries(options).map(([name, option]) => ({
    flags: [...(option.short === undefined ? [] : [`-${option.short}`]), `--${name}`],
    about: option.help,
    repeats: option.multiple === true,
    value: option.type === "string" ? (option.value ?? "VALUE") : null,
    choices: resolveChoices(option.choices ?? pathsFor(option)),
  }));
}

/** A `FILE` and a `DIR` are what help calls them. */
function pathsFor({ value }: Option): Choices {
  if (value === "FILE") return "files";
  return value === "DIR" ? "folders" : [];
}

function resolveChoices(choices: Choices = []): Completed {
  return typeof choices === "string" ? choices : choices.map((word) => ({ word, about: "" }));
}

/** Joins what comes to the same, so that a script says it once. */
export function grouped<T>(entries: readonly (readonly [string, T])[]): readonly (readonly [readonly string[], T])[] {
  const groups = new Map<string, [string[], T]>();
  for (const [key, value] of entries) {
    const same = JSON.stringify(value);
    const group = groups.get(same);
    if (group) group[0].push(key);
    else groups.set(same, [[key], value]);
  }
  return [...groups.values()];
}
