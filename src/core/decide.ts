import { STEPS } from "./decision-steps.ts";
import type { Policy } from "./policy.ts";
import { readSession } from "./session-claims.ts";
import type { StsCause } from "./sts-answers.ts";
import type { Token } from "./token.ts";

/** An IAM OpenID Connect provider. */
export interface Provider {
  readonly arn: string;
  /** Without scheme, as IAM returns it: `gitlab.com`, `oidc.circleci.com/org/<id>`. */
  readonly url: string;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
}

/** What became of the signature check, which needs keys and so is made elsewhere (wire/oidc). */
export type SignatureState =
  | "valid"
  | "invalid"
  /** alg is none, HS*, PS*, EdDSA …: not one that STS takes. */
  | "unsupported-algorithm"
  /** No key of the issuer fits the token's kid. */
  | "unknown-key"
  /** Discovery or JWKS could not be fetched, or was not JSON of the right form. */
  | "unreachable"
  /** Not tried: the Decision says what would hold if the signature were good. */
  | "unchecked";

/** The role asked for, as far as the decision needs it. */
export interface Role {
  readonly arn: string;
  readonly trust: Policy;
  /** Seconds. */
  readonly maxSessionDuration: number;
}

export interface AssumeRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** Seconds; undefined takes STS's default of 3600. */
  readonly duration?: number | undefined;
  readonly sourceIp?: string;
  readonly userAgent?: string | undefined;
  readonly secureTransport?: boolean;
  readonly region?: string;
}

export interface Question {
  readonly token: Token;
  readonly signature: SignatureState;
  /** The provider registered for the token's issuer in the role's account; null when there is none. */
  readonly provider: Provider | null;
  /** null when there is no such role. */
  readonly role: Role | null;
  readonly request: AssumeRequest;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type CheckKind =
  | "shape"
  | "claims"
  | "provider"
  | "signature"
  | "lifetime"
  | "audience"
  | "roles-claim"
  | "role"
  | "principal"
  | "action"
  | "condition"
  | "statement"
  | "trust"
  | "duration";

/** One comparison that was made: what was wanted, what the token or request had. */
export interface Check {
  readonly kind: CheckKind;
  readonly pass: boolean;
  /** What was compared: a claim (`exp`), a condition key (`gitlab.com:sub`), an element (`Principal`). */
  readonly subject: string;
  readonly wanted: string;
  readonly got: string;
  /** Index of the trust-policy statement, for the kinds that look at one. */
  readonly statement?: number;
  /** The action evaluated, for the same kinds. */
  readonly action?: string;
  /** Of that statement, when it is a Deny: a check that failed then kept the Deny from applying. */
  readonly effect?: "Deny";
  /** Why, where wanted and got do not say it. */
  readonly note?: string;
}

/** The error codes that STS answers AssumeRoleWithWebIdentity with, once the request is well formed. */
export type AwsErrorCode =
  | "InvalidIdentityToken"
  | "ExpiredTokenException"
  | "AccessDenied"
  | "ValidationError"
  | "InternalFailure";

/** STS named the cause until about mid-2026 ("2025"); since then one text covers several causes ("2026"). */
export type StsTexts = "2025" | "2026";

export type Decision =
  | {
      readonly outcome: "allowed";
      /** Index of the statement that allowed. */
      readonly statement: number;
      readonly checks: readonly Check[];
      readonly session: SessionClaims;
    }
  | {
      readonly outcome: "denied";
      /** What was wrong, finer than AWS says it. */
      readonly cause: StsCause;
      readonly code: AwsErrorCode;
      /** HTTP status of the answer. */
      readonly status: number;
      /** STS's own words, per generation. */
      readonly messages: Readonly<Record<StsTexts, string>>;
      /** The checks made, in order; the last one that failed is why. */
      readonly checks: readonly Check[];
    };

/** What the token gives to the session that comes of it. */
export interface SessionClaims {
  readonly subject: string;
  /** `azp` where the token has one, else the audience. */
  readonly audience: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | null;
}

/** What a Decision comes to, without the checks. */
export type Ruling =
  | { readonly outcome: "allowed"; readonly session: SessionClaims }
  | Omit<Extract<Decision, { outcome: "denied" }>, "checks">;

/** Answers whether STS would give this token the role, with every comparison made on the way. */
export function decide(question: Question): Decision {
  const checks: Check[] = [];
  const ruling = follow(question, checks);
  if (ruling.outcome === "denied") return { ...ruling, checks };
  const statement = checks.findLast((check) => check.kind === "trust")?.statement ?? 0;
  return { outcome: "allowed", statement, checks, session: ruling.session };
}

/**
 * The same steps, told to nobody: a server decides for each call, and seldom anybody asks why. Three quarters of a
 * Decision are its texts.
 */
export function rule(question: Question): Ruling {
  return follow(question, null);
}

function follow(question: Question, checks: Check[] | null): Ruling {
  const reading = readSession(question.token.claims);
  for (const step of STEPS) {
    const answer = step(question, reading, checks);
    if (answer) return { outcome: "denied", ...answer };
  }
  return { outcome: "allowed", session: reading.session };
}
