import { issuerName } from "../core/arn.ts";
import type { Condition } from "../core/policy.ts";
import { type Claims, readToken, showClaim, textClaim, type Token } from "../core/token.ts";
import type { Ci, Env, Evidence, PretendedJob, Rejected, Scope, TokenSearch } from "./ci.ts";

// Sources of this file: GitLab docs ci/secrets/id_token_authentication and ci/cloud_services/aws,
// GitLab source lib/gitlab/ci/jwt*.rb, as of November 2026.

const SAAS = "https://gitlab.com";

/** GitLab CI, on gitlab.com and self-managed. */
export const gitlab: Ci = {
  id: "gitlab",
  name: "GitLab CI",
  file: ".gitlab-ci.yml",
  issuer: SAAS,
  detect,
  findTokens,
  snippet,
  sessionName,
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
};

function detect(env: Env): Evidence | null {
  if (env["GITLAB_CI"] !== "true") return null;
  const server = env["CI_SERVER_URL"];
  return { ci: "gitlab", because: ["GITLAB_CI=true", ...(server ? [`CI_SERVER_URL=${server}`] : [])] };
}

/**
 * The user names the variable in `id_tokens:`, so every variable that holds a JWT is looked at. One
 * of this very job has the instance as issuer and the job's id; a private instance may publish
 * another issuer (GitLab 18.1), so the job's id alone is the second choice.
 */
function findTokens(env: Env): TokenSearch {
  const found = Object.entries(env).flatMap(([name, value]) => {
    const text = value?.trim() ?? "";
    const reading = text.startsWith("eyJ") ? readToken(text) : null;
    return reading?.kind === "token" ? [{ name, token: reading.token, rank: rank(reading.token, env) }] : [];
  });
  const fitting = found.filter(({ rank: { place } }) => place > 0);
  const best = Math.max(0, ...fitting.map(({ rank: { place } }) => place));
  const rejected: Rejected[] = [
    ...found
      .filter(({ rank: { place } }) => place < best || place === 0)
      .map(({ name, rank: { reason } }) => ({ name, reason })),
    ...notTokens(env),
  ];
  const candidates = fitting
    .filter(({ rank: { place } }) => place === best)
    // Jobs copy their token into the variable that another tool wants: that is still one token.
    .filter(({ token }, at, all) => all.findIndex((one) => one.token.raw.reveal() === token.raw.reveal()) === at)
    .map(({ name, token }) => ({ source: { kind: "env" as const, name }, token }));
  return { candidates, rejected };
}

function rank({ claims }: Token, env: Env): { place: 0 | 1 | 2; reason: string } {
  const issuer = textClaim(claims, "iss") ?? "(no iss)";
  const job = env["CI_JOB_ID"];
  const jobClaim = showClaim(claims, "job_id");
  if (jobClaim === "") return { place: 0, reason: `it has no job_id, so it is not a GitLab ID token (iss ${issuer})` };
  if (job !== undefined && jobClaim !== job) {
    return { place: 0, reason: `it is of job ${jobClaim}, and this is job ${job}` };
  }
  if (claims["aud"] === undefined)
    return { place: 0, reason: "it has no audience: an old CI_JOB_JWT is not an ID token" };
  const instance = env["CI_SERVER_URL"]?.replace(/\/$/, "");
  return { place: issuer === instance ? 2 : 1, reason: `its issuer is ${issuer}, not this instance` };
}

/** Variables that people take for the ID token, said so when there is none. Failure catalogue F04, F78. */
function notTokens(env: Env): Rejected[] {
  const old = ["CI_JOB_JWT", "CI_JOB_JWT_V1", "CI_JOB_JWT_V2"].filter((name) => name in env && !env[name]);
  return old.map((name) => ({ name, reason: "GitLab 17.0 removed it; use id_tokens:" }));
}

function snippet({ audience }: { readonly audience?: string }): string {
  return [
    "id_tokens:                # in this job, or under default:",
    "  ROLECALL_TOKEN:         # any name will do",
    `    aud: ${audience ?? "sts.amazonaws.com"}${audience ? "" : "   # an audience of the IAM provider"}`,
  ].join("\n");
}

function sessionName(env: Env): readonly string[] {
  return ["gitlab", env["CI_PROJECT_ID"] ?? "", env["CI_PIPELINE_ID"] ?? "", env["CI_JOB_ID"] ?? ""];
}

const WILDCARD = /[*?]/;

/** `sub` is built of the project's path and the ref; a merge request has its source branch. */
function subject({ project, branch, tag }: Scope): string {
  const [type, ref] = tag === undefined ? ["branch", branch ?? "*"] : ["tag", tag];
  return `project_path:${project}:ref_type:${type}:ref:${ref}`;
}

