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
  const removed = removeProfile(text ?? "", entry.profile);
  const clean = removed.text;
  const eol = clean.includes("\r\n") ? "\r\n" : "\n";
  const lines = splitLines(clean);
  const at = lines.findIndex((line) => headerOf(line) === entry.profile);
  const settings = [`credential_process = ${quoteCommand(entry.command)}`];
  if (at < 0) {
    const header = entry.profile === "default" ? "[default]" : `[profile ${entry.profile}]`;
    const notes = (text === null || removed.deleteFile ? NEW_FILE : "") + (endsOpen(clean) ? ADDED_NEWLINE : "");
    const block = [BEGIN + notes, header, ...settings, ...regionLine(entry.region), END];
    return clean + (endsOpen(clean) ? eol : "") + join(block, eol);
  }
  const section = sectionBody(lines, at);
  const own = section.find((line) => CREDENTIAL_SETTINGS.test(line));
  if (own) throw taken(entry.profile, own);
  const hasRegion = section.some((line) => /^\s*region\s*=/.test(line));
  const before = lines.slice(0, at + 1).join("");
  const [next = "", ...behind] = lines.slice(at + 1);
  // The newline above may be one that an earlier login added, for the block that now comes below ours.
  const takesOver = next.startsWith(BEGIN) && next.includes(ADDED_NEWLINE);
  const notes = endsOpen(before) || takesOver ? ADDED_NEWLINE : "";
  const block = [BEGIN + notes, ...settings, ...(hasRegion ? [] : regionLine(entry.region)), END];
  const rest = [takesOver ? next.replace(ADDED_NEWLINE, "") : next, ...behind].join("");
  return before + (endsOpen(before) ? eol : "") + join(block, eol) + rest;
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
    // A mark whose end is lost is left alone, with what now stands behind it.
    if (line.startsWith(BEGIN)) start = at;
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
  const rest = blocks.toReversed().reduce(removeBlock, lines).join("");
  return {
    text: rest,
    profiles: blocks.map((block) => block.profile),
    deleteFile: rest === "" && blocks.some(({ marker }) => marker.includes(NEW_FILE)),
  };
}

/** What a mark says of the file is said by the next one when its block goes, or it is put right when none is left. */
function removeBlock(lines: readonly string[], { start, end, marker }: Block): readonly string[] {
  const before = lines.slice(0, start);
  const [next, ...behind] = lines.slice(end);
  if (next?.startsWith(BEGIN)) {
    const notes = [NEW_FILE, ADDED_NEWLINE].filter((note) => marker.includes(note) && !next.includes(note));
    return [...before, BEGIN + notes.join("") + next.slice(BEGIN.length), ...behind];
  }
  if (next !== undefined || !marker.includes(ADDED_NEWLINE)) return [...before, ...lines.slice(end)];
  const eol = marker.endsWith("\r\n") ? "\r\n" : "\n";
  return before.map((line, at) => (at === start - 1 && line.endsWith(eol) ? line.slice(0, -eol.length) : line));
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

/** The setting by which a profile of the config file has credentials, if it has any: `credential_process`. */
export function credentialSetting(text: string, profile: string): string | null {
  const lines = splitLines(text);
  const at = lines.findIndex((line) => headerOf(line) === profile);
  const own = at < 0 ? undefined : sectionBody(lines, at).find((line) => CREDENTIAL_SETTINGS.test(line));
  return own === undefined ? null : (own.split("=")[0] ?? "").trim();
}
