import { RolecallError } from "../core/errors.ts";

/** What `login` writes into a profile. */
export interface ProfileEntry {
  readonly profile: string;
  /** The command and its arguments; see {@link quoteCommand}. */
  readonly command: readonly string[];
  readonly region?: string | undefined;
}

const BEGIN = "# >>> rolecall: written by rolecall login, removed by rolecall logout";
const END = "# <<< rolecall";
const ADDED_NEWLINE = " (with the newline above)";
const NEW_FILE = " (new file)";

/** Settings that give a profile credentials of its own; beside them ours would be a second source. */
const CREDENTIAL_SETTINGS =
  /^\s*(credential_process|role_arn|web_identity_token_file|source_profile|credential_source|sso_\w+|login_session|aws_access_key_id|aws_secret_access_key|aws_session_token)\s*=/i;

/** A profile's header in `~/.aws/config`: `[default]`, or `[profile name]`. */
function headerOf(line: string): string | null {
  const [, name] = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line) ?? [];
  if (name === undefined) return null;
  if (name === "default") return name;
  const [, profile] = /^profile\s+["']?(.*?)["']?$/.exec(name) ?? [];
  return profile ?? "";
}

/** @throws RolecallError `usage` when the name would need quoting that tools do not agree on */
export function parseProfileName(text: string, from: string): string {
  if (/^[\w.@/+=:-]{1,128}$/.test(text)) return text;
  throw new RolecallError(
    "usage",
    `${from} is not a profile name: expected letters, digits and _.@/+=:-, got ${JSON.stringify(text.slice(0, 60))}`,
  );
}

/**
 * The config file's text with our profile in it. Everything else stays byte for byte.
 *
 * @param text the file's text; null when there is no file
 * @throws RolecallError `config` when the profile already has credentials that are not ours
 */
export function addProfile(text: string | null, entry: ProfileEntry): string {
  const { text: clean } = removeProfile(text ?? "", entry.profile);
  const eol = clean.includes("\r\n") ? "\r\n" : "\n";
  const lines = splitLines(clean);
  const at = lines.findIndex((line) => headerOf(line) === entry.profile);
  const settings = [`credential_process = ${quoteCommand(entry.command)}`];
  if (at < 0) {
    const header = entry.profile === "default" ? "[default]" : `[profile ${entry.profile}]`;
    const notes = (text === null ? NEW_FILE : "") + (endsOpen(clean) ? ADDED_NEWLINE : "");
    const block = [BEGIN + notes, header, ...settings, ...regionLine(entry.region), END];
    return clean + (endsOpen(clean) ? eol : "") + join(block, eol);
  }
  const section = sectionBody(lines, at);
  const own = section.find((line) => CREDENTIAL_SETTINGS.test(line));
  if (own) throw taken(entry.profile, own);
  const hasRegion = section.some((line) => /^\s*region\s*=/.test(line));
  const before = lines.slice(0, at + 1);
  const notes = endsOpen(before.join("")) ? ADDED_NEWLINE : "";
  const block = [BEGIN + notes, ...settings, ...(hasRegion ? [] : regionLine(entry.region)), END];
  return before.join("") + (notes ? eol : "") + join(block, eol) + lines.slice(at + 1).join("");
}

function regionLine(region: string | undefined): string[] {
  return region ? [`region = ${region}`] : [];
}

function join(lines: readonly string[], eol: string): string {
  return lines.map((line) => line + eol).join("");
}

/** Lines with their line ends, so that joining gives the text back. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function endsOpen(text: string): boolean {
  return text !== "" && !text.endsWith("\n");
}

function sectionBody(lines: readonly string[], header: number): readonly string[] {
  const rest = lines.slice(header + 1);
  const next = rest.findIndex((line) => headerOf(line) !== null);
  return next < 0 ? rest : rest.slice(0, next);
}

function taken(profile: string, line: string): RolecallError {
  const setting = (line.split("=")[0] ?? "").trim();
  return new RolecallError(
    "config",
    `profile ${profile} already has credentials of its own (${setting}); it is left as it is`,
    {
      hints: ["choose another name: rolecall login --profile ci", "or take that setting out of the file first"],
    },
  );
}

interface Block {
  readonly start: number;
  /** Behind the last line. */
  readonly end: number;
  readonly profile: string;
  readonly marker: string;
}

function findBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let header = "";
  let start = -1;
  for (const [at, line] of lines.entries()) {
    if (start < 0 && line.startsWith(BEGIN)) start = at;
    header = headerOf(line) ?? header;
    if (start >= 0 && line.trimEnd() === END) {
      blocks.push({ start, end: at + 1, profile: header, marker: lines[start] ?? "" });
      start = -1;
    }
  }
  return blocks;
}

export interface Removed {
  readonly text: string;
  /** Names of the profiles that were ours. */
  readonly profiles: readonly string[];
  /** The file was made by `login` and nothing else is in it. */
  readonly deleteFile: boolean;
}

/** The config file's text without our profile, or without all of ours when none is named. */
export function removeProfile(text: string, profile?: string): Removed {
  const lines = splitLines(text);
  const blocks = findBlocks(lines).filter((block) => profile === undefined || block.profile === profile);
  const gone = new Set(blocks.flatMap(({ start, end }) => range(start, end)));
  const openLines = new Set(
    blocks.filter(({ marker }) => marker.includes(ADDED_NEWLINE)).map(({ start }) => start - 1),
  );
  const kept = lines.flatMap((line, at) => {
    if (gone.has(at)) return [];
    return [openLines.has(at) ? line.replace(/\r?\n$/, "") : line];
  });
  const rest = kept.join("");
  return {
    text: rest,
    profiles: blocks.map((block) => block.profile),
    deleteFile: rest === "" && blocks.some(({ marker }) => marker.includes(NEW_FILE)),
  };
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

/**
 * A command line that both ways of running it read alike: botocore splits it like a shell would but
 * runs none, the SDK for JavaScript gives it to a shell. Quotes are double, for both.
 *
 * @throws RolecallError `config` when an argument has a character that the two read differently
 */
export function quoteCommand(command: readonly string[]): string {
  return command.map(quote).join(" ");
}

function quote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  if (!/["$`\\!\r\n]|\s[;#]/.test(argument)) return `"${argument}"`;
  throw new RolecallError(
    "config",
    `${JSON.stringify(argument)} cannot be put into an AWS profile: tools read its quotes, $, \`, \\, ! or # differently`,
    {
      hints: ["use a path without these characters"],
    },
  );
}

/** True when the shared credentials file gives the profile access keys; there headers have no `profile`. */
export function hasKeys(text: string, profile: string): boolean {
  const lines = splitLines(text);
  const at = lines.findIndex((line) => /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1] === profile);
  if (at < 0) return false;
  const rest = lines.slice(at + 1);
  const next = rest.findIndex((line) => /^\s*\[/.test(line));
  return (next < 0 ? rest : rest.slice(0, next)).some((line) => /^\s*aws_access_key_id\s*=/i.test(line));
}
