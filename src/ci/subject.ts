import { issuerName } from "../core/arn.ts";
import type { Condition } from "../core/policy.ts";
import type { Scope } from "./ci.ts";

const WILDCARD = /[*?]/;

/** The condition that a token's subject is this one, or is of this pattern. */
export function subjectCondition(issuer: string, subject: string): Condition {
  return {
    operator: WILDCARD.test(subject) ? "StringLike" : "StringEquals",
    key: `${issuerName(issuer)}:sub`,
    values: [subject],
  };
}

/** The conditions that a scope's ids stand for; the claims are of those that AWS shows. */
export function idConditions(issuer: string, { ids = {} }: Scope): readonly Condition[] {
  return Object.entries(ids).map(([claim, id]) => ({
    operator: "StringEquals",
    key: `${issuerName(issuer)}:${claim}`,
    values: [id],
  }));
}

/** The condition on a claim other than the subject, by the operator that its value needs. */
export function claimCondition(issuer: string, claim: string, value: string): Condition {
  const operator = WILDCARD.test(value) ? "StringLike" : "StringEquals";
  return { operator, key: `${issuerName(issuer)}:${claim}`, values: [value] };
}

/** `refs/heads/main` or `refs/tags/v1`; the branch main when neither is named. */
export function refOf({ branch, tag }: { readonly branch?: string; readonly tag?: string }): string {
  return tag === undefined ? `refs/heads/${branch ?? "main"}` : `refs/tags/${tag}`;
}

/** A full ref as `rolecall.yaml` says it, or null when it is neither a branch nor a tag. */
export function scopeOfRef(ref: string): { readonly branch: string } | { readonly tag: string } | null {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? [];
  if (!kind || !name) return null;
  return kind === "tags" ? { tag: name } : { branch: name };
}
