import { spawn } from "node:child_process";
import { readdir, readFile, lstat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { HistoryReader, isSearched, type KeyFinding } from "../migrate/find-keys.ts";
import { RolecallError } from "../core/errors.ts";

const SKIPPED = new Set([".git", "node_modules", "vendor", "dist", ".terraform", "cdk.out", "target", ".venv"]);
const LARGEST = 1024 * 1024;
/** What says which jobs there are, and what they run. */
const IS_READ = /\.ya?ml$|(?:^|\/)(?:package\.json|GNUmakefile|[\w.-]+\.mk)$/;

/** The files of a project that CI and keys may be in, by their path with `/`; links are not followed. */
export async function readProjectFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) await walk(path);
      if (!entry.isFile() || !(isSearched(path) || IS_READ.test(path))) continue;
      const { size } = await lstat(join(root, path));
      if (size <= LARGEST) files.set(path, await readText(join(root, path), path));
    }
  };
  await walk("");
  return files;
}

async function readText(full: string, path: string): Promise<string> {
  try {
    // Bytes that are no UTF-8 would not survive being written back.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(full));
  } catch (error) {
    if (error instanceof TypeError) return "";
    throw new RolecallError("config", `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Keys that git's history has, of all branches; read line by line, since a history may be larger than memory.
 *
 * @throws RolecallError `config` where there is no git or no repository
 */
export async function findInHistory(root: string): Promise<readonly KeyFinding[]> {
  const child = spawn("git", ["log", "--all", "-p", "--no-color", "--no-ext-diff", "--no-textconv", "-U0"], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null)).on("close", resolve);
  });
  const reader = new HistoryReader();
  const found: KeyFinding[] = [];
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity }))
    found.push(...reader.read(line));
  if ((await ended) === 0) return found;
  throw new RolecallError("config", "--history: expected a git repository, which git log could read");
}
