import { Context, type KeySource, sourceOf } from "./conditions.ts";
import type { AssumeRequest, Provider, Question, SessionClaims } from "./decide.ts";
import { type Claims, isObject, type Json } from "./token.ts";

interface IssuerKeys {
  /** The provider's URL without scheme. */
  readonly issuer: RegExp;
  /** Suffixes of the condition keys, which are the claims' names; a claim inside another is `outer/inner`. */
  readonly claims: readonly string[];
}

/** Claims that every OIDC provider gives a key for. Source: IAM guide, condition keys for web identity federation. */
export const COMMON_KEYS = ["aud", "sub", "amr", "oaud", "email"] as const;

/**
 * Claims that only these issuers give a key for; every other claim is never seen by a trust policy.
 * Source: AWS service authorization reference for STS, state 2026-09-26.
 */
export const ISSUER_KEYS: readonly IssuerKeys[] = [
  {
    issuer:
      /^(token\.actions\.githubusercontent\.com(\/[^/]+)?|token\.actions\.[^./]+\.ghe\.com|github\.com\/enterprises\/[^/]+)$/,
    claims: [
      "actor",
      "actor_id",
      "enterprise_id",
      "environment",
      "job_workflow_ref",
      "ref",
      "repository",
      "repository_id",
      "repository_owner_id",
      "workflow",
    ],
  },
  {
    // SaaS only: self-managed instances and GitLab Dedicated have the common keys alone.
    issuer: /^gitlab\.com$/,
    claims: [
      "namespace_id",
      "project_id",
      "user_id",
      "user_login",
      "user_email",
      "user_access_level",
      "ref_protected",
      "pipeline_source",
      "runner_environment",
    ],
  },
  {
    issuer: /^agent\.(buildkite\.com|[^./]+\.buildkite\.(dev|site))$/,
    claims: [
      "build_branch",
      "cluster_id",
      "cluster_name",
      "organization_id",
      "organization_slug",
      "pipeline_id",
      "pipeline_slug",
    ],
  },
  { issuer: /^oidc\.circleci\.com\/org\/[^/]+$/, claims: ["oidc.circleci.com/project-id"] },
  { issuer: /^accounts\.google\.com$/, claims: ["google/organization_number"] },
  { issuer: /^idcs-[^./]+\.identity\.oraclecloud\.com$/, claims: ["rpst_id"] },
];

/** The claims of an issuer that a trust policy can test, beside {@link COMMON_KEYS}. */
export function issuerClaims(providerUrl: string): readonly string[] {
  for (const { issuer, claims } of ISSUER_KEYS) if (issuer.test(providerUrl)) return claims;
  return [];
}

/** Says why a key can never hold a value for tokens of this provider, or null when it can. */
export function neverExposed(key: string, provider: Provider): string | null {
  const prefix = `${provider.url}:`.toLowerCase();
  const name = key.toLowerCase();
  if (name.startsWith("aws:") || name.startsWith("sts:")) return REQUEST_KEYS_NEVER.get(name) ?? null;
  if (!name.startsWith(prefix)) return `keys of this provider begin with ${provider.url}:`;
  const claim = name.slice(prefix.length);
  const known: readonly string[] = [...COMMON_KEYS, ...issuerClaims(provider.url)];
  return known.includes(claim) ? null : `AWS never exposes the claim ${claim} of ${provider.url}`;
}

const REQUEST_KEYS_NEVER = new Map([
  ["sts:externalid", "only AssumeRole has an external id"],
  ["sts:durationseconds", "this call has no such key; limit the role's maximum session duration"],
  ["aws:principalarn", "nobody signs this call, so it has no principal ARN"],
]);

/** The condition keys of an AssumeRoleWithWebIdentity request, as the trust policy sees them. */
export function requestContext(question: Question, provider: Provider, session: SessionClaims): Context {
  const { claims } = question.token;
  const own = issuerKeys(provider.url);
  let others: KeySource | null = null;
  // A policy asks for two or three keys of the issuer's twenty, and seldom for another: none is made before that.
  return new Context((name) => {
    const read = own.get(name);
    if (read) return read(claims, session);
    others ??= sourceOf(otherKeys(question, provider, session));
    return others(name);
  });
}

