import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RolecallError } from "../core/errors.ts";

/** Reading and writing, nobody else: what files that hold secrets are made with. */
export const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/**
 * Writes a file whole or not at all: into a new file beside it, which then takes its name. A missing
 * folder is made, mode 0700. Files that killed writes of the same one left beside it an hour ago or earlier go.
 *
 * @param content pieces are taken one after the other, so that what is long need not be held whole
 * @throws RolecallError `config` when the path is a symbolic link or cannot be written
 */
export async function writeFileAtomic(
  path: string,
  content: string | Iterable<string>,
  mode: number = PRIVATE_FILE,
): Promise<void> {
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await refuseLink(path);
    await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    await writeNew(temporary, content, mode);
    await rename(temporary, path);
  } catch (error) {
    // What failed first is what is told; that there is nothing to clean up may be the same reason.
    await rm(temporary, { force: true }).catch(() => null);
    throw error instanceof RolecallError
      ? error
      : new RolecallError("config", `${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
  // The file is written; that an old one cannot be looked for is nobody's concern.
  await removeLeftovers(path).catch(() => null);
}

/**
 * Milliseconds. No write takes as long. A process number alone does not tell that a writer is gone: it may be of another
 * container, or of another machine that has the same folder.
 */
const ABANDONED = 3_600_000;

/** Removes what earlier writes of the same file left when their process was killed. Not on Windows, which has no owner. */
async function removeLeftovers(path: string): Promise<void> {
  const [folder, name] = [dirname(path), `${basename(path)}.`];
  for (const entry of await readdir(folder)) {
    const pid = entry.startsWith(name) ? /^(\d+)\.[0-9a-z]+\.tmp$/.exec(entry.slice(name.length))?.[1] : undefined;
    if (pid === undefined || isAlive(Number(pid))) continue;
    const found = join(folder, entry);
    const stat = await lstat(found);
    const isOurs = stat.isFile() && stat.uid === process.getuid?.();
    if (isOurs && Date.now() - stat.mtimeMs > ABANDONED) await rm(found, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function writeNew(path: string, content: string | Iterable<string>, mode: number): Promise<void> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  // O_NOFOLLOW is missing on Windows.
  const file = await open(path, O_CREAT | O_EXCL | O_WRONLY | (O_NOFOLLOW ?? 0), mode);
  try {
    await writeFile(file, content);
    // The process's umask may have taken bits away that an existing file had.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function refuseLink(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (!stat?.isSymbolicLink()) return;
  throw new RolecallError("config", `${path} is a symbolic link, and rolecall does not write through links`, {
    hints: ["name the file that it points to"],
  });
}

/** The mode bits of a file, or the given ones when there is none. */
export async function modeOf(path: string, otherwise: number): Promise<number> {
  const stat = await lstat(path).catch(() => null);
  return stat ? stat.mode & 0o777 : otherwise;
}
