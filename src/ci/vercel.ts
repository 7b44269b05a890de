import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope } from "./ci.ts";
import { vercelJob } from "./job/vercel.ts";
import { pretendedId, PRETENDED_COMMIT } from "./pretended-id.ts";
import { subjectCondition } from "./subject.ts";
import { projectAs } from "./words.ts";

// Source of this file: vercel.com/docs, oidc, oidc/aws and oidc/reference.

/** Vercel; in team mode, which is the default, each team has an issuer of its own. */
export const vercel: Ci = {
  ...vercelJob,
  file: "vercel.json",
  issuer: null,
  pretendedIssuer: "https://oidc.vercel.com/acme",
  defaultAudience: ({ project }) => `https://vercel.com/${project.split("/")[0] ?? ""}`,
  fixedAudience: true,
  snippet: () =>
    [
      "# in the project: Settings, Security, Secure backend access with OIDC federation, issuer mode Team",
      "# a function has its token as the header x-vercel-oidc-token; on a laptop: vercel env pull",
    ].join("\n"),
  scopeParts: ["environment"],
  // Tokens of the environment development are on the members' laptops.
  projectAlone: false,
  words: {
    project: projectAs("team and project", "acme/web"),
    environment: {
      means: "environment",
      about: "deployments of this environment: production, preview, or a member's laptop: development",
      example: "production",
    },
  },
  unsayable: {
    branch: {
      why: "Vercel's subject has no branch",
      nearest: "environment: production, which is of the production branch",
    },
    tag: { why: "Vercel's subject has no tag", nearest: "environment: production" },
    pull_requests: { why: "Vercel's subject has no pull request", nearest: "environment: preview" },
    protected: { why: "Vercel's subject has no branch", nearest: "environment: production" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
};

function subject({ project, environment }: Pick<Scope, "project" | "environment">): string {
  const [owner = "", name = ""] = project.split("/");
  return `owner:${owner}:project:${name}:environment:${environment ?? "production"}`;
}

function conditions(issuer: string, scope: Scope): readonly Condition[] {
  return [subjectCondition(issuer, subject(scope))];
}

function scopeOf(claims: Claims): Scope | null {
  const [, owner, name, environment] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  return owner && name && environment ? { project: `${owner}/${name}`, environment } : null;
}

const SUBJECT = /^owner:([^:]+):project:([^:]+):environment:(.+)$/s;

// Second-hand; on a laptop twelve hours.
const LIFE = 3600;

function pretend(job: PretendedJob): Claims {
  const [owner = "", name = ""] = job.project.split("/");
  return {
    iss: job.issuer ?? vercel.pretendedIssuer,
    aud: job.audience ?? `https://vercel.com/${owner}`,
    sub: subject(job),
    owner,
    owner_id: `team_${pretendedId(owner)}`,
    project: name,
    project_id: `prj_${pretendedId(job.project)}`,
    environment: job.environment ?? "production",
    iat: job.issuedAt,
    nbf: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
  };
}

function jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  return {
    CI: "1",
    VERCEL: "1",
    VERCEL_ENV: text("environment"),
    VERCEL_PROJECT_ID: text("project_id"),
    VERCEL_DEPLOYMENT_ID: `dpl_${pretendedId(text("sub"))}`,
    VERCEL_GIT_REPO_SLUG: text("project"),
    VERCEL_GIT_COMMIT_SHA: PRETENDED_COMMIT,
    VERCEL_OIDC_TOKEN: token,
  };
}
