import type { Json } from "../core/token.ts";

/** An OIDC provider to be made in the account. */
export interface NewProvider {
  /** The issuer, with scheme: `https://gitlab.com`. */
  readonly url: string;
  /** Audiences that its tokens may have; none when left out. */
  readonly audiences?: readonly string[];
}

/** A policy as text or as its value: `{ Version: "2012-10-17", Statement: […] }`. */
export type PolicyDocument = string | { readonly [name: string]: Json };

/** A role to be made in the account. */
export interface NewRole {
  readonly name: string;
  readonly trustPolicy: PolicyDocument;
  /** Inline policies, by their names; without any the role may do nothing. */
  readonly policies?: Readonly<Record<string, PolicyDocument>>;
  /** ARNs of managed policies: `arn:aws:iam::aws:policy/ReadOnlyAccess`. */
  readonly managedPolicyArns?: readonly string[];
  /** The longest session, in seconds: 3600, the default, to 43200. */
  readonly maxSessionDuration?: number;
  /** With a slash at both ends; `/` when left out. */
  readonly path?: string;
  /** ARN of a managed policy that is there. */
  readonly permissionsBoundary?: string;
  readonly tags?: Readonly<Record<string, string>>;
}
