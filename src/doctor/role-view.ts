import { issuerName, providerArn, readRoleArn } from "../core/arn.ts";
import type { Provider, Role } from "../core/decide.ts";
import { RolecallError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { readTrustPolicy } from "../core/policy.ts";
import { audiencesOf, type Claims, isObject, type Json, textClaim } from "../core/token.ts";

/** What is known of the AWS side: the role, the provider of the token's issuer, and where that was read. */
export interface RoleView {
  /** Null when there is no such role. */
  readonly role: Role | null;
  readonly roleArn: string;
  /** Null when the account has none for the token's issuer. */
  readonly provider: Provider | null;
  /** For people: `role.json`, `IAM of account 123456789012`. */
  readonly from: string;
  /** Which of the three it was: fixes are told in that form first. */
  readonly source: "document" | "config" | "iam";
  /** The trust policy as it is written; null when there is no role. */
  readonly document: { readonly [name: string]: Json } | null;
  /** What could not be known, and was taken for right. */
  readonly assumed: readonly string[];
  /** Names of the account's other providers, where they could be listed. */
  readonly otherProviders?: readonly string[];
  /** A role of nearly this name, when there is none of it. */
  readonly similar?: string;
}

/** Where a document came from, and what it does not say. */
export interface DocumentContext {
  readonly from: string;
  readonly claims: Claims;
  /** The provider's audiences, as the user told them; empty when they did not. */
  readonly audiences: readonly string[];
  /** The role asked for; undefined where the document itself may tell. */
  readonly roleArn: string | undefined;
}

const DEFAULT_MAXIMUM = 3600;

/**
 * Reads the AWS side out of a saved document: a trust policy, the answer of `aws iam get-role`, or the one of
 * `aws iam get-account-authorization-details`. None of them names the provider's audiences.
 *
 * @throws RolecallError `config` when it is none of the three, or has no such role
 */
export function readDocument(text: string, context: DocumentContext): RoleView {
  const document = parseJson(text, context.from);
  const roles = document["RoleDetailList"];
  if (Array.isArray(roles)) return fromAccount(roles, context);
  const role = document["Role"];
  if (isObject(role)) return fromRole(role, context);
  if (document["Statement"] !== undefined) return fromPolicy(document, DEFAULT_MAXIMUM, context);
  throw new RolecallError(
    "config",
    `${context.from}: expected a trust policy, or what aws iam get-role or get-account-authorization-details answers`,
  );
}

function parseJson(text: string, from: string): { readonly [key: string]: Json } {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    throw new RolecallError("config", `${from} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  throw new RolecallError("config", `${from}: expected a JSON object`);
}

function fromAccount(roles: readonly Json[], context: DocumentContext): RoleView {
  const { roleArn, from } = context;
  if (roleArn === undefined)
    throw new RolecallError("usage", `${from} has ${roles.length} roles: expected --role ARN to say which`);
  const found = roles.find((role) => isObject(role) && role["Arn"] === roleArn);
  if (isObject(found)) return fromRole(found, context);
  const arns = roles.flatMap((role) => (isObject(role) && typeof role["Arn"] === "string" ? [role["Arn"]] : []));
  const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
  const name = nearest(nameOf(roleArn), arns.map(nameOf));
  const similar = arns.find((arn) => nameOf(arn) === name);
  return {
    ...providerOf(null, context, roleArn),
    role: null,
    roleArn,
    from,
    source: "document",
    document: null,
    ...(similar ? { similar } : {}),
  };
}

function fromRole(role: { readonly [key: string]: Json }, context: DocumentContext): RoleView {
  const { Arn: arn, AssumeRolePolicyDocument: policy, MaxSessionDuration: maximum } = role;
  const roleArn = typeof arn === "string" ? arn : context.roleArn;
  const seconds = typeof maximum === "number" ? maximum : DEFAULT_MAXIMUM;
  return fromPolicy(decodePolicy(policy ?? null), seconds, { ...context, roleArn });
}

/** IAM's own answers have the document URL-encoded; the AWS CLI decodes it. */
function decodePolicy(policy: Json): Json | string {
  if (typeof policy !== "string") return policy;
  return policy.startsWith("%7B") ? decodeURIComponent(policy) : policy;
}

function fromPolicy(document: Json | string, maxSessionDuration: number, context: DocumentContext): RoleView {
  const reading = readTrustPolicy(document);
  if (reading.kind !== "policy") {
    throw new RolecallError("config", `${context.from} has a trust policy that IAM would not save: ${reading.message}`);
  }
  const roleArn = context.roleArn ?? PRETENDED_ROLE;
  const role = { arn: roleArn, trust: reading.policy, maxSessionDuration };
  return {
    ...providerOf(role, context, roleArn),
    role,
    roleArn,
    from: context.from,
    source: "document",
    document: documentOf(document),
  };
}

/** A policy that was read as one is an object. */
export function documentOf(document: Json | string): { readonly [name: string]: Json } | null {
  const value: unknown = typeof document === "string" ? JSON.parse(document) : document;
  return isObject(value) ? value : null;
}

/** Of a bare trust policy nobody has told what role it is of. */
const PRETENDED_ROLE = "arn:aws:iam::123456789012:role/the-role";

/** The provider that must be there, since a document does not say which are. */
function providerOf(
  role: Role | null,
  { claims, audiences }: DocumentContext,
  roleArn: string,
): Pick<RoleView, "provider" | "assumed"> {
  const issuer = textClaim(claims, "iss") ?? "";
  const trusted = role?.trust.statements.flatMap(({ principals }) => principals?.["Federated"] ?? []) ?? [];
  const named = trusted.find((arn) => arn.endsWith(`:oidc-provider/${issuerName(issuer)}`));
  const { account = "123456789012", partition = "aws" } = readRoleArn(roleArn) ?? {};
  const arn = named ?? providerArn(issuer, account, partition);
  const known = audiences.length > 0;
  const provider = {
    arn,
    url: issuerName(issuer),
    audiences: known ? audiences : audiencesOf(claims),
    thumbprints: [],
  };
  return {
    provider,
    assumed: [
      `the account has the provider ${arn}`,
      ...(known ? [] : ["the provider has the token's audience (--provider-audience tells which it has)"]),
    ],
  };
}
