import { matchGlob, parseGlob } from "./glob.ts";
import { readOperator } from "./operators.ts";
import { checkSharedIssuers } from "./shared-issuers.ts";
import { isObject, type Json } from "./token.ts";

/** One operator-key pair of a Condition block, as written in the policy. */
export interface Condition {
  /** As written, set prefix and IfExists included: `StringLike`, `ForAnyValue:StringEqualsIfExists`. */
  readonly operator: string;
  readonly key: string;
  /** Numbers and booleans of the policy are given as text, as AWS treats them. */
  readonly values: readonly string[];
}

/** The Principal of a statement: type (`Federated`, `AWS`, `Service`) to values; `"*"` is `{ "*": ["*"] }`. */
export type Principals = { readonly [type: string]: readonly string[] };

export interface Statement {
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  /** Only in resource and trust policies. */
  readonly principals?: Principals;
  readonly notPrincipals?: Principals;
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  readonly conditions: readonly Condition[];
}

/** A policy document in its parts; trust, identity and session policies share this shape. */
export interface Policy {
  readonly version: "2012-10-17" | "2008-10-17" | null;
  readonly statements: readonly Statement[];
}

export type PolicyReading =
  | { readonly kind: "policy"; readonly policy: Policy }
  /** `message` is IAM's text for MalformedPolicyDocument. */
  | { readonly kind: "malformed"; readonly message: string };

// IAM's words for MalformedPolicyDocument. The first is recorded from AWS (2025-03), "Syntax errors in policy." is in
// field reports up to April 2026 (for trust and session policies, and from the simulators); the others are texts that
// other servers modelled on AWS use, none of them recorded.
const TEXTS = {
  json: "This policy contains invalid Json",
  version: "The policy must contain a valid version string",
  empty: "Could not parse the policy: Statement is empty!",
  syntax: "Syntax errors in policy.",
  sid: "The Statement Ids in the policy are not unique",
  noAction: "Missing required field Action",
  noPrincipal: "Missing required field Principal",
  noResource: "Missing required field Resource",
  principal: "Has prohibited field Principal",
  resource: "Has prohibited field Resource",
  foreignAction: "AssumeRole policy may only specify STS AssumeRole actions.",
  star: 'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
  federated: "Federated principals must be valid domain names or SAML metadata ARNs",
} as const;

/** Stops the reading of a policy; never leaves this file. */
class Malformed extends Error {}

function refuse(text: keyof typeof TEXTS): never {
  throw new Malformed(TEXTS[text]);
}

function reading(read: () => Policy): PolicyReading {
  try {
    return { kind: "policy", policy: read() };
  } catch (error) {
    if (error instanceof Malformed) return { kind: "malformed", message: error.message };
    throw error;
  }
}

/** Reads the grammar that every policy has in common, whatever IAM would then say of it. */
export function readPolicy(document: string | Json): PolicyReading {
  return reading(() => parse(document));
}

/** Reads a permissions policy (inline, managed or session) and refuses what IAM would refuse to save. */
export function readIdentityPolicy(document: string | Json): PolicyReading {
  return reading(() => {
    const policy = parse(document);
    for (const statement of policy.statements) checkIdentityStatement(statement);
    return policy;
  });
}

/** Reads a role's trust policy and refuses what IAM would refuse to save. */
export function readTrustPolicy(document: string | Json): PolicyReading {
  return reading(() => {
    const policy = parse(document);
    for (const statement of policy.statements) checkTrustStatement(statement);
    const careless = checkSharedIssuers(policy);
    if (careless) throw new Malformed(careless);
    return policy;
  });
}

function checkIdentityStatement(statement: Statement): void {
  if (statement.principals || statement.notPrincipals) refuse("principal");
  if (!statement.resources && !statement.notResources) refuse("noResource");
}

// Access Analyzer's ROLE_TRUST_POLICY_* checks say which of these IAM does not store.
function checkTrustStatement(statement: Statement): void {
  if (statement.resources || statement.notResources) refuse("resource");
  if (statement.notPrincipals) refuse("syntax");
  if (!statement.principals) refuse("noPrincipal");
  if (statement.principals["*"]) refuse("star");
  if (!statement.actions) refuse("syntax");
  if (!statement.actions.every(isAssumeAction)) refuse("foreignAction");
  if (!(statement.principals["Federated"] ?? []).every(isFederated)) refuse("federated");
}

// AWS service authorization reference, STS.
const STS_ACTIONS = [
  "AssumeRole",
  "AssumeRoleWithSAML",
  "AssumeRoleWithWebIdentity",
  "AssumeRoot",
  "DecodeAuthorizationMessage",
  "GetAccessKeyInfo",
  "GetCallerIdentity",
  "GetDelegatedAccessToken",
  "GetFederationToken",
  "GetServiceBearerToken",
  "GetSessionToken",
  "GetWebIdentityToken",
  "SetContext",
  "SetSourceIdentity",
  "TagGetWebIdentityToken",
  "TagSession",
].map((action) => `sts:${action}`.toLowerCase());

