import type { LintRole, Permissions } from "../core/lint/finding.ts";
import { type Policy, readPolicy } from "../core/policy.ts";
import { isObject, type Json } from "../core/token.ts";
import type { Path } from "./lint-places.ts";

/** A role that was read, or why its trust policy could not be. */
export type RoleReading =
  | { readonly kind: "role"; readonly role: LintRole; readonly at?: Path }
  | { readonly kind: "unread"; readonly resource: string; readonly reason: string };

/** A role as some document has it. */
export interface RawRole extends Omit<LintRole, "trust" | "size"> {
  /** The trust policy: JSON, or IAM's URL-encoded form of it, or its value. */
  readonly trust: Json | undefined;
  /** Where in the document the trust policy stands. */
  readonly at?: Path;
}

/** Reads a role's trust policy. What IAM would refuse today is no obstacle: that is a finding. */
export function readRole({ trust, at, ...rest }: RawRole): RoleReading {
  const { resource } = rest;
  if (trust === undefined) return { kind: "unread", resource, reason: "its trust policy is not known yet" };
  const document = decoded(trust);
  const reading = readPolicy(document);
  if (reading.kind !== "policy") return { kind: "unread", resource, reason: reading.message };
  const role = { ...rest, trust: reading.policy, size: sizeOf(document) };
  return { kind: "role", role, ...(at === undefined ? {} : { at }) };
}

/** IAM's answers have documents URL-encoded (RFC 3986); the AWS CLI decodes them. */
export function decoded(document: Json): Json {
  if (typeof document !== "string" || !document.startsWith("%7B")) return document;
  try {
    return decodeURIComponent(document);
  } catch {
    // Not IAM's; the reading of it as a policy will say so.
    return document;
  }
}

/** The characters that IAM counts. */
function sizeOf(document: Json): number {
  return (typeof document === "string" ? document : JSON.stringify(document)).replaceAll(/\s/g, "").length;
}

/** Policies of a role out of documents and ARNs; what cannot be read is kept by name. */
export function readPermissions(
  documents: readonly Json[],
  attached: readonly { readonly arn: string; readonly document: Json | undefined }[],
  boundary: { readonly document: Json | undefined } | null,
): Permissions {
  const inline = documents.flatMap((document) => parsed(document) ?? []);
  const read = attached.map(({ arn, document }) => ({ arn, policy: document === undefined ? null : parsed(document) }));
  return {
    attached: attached.map(({ arn }) => arn),
    inline,
    policies: [...inline, ...read.flatMap(({ policy }) => policy ?? [])],
    unread: read.filter(({ policy }) => policy === null).map(({ arn }) => arn),
    boundary:
      boundary === null ? null : boundary.document === undefined ? "unread" : (parsed(boundary.document) ?? "unread"),
  };
}

function parsed(document: Json): Policy | null {
  const reading = readPolicy(decoded(document));
  return reading.kind === "policy" ? reading.policy : null;
}

/** A member of a JSON object as text; undefined when it is none. */
export function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The objects of a JSON list; none when it is no list. */
export function objectsOf(value: Json | undefined): readonly { readonly [key: string]: Json }[] {
  return Array.isArray(value) ? value.filter((one): one is { readonly [key: string]: Json } => isObject(one)) : [];
}

/** The texts of a JSON list, or the one text that stands for a list. */
export function textsOf(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}
