import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob, Scope } from "./ci.ts";
import { spaceliftJob } from "./job/spacelift.ts";
import { subjectCondition } from "./subject.ts";
import { projectAs } from "./words.ts";

// Sources of this file: spacelift-io/user-documentation, docs/integrations/cloud-providers/oidc (README, aws-oidc).

/** Spacelift; each account has an issuer of its own, and its host is the audience. */
export const spacelift: Ci = {
  ...spaceliftJob,
  file: ".spacelift/config.yml",
  issuer: null,
  pretendedIssuer: "https://demo.app.spacelift.io",
  defaultAudience: ({ issuer }) => hostOf(issuer ?? spacelift.pretendedIssuer),
  fixedAudience: true,
  snippet: () =>
    [
      "# every run of a paid account has SPACELIFT_OIDC_TOKEN and /mnt/workspace/spacelift.oidc",
      "# a container or hook that is started without the run's variables and workspace has neither",
    ].join("\n"),
  scopeParts: ["environment"],
  projectAlone: true,
  words: {
    project: projectAs("space and stack, or space, module and the module's name", "production/infra"),
    stack: projectAs("space and stack", "production/infra"),
    access: {
      means: "environment",
      about: "runs with this access alone: read (proposed changes, plans before they are confirmed) or write",
      example: "write",
    },
  },
  unsayable: {
    branch: {
      why: "Spacelift's subject has no branch; a stack tracks one",
      nearest: "access: write, which proposed runs of other branches do not have",
    },
    tag: { why: "Spacelift's subject has no tag", nearest: "access: write" },
    environment: {
      why: "Spacelift has spaces and stacks",
      nearest: "the stack that is of the environment: stack: production/infra",
    },
    pull_requests: {
      why: "Spacelift's subject tells proposed runs by their access",
      nearest: "access: read, which plans of tracked runs have too",
    },
    protected: { why: "Spacelift's subject has no branch", nearest: "access: write" },
  },
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
};

function hostOf(issuer: string): string {
  return issuer.replace(/^https?:\/\//, "");
}

/** `space/stack`, or `space/module/name`: no id holds a colon or a slash. */
function caller(project: string): { readonly space: string; readonly type: string; readonly id: string } {
  const [space = "", second = "", third] = project.split("/");
  return third !== undefined && second === "module"
    ? { space, type: "module", id: third }
    : { space, type: "stack", id: third ?? second };
}

function subject(project: string, runType: string, access: string): string {
  const { space, type, id } = caller(project);
  return `space:${space}:${type}:${id}:run_type:${runType}:scope:${access}`;
}

function conditions(issuer: string, { project, environment }: Scope): readonly Condition[] {
  return [subjectCondition(issuer, subject(project, "*", environment ?? "*"))];
}

function scopeOf(claims: Claims): Scope | null {
  const [, space, type, id, environment] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  if (!space || !environment) return null;
  return { project: type === "module" ? `${space}/module/${id ?? ""}` : `${space}/${id ?? ""}`, environment };
}

// The default; a subject template may have made another.
const SUBJECT = /^space:([^:]+):(stack|module):([^:]+):run_type:[^:]+:scope:(.+)$/s;

const LIFE = 3600;

function pretend(job: PretendedJob): Claims {
  const issuer = job.issuer ?? spacelift.pretendedIssuer;
  const { space, type, id } = caller(job.project);
  const runType = job.event?.toUpperCase() ?? "TRACKED";
  const access = job.environment ?? (runType === "PROPOSED" ? "read" : "write");
  return {
    iss: issuer,
    aud: job.audience ?? hostOf(issuer),
    sub: subject(job.project, runType, access),
    iat: job.issuedAt,
    nbf: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    jti: `pretended-${job.issuedAt}`,
    spaceId: space,
    callerType: type,
    callerId: id,
    runType,
    runId: "01JKZAHVAQHFM8CC3EA5HWRMP1",
    scope: access,
  };
}

function jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  return {
    TF_VAR_spacelift_account_name: hostOf(text("iss")),
    TF_VAR_spacelift_run_id: text("runId"),
    TF_VAR_spacelift_run_type: text("runType"),
    TF_VAR_spacelift_space_id: text("spaceId"),
    TF_VAR_spacelift_stack_id: text("callerId"),
    SPACELIFT_OIDC_TOKEN: token,
  };
}
