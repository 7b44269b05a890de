import type { Check, Provider } from "../decide.ts";
import type { Policy } from "../policy.ts";
import type { Claims } from "../token.ts";
import type { PlatformFacts } from "./platform.ts";
import type { Severity } from "./severity.ts";

/** Why a finding is true; made by the same code that decides exchanges, never by the look of a text. */
export type Proof =
  /** `decide` gives the role to this token, its signature taken as valid. */
  | {
      readonly kind: "accepted";
      /** Whose token it is: `a job of another organization`. */
      readonly who: string;
      readonly claims: Claims;
      readonly sessionName: string;
      /** Seconds asked for; only where that is the point. */
      readonly duration?: number;
      /** What was taken for granted beside the signature. */
      readonly assumed?: string;
    }
  /** The token that was meant is refused, at this check. */
  | {
      readonly kind: "never";
      readonly claims: Claims;
      readonly check: Pick<Check, "kind" | "subject" | "wanted" | "got" | "note">;
    }
  /** The role's own policies permit the call. */
  | { readonly kind: "permitted"; readonly action: string; readonly resource: string }
  /** The trust policy lets an AWS principal in. */
  | { readonly kind: "assumable"; readonly principal: string }
  /** IAM's own words, were it saved today. */
  | { readonly kind: "unsaved"; readonly message: string }
  /** Something that was looked for in everything that was read, and not found or found. */
  | { readonly kind: "observed"; readonly text: string };

/** A part of a text; lines and columns are counted from 1, the end is behind the last character. */
export interface Region {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One thing that is wrong with a role or a provider. */
export interface Finding {
  /** `T010` */
  readonly rule: string;
  readonly severity: Severity;
  /** ARN or name of the role or provider. */
  readonly resource: string;
  /** Where it was read: a file, an account. */
  readonly from: string;
  readonly line?: number;
  /** The very lines and columns of `from`, where its text was looked at. */
  readonly region?: Region;
  /** Index of the trust policy's statement. */
  readonly statement?: number;
  /** Into the document: `Statement[0].Condition.StringLike.gitlab.com:sub`. */
  readonly path?: string;
  /** What is wrong here, in one line. */
  readonly message: string;
  readonly proof: Proof;
  readonly fix: string;
}

/** What a rule returns: a finding without what the rule itself tells. */
export type Found = Pick<Finding, "message" | "proof"> &
  Partial<Pick<Finding, "severity" | "statement" | "path" | "fix" | "resource">>;

/** What a role may do, as far as its policies could be read. */
export interface Permissions {
  readonly policies: readonly Policy[];
  /** "unread" where there is one whose text was not there: nothing is then known to be permitted. */
  readonly boundary: Policy | "unread" | null;
  /** ARNs of attached policies whose text was not there. */
  readonly unread: readonly string[];
  /** ARNs of all attached policies. */
  readonly attached?: readonly string[];
  /** Those of `policies` that are the role's own. */
  readonly inline?: readonly Policy[];
}

/** A role to be judged. */
export interface LintRole {
  /** ARN where it is known, else a name. */
  readonly resource: string;
  readonly from: string;
  /** Of `from`, where that is a file that people write; counted from 1. */
  readonly line?: number;
  readonly trust: Policy;
  /** Characters of the trust policy, white space apart; null when only its parts are known. */
  readonly size: number | null;
  /** Seconds; null when it was not read. */
  readonly maxSessionDuration: number | null;
  /** Null when they were not read. */
  readonly permissions: Permissions | null;
  /** Milliseconds since 1970; null for never; undefined when it was not read. */
  readonly lastUsed?: number | null;
  /** Milliseconds since 1970. */
  readonly created?: number;
}

export interface LintContext {
  /** Those that are known. */
  readonly providers: readonly Provider[];
  /** They are all that the account has. */
  readonly allProviders: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Subjects that jobs are known to send. */
  readonly subjects?: readonly string[];
  /** What is known of the CI's settings. */
  readonly platform?: PlatformFacts;
  /** AssumeRolePolicySizeQuota of the account, in characters; 2,048 where it was not read. */
  readonly trustPolicyQuota?: number;
}
