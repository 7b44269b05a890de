import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { RolecallError } from "../core/errors.ts";
import { PRIVATE_FILE } from "./files.ts";

/**
 * Adds text to the end of a file that somebody else reads and writes too; a file that is not there is made for its
 * owner alone.
 *
 * @throws RolecallError `config` when the path is a symbolic link, no file, or cannot be written
 */
export async function appendToFile(path: string, text: string): Promise<void> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  try {
    // O_NOFOLLOW is missing on Windows.
    const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | (O_NOFOLLOW ?? 0), PRIVATE_FILE);
    try {
      if (!(await file.stat()).isFile()) throw new Error("it is no file");
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ELOOP" ? "it is a symbolic link, and rolecall does not write through links" : message;
    throw new RolecallError("config", `${path} cannot be written: ${why}`, { cause: error });
  }
}
