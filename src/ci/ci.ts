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
  | TokenEndpoint
  /** Run without a shell; the token is what it writes to standard output. */
  | { readonly kind: "command"; readonly command: readonly string[] };

/** A protocol other than GitHub's: one request, whose answer has the token. */
export interface TokenEndpoint {
  readonly kind: "request";
  /** How messages name it: the variable with its address, or the path of its socket. */
  readonly from: string;
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Added to the URL's own. */
  readonly query?: Readonly<Record<string, string>>;
  /** Path of a Unix socket where it listens, instead of the URL's host. */
  readonly socket?: string;
  readonly authorization?: Secret;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Which field of the JSON answer has the token; without it the answer is the token. */
  readonly field?: string;
}

/** Where a token can already be. */
export type HeldSource = Extract<TokenSource, { readonly kind: "env" | "file" }>;

/** A source that was looked at and not taken, and why; never the token itself. */
export interface Rejected {
  readonly name: string;
  readonly reason: string;
}

export interface TokenSearch {
  /** Tokens of this very job, best first. */
  readonly candidates: readonly { readonly source: HeldSource; readonly token: Token }[];
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
  /** Jobs of protected branches and tags alone. */
  readonly protected?: true;
  /** GitHub: the workflow that the job is defined in, `octo/ops/.github/workflows/deploy.yml@refs/heads/main`. */
  readonly workflow?: string;
  /** Numbers or UUIDs that outlive names, by the claim that has them: `{ repository_id: "74" }`. */
  readonly ids?: Readonly<Record<string, string>>;
  /** GitHub: only subjects with ids in them, or only those without; both where it is not told. */
  readonly immutable?: boolean;
}

/** What narrows a scope to some of its project's jobs. */
export type ScopePart = "branch" | "tag" | "environment" | "pullRequests";

/** A key in an entry of `allow:`. */
export interface Word {
  /** What of the scope it says; `id` is an entry of its ids. */
  readonly means: Exclude<keyof Scope, "ids"> | "id";
  /** The claim that AWS must show to trust policies for it, beside `sub`; of an id the claim that has it. */
  readonly claim?: string;
  /** One line for people and editors. */
  readonly about: string;
  readonly example: string;
}

/** What people want to say and no trust policy can test, with the nearest that one can. */
export interface Unsayable {
  readonly why: string;
  readonly nearest: string;
}

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
  /** What of that file the {@link snippet} belongs to: `the job`. */
  readonly part?: string;
  /** The vendor's own issuer, or null where each customer has another. */
  readonly issuer: string | null;
  /** Of pretended jobs, where none is named. */
  readonly pretendedIssuer: string;
  /** The audience of a token that was asked for without one; null where it must be told. */
  defaultAudience(job: Pick<PretendedJob, "project" | "issuer">): string | null;
  /**
   * What to add to the CI file when a job has no ID token: each line to be pasted as it is; behind `# ` what else may
   * be the reason.
   */
  snippet(setup: { readonly audience?: string }): string;
  /** What its tokens tell apart within a project, as far as AWS can see it. */
  readonly scopeParts: readonly ScopePart[];
  /** True where a project can be trusted as a whole: there is nothing to narrow it by, or nothing that all jobs have. */
  readonly projectAlone: boolean;
  /** The keys that an entry of `allow:` may have. */
  readonly words: Readonly<Record<string, Word>>;
  /** Keys that other CIs have, or that this one's users would expect. */
  readonly unsayable: Readonly<Record<string, Unsayable>>;
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
  /** The socket where a job asks for tokens, within the folder that stands for the root. */
  readonly socket?: string;
  /** How the address where a job asks for tokens differs from GitHub's. */
  readonly endpoint?: {
    readonly method: "GET" | "POST";
    /** Of the answer. */
    readonly field: string;
    /** `Bearer` before the request's token. */
    readonly scheme: boolean;
  };
  /** Neither the job nor its file can choose the audience. */
  readonly fixedAudience?: true;
}
