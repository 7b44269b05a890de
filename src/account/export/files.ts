import { lstat } from "node:fs/promises";
import { join } from "node:path";

import { RolecallError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../wire/files.ts";
import type { ExportAccount, Exported, ExportedFile } from "./model.ts";

/** An export of one account, or of no account in particular. */
export interface AccountExport {
  readonly account: ExportAccount | null;
  readonly exported: Exported;
}

/** A file and where it goes. */
export interface Placed {
  readonly path: string;
  readonly file: ExportedFile;
}

/**
 * Where the files go: one file to the path itself; several into it as a folder, each account's into one of its own,
 * since Terraform reads all that is in a folder as one.
 *
 * @param out a file or a folder; it is a folder too when it is there as one, or ends with a slash
 */
export async function placeFiles(out: string, exports: readonly AccountExport[]): Promise<readonly Placed[]> {
  const files = exports.flatMap(({ account, exported }) => exported.files.map((file) => ({ account, file })));
  const [only, ...others] = files;
  const stat = await lstat(out).catch(() => null);
  const isFolder = others.length > 0 || exports.length > 1 || (stat?.isDirectory() ?? false) || /[/\\]$/.test(out);
  if (!isFolder) return only ? [{ path: out, file: only.file }] : [];
  if (stat && !stat.isDirectory())
    throw new RolecallError("config", `${out} is no folder: expected one for ${files.length} files`);
  return files.map(({ account, file }) => ({
    path: exports.length > 1 && account ? join(out, folderOf(account), file.name) : join(out, file.name),
    file,
  }));
}

/** The account's name, unless it would lead elsewhere. */
function folderOf({ name, id }: ExportAccount): string {
  return /^[A-Za-z0-9][\w.-]*$/.test(name) ? name : id;
}

/**
 * Writes each file whole or not at all; none when one of them is there and must not be replaced.
 *
 * @throws RolecallError `config`
 */
export async function writeFiles(placed: readonly Placed[], { force }: { readonly force: boolean }): Promise<void> {
  if (!force) for (const { path } of placed) await refuseOther(path);
  // They hold no secret, and are meant to be committed.
  for (const { path, file } of placed) await writeFileAtomic(path, file.text, file.executable ? 0o755 : 0o644);
}

async function refuseOther(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (!there) return;
  throw new RolecallError("config", `${path} is there already: expected none`, { hints: ["--force replaces it"] });
}
