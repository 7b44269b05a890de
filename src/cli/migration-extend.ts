import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Config, parseConfig } from "../account/config.ts";
import { findCi } from "../ci/index.ts";
import { RolecallError } from "../core/errors.ts";
import { applyEdits } from "../migrate/edit.ts";
import { sameValue } from "../migrate/same-value.ts";
import { CannotSplice, indentOf, insertPairAfter, lineEnd } from "../migrate/splice.ts";
import { isUnreadable, keyName, mapOf, readYamlFile } from "../migrate/yaml-file.ts";

/** IAM takes no longer name. Source: IAM API reference, CreateRole. */
const LONGEST = 64;

/** A name for a role of a CI that no role of the file has: the wanted one, else with the CI behind it. */
export function freeName(wanted: string, ci: string, { roles }: Config): string {
  // IAM tells names apart without regard to case.
  const taken = new Set(roles.map(({ name }) => name.toLowerCase()));
  for (let count = 0; ; count++) {
    const suffix = count === 0 ? "" : count === 1 ? `-${ci}` : `-${ci}-${count}`;
    const name = `${wanted.slice(0, LONGEST - suffix.length)}${suffix}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

/** The lines of a file's only role, without the indentation that `roles:` gives them. */
export function roleLines(firstFile: string): readonly string[] {
  const [, below = ""] = firstFile.split(/^roles:\n/m);
  return below
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^ {2}/, ""));
}

/** Where the file is for several accounts, the role is for the one that the jobs are to be in. */
export function accountLines({ accounts }: Config, account: string | undefined): readonly string[] {
  const one = accounts.find(({ id }) => id === account);
  return one && accounts.length > 1 ? [`  accounts: [${JSON.stringify(one.name)}]`] : [];
}

/** The same for a person to fill in. */
export function unknownLines(ci: string, name: string): readonly string[] {
  const facts = findCi(ci);
  const branch = facts?.scopeParts.includes("branch") && !facts.projectAlone ? ", branch: main" : "";
  return [
    `${name}:`,
    `  ci: ${ci}`,
    ...(facts?.issuer ? [] : [`  issuer: ISSUER # such as ${facts?.pretendedIssuer ?? ""}`]),
    `  allow: [{ project: PROJECT${branch} }]`,
    "  permissions: [{ preset: read-only }]",
  ];
}

/** Reads a text that may be written in a rolecall.yaml's place. @throws RolecallError `config` */
export function parseDraft(text: string, file: string): Config {
  return parseConfig(text, file, (path) => readFileSync(resolve(dirname(file), path)));
}

/**
 * Puts a role behind the last of a rolecall.yaml; everything else stays byte for byte.
 *
 * @returns null where its roles are written so that no lines of their own can be put in, or the file would say
 *   something else of the roles that it has
 */
export function withRole(text: string, before: Config, lines: readonly string[]): string | null {
  const file = readYamlFile(before.file, text);
  if (isUnreadable(file)) return null;
  const pair = file.root.items.find((one) => keyName(one) === "roles");
  const roles = mapOf(file, pair?.value);
  const last = roles?.items.at(-1);
  if (!roles || !last || roles !== pair?.value) return null;
  try {
    const edit = insertPairAfter(file, roles, last, lines);
    const at = behindComments(text, edit.start, indentOf(file, roles));
    const lead = text[at - 1] === "\n" ? "" : file.eol;
    const put = edit.text.replace(/^\r?\n/, "");
    const next = applyEdits(text, [{ start: at, end: at, text: lead + put }]);
    return sameValue(parseDraft(next, before.file).roles.slice(0, -1), before.roles) ? next : null;
  } catch (error) {
    if (error instanceof CannotSplice || error instanceof RangeError || error instanceof RolecallError) return null;
    throw error;
  }
}

/** Comments right below a role, and indented deeper than its name, are the role's. */
function behindComments(text: string, begin: number, indent: number): number {
  let at = begin;
  while (at < text.length) {
    const [, space] = /^([ \t]*)#/.exec(text.slice(at, lineEnd(text, at))) ?? [];
    if (space === undefined || space.length <= indent) break;
    at = lineEnd(text, at);
  }
  return at;
}
