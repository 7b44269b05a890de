import { isShellSafe } from "../../core/credentials.ts";
import { RolecallError } from "../../core/errors.ts";
import { regionVariables } from "../child-environment.ts";
import { variables } from "../formats.ts";
import type { Session } from "./hand-over.ts";

/** Names and values of a session and its region, each value safe for a shell, a file and a log command. */
export function sessionVariables({ credentials, region }: Session): readonly (readonly [string, string])[] {
  const all = [...variables(credentials), ...Object.entries(regionVariables(region))];
  for (const [name, value] of all) {
    if (!isShellSafe(value)) throw new RolecallError("unexpected", `${name} has characters that it should not have`);
  }
  return all;
}

/** What nobody but the job may read. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
]);

/** Lines for a shell that sources them. */
export function shellLines(session: Session): string {
  const unset = session.shadows.length > 0 ? [`unset ${session.shadows.join(" ")}`] : [];
  const lines = [...unset, ...sessionVariables(session).map(([name, value]) => `export ${name}=${value}`)];
  return lines.map((line) => `${line}\n`).join("");
}
