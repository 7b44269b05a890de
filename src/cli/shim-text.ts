import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { RolecallError } from "../core/errors.ts";

// Beside the folder of built commands, or of what they share, or where it is written.
const PLACES = ["../../rolecall.sh", "../rolecall.sh", "../migrate/rolecall.sh"];

/** The shim for images without Node.js, as it is to be committed. */
export async function shimText(): Promise<string> {
  for (const place of PLACES) {
    const text = await readFile(fileURLToPath(new URL(place, import.meta.url)), "utf8").catch(() => null);
    if (text !== null) return text;
  }
  throw new RolecallError("unexpected", "rolecall.sh is missing from this installation");
}
