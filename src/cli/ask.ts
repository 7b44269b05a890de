import { createInterface } from "node:readline";
import { RolecallError } from "../core/errors.ts";
import type { Io } from "./io.ts";

/**
 * Asks a person; only `yes` is a yes.
 *
 * @throws RolecallError `usage` where nobody can be asked
 */
export async function confirm(question: string, command: string, io: Io): Promise<boolean> {
  if (!io.stdinIsTerminal || io.env["CI"])
    throw new RolecallError(
      "usage",
      `${command}: expected --yes, since nobody can be asked here; nothing was changed`,
      {
        hints: [`rolecall ${command} --yes`],
      },
    );
  io.err(`rolecall: ${question}\nrolecall: only yes goes on: `);
  return (await readLine()) === "yes";
}

async function readLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  try {
    return await new Promise((resolve) => {
      lines.once("line", (line) => resolve(line.trim()));
      lines.once("close", () => resolve(""));
    });
  } finally {
    lines.close();
  }
}
