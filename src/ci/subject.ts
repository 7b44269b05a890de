import { issuerName } from "../core/arn.ts";
import type { Condition } from "../core/policy.ts";

const WILDCARD = /[*?]/;

/** The condition that a token's subject is this one, or is of this pattern. */
export function subjectCondition(issuer: string, subject: string): Condition {
  return {
    operator: WILDCARD.test(subject) ? "StringLike" : "StringEquals",
    key: `${issuerName(issuer)}:sub`,
    values: [subject],
  };
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
