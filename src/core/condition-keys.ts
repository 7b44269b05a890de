import { Context } from "./conditions.ts";
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
  return ISSUER_KEYS.find(({ issuer }) => issuer.test(providerUrl))?.claims ?? [];
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
  return new Context([
    ...issuerKeys(question.token.claims, provider, session),
    ...globalKeys(question.request, provider, question.now),
    ...sessionKeys(question, session),
  ]);
}

type Keys = (readonly [string, string | readonly string[]])[];

function issuerKeys(claims: Claims, provider: Provider, session: SessionClaims): Keys {
  const prefix = `${provider.url}:`;
  const scalars = ["email", ...issuerClaims(provider.url)].flatMap((claim): Keys => {
    const value = scalar(lookUp(claims, claim));
    return value === null ? [] : [[prefix + claim, value]];
  });
  return [
    [`${prefix}aud`, session.audience],
    [`${prefix}sub`, session.subject],
    ...multiValued(`${prefix}amr`, claims["amr"]),
    ...multiValued(`${prefix}oaud`, claims["aud"]),
    ...scalars,
  ];
}

function multiValued(key: string, value: Json | undefined): Keys {
  const list: readonly Json[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.length === 0 && value === undefined ? [] : [[key, list.flatMap((one) => scalar(one) ?? [])]];
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
function globalKeys(request: AssumeRequest, provider: Provider, now: number): Keys {
  const account = request.roleArn.split(":")[4] ?? "";
  return [
    ["aws:CurrentTime", new Date(now).toISOString()],
    ["aws:EpochTime", String(Math.floor(now / 1000))],
    ["aws:PrincipalAccount", account],
    ["aws:ResourceAccount", account],
    ["aws:PrincipalType", "User"],
    ["aws:PrincipalIsAWSService", "false"],
    ["aws:userid", provider.arn],
    ...present("aws:SourceIp", request.sourceIp),
    ...present("aws:UserAgent", request.userAgent),
    ...present("aws:RequestedRegion", request.region),
    ...present(
      "aws:SecureTransport",
      request.secureTransport === undefined ? undefined : String(request.secureTransport),
    ),
  ];
}

function present(key: string, value: string | undefined): Keys {
  return value === undefined ? [] : [[key, value]];
}

function sessionKeys({ request, token }: Question, session: SessionClaims): Keys {
  const tags = Object.entries(session.tags);
  return [
    ["sts:RoleSessionName", request.sessionName],
    ["sts:RoleAuthorizedByIdp", String(token.claims["https://aws.amazon.com/roles"] !== undefined)],
    ...present("sts:SourceIdentity", session.sourceIdentity ?? undefined),
    ...tags.map(([key, value]): Keys[number] => [`aws:RequestTag/${key}`, value]),
    ...(tags.length > 0 ? ([["aws:TagKeys", tags.map(([key]) => key)]] as Keys) : []),
    ...(session.transitiveTagKeys.length > 0 ? ([["sts:TransitiveTagKeys", session.transitiveTagKeys]] as Keys) : []),
  ];
}
