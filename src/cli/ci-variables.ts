import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { type Api, checkedBase } from "../wire/rest.ts";
import { circleciVariables } from "../migrate/variables/circleci.ts";
import { githubVariables } from "../migrate/variables/github.ts";
import { gitlabVariables } from "../migrate/variables/gitlab.ts";
import type { CiVariable, VariableList } from "../migrate/variables/variable.ts";
import type { Io } from "./io.ts";
import { printable } from "./report.ts";
import { type ProjectFolder, readProjectFolder } from "./project-folder.ts";

type Env = Io["env"];

/** A CI whose variables can be asked for. */
interface Source {
  readonly name: string;
  /** Variables of the environment that a token is taken from, the first that is set. */
  readonly tokens: readonly string[];
  readonly headers: Api["headers"];
  readonly needs: string;
  readonly list: (api: Api, web: string, project: string) => Promise<VariableList>;
  /** The addresses of API and pages. */
  readonly places: (env: Env) => { readonly host: string; readonly base: string; readonly web: string };
  /** The project as the API calls it. */
  readonly projectOf: (remote: NonNullable<ProjectFolder["remote"]>) => string;
  /** What removing them is about. */
  readonly why: string;
}

const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });

/** By `Ci.id`. */
const SOURCES: Readonly<Record<string, Source>> = {
  gitlab: {
    name: "GitLab",
    tokens: ["GITLAB_TOKEN"],
    headers: bearer,
    needs:
      "GITLAB_TOKEN: a personal, project or group access token with the scope read_api, of a Maintainer; a job's own CI_JOB_TOKEN cannot read variables",
    list: gitlabVariables,
    places: gitlabPlaces,
    projectOf: ({ path }) => path,
    why: "GitLab gives them to every job, and they outrank variables: of the file",
  },
  github: {
    name: "GitHub",
    tokens: ["GH_TOKEN", "GITHUB_TOKEN"],
    headers: (token) => ({ ...bearer(token), "x-github-api-version": "2022-11-28" }),
    needs:
      "GH_TOKEN: a classic token with the scope repo, or a fine-grained one with Secrets, Variables and Environments (read); a job's own GITHUB_TOKEN cannot read their names",
    list: githubVariables,
    places: githubPlaces,
    projectOf: ({ path }) => path,
    why: "a workflow that names them still gets them",
  },
  circleci: {
    name: "CircleCI",
    tokens: ["CIRCLE_TOKEN", "CIRCLECI_TOKEN", "CIRCLECI_CLI_TOKEN"],
    headers: (token) => ({ "circle-token": token }),
    needs: "CIRCLE_TOKEN: a personal API token of a member of the organization",
    list: circleciVariables,
    places: (env) => {
      const address = addressOf("CircleCI", env, ["CIRCLECI_CLI_HOST"], "https://circleci.com");
      const isCloud = address === "https://circleci.com";
      return {
        host: new URL(address).host,
        base: `${address}/api/v2`,
        web: isCloud ? "https://app.circleci.com" : address,
      };
    },
    projectOf: ({ host, path }) => `${host === "bitbucket.org" ? "bitbucket" : "gh"}/${path}`,
    why: "CircleCI gives a project's to every job of it, and a context's to every job that names it, whatever the file says",
  },
};

/** The addresses of the GitHub that a token of the environment is of. */
export function githubPlaces(env: Env): { host: string; base: string; web: string } {
  const web = addressOf("GitHub", env, ["GH_HOST", "GITHUB_SERVER_URL"], "https://github.com");
  const { host, protocol } = new URL(web);
  const api = env["GITHUB_API_URL"];
  if (api) return { host, base: checkedBase("GitHub", api, "GITHUB_API_URL"), web };
  const isCloud = host === "github.com" || host.endsWith(".ghe.com");
  return { host, base: isCloud ? `${protocol}//api.${host}` : `${web}/api/v3`, web };
}

/** The addresses of the GitLab that a token of the environment is of. */
export function gitlabPlaces(env: Env): { host: string; base: string; web: string } {
  const web = addressOf("GitLab", env, ["GITLAB_HOST", "CI_SERVER_URL"], "https://gitlab.com");
  return { host: new URL(web).host, base: `${web}/api/v4`, web };
}

