import { CI_APIS, type CiApi, type ResolvedProject, resolveProject } from "../account/resolve.ts";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Options } from "./command.ts";
import type { Io } from "./io.ts";

/** Of the commands that ask a CI what ids a project has. */
export const RESOLVE_OPTIONS = {
  resolve: { type: "boolean", help: "ask the CI's API for the ids that AWS sees (github, gitlab)" },
  "api-url": { type: "string", value: "URL", help: "the API's address, where it is not the vendor's own" },
  "api-token-env": {
    type: "string",
    value: "NAME",
    help: "the variable with a token for the API; for the vendor's own by default GITHUB_TOKEN, GH_TOKEN or GITLAB_TOKEN",
  },
} as const satisfies Options;

interface Given {
  readonly "api-url": string | undefined;
  readonly "api-token-env": string | undefined;
}

/**
 * Asks the CI of a project for its ids.
 *
 * @throws RolecallError `usage` for options that do not fit, and as `resolveProject`
 */
export function resolve(ci: string, project: string, given: Given, io: Io): Promise<ResolvedProject> {
  return resolveProject(ci, project, apiOf(ci, given, io), io.env);
}

/** A token that was not named goes to the vendor's own address alone, for which it was set. */
function apiOf(ci: string, { "api-url": url, "api-token-env": name }: Given, io: Io): CiApi {
  const known = CI_APIS[ci];
  const text = url ?? known?.url ?? "";
  if (!known || !URL.canParse(text)) {
    throw new RolecallError(
      "usage",
      known
        ? `--api-url is not an address: ${text}`
        : `--resolve: expected ${Object.keys(CI_APIS).join(" or ")}, got ${ci}`,
    );
  }
  const names = name === undefined ? (url === undefined ? known.tokens : []) : [name];
  const token = names.map((one) => io.env[one]).find((one) => one);
  if (name !== undefined && !token) throw new RolecallError("usage", `--api-token-env: ${name} is not set`);
  return { url: new URL(text), token: token ? new Secret(token) : null };
}
