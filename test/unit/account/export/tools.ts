import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a program on the PATH, or null with a line that says what is left out. */
export function findTool(name: string, without: string): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) console.warn(`skipped: no ${name} on the PATH, so ${without}`);
  return found ?? null;
}