function addressOf(name: string, env: Env, variables: readonly string[], otherwise: string): string {
  const variable = variables.find((one) => env[one]);
  const text = variable === undefined ? otherwise : (env[variable] ?? "");
  return checkedBase(name, text.includes("://") ? text : `https://${text}`, variable ?? "");
}

export interface VariableQuery {
  /** Only this CI; null for each whose file is here. */
  readonly ci: string | null;
  /** As the CI names it; null for that of the folder's remote. */
  readonly project: string | null;
  readonly root: string;
}

/** The variables that hold keys, of each CI that was asked. */
export interface AskedCi extends VariableList {
  readonly name: string;
  /** The variables, a line for each. */
  readonly lines: readonly string[];
  /** Where they are taken out, and why it matters. */
  readonly removal: readonly string[];
}

/**
 * Asks the APIs of the CIs for the names of variables that hold AWS keys, with tokens of the environment.
 *
 * @throws RolecallError `usage` when there is nothing to ask with, `config` when a token or a project is not taken
 */
export async function findVariables({ ci, project, root }: VariableQuery, io: Io): Promise<readonly AskedCi[]> {
  const folder = await readProjectFolder(root);
  const wanted = Object.entries(SOURCES).filter(([id]) => (ci === null ? folder.cis.includes(id) : id === ci));
  const ready = wanted.filter(([, { tokens }]) => tokens.some((name) => io.env[name]));
  if (ready.length === 0) throw nothingToAsk(wanted.map(([, source]) => source));
  const asked: AskedCi[] = [];
  for (const [id, source] of ready) {
    const { name, tokens, headers, needs, why } = source;
    const token = new Secret(tokens.map((one) => io.env[one]).find(Boolean) ?? "");
    const { host, base, web } = source.places(io.env);
    const api: Api = { name, base, headers, token, needs, env: io.env, sleep };
    const path = project ?? projectFrom(folder, source, host, id);
    const { variables, unread } = await source.list(api, web, path);
    asked.push({ name, variables, unread, lines: variables.map(lineOf), removal: removalOf(variables, why) });
  }
  return asked;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

function nothingToAsk(wanted: readonly Source[]): RolecallError {
  const sources = wanted.length > 0 ? wanted : Object.values(SOURCES);
  const names = sources.map(({ tokens }) => tokens[0] ?? "").join(", ");
  return new RolecallError("usage", `migrate: --variables: expected a token in the environment: ${names}`, {
    hints: sources.map(({ needs }) => needs),
  });
}

/** A token goes to the host that it is said to be of, and never to one that a checkout names. */
function projectFrom({ remote }: ProjectFolder, { name, projectOf }: Source, host: string, id: string): string {
  if (!remote)
    throw new RolecallError(
      "usage",
      `migrate: --variables: expected --project, as ${name} calls it: git has no remote origin`,
    );
  const hosts = id === "circleci" ? ["github.com", "bitbucket.org"] : [host];
  if (hosts.includes(remote.host)) return projectOf(remote);
  throw new RolecallError(
    "usage",
    `migrate: --variables: the remote is at ${remote.host}, and the token is for ${host}`,
    {
      hints:
        id === "circleci"
          ? ["--project gh/OWNER/REPOSITORY"]
          : [`${id === "gitlab" ? "GITLAB_HOST" : "GH_HOST"}=${remote.host}, when the token is of there`],
    },
  );
}

function lineOf({ ci, kind, name, owner, notes }: CiVariable): string {
  const more = notes.length > 0 ? ` (${notes.join(", ")})` : "";
  return printable(`${SOURCES[ci]?.name ?? ci} ${owner}: ${kind}: ${name}${more}`);
}

function removalOf(variables: readonly CiVariable[], why: string): readonly string[] {
  if (variables.length === 0) return [];
  const pages = [...new Set(variables.map(({ page }) => page))];
  return [`${why}: take them out once a job was green without them:`, ...pages.map((page) => printable(`  ${page}`))];
}