type Keys = (readonly [string, string | readonly string[]])[];

function otherKeys(question: Question, provider: Provider, session: SessionClaims): Keys {
  const keys: Keys = [];
  addGlobalKeys(keys, question.request, provider, question.now);
  addSessionKeys(keys, question, session);
  return keys;
}

type KeyReader = (claims: Claims, session: SessionClaims) => string | readonly string[] | null;

// An account has at most 100 providers, and each has many exchanges.
const MOST_KEPT = 100;
const kept = new Map<string, ReadonlyMap<string, KeyReader>>();

/** How the keys of a provider's tokens are read, by name in lower case. */
function issuerKeys(url: string): ReadonlyMap<string, KeyReader> {
  const known = kept.get(url);
  if (known) return known;
  const readers: [string, KeyReader][] = [
    ["aud", (_, session) => session.audience],
    ["sub", (_, session) => session.subject],
    ["amr", (claims) => multiValued(claims["amr"])],
    ["oaud", (claims) => multiValued(claims["aud"])],
    ...["email", ...issuerClaims(url)].map((claim): [string, KeyReader] => [
      claim,
      (claims) => scalar(lookUp(claims, claim)),
    ]),
  ];
  const keys = new Map(readers.map(([claim, read]) => [`${url}:${claim}`.toLowerCase(), read]));
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(url, keys);
  return keys;
}

function multiValued(value: Json | undefined): readonly string[] | null {
  if (value === undefined) return null;
  const list: readonly Json[] = Array.isArray(value) ? value : [value];
  return list.map(scalar).filter((one) => one !== null);
}

function addScalar(keys: Keys, key: string, value: Json | undefined): void {
  const text = scalar(value);
  if (text !== null) keys.push([key, text]);
}

// A claim's own name may hold slashes (CircleCI), so the plain name is tried first.
function lookUp(claims: Claims, name: string): Json | undefined {
  if (Object.hasOwn(claims, name)) return claims[name];
  const [outer = "", inner] = name.split("/");
  const holder = claims[outer];
  return inner !== undefined && isObject(holder) ? holder[inner] : undefined;
}

function scalar(value: Json | undefined): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

// Which global keys such a request has: measured by probing policies, 2026-09-11.
function addGlobalKeys(keys: Keys, request: AssumeRequest, provider: Provider, now: number): void {
  const account = request.roleArn.split(":")[4] ?? "";
  keys.push(
    ["aws:CurrentTime", new Date(now).toISOString()],
    ["aws:EpochTime", String(Math.floor(now / 1000))],
    ["aws:PrincipalAccount", account],
    ["aws:ResourceAccount", account],
    ["aws:PrincipalType", "User"],
    ["aws:PrincipalIsAWSService", "false"],
    ["aws:userid", provider.arn],
  );
  addScalar(keys, "aws:SourceIp", request.sourceIp);
  addScalar(keys, "aws:UserAgent", request.userAgent);
  addScalar(keys, "aws:RequestedRegion", request.region);
  addScalar(keys, "aws:SecureTransport", request.secureTransport);
}

function addSessionKeys(keys: Keys, { request, token }: Question, session: SessionClaims): void {
  const tags = Object.entries(session.tags);
  keys.push(
    ["sts:RoleSessionName", request.sessionName],
    ["sts:RoleAuthorizedByIdp", String(token.claims["https://aws.amazon.com/roles"] !== undefined)],
  );
  addScalar(keys, "sts:SourceIdentity", session.sourceIdentity);
  for (const [key, value] of tags) keys.push([`aws:RequestTag/${key}`, value]);
  if (tags.length > 0) keys.push(["aws:TagKeys", tags.map(([key]) => key)]);
  if (session.transitiveTagKeys.length > 0) keys.push(["sts:TransitiveTagKeys", session.transitiveTagKeys]);
}
