import { issuerName } from "../core/arn.ts";
import type { AskedProject } from "../doctor/ci-facts-asked.ts";
import { githubFacts } from "../doctor/ci-facts-github.ts";
import { gitlabFacts } from "../doctor/ci-facts-gitlab.ts";
import type { NamedProject } from "../doctor/ci-facts-named.ts";
import type { Owners } from "../doctor/ci-facts-owner.ts";
import { githubVariables } from "../migrate/variables/github.ts";
import { gitlabVariables } from "../migrate/variables/gitlab.ts";
import type { VariableList } from "../migrate/variables/variable.ts";
import type { Api } from "../wire/rest.ts";
import { githubPlaces, gitlabPlaces } from "./ci-variables.ts";
import type { Io } from "./io.ts";

type Env = Io["env"];
/** Addresses of a CI. */
export type Places = ReturnType<typeof githubPlaces>;

/** A CI that can be asked about the projects that policies name. */
export interface FactsSource {
  readonly name: string;
  /** Variables of the environment that a token is taken from, the first that is set. */
  readonly tokens: readonly string[];
  readonly headers: Api["headers"];
  readonly needs: string;
  readonly places: (env: Env) => Places;
  /** Whether tokens of this issuer are of that CI. */
  readonly isIssuer: (issuer: string, places: Places) => boolean;
  readonly facts: (api: Api, named: NamedProject, places: Places, owners: Owners) => Promise<AskedProject>;
  readonly variables: (api: Api, web: string, project: string) => Promise<VariableList>;
  /** Of a server that a company runs: where its version is, and under which name. */
  readonly version: (places: Places) => readonly [path: string, name: string] | null;
}

const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });

/** By `Ci.id`. */
export const FACTS_SOURCES: Readonly<Record<string, FactsSource>> = {
  github: {
    name: "GitHub",
    tokens: ["GH_TOKEN", "GITHUB_TOKEN"],
    headers: (token) => ({ ...bearer(token), "x-github-api-version": "2022-11-28" }),
    needs:
      "GH_TOKEN: a classic token with the scope repo, or a fine-grained one with Contents, Actions and Metadata (read), and for names of keys Secrets, Variables and Environments",
    places: githubPlaces,
    isIssuer: (issuer, { host }) =>
      host === "github.com"
        ? /^token\.actions\.githubusercontent\.com(?:\/|$)/.test(issuer)
        : issuer === `token.actions.${host}` || issuer === `${host}/_services/token`,
    facts: (api, named, { host }, owners) => githubFacts(api, named, host === "github.com", owners),
    variables: githubVariables,
    version: ({ host }) => (/^(?:github\.com|.+\.ghe\.com)$/.test(host) ? null : ["/meta", "installed_version"]),
  },
  gitlab: {
    name: "GitLab",
    tokens: ["GITLAB_TOKEN"],
    headers: bearer,
    needs: "GITLAB_TOKEN: a personal, project or group access token with the scope read_api, of a Maintainer",
    places: gitlabPlaces,
    isIssuer: (issuer, { web }) => issuer === issuerName(web),
    facts: gitlabFacts,
    variables: gitlabVariables,
    version: ({ host }) => (host === "gitlab.com" ? null : ["/version", "version"]),
  },
};
