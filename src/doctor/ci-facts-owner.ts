import { isObject } from "../core/token.ts";
import { type Api, ask, askAll, Forbidden, Moved, textOf } from "../wire/rest.ts";

type Item = Readonly<Record<string, unknown>>;

const PER_PAGE = 100;

/** What is known of the owners of repositories that are not there; each is asked for once. */
export type Owners = Map<string, Promise<ReadonlySet<string> | null>>;

/**
 * The names of all repositories of an organization, in lower case; null where the token does not see all, or that
 * cannot be told. It can where GitHub tells an owner of the organization how many there are, and as many are listed.
 *
 * Source: GitHub docs, REST API: orgs/orgs, repos/repos.
 */
export function allRepositories(api: Api, owner: string, owners: Owners): Promise<ReadonlySet<string> | null> {
  const key = owner.toLowerCase();
  const known = owners.get(key) ?? listAll(api, owner);
  owners.set(key, known);
  return known;
}

async function listAll(api: Api, owner: string): Promise<ReadonlySet<string> | null> {
  const root = `/orgs/${encodeURIComponent(owner)}`;
  try {
    const { public_repos: open, total_private_repos: closed } = itemOf(await ask(api, root));
    if (typeof open !== "number" || typeof closed !== "number") return null;
    const listed = await askAll(
      api,
      (answer) => (Array.isArray(answer) ? answer : []),
      (page, last) => {
        const isLast = Array.isArray(last) && last.length < PER_PAGE;
        return isLast ? null : `${root}/repos?type=all&per_page=${PER_PAGE}&page=${page}`;
      },
    );
    // Whether those of the enterprise are among the private ones is not documented: they make no count right.
    const own = listed.filter(({ visibility }) => visibility === "public" || visibility === "private");
    return own.length === open + closed ? new Set(listed.map(({ name }) => textOf(name).toLowerCase())) : null;
  } catch (error) {
    if (error instanceof Forbidden || error instanceof Moved) return null;
    throw error;
  }
}

function itemOf(value: unknown): Item {
  return isObject(value) ? value : {};
}
