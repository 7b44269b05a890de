import fc from "fast-check";
import type { Json } from "../../../../../src/core/token.ts";
import { AUDIENCE, GITHUB, GITLAB, type Issuer, ISSUERS } from "./issuers.ts";

// Trust policies of octo/web, made of everything that people write, right and wrong.

const ACCOUNT = "123456789012";

export function providerArn(url: string): string {
  return `arn:aws:iam::${ACCOUNT}:oidc-provider/${url}`;
}

type Block = Readonly<Record<string, Readonly<Record<string, Json>>>>;

const OPERATORS: readonly (readonly [number, string])[] = [
  [6, "StringEquals"],
  [10, "StringLike"],
  [2, "StringEqualsIgnoreCase"],
  [2, "StringNotEquals"],
  [2, "StringNotLike"],
  [1, "StringNotEqualsIgnoreCase"],
  [1, "ArnLike"],
];
const PREFIXES: readonly (readonly [number, string])[] = [
  [8, ""],
  [2, "ForAllValues:"],
  [2, "ForAnyValue:"],
];
const SUFFIXES: readonly (readonly [number, string])[] = [
  [6, ""],
  [1, "IfExists"],
];

function weighted<Value>(choices: readonly (readonly [number, Value])[]): fc.Arbitrary<Value> {
  return fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

/** The value in so many of ten cases, else null. */
function inTen<Value>(cases: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.oneof({ weight: cases, arbitrary }, { weight: 10 - cases, arbitrary: fc.constant(null) });
}

const operator = fc.tuple(weighted(PREFIXES), weighted(OPERATORS), weighted(SUFFIXES)).map((parts) => parts.join(""));

// Subjects, in pieces: each piece right, open, or misspelt.
const LEADS = ["repo:", "repo:", "repo:", "repo*:", "?epo:", "Repo:", "*:", "r*"];
const GITLAB_LEADS = ["project_path:", "project_path:", "project_path:", "project_*:", "*:", "p*"];
const TENANTS = ["octo", "octo", "octo", "octo*", "*octo", "o?to", "*", "octo@7", "octo@*", "*cto", "Octo"];
const PROJECTS = ["web", "web", "web", "we*", "*", "web@9", "web@*", "*eb", "w?b", "web*", "*/web", "web*x"];
const GITHUB_TAILS = [
  ":ref:refs/heads/main",
  ":ref:refs/heads/main",
  ":environment:prod",
  ":pull_request",
  ":*",
  "*",
  ":ref:refs/heads/*",
  ":ref:refs/heads/main*",
  ":ref:refs/heads/release/*",
  ":ref:*main",
  ":*main",
  ":*:main",
  ":*/main*",
  ":environment:*",
  ":environment:prod*",
  ":ref:refs/tags/v*",
  ":ref:refs/tags/*",
  ":ref:main",
  ":????????????????",
  ":*e*",
  "",
];
const GITLAB_TAILS = [
  ":ref_type:branch:ref:main",
  ":ref_type:branch:ref:main",
  ":ref_type:branch:ref:*",
  ":ref_type:branch:ref:release/*",
  ":ref_type:branch:ref:m*n",
  ":ref_type:*:ref:main",
  ":ref_type:tag:ref:v*",
  ":*:main",
  ":*",
  "*",
  "",
];
const BUILDKITE_TAILS = [
  ":ref:refs/heads/main:commit:abc:step:build",
  ":ref:refs/heads/main:*",
  ":ref:refs/heads/main*",
  ":ref:refs/heads/*",
  ":*",
  "*",
  ":*:step:build",
];
const TERRAFORM_TAILS = [
  ":workspace:prod:run_phase:apply",
  ":workspace:prod:run_phase:*",
  ":workspace:*:run_phase:apply",
  ":workspace:prod:*",
  ":*",
  "*",
];

function pieces(...parts: readonly (readonly string[])[]): fc.Arbitrary<string> {
  return fc.tuple(...parts.map((part) => fc.constantFrom(...part))).map((all) => all.join(""));
}

const STRAY = ["*", "", "**", "?*", "repo:*", "project_path:*", "organization:*", "repo:octo/*", "project_path:octo/*"];

function subjectsOf({ url }: Issuer): fc.Arbitrary<string> {
  const own = `\${${url}:sub}`;
  const stray = fc.constantFrom(...STRAY, own, "repo:${aws:userid}/*", "environment:prod", "workflow:deploy");
  const formed = formedFor(url);
  return fc.oneof({ weight: 12, arbitrary: formed }, { weight: 1, arbitrary: stray });
}

function formedFor(url: string): fc.Arbitrary<string> {
  if (url === "agent.buildkite.com")
    return pieces(
      ["organization:"],
      ["octo", "octo", "octo*", "*"],
      [":pipeline:"],
      ["web", "web", "*", "we*"],
      BUILDKITE_TAILS,
    );
  if (url === "app.terraform.io")
    return pieces(
      ["organization:"],
      ["octo", "octo", "octo*", "*"],
      [":project:"],
      ["web", "web", "*", "we*"],
      TERRAFORM_TAILS,
    );
  return url.startsWith("gitlab")
    ? pieces(GITLAB_LEADS, TENANTS, ["/"], PROJECTS, GITLAB_TAILS)
    : pieces(LEADS, TENANTS, ["/"], PROJECTS, GITHUB_TAILS);
}

/** Conditions beside subject and audience: operator, key without the issuer, value. */
const OTHERS: Readonly<Record<string, readonly (readonly [string, Json])[]>> = {
  [GITHUB]: [
    ["repository_owner_id", "7"],
    ["repository_owner_id", 7],
    ["repository_id", ["9", "10"]],
    ["repository", "octo/web"],
    ["repository", "octo/*"],
    ["environment", "prod"],
    ["ref", "refs/heads/main"],
    ["ref", "refs/heads/*"],
    ["job_workflow_ref", "octo/flows/.github/workflows/deploy.yml@refs/heads/main"],
    ["job_workflow_ref", "octo/flows/.github/workflows/deploy.yml@*"],
    ["job_workflow_ref", "octo/*"],
    ["actor", "alice"],
    ["workflow", "CI"],
    ["event_name", "push"],
    ["iss", `https://${GITHUB}`],
  ],
  [GITLAB]: [
    ["namespace_id", "7"],
    ["project_id", 9],
    ["ref_protected", true],
    ["ref_protected", "true"],
    ["pipeline_source", "push"],
    ["environment", "prod"],
    ["project_path", "octo/web"],
  ],
  "agent.buildkite.com": [
    ["organization_slug", "octo"],
    ["pipeline_slug", "web"],
    ["build_branch", "main"],
    ["build_branch", "ma*"],
  ],
};
const ANYWHERE: readonly (readonly [string, Json])[] = [
  ["email", "ci@example.com"],
  ["amr", ["authenticated"]],
];

const NUMERIC = ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericEqualsIfExists"];
const TRUTH = ["Bool", "BoolIfExists", "Null"];

function otherOperator(value: Json): fc.Arbitrary<string> {
  if (typeof value === "number") return fc.oneof(fc.constantFrom(...NUMERIC), operator);
  if (value === true || value === "true") return fc.oneof(fc.constantFrom(...TRUTH), operator);
  return fc.oneof({ weight: 10, arbitrary: operator }, { weight: 1, arbitrary: fc.constant("Null") });
}

/** Conditions on the request, which every real request meets, and some that none does. */
const REQUEST: readonly Block[] = [
  { Bool: { "aws:SecureTransport": "true" } },
  { BoolIfExists: { "aws:SecureTransport": "true" } },
  { Bool: { "aws:SecureTransport": "false" } },
  { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
  { NotIpAddress: { "aws:SourceIp": "198.51.100.0/24" } },
  { DateGreaterThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } },
  { DateLessThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } },
  { StringEquals: { "aws:RequestedRegion": "us-east-1" } },
  { StringEquals: { "sts:RoleSessionName": "deploy" } },
  { StringLike: { "sts:RoleSessionName": "ci-*" } },
  { StringEquals: { "sts:ExternalId": "x" } },
  { Null: { "aws:TagKeys": "true" } },
];

