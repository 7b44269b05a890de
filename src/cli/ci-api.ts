import type { Config } from "../account/config.ts";
import { apiUrl, CI_APIS, type CiApi, type ResolvedProject, resolveProject } from "../account/resolve.ts";
import { resolveConfig, unknownProjects } from "../account/resolve-config.ts";
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
    help: "the variable with a token for the API; for the vendor's own by default GH_TOKEN, GITHUB_TOKEN or GITLAB_TOKEN",
  },
} as const satisfies Options;

interface Given {
  readonly "api-url": string | undefined;
  readonly "api-token-env": string | undefined;
}

interface Asked {
  readonly ci: string;
  readonly project: string;
  /** Null where it is the vendor's own. */
  readonly issuer: string | null;
}

/**
 * Asks the CI of a project for its ids.
 *
 * @throws RolecallError `usage` for options that do not fit, and as `resolveProject`
 */
export function resolve(asked: Asked, given: Given, io: Io): Promise<ResolvedProject> {
  return resolveProject(asked.ci, asked.project, apiOf(asked, given, io), io.env);
}

/**
 * The configuration with the ids of its projects, as far as the file leaves them out and `--resolve` is given.
 *
 * @throws RolecallError `usage` for options that do not fit, and as `resolveConfig`
 */
export async function resolvedConfig(
  config: Config,
  given: Given & { readonly resolve: boolean },
  io: Io,
): Promise<Config> {
  if (!given.resolve) return config;
  const apis = [...new Set(unknownProjects(config).map(({ ci, issuer }) => apiUrl(ci, issuer)))];
  if (given["api-url"] !== undefined && apis.length > 1)
    throw new RolecallError(
      "usage",
      `--api-url: expected a file whose projects are all there, got ${apis.join(", ")}`,
      {
        hints: [
          "leave it out, or write the ids of the others into the file: rolecall subject CI --project PATH --resolve",
        ],
      },
    );
  return await resolveConfig(config, (unknown) => resolve(unknown, given, io));
}

/** A token that was not named goes to the vendor's own address alone, for which it was set. */
function apiOf({ ci, issuer }: Asked, { "api-url": url, "api-token-env": name }: Given, io: Io): CiApi {
  const known = CI_APIS[ci];
  const text = url ?? apiUrl(ci, issuer) ?? "";
  if (!known || !URL.canParse(text)) {
    throw new RolecallError(
      "usage",
      known
        ? `--api-url is not an address: ${text}`
        : `--resolve: expected ${Object.keys(CI_APIS).join(" or ")}, got ${ci}`,
    );
  }
  const names = name === undefined ? (text === known.url ? known.tokens : []) : [name];
  const token = names.map((one) => io.env[one]).find((one) => one);
  if (name !== undefined && !token) throw new RolecallError("usage", `--api-token-env: ${name} is not set`);
  return { url: new URL(text), token: token ? new Secret(token) : null };
}
