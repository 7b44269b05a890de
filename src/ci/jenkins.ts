import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, JobFile, PretendedJob, Scope } from "./ci.ts";
import { jenkinsJob } from "./job/jenkins.ts";
import { subjectCondition } from "./subject.ts";
import { BRANCH, projectAs } from "./words.ts";

// Source of this file: jenkinsci/oidc-provider-plugin @ b5cde45, its README and IdTokenCredentials.

/** Jenkins with the OpenID Connect Provider plugin; each server has an issuer of its own, and each folder may. */
export const jenkins: Ci = {
  ...jenkinsJob,
  file: "Jenkinsfile",
  part: "the pipeline or a stage",
  issuer: null,
  pretendedIssuer: "https://jenkins.example.com/oidc",
  defaultAudience: () => null,
  snippet,
  scopeParts: ["branch"],
  projectAlone: true,
  words: {
    project: projectAs("the job's full name, with its folders", "deploy/shop"),
    job: projectAs("the job's full name, with its folders", "deploy/shop"),
    branch: { ...BRANCH, about: "jobs of this branch of a multibranch project; * and ? are wildcards" },
  },
  unsayable: {
    tag: {
      why: "Jenkins gives the job of a tag the tag's name where that of a branch has the branch's",
      nearest: "a multibranch project that discovers tags alone, and its name as branch:",
    },
    environment: { why: "Jenkins' tokens tell no environment", nearest: "a job of its own: job: deploy/shop" },
    pull_requests: {
      why: "Jenkins' subject has a pull request's job by its name",
      nearest: 'branch: "PR-*", which is how multibranch projects name them',
    },
    protected: { why: "Jenkins does not know which branches are protected", nearest: "branch: main" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  workspace: "WORKSPACE",
  jobFiles,
};

function snippet({ audience }: { readonly audience?: string }): string {
  return [
    "environment { AWS_WEB_IDENTITY_TOKEN_FILE = credentials('aws-jwt') }",
    `# aws-jwt: a credential of kind "OpenID Connect id token as file" with the audience ${audience ?? "sts.amazonaws.com"}`,
  ].join("\n");
}

/**
 * The server's address, with a slash at its end: issuers are `<server>/oidc`, and below it the folder
 * of the credential. Behind a custom issuer the address is not known; its jobs are looked for at the issuer's own.
 */
function serverOf(issuer: string): string {
  return `${issuer.replace(/\/oidc(\/job\/.*)?$/, "")}/`;
}

/**
 * The job's URL, which is the subject unless a template changes it; a folder's job and a branch's job
 * are below theirs. Jenkins encodes a branch's name once for the job's name and again for the URL.
 */
function jobUrl(issuer: string, { project, branch }: Pick<Scope, "project" | "branch">): string {
  const names = [...project.split("/"), ...(branch === undefined ? [] : [encodeBranch(branch)])];
  return `${serverOf(issuer)}${names.map((name) => `job/${encode(name)}/`).join("")}`;
}

/** Wildcards stay what they are. */
function encode(name: string): string {
  return encodeURIComponent(name).replaceAll("%3F", "?");
}

// The name of a branch's job, as Jenkins' NameEncoder makes it; unverified beyond the slash.
function encodeBranch(branch: string): string {
  return branch.replaceAll("/", "%2F");
}

function conditions(issuer: string, scope: Scope): readonly Condition[] {
  return [subjectCondition(issuer, jobUrl(issuer, scope))];
}

/** Which of the names is a branch's, the URL does not tell: all are the project's. */
function scopeOf(claims: Claims): Scope | null {
  const issuer = textClaim(claims, "iss") ?? "";
  const subject = textClaim(claims, "sub") ?? "";
  if (!subject.startsWith(serverOf(issuer))) return null;
  const path = subject.slice(serverOf(issuer).length);
  if (!/^(job\/[^/]+\/)+$/.test(path)) return null;
  const names = path
    .replace(/\/$/, "")
    .split("/")
    .filter((_, at) => at % 2 === 1);
  return { project: names.map(decode).join("/") };
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const LIFE = 3600;

function pretend(job: PretendedJob): Claims {
  const issuer = job.issuer ?? jenkins.pretendedIssuer;
  const { audience } = job;
  return {
    iss: issuer,
    // Unverified: the plugin's library writes a list, of which AWS takes one of one entry.
    ...(audience === undefined ? {} : { aud: typeof audience === "string" ? [audience] : audience }),
    iat: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    sub: jobUrl(issuer, job),
    build_number: 123,
  };
}

function jobEnvironment(claims: Claims): Readonly<Record<string, string>> {
  const url = showClaim(claims, "sub");
  const build = showClaim(claims, "build_number");
  return {
    CI: "true",
    JENKINS_URL: serverOf(showClaim(claims, "iss")),
    JOB_NAME: scopeOf(claims)?.project ?? "",
    JOB_URL: url,
    BUILD_ID: build,
    BUILD_NUMBER: build,
    BUILD_URL: `${url}${build}/`,
  };
}

/** The credential's file, bound as the plugin's README binds it. */
function jobFiles(token: string): readonly JobFile[] {
  return [{ variable: "AWS_WEB_IDENTITY_TOKEN_FILE", file: "id_token", text: token }];
}