/** A key's prefix as people misspell it; the last one is the right name in another case. */
function prefixes(url: string): fc.Arbitrary<string> {
  const likeIt = url.replace("user", "user.");
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant(url) },
    { weight: 1, arbitrary: fc.constantFrom(`${likeIt}.example.com`, `https://${url}`, url.toUpperCase()) },
  );
}

function conditionsOf(issuer: Issuer): fc.Arbitrary<Block> {
  const { url } = issuer;
  const subject = fc.tuple(operator, fc.uniqueArray(subjectsOf(issuer), { minLength: 1, maxLength: 3 }));
  const second = fc.tuple(operator, fc.uniqueArray(subjectsOf(issuer), { minLength: 1, maxLength: 1 }));
  const audience = fc.constantFrom<readonly [string, Json]>(
    ["StringEquals", AUDIENCE],
    ["StringEquals", AUDIENCE],
    ["StringEquals", [AUDIENCE]],
    ["StringLike", "*"],
    ["StringLike", "sts.*"],
    ["ForAllValues:StringEquals", AUDIENCE],
    ["StringEqualsIfExists", AUDIENCE],
    ["StringNotEquals", "somebody-else"],
  );
  const other = fc
    .constantFrom(...(OTHERS[url] ?? ANYWHERE), ...(OTHERS[url] ?? ANYWHERE), ...ANYWHERE)
    .chain(([claim, value]) => fc.tuple(otherOperator(value), fc.constant(claim), fc.constant(value)));
  return fc
    .tuple(
      inTen(9, subject),
      inTen(2, second),
      inTen(8, audience),
      inTen(5, other),
      inTen(2, other),
      inTen(2, fc.constantFrom(...REQUEST)),
      prefixes(url),
    )
    .map(([sub, again, aud, more, evenMore, request, prefix]) => {
      const block: Record<string, Record<string, Json>> = {};
      const put = (name: string, key: string, value: Json): void => {
        (block[name] ??= {})[key] = value;
      };
      if (sub) put(sub[0], `${prefix}:sub`, sub[1]);
      if (again) put(again[0], `${url}:sub`, again[1]);
      if (aud) put(aud[0], `${url}:aud`, aud[1]);
      for (const one of [more, evenMore]) if (one) put(one[0], `${url}:${one[1]}`, one[2]);
      for (const [name, keys] of Object.entries(request ?? {}))
        for (const [key, value] of Object.entries(keys)) put(name, key, value);
      return block;
    });
}

