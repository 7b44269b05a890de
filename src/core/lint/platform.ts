/**
 * What no policy tells and a CI's own settings do: whether a project is still there, what is protected, what else
 * holds keys. Whoever has the CI's API, or a file, fills it in; what is missing is not judged.
 */
export interface PlatformFacts {
  readonly projects?: readonly ProjectFacts[];
  readonly servers?: readonly ServerFacts[];
  /** Owners of projects on GitHub that belong to an enterprise. */
  readonly enterprises?: readonly EnterpriseFacts[];
}

/** One project, by its issuer and name. */
export interface ProjectFacts {
  /** The provider's URL: `token.actions.githubusercontent.com`, `gitlab.com`, `oidc.circleci.com/org/<id>`. */
  readonly issuer: string;
  /** As subjects have it, without ids: `acme/shop`; of CircleCI, `<organization id>/<project id>`. */
  readonly project: string;
  /** Without it the project is there. `owner-gone`: nobody has the organization, group or user of that name. */
  readonly state?: "gone" | "owner-gone";
  /** GitHub's `sub_claim_prefix`: `repo:acme@7/shop@9`. */
  readonly subjectPrefix?: string;
  /** GitHub's `include_claim_keys`, in their order: what the repository's subjects are made of. */
  readonly subjectClaims?: readonly string[];
  /** Names, or patterns with `*`, of branches that not everybody may push to. */
  readonly protectedBranches?: readonly string[];
  readonly protectedTags?: readonly string[];
  /** All that the project has. */
  readonly environments?: readonly EnvironmentFacts[];
  /** Pipelines of forks get the project's tokens: GitLab's `ci_allow_fork_pipelines_to_run_in_parent_project`, CircleCI's pass secrets to forks. */
  readonly forksGetTokens?: boolean;
  /** Names, never values, of variables and secrets that hold access keys. */
  readonly keyVariables?: readonly string[];
  /** The longest that a job may run, in seconds. On GitLab its ID tokens are good for so long. */
  readonly jobTimeout?: number;
  readonly workflows?: readonly WorkflowFacts[];
}

export interface EnvironmentFacts {
  readonly name: string;
  /** Somebody has to approve, or only some branches may deploy to it. */
  readonly protected: boolean;
}

/** A workflow of GitHub. */
export interface WorkflowFacts {
  /** `.github/workflows/deploy.yml` */
  readonly path: string;
  readonly triggers: readonly string[];
  /** Where `id-token: write` stands; null where it does not. */
  readonly idToken: "workflow" | "job" | null;
  readonly jobs: number;
}

export interface ServerFacts {
  readonly issuer: string;
  /** `3.18.2` */
  readonly version: string;
}

export interface EnterpriseFacts {
  /** The organization: `acme`. */
  readonly owner: string;
  readonly slug: string;
}

/** True when a version is this one or earlier; of `3.18`, every 3.18.x is. */
export function isUpTo(version: string, last: string): boolean {
  const wanted = last.split(".").map(Number);
  const own = version.split(".").map((part) => Number.parseInt(part, 10));
  for (const [index, number] of wanted.entries()) {
    const difference = (own[index] ?? 0) - number;
    if (difference !== 0) return difference < 0;
  }
  return true;
}
