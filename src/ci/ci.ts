import type { Condition } from "../core/policy.ts";
import type { Secret } from "../core/secret.ts";
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
  | { readonly kind: "file"; readonly path: string }
  /** GitHub's protocol: GET with a bearer, and the audience in the query; the answer has the token as `value`. */
  | { readonly kind: "http"; readonly url: string; readonly bearer: Secret; readonly audience: string }
  /** Run without a shell; the token is what it writes to standard output. */
  | { readonly kind: "command"; readonly command: readonly string[] };

/** A source that was looked at and not taken, and why; never the token itself. */
export interface Rejected {
  readonly name: string;
  readonly reason: string;
}

export interface TokenSearch {
  /** Tokens of this very job, best first. */
  readonly candidates: readonly { readonly source: TokenSource; readonly token: Token }[];
  /** Where a token can be asked for when none of the candidates will do. */
  readonly ask: TokenSource | null;
  readonly rejected: readonly Rejected[];
}

/** What a job needs of its CI, and no more: every job loads the files of all of them (`ci/job/`). */
export interface JobCi {
  readonly id: string;
  readonly name: string;
  detect(env: Env): Evidence | null;
  /** @param audience for which a token is asked where the job can ask for one */
  findTokens(env: Env, audience?: string): TokenSearch;
  /** Default role session name for this job, not yet made legal; the parts that may be cut come first. */
  sessionName(env: Env): readonly string[];
}

/** What part of a CI a role trusts, in that CI's own words: one entry of `allow:` in rolecall.yaml. */
export interface Scope {
  readonly project: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly environment?: string;
  readonly pullRequests?: true;
}

/** What narrows a scope beside its project. */
export type ScopePart = Exclude<keyof Scope, "project">;

/** A job that does not exist, for the local cloud's tokens. */
export interface PretendedJob {
  readonly project: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly environment?: string;
  /** What started it, in the CI's own word: `pull_request`, `schedule`. */
  readonly event?: string;
  /** GitHub: a subject with the ids of owner and repository in it. */
  readonly immutable?: boolean;
  /** What the CI gives a job that asks for none, when left out. */
  readonly audience?: string | readonly string[];
  /** Of a self-managed instance: `https://gitlab.example.com`; default is the vendor's own. */
  readonly issuer?: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Seconds of life; default is what the CI gives. */
  readonly expiresIn?: number;
  /** What the job gave the CI's own command besides the audience: `{ "subject-claim": "pipeline_id" }`. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** Where a job can ask for an ID token. */
export interface TokenRequest {
  readonly url: string;
  readonly bearer: string;
}

/** A file that a job of the CI has, and the variable that names it. */
export interface JobFile {
  readonly variable: string;
  readonly file: string;
  readonly text: string;
}

/** One CI system, whole. Everything here is pure: descriptions in, descriptions out. */
export interface Ci extends JobCi {
  /** The file that describes its jobs: `.gitlab-ci.yml`. */
  readonly file: string;
  /** The vendor's own issuer, or null where each customer has another. */
  readonly issuer: string | null;
  /** Of pretended jobs, where none is named. */
  readonly pretendedIssuer: string;
  /** The audience of a token that was asked for without one; null where it must be told. */
  defaultAudience(job: Pick<PretendedJob, "project" | "issuer">): string | null;
  /** What to add to the CI file, line by line, when a job has no ID token. */
  snippet(setup: { readonly audience?: string }): string;
  /** What its tokens tell apart within a project, as far as AWS can see it. */
  readonly scopeParts: readonly ScopePart[];
  /** True where a project can be trusted as a whole: there is nothing to narrow it by, or nothing that all jobs have. */
  readonly projectAlone: boolean;
  /** The condition block that admits exactly this scope; one statement each. */
  conditions(issuer: string, scope: Scope): readonly Condition[];
  /** The scope that a token is of, if rolecall.yaml can say it. */
  scopeOf(claims: Claims): Scope | null;
  /** Claims of the ID token that a job like this would have, header not included. */
  pretend(job: PretendedJob): Claims;
  /** Variables that a job with these claims and this token has. */
  jobEnvironment(claims: Claims, token: string, request?: TokenRequest): Readonly<Record<string, string>>;
  /** The variable that names the folder of the checkout. */
  readonly workspace?: string;
  /** Files that such a job has. */
  jobFiles?(token: string): readonly JobFile[];
  /** Variables with a second token of the job: the flags that it is made with. */
  readonly otherTokens?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The command by which a job asks for tokens: `buildkite-agent`. */
  readonly standIn?: string;
}