const EXCHANGE = "sts:AssumeRoleWithWebIdentity";
const ACTIONS: readonly (readonly [number, { readonly [name: string]: Json }])[] = [
  [20, { Action: EXCHANGE }],
  [2, { Action: [EXCHANGE, "sts:TagSession"] }],
  [1, { Action: "sts:assumerolewithwebidentity" }],
  [1, { Action: "sts:AssumeRoleWith*" }],
  [1, { Action: "sts:*" }],
  [1, { Action: "sts:AssumeRole" }],
  [1, { NotAction: "sts:AssumeRole" }],
];

/** One Allow for an issuer, or for two of them with the conditions of one. */
function allowFor(issuer: Issuer): fc.Arbitrary<Json> {
  const own = providerArn(issuer.url);
  const others = ISSUERS.filter(({ url }) => url !== issuer.url).map(({ url }) => providerArn(url));
  const principal = fc.oneof(
    { weight: 12, arbitrary: fc.constant<Json>({ Federated: own }) },
    { weight: 1, arbitrary: fc.constantFrom(...others).map<Json>((other) => ({ Federated: [own, other] })) },
    { weight: 1, arbitrary: fc.constant<Json>({ Federated: own, Service: "ec2.amazonaws.com" }) },
  );
  return fc
    .tuple(principal, conditionsOf(issuer), weighted(ACTIONS))
    .map(([Principal, Condition, action]) => ({ Effect: "Allow", Principal, Condition, ...action }));
}

/** A Deny of any kind, also one by NotPrincipal, and of another action. */
function denyFor(issuer: Issuer): fc.Arbitrary<Json> {
  const own = providerArn(issuer.url);
  const principal = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Json>({ Principal: { Federated: own } }) },
    { weight: 1, arbitrary: fc.constant<Json>({ Principal: "*" }) },
    { weight: 1, arbitrary: fc.constant<Json>({ NotPrincipal: { Federated: own } }) },
  );
  return fc
    .tuple(principal, conditionsOf(issuer), weighted(ACTIONS))
    .map(([who, Condition, action]) => ({ Effect: "Deny", ...(who as object), Condition, ...action }));
}

const STRANGE: readonly Json[] = [
  { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
  { Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" },
  { Effect: "Allow", NotPrincipal: { Federated: providerArn(GITHUB) }, Action: EXCHANGE },
];

/** A trust policy of an account. */
export interface Generated {
  readonly document: Json;
  /** Of each of its providers; null where they are not known. */
  readonly audiences: readonly string[] | null;
}

const VERSIONS = ["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"];

export const generated: fc.Arbitrary<Generated> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...ISSUERS.slice(0, 2)) },
      { weight: 2, arbitrary: fc.constantFrom(...ISSUERS) },
    ),
    fc.constantFrom(...ISSUERS),
  )
  .chain(([main, second]) =>
    fc
      .tuple(
        fc.array(allowFor(main), { minLength: 1, maxLength: 2 }),
        inTen(2, allowFor(second)),
        inTen(2, denyFor(main)),
        inTen(1, fc.constantFrom(...STRANGE)),
        fc.constantFrom(...VERSIONS),
        fc.constantFrom<readonly string[] | null>(null, [AUDIENCE], [AUDIENCE, "another-client"]),
      )
      .map(([allows, more, deny, strange, version, audiences]) => ({
        document: {
          Version: version,
          Statement: [...allows, ...[more, deny, strange].flatMap((one) => (one === null ? [] : [one]))],
        },
        audiences,
      })),
  );
