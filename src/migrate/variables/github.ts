import { isRecord } from "../gitlab-config.ts";
import { type Api, askAll, needed, optional, textOf } from "../../wire/rest.ts";
import { type CiVariable, isKeyName, type VariableList } from "./variable.ts";

// Source: GitHub docs, rest/actions/secrets, rest/actions/variables, rest/deployments/environments, as of November
// 2026. Secrets come by name alone; variables come with their values.

const PER_PAGE = 100;
const KINDS = [
  ["secret", "secrets"],
  ["variable", "variables"],
] as const;

/** Secrets and variables of a repository, of its environments, and of its organization as far as it may use them. */
export async function githubVariables(api: Api, web: string, repository: string): Promise<VariableList> {
  const unread: string[] = [];
  const found: CiVariable[] = [];
  const root = `/repos/${repository}`;
  const [owner = ""] = repository.split("/");
  for (const [kind, list] of KINDS) {
    const own = await needed(api, `repository ${repository}, its ${list},`, () =>
      listOf(api, `${root}/actions/${list}`, list),
    );
    found.push(
      ...own.map((one) =>
        variableOf(one, kind, `repository ${repository}`, `${web}/${repository}/settings/${list}/actions`),
      ),
    );
    const shared = await optional(
      `${list} of organization ${owner}`,
      "they need a token of a collaborator",
      unread,
      () => listOf(api, `${root}/actions/organization-${list}`, list),
    );
    found.push(
      ...shared.map((one) =>
        variableOf(one, kind, `organization ${owner}`, `${web}/organizations/${owner}/settings/${list}/actions`),
      ),
    );
  }
  const environments = await optional(
    "the list of environments",
    "it needs the permission Actions (read)",
    unread,
    () => listOf(api, `${root}/environments`, "environments"),
  );
  for (const environment of environments) {
    const name = textOf(environment["name"]);
    for (const [kind, list] of KINDS) {
      const own = await optional(
        `${list} of environment ${name}`,
        "they need the permission Environments (read)",
        unread,
        () => listOf(api, `${root}/environments/${encodeURIComponent(name)}/${list}`, list),
      );
      found.push(
        ...own.map((one) =>
          variableOf(one, kind, `environment ${name} of ${repository}`, `${web}/${repository}/settings/environments`),
        ),
      );
    }
  }
  return { variables: found.filter(({ name }) => isKeyName(name)), unread };
}

function listOf(api: Api, path: string, key: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const itemsOf = (answer: unknown): readonly unknown[] => {
    const items = isRecord(answer) ? answer[key] : null;
    return Array.isArray(items) ? items : [];
  };
  return askAll(api, itemsOf, (page, last, count) => {
    const isLast = isRecord(last) && (itemsOf(last).length === 0 || count >= Number(last["total_count"] ?? 0));
    return isLast ? null : `${path}?per_page=${PER_PAGE}&page=${page}`;
  });
}

function variableOf(
  one: Readonly<Record<string, unknown>>,
  kind: CiVariable["kind"],
  owner: string,
  page: string,
): CiVariable {
  return { ci: "github", kind, name: textOf(one["name"]), owner, notes: [], page };
}
