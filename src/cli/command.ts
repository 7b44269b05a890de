import { parseArgs, type ParseArgsConfig } from "node:util";
import { shorten } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Io } from "./io.ts";

/** What a word may be, for shells that complete it: one of these, or the path of a file or folder. */
export type Choices = readonly string[] | "files" | "folders";

/** One option of a command, as data: help, completion and parsing all read it. */
export interface Option {
  readonly type: "string" | "boolean";
  /** Name of the value in help: `ARN`. */
  readonly value?: string;
  readonly short?: string;
  /** May be given more than once. */
  readonly multiple?: true;
  /** Variables that are read when the option is not given, first one first. */
  readonly env?: readonly string[];
  /** What the value may be, as far as a shell can know; of a `FILE` and a `DIR` it does. */
  readonly choices?: Choices;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

type Value<O extends Option> = O extends { type: "boolean" }
  ? boolean
  : O extends { multiple: true }
    ? readonly string[]
    : string | undefined;

export interface Input<O extends Options> {
  readonly options: { readonly [Name in keyof O]: Value<O[Name]> } & GlobalInput;
  readonly positionals: readonly string[];
  /** What stood behind `--`. */
  readonly rest: readonly string[];
}

/** A command, as data. */
export interface Command<O extends Options = Options> {
  /** One or two words: `exec`, `token show`. */
  readonly name: string;
  readonly summary: string;
  /** Behind the name: `[options] -- CMD [ARG...]`. */
  readonly usage: string;
  /** Complete command lines with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  readonly options: O;
  /** Names of the positional arguments; a command line must have as many. */
  readonly positionals?: readonly string[];
  /** Takes further positional arguments too. */
  readonly acceptsMore?: true;
  /** What the first positional argument may be; of files, all of them. */
  readonly choices?: Choices;
  /** Takes a command behind `--`. */
  readonly rest?: "required" | "none";
  /** Further text for help. */
  readonly notes?: string;
  /** Exit status for what nobody foresaw; 1 unless the command hands on a status of somebody else's. */
  readonly unexpectedStatus?: number;
  /** Printed when the command line is wrong, for a shell that evaluates the output and never sees the status (F73). */
  readonly misuse?: string;
  /** Gives the exit status. A method, so that commands of different options fit into one table. */
  run(input: Input<O>, io: Io): Promise<number>;
}

/** Gives a command its types; nothing else. */
export function defineCommand<const O extends Options>(command: Command<O>): Command<O> {
  return command;
}

/** Options that every command has. */
export const GLOBAL_OPTIONS = {
  help: { type: "boolean", short: "h", help: "show this" },
  verbose: { type: "boolean", short: "v", help: "say more on stderr" },
  quiet: { type: "boolean", short: "q", help: "say nothing on stderr but errors" },
  "no-color": { type: "boolean", help: "no colours (also NO_COLOR)" },
} as const satisfies Options;

type GlobalInput = { readonly [Name in keyof typeof GLOBAL_OPTIONS]: Value<(typeof GLOBAL_OPTIONS)[Name]> };

/**
 * Reads a command line.
 *
 * @throws RolecallError `usage` for an unknown option, one given twice, a missing value or argument
 */
export function parseInput<O extends Options>(command: Command<O>, args: readonly string[]): Input<O> {
  const table: Options = { ...GLOBAL_OPTIONS, ...command.options };
  const at = args.indexOf("--");
  const own = at < 0 ? args : args.slice(0, at);
  const rest = at < 0 ? [] : args.slice(at + 1);
  const { values, positionals } = tokenize(command.name, own, table);
  checkPositionals(command, positionals);
  checkRest(command, rest, positionals);
  const options = Object.fromEntries(
    Object.entries(table).map(([name, option]) => [name, readValue(command.name, name, option, values[name] ?? [])]),
  );
  return { options: options as Input<O>["options"], positionals, rest };
}

type Values = Record<string, (string | boolean)[] | undefined>;

function tokenize(name: string, args: readonly string[], table: Options): { values: Values; positionals: string[] } {
  const config = Object.fromEntries(
    Object.entries(table).map(([option, { type, short }]) => [
      option,
      { type, multiple: true as const, ...(short ? { short } : {}) },
    ]),
  ) satisfies ParseArgsConfig["options"];
  const { tokens } = parseArgs({
    args: [...args],
    options: config,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values: Values = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (!option) throw unknownOption(name, token.rawName, table);
    const value = token.inlineValue || !isOption(token.value, table) ? token.value : undefined;
    (values[token.name] ??= []).push(checkValue(name, token.rawName, option, value));
  }
  return { values, positionals };
}

/** What parseArgs took for a value, though it is the next option: the value was left out. */
function isOption(word: string | undefined, table: Options): boolean {
  return /^--\w/.test(word ?? "") || Object.values(table).some(({ short }) => short && word === `-${short}`);
}

function checkValue(name: string, raw: string, option: Option, value: string | undefined): string | boolean {
  if (option.type === "boolean") {
    if (value === undefined) return true;
    throw usage(name, `${raw} takes no value`);
  }
  if (value !== undefined) return value;
  throw usage(name, `${raw} needs a value: ${raw} ${option.value ?? "VALUE"}`);
}

function readValue(name: string, option: string, { type, multiple }: Option, given: (string | boolean)[]): unknown {
  if (type === "boolean") return given.length > 0;
  if (multiple) return given;
  if (given.length > 1) {
    throw usage(
      name,
      `--${option} is given ${given.length} times: expected once, got ${given.map((one) => shown(String(one))).join(" and ")}`,
    );
  }
  return given[0];
}

function unknownOption(name: string, raw: string, table: Options): RolecallError {
  const guess = nearest(
    raw,
    Object.keys(table).map((option) => `--${option}`),
  );
  return usage(name, `unknown option ${raw}`, guess ? [`did you mean ${guess}?`] : []);
}

function checkPositionals({ name, positionals = [], rest, acceptsMore }: Command, got: readonly string[]): void {
  if (got.length < positionals.length) throw usage(name, `expected ${positionals.slice(got.length).join(" ")}`);
  const extra = got[positionals.length];
  if (extra === undefined || acceptsMore) return;
  throw usage(name, `unexpected argument ${shown(extra)}`, rest === "required" ? ["put the command behind --"] : []);
}

function checkRest({ name, rest: wanted = "none" }: Command, rest: readonly string[], got: readonly string[]): void {
  if (wanted === "required" && rest.length === 0) {
    throw usage(name, "expected a command behind --", [
      `rolecall ${[name, ...got].join(" ")} -- aws sts get-caller-identity`,
    ]);
  }
  if (wanted === "none" && rest.length > 0)
    throw usage(name, `takes no command behind --, got ${shown(rest[0] ?? "")}`);
}

/** A word of the command line in a message: shortened, and not at all when it may be a token. */
export function shown(word: string): string {
  return word.startsWith("eyJ") ? "a token" : JSON.stringify(shorten(word));
}

function usage(name: string, message: string, hints: readonly string[] = []): RolecallError {
  return new RolecallError("usage", `${name}: ${message}`, {
    hints: [...hints, `rolecall help ${name} shows its options`],
  });
}
