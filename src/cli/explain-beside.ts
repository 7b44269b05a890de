import { checkEnvironment } from "../doctor/check-environment.ts";
import type { Finding } from "../doctor/finding.ts";
import { readSurroundings } from "./doctor-place.ts";
import { checkFile } from "./doctor-token.ts";
import type { ExplainInput } from "./explain-input.ts";
import type { Io } from "./io.ts";

/**
 * What stands beside an exchange that would be allowed, and makes tools fail or be somebody else all the same: keys and
 * profiles that go before the token, regions, proxies, the token's file. Outside a job only what is wrong for certain.
 * Of a job that does not exist there is nothing to look at.
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
