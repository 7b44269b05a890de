import { RolecallError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { type HttpEnv, send } from "../wire/http.ts";

/** The API of a CI, and what opens it. */
export interface CiApi {
  /** Without the path of a call: `https://api.github.com`, `https://gitlab.com/api/v4`. */
  readonly url: URL;
  /** Sent to this URL and nowhere else: redirects are not followed. */
  readonly token: Secret | null;
}

/** What a project is called, and the ids that outlive the name, by the words of rolecall.yaml. */
export interface ResolvedProject {
  /** As the CI writes it, which is how subjects have it. */
  readonly project: string;
  readonly ids: Readonly<Record<string, string>>;
}

const TIMEOUT = 10_000;

interface Api {
  /** The vendor's own. */
  readonly url: string;
  readonly path: (project: string) => string;
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  readonly read: (answer: Answer) => ResolvedProject | null;
  /** Variables that people keep the token in. */
  readonly tokens: readonly string[];
}

/** An answer's body, of which nothing is known yet. */
interface Answer {
  readonly [name: string]: unknown;
}

/** The CIs whose ids AWS can see, and whose API tells them. */
export const CI_APIS: Readonly<Record<string, Api>> = {
  // Source: GitHub REST API, GET /repos/{owner}/{repo}.
  github: {
    url: "https://api.github.com",
    path: (project) => `/repos/${project.split("/").map(encodeURIComponent).join("/")}`,
    headers: (token) => ({ authorization: `Bearer ${token}` }),
    read: ({ full_name: name, id, owner }) => {
      const ownerId = isAnswer(owner) ? idOf(owner["id"]) : null;
      const repositoryId = idOf(id);
      if (typeof name !== "string" || repositoryId === null || ownerId === null) return null;
      return { project: name, ids: { repository_id: repositoryId, repository_owner_id: ownerId } };
    },
    tokens: ["GH_TOKEN", "GITHUB_TOKEN"],
  },
  // Source: GitLab REST API, GET /projects/:id, which takes the path with its slashes encoded.
  gitlab: {
    url: "https://gitlab.com/api/v4",
    path: (project) => `/projects/${encodeURIComponent(project)}`,
    headers: (token) => ({ "private-token": token }),
    read: ({ path_with_namespace: name, id, namespace }) => {
      const namespaceId = isAnswer(namespace) ? idOf(namespace["id"]) : null;
      const projectId = idOf(id);
      if (typeof name !== "string" || projectId === null || namespaceId === null) return null;
      return { project: name, ids: { project_id: projectId, namespace_id: namespaceId } };
    },
    tokens: ["GITLAB_TOKEN"],
  },
};

/**
 * Where the API of an issuer's CI is. A company of GitHub's own cloud has an address of its own.
 * Source: GitHub Enterprise Cloud docs, data residency.
 *
 * @returns null for a CI that has none in {@link CI_APIS}
 */
export function apiUrl(ci: string, issuer: string | null): string | null {
  const company =
    ci === "github" ? /^https:\/\/token\.actions\.([^./]+\.ghe\.com)$/.exec(issuer ?? "")?.[1] : undefined;
  return company === undefined ? (CI_APIS[ci]?.url ?? null) : `https://api.${company}`;
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === "object" && value !== null;
}

function idOf(value: unknown): string | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? String(value) : null;
}

/**
 * Asks a CI for a project's ids.
 *
 * @param ci one of {@link CI_APIS}
 * @throws RolecallError `config` when there is no such project, or it is called otherwise; `unavailable`
 *   when the API does not answer, or with something else than a project
 */
export async function resolveProject(ci: string, project: string, api: CiApi, env: HttpEnv): Promise<ResolvedProject> {
  const known = CI_APIS[ci];
  if (!known)
    throw new RolecallError(
      "usage",
      `${ci} has no ids that AWS can see: expected ${Object.keys(CI_APIS).join(" or ")}`,
    );
  const url = new URL(api.url.href.replace(/\/+$/, "") + known.path(project));
  refuseBarePlain(url);
  const headers = {
    accept: "application/json",
    "user-agent": "rolecall",
    ...(api.token ? known.headers(api.token.reveal()) : {}),
  };
  const { status, body } = await send({ method: "GET", url, headers, timeout: TIMEOUT }, env);
  if (status !== 200) throw refusal(status, project, url, known.tokens);
  const resolved = known.read(parse(body, url));
  if (!resolved) throw unexpected(url);
  if (resolved.project === project) return resolved;
  throw new RolecallError(
    "config",
    `expected the project as ${url.host} writes it, ${resolved.project}, got ${project}`,
    {
      hints: [`subjects are compared letter by letter: write ${resolved.project}`],
    },
  );
}

/** A token over plain http is anybody's, save on this machine. */
function refuseBarePlain(url: URL): void {
  if (url.protocol === "https:" || ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) return;
  throw new RolecallError("usage", `expected the API's address to begin with https://, got ${url.origin}`);
}

function parse(body: string, url: URL): Answer {
  try {
    const value: unknown = JSON.parse(body);
    if (isAnswer(value)) return value;
  } catch {
    // Told below.
  }
  throw unexpected(url);
}

function unexpected(url: URL): RolecallError {
  return new RolecallError(
    "unavailable",
    `${url.origin}${url.pathname}: expected a project with its ids, got something else`,
  );
}

function refusal(status: number, project: string, url: URL, tokens: readonly string[]): RolecallError {
  if (status >= 300 && status < 400) {
    return new RolecallError("config", `${project} has moved, says ${url.host}: expected the name that it has now`);
  }
  if (status === 404 || status === 401 || status === 403) {
    return new RolecallError("config", `${url.host} shows no project ${project} (${status})`, {
      hints: [`a private one is shown with a token in ${tokens.join(" or ")}, or in the variable of --api-token-env`],
    });
  }
  return new RolecallError("unavailable", `${url.host} answered ${status} for ${project}`);
}
