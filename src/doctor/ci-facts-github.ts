import type { EnvironmentFacts, ProjectFacts } from "../core/lint/platform.ts";
import { isObject } from "../core/token.ts";
import { type Api, ask, askAll, Forbidden, Moved, textOf } from "../wire/rest.ts";
import { type AskedProject, orUnread } from "./ci-facts-asked.ts";
import type { NamedProject } from "./ci-facts-named.ts";
import { allRepositories, type Owners } from "./ci-facts-owner.ts";
import { githubWorkflows } from "./ci-facts-workflows.ts";

// Source: GitHub docs, REST API: repos/repos, users, actions/oidc, branches, repos/rules, deployments/environments,
// as of November 2026.

type Item = Readonly<Record<string, unknown>>;

const PER_PAGE = 100;

/**
 * What GitHub says of a repository that policies name.
 *
 * @param isPublic it is github.com, whose names anybody may take
 */
export async function githubFacts(
  api: Api,
  named: NamedProject,
  isPublic: boolean,
  owners: Owners,
): Promise<AskedProject> {
  const { issuer, project, branches, tags } = named;
  const root = `/repos/${project.split("/").map(encodeURIComponent).join("/")}`;
  const about = { issuer, project };
  const unread: string[] = [];
  try {
    await ask(api, root);
  } catch (error) {
    return await withoutRepository({ api, named, isPublic, owners }, error);
  }
  const [owner = ""] = project.split("/");
  const of = `of ${project}`;
  const template = await orUnread(`the subject template ${of}`, "Actions (read)", unread, () =>
    templateOf(api, root, owner, unread),
  );
  const safe = await orUnread(`the protected branches ${of}`, "Contents (read)", unread, () =>
    pagesOf(api, `${root}/branches?protected=true`, "").then((items) => items.map(({ name }) => textOf(name))),
  );
  const protectedBranches =
    safe &&
    (await orUnread(`the rules for branches ${of}`, "Metadata (read)", unread, () =>
      branchesOf(api, named, root, safe, unread),
    ));
  const protectedTags =
    tags.length === 0
      ? undefined
      : await orUnread(`the rulesets for tags ${of}`, "Metadata (read)", unread, () => tagPatterns(api, root));
  const environments = await orUnread(`the environments ${of}`, "Actions (read)", unread, async () =>
    (await pagesOf(api, `${root}/environments?`, "environments")).map((one) => environmentOf(one, safe)),
  );
  const workflows = await orUnread(`the workflows ${of}`, "Contents (read)", unread, () =>
    githubWorkflows(api, root, project, unread),
  );
  const facts: ProjectFacts = {
    ...about,
    ...template,
    ...(protectedBranches && branches.length > 0 ? { protectedBranches } : {}),
    ...(protectedTags ? { protectedTags } : {}),
    ...(environments ? { environments } : {}),
    ...(workflows ? { workflows } : {}),
  };
  return { facts, unread };
}

interface Question {
  readonly api: Api;
  readonly named: NamedProject;
  readonly isPublic: boolean;
  readonly owners: Owners;
}

/** Says only what GitHub tells: it answers 404 for what is not there and for what the token may not see. */
async function withoutRepository(
  { api, named: { issuer, project }, isPublic, owners }: Question,
  error: unknown,
): Promise<AskedProject> {
  const hasMoved = error instanceof Moved;
  if (!hasMoved && !(error instanceof Forbidden)) throw error;
  const isMissing = hasMoved || error.status === 404;
  const [owner = "", name = ""] = project.split("/");
  if (isMissing && isPublic && (await isFree(api, owner)))
    return { facts: { issuer, project, state: "owner-gone" }, unread: [] };
  if (hasMoved) return { facts: { issuer, project, state: "gone" }, unread: [] };
  const all = isMissing ? await allRepositories(api, owner, owners) : null;
  if (all && !all.has(name.toLowerCase())) return { facts: { issuer, project, state: "gone" }, unread: [] };
  const why = isMissing ? "it is private, or there is none" : "the token may not read it";
  return { facts: null, unread: [`${project} is not visible with this token (${error.status}): ${why}`] };
}

/** Nobody has the name. Accounts that an enterprise manages, `alice_acme`, are not shown to others. */
async function isFree(api: Api, owner: string): Promise<boolean> {
  if (owner.includes("_")) return false;
  try {
    await ask(api, `/users/${encodeURIComponent(owner)}`);
    return false;
  } catch (error) {
    if (error instanceof Forbidden || error instanceof Moved) return error instanceof Forbidden && error.status === 404;
    throw error;
  }
}

