import { issuerName, providerArn, readRoleArn } from "../core/arn.ts";
import type { Question } from "../core/decide.ts";
import { readTrustPolicy } from "../core/policy.ts";
import { audiencesOf, type Json, textClaim } from "../core/token.ts";

export type Document = { readonly [name: string]: Json };

/** One step of a JSON patch. Source: RFC 6902. */
export interface PatchStep {
  readonly op: "add" | "replace";
  readonly path: string;
  readonly value: Json;
}

/** What a fix changes, and nothing else. */
export type Change =
  /** `policy` is the whole new trust policy, `patch` how it comes of the old one. */
  | { readonly kind: "trust-policy"; readonly policy: Document; readonly patch: readonly PatchStep[] }
  | { readonly kind: "provider-audience"; readonly provider: string; readonly audience: string }
  | { readonly kind: "new-provider"; readonly url: string; readonly audience: string }
  /** Of the token, where the CI file asks for it. */
  | { readonly kind: "token-audience"; readonly audience: string }
  /** Asked for by the job, in seconds. */
  | { readonly kind: "duration"; readonly seconds: number };

/** The question as it stands after a change; null where IAM would not save it. */
export function applyChange(question: Question, change: Change): Question | null {
  const { role, token, request, provider } = question;
  if (change.kind === "trust-policy") {
    const reading = readTrustPolicy(change.policy);
    return role && reading.kind === "policy" ? { ...question, role: { ...role, trust: reading.policy } } : null;
  }
  if (change.kind === "provider-audience") {
    return provider
      ? { ...question, provider: { ...provider, audiences: [...provider.audiences, change.audience] } }
      : null;
  }
  if (change.kind === "token-audience") {
    return { ...question, token: { ...token, claims: { ...token.claims, aud: change.audience } } };
  }
  if (change.kind === "duration") return { ...question, request: { ...request, duration: change.seconds } };
  const { account = "", partition = "aws" } = readRoleArn(request.roleArn) ?? {};
  const arn = providerArn(change.url, account, partition);
  return { ...question, provider: { arn, url: issuerName(change.url), audiences: [change.audience], thumbprints: [] } };
}

/** What STS compares with a provider's audiences: `azp` where there is one. */
export function comparedAudience({ token: { claims } }: Pick<Question, "token">): string {
  return textClaim(claims, "azp") ?? audiencesOf(claims)[0] ?? "";
}
