import { checkEnvironment } from "../doctor/check-environment.ts";
import type { Finding } from "../doctor/finding.ts";
import { readSurroundings } from "./doctor-place.ts";
import { checkFile } from "./doctor-token.ts";
import type { ExplainInput } from "./explain-input.ts";
import type { Io } from "./io.ts";
import type { Colors } from "./render/colors.ts";
import { renderFinding } from "./render/doctor.ts";

/**
 * What stands beside an exchange that would be allowed, or of which nobody here can tell, and makes tools fail or be
 * somebody else all the same: keys and profiles that go before the token, regions, proxies, the token's file. Outside a
 * job only what is wrong for certain. Of a job that does not exist there is nothing to look at.
 */
export async function besideExchange(options: ExplainInput, role: string, io: Io): Promise<readonly Finding[]> {
  if (options.as !== undefined) return [];
  const surroundings = await readSurroundings({ ci: options.ci, role, allowFork: false }, io);
  const file = options["token-file"] ?? io.env["AWS_WEB_IDENTITY_TOKEN_FILE"] ?? "";
  const ofFile = file === "" || file === "-" ? [] : await checkFile(file);
  const states = surroundings.ci ? ["bad", "warning"] : ["bad"];
  return [...ofFile, ...checkEnvironment(surroundings)].filter(
    ({ state, failure }) => failure !== undefined && states.includes(state),
  );
}

/** The findings for a person; no line where there are none. */
export function renderBeside(findings: readonly Finding[], heading: string, colors: Colors): readonly string[] {
  if (findings.length === 0) return [];
  return [heading, ...findings.flatMap((finding) => renderFinding(finding, colors))];
}
