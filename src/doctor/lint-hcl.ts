import type { Finding, Region } from "../core/lint/finding.ts";
import { regions } from "./lint-regions.ts";

/** A file of a Terraform configuration. */
export interface HclFile {
  readonly path: string;
  readonly text: string;
}

/** Where the configuration says what a plan has: the block of a resource, or a key in it. */
export interface HclPlace {
  readonly path: string;
  readonly region: Region;
}

/**
 * The place of a role's finding in the files of its module: the condition's key where the role, or the policy document
 * that it names, has it as a text; else the head of the role's block. Null where no file has the role once.
 *
 * @param name of the resource: `deploy` of `module.ci.aws_iam_role.deploy[0]`
 */
export function placeInHcl(files: readonly HclFile[], name: string, { path }: Pick<Finding, "path">): HclPlace | null {
  const role = blockOf(files, `resource\\s+"aws_iam_role"\\s+"${name}"`);
  if (!role) return null;
  const document = /\bdata\.aws_iam_policy_document\.(\w+)/.exec(bodyOf(role))?.[1];
  const data = document === undefined ? null : blockOf(files, `data\\s+"aws_iam_policy_document"\\s+"${document}"`);
  const key = /\["(.+)"\]$/.exec(path ?? "")?.[1];
  for (const block of data ? [role, data] : [role]) {
    const at = key === undefined ? -1 : bodyOf(block).toLowerCase().indexOf(`"${key.toLowerCase()}"`);
    if (at >= 0) return placed(block.file, block.start + at, block.start + at + (key ?? "").length + 2);
  }
  return placed(role.file, role.start, role.head);
}

/** The folder that a module is read of, where that is one of the configuration's own. */
export function moduleSource(files: readonly HclFile[], module: string): string | null {
  const block = blockOf(files, `module\\s+"${module}"`);
  return block ? (/\bsource\s*=\s*"(\.{1,2}\/[^"]*)"/.exec(bodyOf(block))?.[1] ?? null) : null;
}

interface Block {
  readonly file: HclFile;
  readonly start: number;
  /** Behind the brace that opens it. */
  readonly head: number;
  readonly end: number;
}

/** A block that is there once: of two, neither is known to be the one. */
function blockOf(files: readonly HclFile[], head: string): Block | null {
  const found = files.flatMap((file) =>
    [...file.text.matchAll(new RegExp(`^[ \\t]*(${head}\\s*\\{)`, "gm"))].map((match) => {
      const start = match.index + match[0].length - (match[1]?.length ?? 0);
      const open = match.index + match[0].length;
      return { file, start, head: open, end: closing(file.text, open) };
    }),
  );
  const [only = null] = found;
  return found.length === 1 ? only : null;
}

/** Behind the brace that closes a block; texts and comments have braces of their own. */
function closing(text: string, open: number): number {
  let depth = 1;
  const tokens = /"(?:[^"\\\n]|\\.)*"|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[{}]/g;
  tokens.lastIndex = open;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === "{") depth += 1;
    if (token[0] === "}") depth -= 1;
    if (depth === 0) return tokens.lastIndex;
  }
  return text.length;
}

function bodyOf({ file, start, end }: Block): string {
  return file.text.slice(start, end);
}

function placed({ path, text }: HclFile, start: number, end: number): HclPlace {
  return { path, region: regions(text)({ start, end }) };
}
