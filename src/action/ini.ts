/** A section of an AWS file: its header's line, and the line behind its last one. */
export interface Section {
  readonly header: number;
  readonly end: number;
}

/** Lines with their line ends, so that joining gives the text back. */
export function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** What stands between a header's brackets; null for any other line. */
export function headerOf(line: string): string | null {
  return /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1] ?? null;
}

/** The first section of a name. */
export function findSection(lines: readonly string[], name: string): Section | null {
  const header = lines.findIndex((line) => sameName(headerOf(line), name));
  if (header < 0) return null;
  const next = lines.findIndex((line, at) => at > header && headerOf(line) !== null);
  return { header, end: next < 0 ? lines.length : next };
}

/** `[profile "name"]` is `[profile name]`. */
export function sameName(header: string | null, name: string): boolean {
  return header?.replace(/^profile\s+["']?(.*?)["']?$/, "profile $1") === name;
}

/** A setting's name and value; null for comments, headers and the indented lines of a nested section. */
export function settingOf(line: string): readonly [name: string, value: string] | null {
  const [, name, value] = /^([^\s#;[=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
  return name === undefined || value === undefined ? null : [name.toLowerCase(), value];
}

/** The settings of a section, nested ones left out; null when there is no such section. */
export function readSection(text: string, name: string): Readonly<Record<string, string>> | null {
  const lines = splitLines(text);
  const section = findSection(lines, name);
  if (!section) return null;
  return Object.fromEntries(
    lines.slice(section.header + 1, section.end).flatMap((line) => {
      const setting = settingOf(line);
      return setting ? [setting] : [];
    }),
  );
}
