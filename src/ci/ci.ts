import type { Condition } from "../core/policy.ts";
import type { Claims, Token } from "../core/token.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** Why a CI was recognised, in the words of its environment: `GITLAB_CI=true`. */
export interface Evidence {
  readonly ci: string;
  readonly because: readonly string[];
}

/** Where an ID token can be had; a description, which `wire/id-token` performs. */
export type TokenSource =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string };

/** A source that was looked at and not taken, and why; never the token itself. */
export interface Rejected {
  readonly name: string;
  readonly reason: string;
}

export interface TokenSearch {
  /** Tokens of this very job, best first. */
  readonly candidates: readonly { readonly source: TokenSource; readonly token: Token }[];
  readonly rejected: readonly Rejected[];
}

/** What part of a CI a role trusts, in that CI's own words: one entry of `allow:` in rolecall.yaml. */
export interface Scope {
  readonly project: string;
  readonly branch?: string;
  readonly tag?: string;
}

/** A job that does not exist, for the local cloud's tokens. */
export interface PretendedJob {
  readonly project: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly environment?: string;
  readonly audience: string | readonly string[];
  /** Of a self-managed instance: `https://gitlab.example.com`; default is the vendor's own. */
  readonly issuer?: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Seconds of life; default is what the CI gives. */
  readonly expiresIn?: number;
}

/** One CI system. Everything here is pure: descriptions in, descriptions out. */
export interface Ci {
  readonly id: string;
  readonly name: string;
  /** The file that describes its jobs: `.gitlab-ci.yml`. */
  readonly file: string;
  /** The vendor's own issuer, or null where each customer has another. */
  readonly issuer: string | null;
  detect(env: Env): Evidence | null;
  findTokens(env: Env): TokenSearch;
  /** What to add to the CI file, line by line, when a job has no ID token. */
  snippet(setup: { readonly audience?: string }): string;
  /** Default role session name for this job, not yet made legal; the parts that may be cut come first. */
  sessionName(env: Env): readonly string[];
  /** The condition block that admits exactly this scope; one statement each. */
  conditions(issuer: string, scope: Scope): readonly Condition[];
  /** The scope that a token is of, if rolecall.yaml can say it. */
  scopeOf(claims: Claims): Scope | null;
  /** Claims of the ID token that a job like this would have, header not included. */
  pretend(job: PretendedJob): Claims;
  /** Variables that a job with these claims and this token has. */
  jobEnvironment(claims: Claims, token: string): Readonly<Record<string, string>>;
}
