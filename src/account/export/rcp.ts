import { issuerName } from "../../core/arn.ts";
import { RolecallError } from "../../core/errors.ts";
import type { Desired, DesiredRole } from "../desired.ts";
import type { Exported, Model } from "./model.ts";
import { Names, pascal } from "./names.ts";

/** Source: AWS Organizations user guide, quotas: 5,120 bytes for a policy of this type, white space included. */
const RCP_QUOTA = 5120;

interface TenantShape {
  /** Name of a provider as in its ARN. */
  readonly issuer: RegExp;
  /** The part of a subject that says whose it is. */
  readonly tenant: RegExp;
  /** The patterns of subjects of that tenant. */
  readonly patterns: (tenant: string, role: DesiredRole) => readonly string[];
}

/**
 * Issuers that serve many customers, and where in their subjects the customer ends. Source: AWS's example
 * (aws-samples/resource-control-policy-examples, Shared-Issuers.json); GitHub's form with ids from GitHub's docs,
 * immutable subjects: no owner's name has an `@`.
 */
const TENANT_SHAPES: readonly TenantShape[] = [
  { issuer: /^gitlab\.com$/, tenant: /^project_path:[^/:*?]+\//, patterns: (tenant) => [`${tenant}*`] },
  {
    issuer: /^token\.actions\.githubusercontent\.com(\/[^/]+)?$/,
    tenant: /^repo:[^/@:*?]+(?=[/@])/,
    patterns: (tenant, role) => [`${tenant}/*`, ...ownerIds(role).map((id) => `${tenant}@${id}/*`)],
  },
  { issuer: /^agent\.buildkite\.com$/, tenant: /^organization:[^:*?]+:/, patterns: (tenant) => [`${tenant}*`] },
  { issuer: /^app\.terraform\.io$/, tenant: /^organization:[^:*?]+:/, patterns: (tenant) => [`${tenant}*`] },
  { issuer: /^oidc\.codefresh\.io$/, tenant: /^account:[^:*?]+:/, patterns: (tenant) => [`${tenant}*`] },
  { issuer: /^oidc\.vercel\.com$/, tenant: /^owner:[^:*?]+:/, patterns: (tenant) => [`${tenant}*`] },
];

/** Any id will do where the file tells none: the name before it is the owner's. */
function ownerIds({ source }: DesiredRole): readonly string[] {
  const known = source.allow.map(
    ({ ids, project }) => ids?.["repository_owner_id"] ?? /^[^/@]+@(\d+)\//.exec(project)?.[1],
  );
  return [...new Set(known.map((id) => id ?? "*"))];
}

type Statement = {
  readonly Sid: string;
  readonly Effect: "Deny";
  readonly Principal: "*";
  readonly Action: "sts:AssumeRoleWithWebIdentity";
  readonly Resource: "*";
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

const DENY = { Effect: "Deny", Principal: "*", Action: "sts:AssumeRoleWithWebIdentity", Resource: "*" } as const;

/**
 * A resource control policy by which no role of the organization can be taken with a token of a shared issuer that
 * is somebody else's, whatever its trust policy says.
 *
 * @param noOtherIssuers also denies tokens of issuers that the file does not name
 * @throws RolecallError `config` when there is nothing to pin, a subject does not say whose it is, or the policy is
 *   longer than Organizations takes
 */
export function exportRcp(model: Model, { noOtherIssuers }: { readonly noOtherIssuers: boolean }): Exported {
  const { desired } = model;
  const names = new Names(pascal);
  const shared = desired.providers.filter(({ url }) => shapeOf(url));
  const alone = desired.providers.filter(({ url }) => !shapeOf(url)).map(({ url }) => url);
  if (shared.length === 0 && !noOtherIssuers) throw nothingToPin(alone);
  const statements = [
    ...shared.map(({ url }) => tenantStatement(names, url, tenantsOf(desired, url))),
    ...(noOtherIssuers ? [otherIssuers(desired)] : []),
  ];
  return {
    files: [{ name: "rolecall-rcp.json", text: render({ Version: "2012-10-17", Statement: statements }) }],
    notes: [
      "attach it to an OU or the root: it holds for member accounts; no such policy holds for the management account",
      "aws organizations create-policy --type RESOURCE_CONTROL_POLICY --name rolecall --description '' --content file://rolecall-rcp.json",
      "try it on an account of its own first: a token that it denies gets AccessDenied and no reason, in every role",
      ...alone.map((url) => `${url} serves nobody else, so there is no tenant to pin`),
      ...(noOtherIssuers ? ["it also denies clusters, Cognito and whatever else brings tokens of other issuers"] : []),
    ],
  };
}

function shapeOf(url: string): TenantShape | undefined {
  return TENANT_SHAPES.find(({ issuer }) => issuer.test(issuerName(url)));
}

/** The patterns of every tenant that a role of the file trusts. */
function tenantsOf({ roles }: Desired, url: string): readonly string[] {
  const key = `${issuerName(url)}:sub`;
  const patterns = roles
    .filter(({ source }) => source.issuer === url)
    .flatMap((role) => subjectsOf(role, key).flatMap((subject) => patternsOf(role, url, subject)));
  const all = [...new Set(patterns)];
  // An id that is told says nothing where any is allowed.
  return all.filter((one) => {
    const anyId = one.replace(/@\d+\/\*$/, "@*/*");
    return anyId === one || !all.includes(anyId);
  });
}

function subjectsOf({ trust }: DesiredRole, key: string): readonly string[] {
  return trust.Statement.flatMap(({ Condition }) => Object.values(Condition).flatMap((block) => block[key] ?? []));
}

function patternsOf(role: DesiredRole, url: string, subject: string): readonly string[] {
  const shape = shapeOf(url);
  const tenant = shape?.tenant.exec(subject)?.[0];
  if (shape && tenant !== undefined) return shape.patterns(tenant, role);
  throw new RolecallError(
    "config",
    `roles.${role.source.role}: expected subjects of ${issuerName(url)} that begin with their tenant, got ${subject}`,
    { hints: ["name the group or organization in allow: project: acme/shop"] },
  );
}

/** IfExists, since the key is there whenever `Null` is false; so AWS's own example has it. */
function tenantStatement(names: Names, url: string, tenants: readonly string[]): Statement {
  const key = `${issuerName(url)}:sub`;
  return {
    Sid: names.take("Tenant", ...issuerName(url).split(".")),
    ...DENY,
    Condition: { StringNotLikeIfExists: { [key]: tenants }, Null: { [key]: "false" } },
  };
}

function otherIssuers({ providers }: Desired): Statement {
  const keys = providers.map(({ url }) => [`${issuerName(url)}:sub`, "true"] as const);
  return { Sid: "NoOtherIssuers", ...DENY, Condition: { Null: Object.fromEntries(keys) } };
}

function nothingToPin(issuers: readonly string[]): RolecallError {
  return new RolecallError(
    "config",
    `expected a role for an issuer that serves many customers, such as gitlab.com, got ${issuers.join(", ") || "no role"}`,
    { hints: ["rolecall export rcp --no-other-issuers denies tokens of every other issuer"] },
  );
}

/** Without white space where it does not fit otherwise. */
function render(policy: { readonly Version: string; readonly Statement: readonly Statement[] }): string {
  const pretty = `${JSON.stringify(policy, null, 2)}\n`;
  if (Buffer.byteLength(pretty) <= RCP_QUOTA) return pretty;
  const short = JSON.stringify(policy);
  const size = Buffer.byteLength(short);
  if (size <= RCP_QUOTA) return short;
  throw new RolecallError("config", `expected a policy of at most ${RCP_QUOTA} bytes, got ${size}`, {
    hints: ["make two files of the roles, and attach two policies; each then pins the issuers of its own"],
  });
}
