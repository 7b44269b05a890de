import { readFile } from "node:fs/promises";
import { RolecallError } from "../core/errors.ts";
import { readTrail, type TrailEvent } from "../migrate/keys/trail.ts";

/**
 * The records of saved exports of CloudTrail.
 *
 * @throws RolecallError `config` for a file that cannot be read or is none
 */
export async function readTrails(files: readonly string[]): Promise<readonly TrailEvent[]> {
  const events: TrailEvent[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((error: unknown) => {
      throw new RolecallError("config", `${file} cannot be read: ${(error as Error).message}`);
    });
    // One by one: a spread of a large log would be more arguments than a call takes.
    for (const event of readTrail(bytes, file)) events.push(event);
  }
  return events;
}
