import { type Api, askAll, needed, optional, textOf } from "../../wire/rest.ts";
import { type CiVariable, isKeyName, type VariableList } from "./variable.ts";

// Source: GitLab docs, api/project_level_variables, api/group_level_variables and api/rest (pagination), ci/variables
// (precedence), as of November 2026. The answers hold the values.

/** Small enough that a page of the longest values (10,000 characters each) is an answer that is read. */
const PER_PAGE = 50;
const GROUP_NEEDS = "a group's variables need the role Owner there";

/** Variables of a project and of the groups that it is in. */
export async function gitlabVariables(api: Api, web: string, project: string): Promise<VariableList> {
  const unread: string[] = [];
  const own = await needed(api, `project ${project}`, () =>
    listOf(api, `/projects/${encodeURIComponent(project)}/variables`),
  );
  const found = own.map((one) =>
    variableOf(one, `project ${project}`, `${web}/${project}/-/settings/ci_cd#js-cicd-variables-settings`),
  );
  for (const group of groupsOf(project)) {
    const list = await optional(`group ${group}`, GROUP_NEEDS, unread, () =>
      listOf(api, `/groups/${encodeURIComponent(group)}/variables`),
    );
    found.push(
      ...list.map((one) => variableOf(one, `group ${group}`, `${web}/groups/${group}/-/settings/ci_cd#ci-variables`)),
    );
  }
  return { variables: found.filter(({ name }) => isKeyName(name)), unread };
}

function listOf(api: Api, path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return askAll(
    api,
    (answer) => (Array.isArray(answer) ? answer : []),
    (page, last) => {
      const isLast = Array.isArray(last) && last.length < PER_PAGE;
      return isLast ? null : `${path}?per_page=${PER_PAGE}&page=${page}`;
    },
  );
}

/** `a/b/project` is in the groups `a/b` and `a`. */
function groupsOf(project: string): readonly string[] {
  const parts = project.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

function variableOf(one: Readonly<Record<string, unknown>>, owner: string, page: string): CiVariable {
  const scope = textOf(one["environment_scope"]);
  const notes = [
    one["protected"] === true ? "protected" : "not protected",
    one["hidden"] === true ? "hidden" : one["masked"] === true ? "masked" : "not masked",
    ...(scope === "" || scope === "*" ? [] : [`environment ${scope}`]),
    ...(one["variable_type"] === "file" ? ["a file"] : []),
  ];
  return { ci: "gitlab", kind: "variable", name: textOf(one["key"]), owner, notes, page };
}
