import { findSection, headerOf, type Section, sameName, settingOf, splitLines } from "./ini.ts";

/** What the action puts into a section of an AWS file. */
export interface Entry {
  /** What stands between the brackets: `shop`, or in the config file `profile shop`. */
  readonly section: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
}

const BEGIN = "# >>> rolecall action: removed when the job ends";
const END = "# <<< rolecall action";
const ADDED_NEWLINE = " (with the newline above)";
const NEW_FILE = " (new file)";
/** Before a setting that ours stand in for until the job ends. */
const SET_ASIDE = "# rolecall action: set aside: ";

/** Settings that give a profile credentials; beside ours they would be another source. */
const CREDENTIAL_SETTINGS =
  /^(credential_process|role_arn|web_identity_token_file|source_profile|credential_source|sso_\w+|login_session|aws_access_key_id|aws_secret_access_key|aws_session_token)$/;

/** True when the file has a section of this name, whoever wrote it. */
export function hasSection(text: string, section: string): boolean {
  return findSection(splitLines(text), section) !== null;
}

/**
 * The file's text with our settings in a section. Comments, nested settings and all other sections stay byte for
 * byte; settings of the section that ours replace become comments, which {@link removeEntry} turns back.
 *
 * @param text null when there is no file
 */
export function placeEntry(text: string | null, entry: Entry): string {
  const removed = removeEntry(text ?? "", entry.section);
  const lines = splitLines(removed.text);
  const eol = removed.text.includes("\r\n") ? "\r\n" : "\n";
  const section = findSection(lines, entry.section);
  const isNew = text === null || removed.deleteFile;
  return section ? inSection(lines, section, entry, eol) : appended(removed.text, entry, isNew, eol);
}

function appended(text: string, { section, settings }: Entry, isNew: boolean, eol: string): string {
  const open = text !== "" && !text.endsWith("\n");
  const begin = BEGIN + (isNew ? NEW_FILE : "") + (open ? ADDED_NEWLINE : "");
  return text + (open ? eol : "") + join([begin, `[${section}]`, ...lineOf(settings), END], eol);
}

function inSection(lines: readonly string[], { header, end }: Section, { settings }: Entry, eol: string): string {
  const head = lines.slice(0, header + 1).join("");
  const open = !head.endsWith("\n");
  const block = join([BEGIN + (open ? ADDED_NEWLINE : ""), ...lineOf(settings), END], eol);
  const names = new Set(settings.map(([name]) => name));
  const body = lines.slice(header + 1, end).map((line) => (replaces(line, names) ? SET_ASIDE + line : line));
  return head + (open ? eol : "") + block + [...body, ...lines.slice(end)].join("");
}

function replaces(line: string, names: ReadonlySet<string>): boolean {
  const [name] = settingOf(line) ?? [];
  return name !== undefined && (names.has(name) || CREDENTIAL_SETTINGS.test(name));
}

function lineOf(settings: Entry["settings"]): readonly string[] {
  return settings.map(([name, value]) => `${name} = ${value}`);
}

function join(lines: readonly string[], eol: string): string {
  return lines.map((line) => line + eol).join("");
}

export interface Removed {
  readonly text: string;
  /** There was something of ours. */
  readonly found: boolean;
  /** The file was made by the action and nothing else is in it. */
  readonly deleteFile: boolean;
}

interface Block {
  readonly start: number;
  /** Behind the last line. */
  readonly end: number;
  readonly marker: string;
}

/** The file's text as it was before {@link placeEntry}, with whatever else changed since. */
export function removeEntry(text: string, section: string): Removed {
  const lines = splitLines(text);
  const block = findBlock(lines, section);
  if (!block) return { text, found: false, deleteFile: false };
  const { start, end, marker } = block;
  const before = lines.slice(0, start).join("");
  const behind = restored(lines.slice(end)).join("");
  const added = marker.includes(ADDED_NEWLINE) && behind === "";
  const rest = (added ? before.replace(/\r?\n$/, "") : before) + behind;
  return { text: rest, found: true, deleteFile: rest === "" && marker.includes(NEW_FILE) };
}

/** A mark whose end is lost is left alone, with what now stands behind it. */
function findBlock(lines: readonly string[], section: string): Block | null {
  let header: string | null = null;
  let start = -1;
  for (const [at, line] of lines.entries()) {
    if (line.startsWith(BEGIN)) start = at;
    header = headerOf(line) ?? header;
    if (start < 0 || line.trimEnd() !== END) continue;
    if (sameName(header, section)) return { start, end: at + 1, marker: lines[start] ?? "" };
    start = -1;
  }
  return null;
}

/** What was set aside in the section that these lines begin in. */
function restored(lines: readonly string[]): readonly string[] {
  const next = lines.findIndex((line) => headerOf(line) !== null);
  const end = next < 0 ? lines.length : next;
  return lines.map((line, at) => (at < end && line.startsWith(SET_ASIDE) ? line.slice(SET_ASIDE.length) : line));
}
