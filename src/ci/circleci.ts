import { issuerName } from "../core/arn.ts";
import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, JobFile, PretendedJob, Scope } from "./ci.ts";
import { circleciJob } from "./job/circleci.ts";
import { pretendedUuid, PRETENDED_COMMIT } from "./pretended-id.ts";
import { refOf, scopeOfRef, subjectCondition } from "./subject.ts";
import { BRANCH, projectAs, TAG } from "./words.ts";

// Sources of this file: circleci-docs, openid-connect-tokens and oidc-tokens-with-custom-claims, as of November 2026.

const ORGANIZATION = "aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb";
const USER = "eeeeeeee-1111-4222-8333-ffffffffffff";

/** CircleCI; each organization has an issuer of its own. */
export const circleci: Ci = {
  ...circleciJob,
  file: ".circleci/config.yml",
  issuer: null,
  pretendedIssuer: `https://oidc.circleci.com/org/${ORGANIZATION}`,
  defaultAudience: ({ issuer }) => organizationOf(issuer ?? circleci.pretendedIssuer),
  snippet: () =>
    [
      "# every job has CIRCLE_OIDC_TOKEN_V2, and asks circleci run oidc get for another audience, except:",
      '# builds of forks, unless the project has "Pass secrets to builds from forked pull requests"',
      "# CircleCI server before 4.4; on old plans, jobs without a context",
    ].join("\n"),
  scopeParts: ["branch", "tag"],
  projectAlone: true,
  words: {
    project: projectAs(
      "the project's id, and for a branch or tag its repository behind it",
      "cccccccc-1111-4222-8333-dddddddddddd/github.com/acme/shop",
    ),
    branch: BRANCH,
    tag: TAG,
  },
  unsayable: {
    context: {
      why: "AWS does not see the contexts of a job (context-ids)",
      nearest: "the project and its branch; who may use the context is set in CircleCI, by restrictions of the context",
    },
    pull_requests: {
      why: "CircleCI's tokens tell a branch and no pull request",
      nearest:
        "branch:; builds of forks have another repository, and get no token unless the project passes secrets to them",
    },
    environment: { why: "CircleCI's tokens tell no environment", nearest: "branch: main" },
    job: { why: "AWS does not see the job of a token", nearest: "branch: main" },
    workflow: { why: "AWS does not see the workflow of a token", nearest: "branch: main" },
    protected: { why: "CircleCI does not know which branches are protected", nearest: "branch: main" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "CIRCLE_WORKING_DIRECTORY",
  jobFiles,
  otherTokens: { CIRCLE_OIDC_TOKEN: { subject: "v1" } },
  standIn: "circleci",
};

function organizationOf(issuer: string): string {
  return /\/org\/([^/]+)$/.exec(issuer)?.[1] ?? ORGANIZATION;
}

/** `<project id>/<origin>`; of a name alone the id is made up. */
function projectOf(project: string): { readonly id: string; readonly origin: string | null } {
  const [, id, origin] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/(.+))?$/.exec(project) ?? [];
  if (id) return { id, origin: origin ?? null };
  return { id: pretendedUuid(project), origin: `github.com/${project}` };
}

// A star crosses slashes, and a branch may have any: `x/vcs-origin/…/vcs-ref/refs/heads/main` would pass for
// main behind `user/*`. Question marks stand for the user's UUID and nothing longer.
const ANY_USER = [8, 4, 4, 4, 12].map((length) => "?".repeat(length)).join("-");

function conditions(issuer: string, scope: Scope): readonly Condition[] {
  const { id, origin } = projectOf(scope.project);
  const project = `org/${organizationOf(issuer)}/project/${id}/user/`;
  const hasRef = scope.branch !== undefined || scope.tag !== undefined;
  const subject = hasRef ? `${project}${ANY_USER}/vcs-origin/${origin ?? ""}/vcs-ref/${refOf(scope)}` : `${project}*`;
  return [
    subjectCondition(issuer, subject),
    { operator: "StringEquals", key: `${issuerName(issuer)}:oidc.circleci.com/project-id`, values: [id] },
  ];
}

function scopeOf(claims: Claims): Scope | null {
  const [, id, origin, name = ""] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!id) return null;
  const ref = scopeOfRef(name);
  return ref ? { project: `${id}/${origin ?? ""}`, ...ref } : { project: id };
}

const SUBJECT = /^org\/[^/]+\/project\/([^/]+)\/user\/[^/]*(?:\/vcs-origin\/(.+?)\/vcs-ref\/(.+))?$/s;

const LIFE = 3600;

function pretend(job: PretendedJob): Claims {
  const issuer = job.issuer ?? circleci.pretendedIssuer;
  const organization = organizationOf(issuer);
  const { id, origin } = projectOf(job.project);
  const repository = origin ?? "github.com/my-org/my-repo";
  const user = `org/${organization}/project/${id}/user/${USER}`;
  const long = `${user}/vcs-origin/${repository}/vcs-ref/${refOf(job)}`;
  return {
    iss: issuer,
    // CIRCLE_OIDC_TOKEN has the short form. Unverified: that minted tokens have the long one.
    sub: job.flags?.["subject"] === "v1" ? user : long,
    aud: audienceOf(job) ?? organization,
    iat: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    "oidc.circleci.com/project-id": id,
    "oidc.circleci.com/context-ids": ["99999999-1111-4222-8333-000000000000"],
    "oidc.circleci.com/vcs-origin": repository,
    "oidc.circleci.com/vcs-ref": refOf(job),
    "oidc.circleci.com/ssh-rerun": false,
  };
}

/** `circleci run oidc get --claims '{"aud":"…"}'`; only the audience can be changed. */
function audienceOf({ audience, flags }: PretendedJob): string | readonly string[] | undefined {
  try {
    const { aud } = JSON.parse(flags?.["claims"] ?? "{}") as { readonly aud?: unknown };
    return typeof aud === "string" ? aud : audience;
  } catch {
    return audience;
  }
}

function jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  const [, owner = "", repository = ""] = text("oidc.circleci.com/vcs-origin").split("/");
  const ref = scopeOfRef(text("oidc.circleci.com/vcs-ref"));
  return {
    CI: "true",
    CIRCLECI: "true",
    CIRCLE_ORGANIZATION_ID: organizationOf(text("iss")),
    CIRCLE_PROJECT_ID: text("oidc.circleci.com/project-id"),
    CIRCLE_PROJECT_USERNAME: owner,
    CIRCLE_PROJECT_REPONAME: repository,
    CIRCLE_JOB: "rolecall",
    CIRCLE_BUILD_NUM: "1",
    CIRCLE_WORKFLOW_ID: "77777777-1111-4222-8333-000000000000",
    CIRCLE_SHA1: PRETENDED_COMMIT,
    ...(ref && "tag" in ref ? { CIRCLE_TAG: ref.tag } : { CIRCLE_BRANCH: ref?.branch ?? "" }),
    CIRCLE_OIDC_TOKEN_V2: token,
  };
}

function jobFiles(): readonly JobFile[] {
  return [{ variable: "BASH_ENV", file: "bash_env", text: "" }];
}