/**
 * An action that STS has, or a pattern that covers one. That IAM refuses every other is not recorded: moto and
 * LocalStack both do (each with a fixed list), another server takes whatever begins with `sts:`.
 */
function isAssumeAction(action: string): boolean {
  const pattern = action.toLowerCase();
  return pattern.startsWith("sts:") && STS_ACTIONS.some((one) => matchGlob(parseGlob(pattern), one));
}

const FEDERATED_ARN = /^arn:[a-z-]+:iam::\d{12}:(oidc-provider\/[^*?]+|saml-provider\/[^*?]+)$/;
const DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

function isFederated(principal: string): boolean {
  return FEDERATED_ARN.test(principal) || DOMAIN.test(principal);
}

function parse(document: string | Json): Policy {
  const value = typeof document === "string" ? parseJson(document) : document;
  if (!isObject(value)) refuse("syntax");
  const version = readVersion(value["Version"]);
  if (Object.keys(value).some((name) => !["Version", "Id", "Statement"].includes(name))) refuse("syntax");
  const raw = value["Statement"];
  const list = Array.isArray(raw) ? raw : raw === undefined ? [] : [raw];
  if (list.length === 0) refuse("empty");
  const statements = list.map((one: Json) => parseStatement(one));
  const sids = statements.flatMap((statement) => statement.sid ?? []);
  if (new Set(sids).size < sids.length) refuse("sid");
  return { version, statements };
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return refuse("json");
  }
}

function readVersion(value: Json | undefined): Policy["version"] {
  if (value === undefined) return null;
  if (value === "2012-10-17" || value === "2008-10-17") return value;
  return refuse("version");
}

/** Every element that a statement may have. Source: IAM guide, grammar of the IAM JSON policy language. */
export const STATEMENT_ELEMENTS: ReadonlySet<string> = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

function parseStatement(value: Json): Statement {
  if (!isObject(value)) refuse("syntax");
  if (Object.keys(value).some((name) => !STATEMENT_ELEMENTS.has(name))) refuse("syntax");
  const { Sid: sid, Effect: effect } = value;
  if (sid !== undefined && typeof sid !== "string") refuse("syntax");
  if (effect !== "Allow" && effect !== "Deny") refuse("syntax");
  if (value["Action"] === undefined && value["NotAction"] === undefined) refuse("noAction");
  if (value["Action"] !== undefined && value["NotAction"] !== undefined) refuse("syntax");
  if (value["Resource"] !== undefined && value["NotResource"] !== undefined) refuse("syntax");
  return {
    ...(sid ? { sid } : {}),
    effect,
    ...optional("principals", value["Principal"], readPrincipals),
    ...optional("notPrincipals", value["NotPrincipal"], readPrincipals),
    ...optional("actions", value["Action"], readTexts),
    ...optional("notActions", value["NotAction"], readTexts),
    ...optional("resources", value["Resource"], readTexts),
    ...optional("notResources", value["NotResource"], readTexts),
    conditions: readConditions(value["Condition"]),
  };
}

function optional<Name extends string, Value>(
  name: Name,
  value: Json | undefined,
  read: (value: Json) => Value,
): { [name in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: read(value) } as { [name in Name]: Value });
}

function readTexts(value: Json): readonly string[] {
  const list: readonly Json[] = isList(value) ? value : [value];
  return list.map((one) => (typeof one === "string" ? one : refuse("syntax")));
}

function readPrincipals(value: Json): Principals {
  if (value === "*") return { "*": ["*"] };
  if (!isObject(value)) return refuse("syntax");
  return Object.fromEntries(Object.entries(value).map(([type, ids]) => [type, readTexts(ids)]));
}

function readConditions(value: Json | undefined): readonly Condition[] {
  if (value === undefined) return [];
  if (!isObject(value)) return refuse("syntax");
  return Object.entries(value).flatMap(([operator, keys]) => {
    if (!isObject(keys)) return refuse("syntax");
    // IAM saves a block without keys whatever its operator is called (policy documents of moto's tests, tried by their
    // authors at AWS).
    if (Object.keys(keys).length > 0 && !readOperator(operator)) return refuse("syntax");
    return Object.entries(keys).map(([key, values]) => ({ operator, key, values: readValues(values) }));
  });
}

function readValues(value: Json): readonly string[] {
  const list: readonly Json[] = isList(value) ? value : [value];
  return list.map((one) => {
    if (typeof one === "string") return one;
    return typeof one === "number" || typeof one === "boolean" ? String(one) : refuse("syntax");
  });
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
