import { type FileHandle, lstat, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { isRolecallError, RolecallError } from "../core/errors.ts";
import { type CloudState, parseState, renderState, unusable } from "./state.ts";

/**
 * Reads a state file; null when there is none yet.
 *
 * @throws RolecallError `config` when it is there and cannot be used
 */
export async function readStateFile(path: string): Promise<CloudState | null> {
  const stats = await lstat(path).catch((error: unknown) => absent(error, path));
  if (!stats) return null;
  if (stats.isSymbolicLink())
    throw unusable(path, "it is a symbolic link, which could lead the secrets in it elsewhere");
  if (!stats.isFile()) throw unusable(path, "it is not a file");
  return parseState(await readFile(path, "utf8"), path);
}

function absent(error: unknown, path: string): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw new RolecallError("config", `${path} cannot be read`, { cause: error });
}

/**
 * Writes a state file so that a crash at any moment leaves the old or the new one, whole. Mode 0600,
 * since it holds keys.
 *
 * @throws RolecallError `config` when it cannot be written there
 */
export async function writeStateFile(path: string, state: CloudState): Promise<void> {
  try {
    await replaceFile(path, renderState(state));
  } catch (error) {
    if (isRolecallError(error)) throw error;
    throw new RolecallError(
      "config",
      `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  // A name of its own for each target, so that what a killed process left is taken away by the next.
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  await rm(temporary, { force: true });
  await withFile(await open(temporary, "wx", 0o600), async (file) => {
    await file.writeFile(text);
    await file.sync();
  });
  const stats = await lstat(path).catch((error: unknown) => absent(error, path));
  if (stats?.isSymbolicLink()) throw unusable(path, "it has become a symbolic link");
  await rename(temporary, path);
  // The rename itself is safe only when the directory is. A directory cannot be opened on Windows.
  if (process.platform !== "win32") await withFile(await open(dirname(path), "r"), (directory) => directory.sync());
}

async function withFile(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
