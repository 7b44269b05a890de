import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Where a client is that tests try; null, with a word about it, on a machine that does not have it.
 *
 * @param command its name on the PATH
 * @param debian the Debian packages to install for it
 * @param also a file or folder that has to be there too
 */
export function findTool(command: string, debian: string, also?: string): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const path = folders.map((folder) => join(folder, command)).find((one) => existsSync(one));
  if (path !== undefined && (also === undefined || existsSync(also))) return path;
  console.warn(`skipped: nothing is tried with ${command}, which is not here (Debian: apt-get install ${debian})`);
  return null;
}