async function templateOf(api: Api, root: string, owner: string, unread: string[]): Promise<Partial<ProjectFacts>> {
  const path = "/actions/oidc/customization/sub";
  const own = itemOf(await ask(api, `${root}${path}`));
  const prefix = textOf(own["sub_claim_prefix"]);
  // A repository that neither takes GitHub's nor has its own takes its organization's.
  const keys =
    keysOf(own) ??
    (await orUnread(`the subject template of ${owner}`, "Administration of the organization (read)", unread, async () =>
      keysOf(itemOf(await ask(api, `/orgs/${encodeURIComponent(owner)}${path}`))),
    ));
  return { ...(prefix === "" ? {} : { subjectPrefix: prefix }), ...(keys ? { subjectClaims: keys } : {}) };
}

function keysOf(template: Item): readonly string[] | null {
  if (template["use_default"] === true) return ["repo", "context"];
  const keys = template["include_claim_keys"];
  return Array.isArray(keys) && keys.length > 0 ? keys.map(textOf) : null;
}

/** Rules that do not keep anybody from pushing something new. */
const LOOSE = ["deletion", "non_fast_forward"];

/**
 * Branches that are protected, those that do not exist yet by the rulesets that they would fall under. Undefined where
 * a pattern of a branch protection may cover one: those the REST API does not tell.
 */
async function branchesOf(
  api: Api,
  { project, branches }: NamedProject,
  root: string,
  safe: readonly string[],
  unread: string[],
): Promise<readonly string[] | undefined> {
  const ruled: string[] = [];
  for (const branch of branches.filter((one) => !safe.includes(one))) {
    const at = branch.split("/").map(encodeURIComponent).join("/");
    const rules = await pagesOf(api, `${root}/rules/branches/${at}?`, "");
    if (guards(rules)) ruled.push(branch);
    else if (!(await isThere(api, `${root}/branches/${at}`))) {
      unread.push(
        `whether branches of ${project} are protected is not known: ${branch} is not there, and no ruleset is about it`,
      );
      return undefined;
    }
  }
  return [...safe, ...ruled];
}

function guards(rules: readonly Item[]): boolean {
  return rules.some(({ type }) => !LOOSE.includes(textOf(type)));
}

async function isThere(api: Api, path: string): Promise<boolean> {
  try {
    await ask(api, path);
    return true;
  } catch (error) {
    if (error instanceof Moved || (error instanceof Forbidden && error.status === 404)) return false;
    throw error;
  }
}

async function tagPatterns(api: Api, root: string): Promise<readonly string[]> {
  const patterns: string[] = [];
  for (const { id, target, enforcement } of await pagesOf(
    api,
    `${root}/rulesets?targets=tag&includes_parents=true`,
    "",
  )) {
    if (target !== "tag" || enforcement !== "active") continue;
    const { rules, conditions } = itemOf(await ask(api, `${root}/rulesets/${String(id)}?includes_parents=true`));
    if (!Array.isArray(rules) || !guards(rules.map(itemOf))) continue;
    const { include } = itemOf(itemOf(conditions)["ref_name"]);
    patterns.push(...(Array.isArray(include) ? include.map(textOf) : []).map(asGlob));
  }
  return patterns;
}

/** A pattern of fnmatch, at least as wide. */
function asGlob(pattern: string): string {
  if (pattern === "~ALL") return "*";
  return pattern
    .replace(/^refs\/tags\//, "")
    .replaceAll(/\[[^\]]*\]/g, "?")
    .replaceAll(/\*+(?:\/\*+)*/g, "*");
}

function environmentOf(one: Item, safe: readonly string[] | undefined): EnvironmentFacts {
  const rules = Array.isArray(one["protection_rules"]) ? one["protection_rules"].map(itemOf) : [];
  const policy = itemOf(one["deployment_branch_policy"]);
  // Where no branch is protected, "only protected branches" means all. Source: GitHub docs, managing environments.
  const isEmpty = policy["protected_branches"] === true && safe?.length === 0;
  const isHeld = rules.some(({ type }) => type !== "wait_timer" && type !== "branch_policy");
  const isLimited = policy["protected_branches"] === true || policy["custom_branch_policies"] === true;
  return { name: textOf(one["name"]), protected: isHeld || (isLimited && !isEmpty) };
}

function itemOf(value: unknown): Item {
  return isObject(value) ? value : {};
}

/** All items of a list, or of the list under a key of the answer. */
function pagesOf(api: Api, path: string, key: string): Promise<readonly Item[]> {
  const itemsOf = (answer: unknown): readonly unknown[] => {
    const items = key === "" ? answer : itemOf(answer)[key];
    return Array.isArray(items) ? items : [];
  };
  return askAll(api, itemsOf, (page, last) => {
    const isLast = last !== null && itemsOf(last).length < PER_PAGE;
    return isLast ? null : `${path}${path.endsWith("?") ? "" : "&"}per_page=${PER_PAGE}&page=${page}`;
  });
}
