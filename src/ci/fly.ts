import type { Condition } from "../core/policy.ts";
import { type Claims, showClaim, textClaim } from "../core/token.ts";
import type { Ci, JobFile, PretendedJob, Scope } from "./ci.ts";
import { flyJob } from "./job/fly.ts";
import { pretendedId } from "./pretended-id.ts";
import { subjectCondition } from "./subject.ts";
import { projectAs } from "./words.ts";

// Source of this file: superfly/docs, security/openid-connect, and its published example.

/** Machines of Fly.io; each organization has an issuer of its own. */
export const fly: Ci = {
  ...flyJob,
  file: "fly.toml",
  issuer: null,
  pretendedIssuer: "https://oidc.fly.io/example-org",
  defaultAudience: ({ project }) => `https://fly.io/${project.split("/")[0] ?? ""}`,
  snippet: () => "# every Machine has the socket /.fly/api; a container within it needs it mounted: -v /.fly:/.fly",
  scopeParts: [],
  projectAlone: true,
  words: {
    project: projectAs("organization and app", "example-org/example-app"),
    app: projectAs("organization and app", "example-org/example-app"),
  },
  unsayable: Object.fromEntries(
    ["branch", "tag", "environment", "pull_requests", "protected"].map((key) => [
      key,
      {
        why: "Fly.io's subject has organization, app and Machine",
        nearest: "an app of its own: app: example-org/deploy",
      },
    ]),
  ),
  conditions,
  scopeOf,
  pretend,
  jobEnvironment,
  jobFiles,
  socket: ".fly/api",
};

function conditions(issuer: string, { project }: Scope): readonly Condition[] {
  const [organization = "", app = ""] = project.split("/");
  // Machines come and go, each with a name of its own.
  return [subjectCondition(issuer, `${organization}:${app}:*`)];
}

function scopeOf(claims: Claims): Scope | null {
  const [, organization, app] = /^([^:]+):([^:]+):.+$/s.exec(textClaim(claims, "sub") ?? "") ?? [];
  return organization && app ? { project: `${organization}/${app}` } : null;
}

// That of the published example.
const LIFE = 600;
const MACHINE = "example-machine";

function pretend(job: PretendedJob): Claims {
  const [organization = "", app = ""] = job.project.split("/");
  return {
    app_id: pretendedId(app),
    app_name: app,
    aud: job.audience ?? `https://fly.io/${organization}`,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    iat: job.issuedAt,
    image: "docker-hub-mirror.fly.io/you/image:latest",
    image_digest: `sha256:${"2c1cdaded1b38200".repeat(4)}`,
    iss: job.issuer ?? fly.pretendedIssuer,
    jti: `pretended-${job.issuedAt}`,
    machine_id: "148e21ea7e46e8",
    machine_name: MACHINE,
    machine_version: "01HTGGC1TZ2JHK83J4AC0R3VET",
    nbf: job.issuedAt,
    org_id: pretendedId(organization),
    org_name: organization,
    region: "sea",
    sub: `${organization}:${app}:${MACHINE}`,
  };
}

function jobEnvironment(claims: Claims): Readonly<Record<string, string>> {
  const text = (name: string): string => showClaim(claims, name);
  return {
    FLY_APP_NAME: text("app_name"),
    FLY_MACHINE_ID: text("machine_id"),
    FLY_ALLOC_ID: text("machine_id"),
    FLY_REGION: text("region"),
    FLY_IMAGE_REF: text("image"),
  };
}

/** What the Machine's init writes where AWS_ROLE_ARN is set. */
function jobFiles(token: string): readonly JobFile[] {
  return [{ variable: "AWS_WEB_IDENTITY_TOKEN_FILE", file: ".fly/oidc_token", text: token }];
}
