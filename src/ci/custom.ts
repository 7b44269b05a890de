import { type Claims, textClaim } from "../core/token.ts";
import type { Ci, PretendedJob } from "./ci.ts";
import { subjectCondition } from "./subject.ts";
import { projectAs } from "./words.ts";

/** Any issuer of ID tokens: its project is the whole subject, and nothing in the environment tells it. */
export const custom: Ci = {
  id: "custom",
  name: "another CI",
  file: "the CI file",
  issuer: null,
  pretendedIssuer: "https://issuer.example.com",
  detect: () => null,
  findTokens: () => ({ candidates: [], ask: null, rejected: [] }),
  sessionName: () => ["rolecall"],
  defaultAudience: () => null,
  snippet: () => "# name the token: --token-env NAME, --token-file FILE",
  scopeParts: [],
  projectAlone: true,
  words: {
    project: projectAs("the whole subject of the tokens", "spiffe://ci.example.com/shop"),
    subject: projectAs("the whole subject of the tokens", "spiffe://ci.example.com/shop"),
  },
  unsayable: Object.fromEntries(
    ["branch", "tag", "environment", "pull_requests", "protected", "workflow"].map((key) => [
      key,
      {
        why: "of an unknown CI only the whole subject is tested",
        nearest: "it within the subject: rolecall token show",
      },
    ]),
  ),
  conditions: (issuer, { project }) => [subjectCondition(issuer, project)],
  scopeOf,
  pretend,
  jobEnvironment: (_, token) => ({ CI: "true", ROLECALL_TOKEN: token }),
};

function scopeOf(claims: Claims): { readonly project: string } | null {
  const project = textClaim(claims, "sub");
  return project ? { project } : null;
}

// What most CIs give.
const LIFE = 300;

function pretend(job: PretendedJob): Claims {
  return {
    iss: job.issuer ?? custom.pretendedIssuer,
    sub: job.project,
    ...(job.audience === undefined ? {} : { aud: job.audience }),
    iat: job.issuedAt,
    nbf: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
  };
}
