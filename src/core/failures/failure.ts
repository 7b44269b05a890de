import { issuerName, type RoleArn } from "../arn.ts";
import { audiencesOf, type Claims, showClaim, textClaim } from "../token.ts";

/** What is known in a job when STS refuses: no policy, only both sides of the call. */
export interface JobEvidence {
  readonly claims: Claims;
  readonly role: RoleArn;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** STS's clock, where it told it. */
  readonly stsDate: Date | null;
}

/** One way in which it goes wrong. Ids are stable. */
export interface Failure {
  readonly title: string;
  /** Evidence for it in this token, in words; null when there is none. */
  readonly tell?: (evidence: JobEvidence) => string | null;
  /** Every such token has the evidence, so that it says little. */
  readonly isWeak?: boolean;
  /** False of a token that cannot be refused for this. */
  readonly concerns?: (evidence: JobEvidence) => boolean;
  readonly fix: (evidence: JobEvidence) => string;
}

/** What STS compares with the provider's audiences: `azp` where there is one. */
export const aud = ({ claims }: JobEvidence): string => textClaim(claims, "azp") ?? audiencesOf(claims)[0] ?? "";
export const iss = ({ claims }: JobEvidence): string => textClaim(claims, "iss") ?? "";
export const sub = ({ claims }: JobEvidence): string => showClaim(claims, "sub");
export const provider = (evidence: JobEvidence): string =>
  `arn:${evidence.role.partition}:iam::${evidence.role.account}:oidc-provider/${issuerName(iss(evidence))}`;