function conditions(issuer: string, scope: Scope): readonly Condition[] {
  const value = subject(scope);
  return [
    {
      operator: WILDCARD.test(value) ? "StringLike" : "StringEquals",
      key: `${issuerName(issuer)}:sub`,
      values: [value],
    },
  ];
}

function scopeOf(claims: Claims): Scope | null {
  const [, project, type, ref] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!project || !ref) return null;
  return type === "tag" ? { project, tag: ref } : { project, branch: ref };
}

// The default components; a project may have set others (ci_id_token_sub_claim_components).
const SUBJECT = /^project_path:([^:]+):ref_type:(branch|tag):ref:(.+)$/;

// What GitLab gives a job without a timeout of its own. GitLab docs, id_token_authentication.
const DEFAULT_LIFE = 300;
const PIPELINE = "574";
const COMMIT = "714a629c0b401fdce83e847fc9589983fc6f46bc";

/** The claims of an ID token, in the shape of GitLab's published example; ids are text, as there. */
function pretend(job: PretendedJob): Claims {
  const issuer = job.issuer ?? SAAS;
  const namespace = job.project.split("/").slice(0, -1).join("/");
  const type = job.tag === undefined ? "branch" : "tag";
  const ref = job.tag ?? job.branch ?? "main";
  const path = type === "tag" ? `refs/tags/${ref}` : `refs/heads/${ref}`;
  const config = `${issuerName(issuer)}/${job.project}//.gitlab-ci.yml@${path}`;
  const projectId = stableId(job.project);
  const namespaceId = stableId(namespace);
  return {
    namespace_id: namespaceId,
    namespace_path: namespace,
    project_id: projectId,
    project_path: job.project,
    job_project_id: projectId,
    job_project_path: job.project,
    job_namespace_id: namespaceId,
    job_namespace_path: namespace,
    user_id: "1",
    user_login: "sample-user",
    user_email: "sample-user@example.com",
    user_access_level: "maintainer",
    pipeline_id: PIPELINE,
    pipeline_source: "push",
    job_id: "302",
    ref,
    ref_type: type,
    ref_path: path,
    ref_protected: String(type === "branch" && ref === "main"),
    ...environmentClaims(job.environment),
    runner_id: 1,
    runner_environment: "gitlab-hosted",
    sha: COMMIT,
    project_visibility: "private",
    ci_config_ref_uri: config,
    ci_config_sha: COMMIT,
    job_source: "push",
    jti: `pretended-${projectId}-${job.issuedAt}`,
    iss: issuer,
    iat: job.issuedAt,
    nbf: job.issuedAt - 5,
    exp: job.issuedAt + (job.expiresIn ?? DEFAULT_LIFE),
    sub: subject({ project: job.project, ...(type === "tag" ? { tag: ref } : { branch: ref }) }),
    aud: job.audience,
  };
}

function environmentClaims(environment: string | undefined): Claims {
  if (environment === undefined) return {};
  return {
    environment,
    environment_protected: "false",
    deployment_tier: environment === "production" ? "production" : "other",
    environment_action: "start",
  };
}

/** The same number for the same path each time, so that a policy which names ids can be tried too. */
function stableId(path: string): string {
  let hash = 7;
  for (const character of path) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 99_999_989;
  return String(hash);
}

/** The token's variable is named as in the snippet that rolecall prints. */
function jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  const project = text("project_path");
  const issuer = text("iss");
  return {
    CI: "true",
    GITLAB_CI: "true",
    CI_SERVER_URL: issuer,
    CI_SERVER_HOST: issuer.replace(/^https?:\/\//, "").replace(/\/.*$/, ""),
    CI_PROJECT_ID: text("project_id"),
    CI_PROJECT_PATH: project,
    CI_PROJECT_NAMESPACE: text("namespace_path"),
    CI_PROJECT_NAME: project.split("/").at(-1) ?? "",
    CI_PROJECT_URL: `${issuer}/${project}`,
    CI_PIPELINE_ID: text("pipeline_id"),
    CI_PIPELINE_SOURCE: text("pipeline_source"),
    CI_JOB_ID: text("job_id"),
    CI_JOB_NAME: "rolecall",
    CI_COMMIT_SHA: text("sha"),
    CI_COMMIT_REF_NAME: text("ref"),
    CI_COMMIT_REF_PROTECTED: text("ref_protected"),
    ...(text("ref_type") === "tag" ? { CI_COMMIT_TAG: text("ref") } : { CI_COMMIT_BRANCH: text("ref") }),
    ...(claims["environment"] === undefined ? {} : { CI_ENVIRONMENT_NAME: text("environment") }),
    ROLECALL_TOKEN: token,
  };
}
