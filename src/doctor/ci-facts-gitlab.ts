import type { ProjectFacts } from "../core/lint/platform.ts";
import { isObject } from "../core/token.ts";
import { type Api, ask, askAll, Forbidden, Moved, textOf } from "../wire/rest.ts";
import { type AskedProject, orUnread } from "./ci-facts-asked.ts";
import type { NamedProject } from "./ci-facts-named.ts";

// Source: GitLab docs, REST API: projects, namespaces, protected_branches, protected_tags, rest (redirects), as of
// November 2026.

type Item = Readonly<Record<string, unknown>>;

const PER_PAGE = 100;

/** What GitLab says of a project that policies name. */
export async function gitlabFacts(api: Api, named: NamedProject): Promise<AskedProject> {
  const { issuer, project, branches, tags } = named;
  const root = `/projects/${encodeURIComponent(project)}`;
  const unread: string[] = [];
  let own: Item;
  try {
    const answer = await ask(api, root);
    own = isObject(answer) ? answer : {};
  } catch (error) {
    return await withoutProject(api, named, error);
  }
  const forks = own["ci_allow_fork_pipelines_to_run_in_parent_project"];
  const timeout = own["build_timeout"];
  const namesOf = (list: string, when: boolean): Promise<readonly string[] | undefined> =>
    when
      ? orUnread(`${list.replace("_", " ")} of ${project}`, "the role Maintainer", unread, () =>
          listOf(api, `${root}/${list}`),
        )
      : Promise.resolve(undefined);
  const protectedBranches = await namesOf("protected_branches", branches.length > 0);
  const protectedTags = await namesOf("protected_tags", tags.length > 0);
  const facts: ProjectFacts = {
    issuer,
    project,
    ...(typeof forks === "boolean" ? { forksGetTokens: forks } : {}),
    ...(Number.isSafeInteger(timeout) ? { jobTimeout: Number(timeout) } : {}),
    ...(protectedBranches ? { protectedBranches } : {}),
    ...(protectedTags ? { protectedTags } : {}),
  };
  return { facts, unread };
}

/** GitLab answers 404 for what is not there and for what the token may not see; of a namespace it tells. */
async function withoutProject(api: Api, { issuer, project }: NamedProject, error: unknown): Promise<AskedProject> {
  const hasMoved = error instanceof Moved;
  if (!hasMoved && !(error instanceof Forbidden)) throw error;
  if (hasMoved || error.status === 404) {
    const unread: string[] = [];
    const [top = ""] = project.split("/");
    const answer = await orUnread(`whether ${top} exists`, "the scope read_api", unread, () =>
      ask(api, `/namespaces/${encodeURIComponent(top)}/exists`),
    );
    if (isObject(answer) && (answer as Item)["exists"] === false)
      return { facts: { issuer, project, state: "owner-gone" }, unread };
    if (hasMoved) return { facts: { issuer, project, state: "gone" }, unread };
    return {
      facts: null,
      unread: [...unread, `${project} is not visible with this token (404): it is private, or there is none`],
    };
  }
  return { facts: null, unread: [`${project} is not visible with this token (${error.status}): it may not read it`] };
}

async function listOf(api: Api, path: string): Promise<readonly string[]> {
  const items = await askAll(
    api,
    (answer) => (Array.isArray(answer) ? answer : []),
    (page, last) => {
      const isLast = Array.isArray(last) && last.length < PER_PAGE;
      return isLast ? null : `${path}?per_page=${PER_PAGE}&page=${page}`;
    },
  );
  return items.map(({ name }) => textOf(name));
}
