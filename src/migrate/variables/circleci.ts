import { isRecord } from "../gitlab-config.ts";
import { type Api, ask, askAll, needed, optional, textOf } from "../../wire/rest.ts";
import { type CiVariable, isKeyName, type VariableList } from "./variable.ts";

// Source: CircleCI docs, API v2: project (envvar), context (environment-variable), pagination by page-token, as of
// November 2026. A project's variables come with the last characters of their values.

/** Variables of a project, by its slug (`gh/acme/shop`), and of its organization's contexts. */
export async function circleciVariables(api: Api, web: string, slug: string): Promise<VariableList> {
  const unread: string[] = [];
  const project = await needed(api, `project ${slug}`, async () => ({
    about: await ask(api, `/project/${slug}`),
    variables: await listOf(api, `/project/${slug}/envvar`),
  }));
  const found = project.variables.map((one) =>
    variableOf(textOf(one["name"]), `project ${slug}`, `${web}/settings/project/${slug}/environment-variables`),
  );
  const organization = isRecord(project.about) ? textOf(project.about["organization_id"]) : "";
  const contexts = await optional("the list of contexts", "it needs a token of a member", unread, () =>
    organization === "" ? Promise.resolve([]) : listOf(api, `/context?owner-id=${encodeURIComponent(organization)}`),
  );
  const page = `${web}/settings/organization/${slug.split("/").slice(0, 2).join("/")}/contexts`;
  for (const context of contexts) {
    const name = textOf(context["name"]);
    const path = `/context/${encodeURIComponent(textOf(context["id"]))}/environment-variable`;
    const own = await optional(`context ${name}`, "the token's user may not use it", unread, () => listOf(api, path));
    found.push(...own.map((one) => variableOf(textOf(one["variable"]), `context ${name}`, page)));
  }
  return { variables: found.filter((one) => isKeyName(one.name)), unread };
}

function listOf(api: Api, path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const join = path.includes("?") ? "&" : "?";
  return askAll(
    api,
    (answer) => (isRecord(answer) && Array.isArray(answer["items"]) ? answer["items"] : []),
    (page, last) => {
      if (page === 1) return path;
      const token = isRecord(last) ? textOf(last["next_page_token"]) : "";
      return token === "" ? null : `${path}${join}page-token=${encodeURIComponent(token)}`;
    },
  );
}

function variableOf(name: string, owner: string, page: string): CiVariable {
  return { ci: "circleci", kind: "variable", name, owner, notes: [], page };
}
