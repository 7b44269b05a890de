import { stringify } from "yaml";
import { parseConfig } from "../account/config.ts";
import { desiredState } from "../account/desired.ts";
import { CIS } from "../ci/index.ts";
import type { Ci, Scope } from "../ci/ci.ts";
import { issuerName, readRoleArn } from "../core/arn.ts";
import { isRolecallError } from "../core/errors.ts";
import type { LintContext, LintRole } from "../core/lint/finding.ts";
import { type Unit, unitsOf, valuesOf } from "../core/lint/unit.ts";
import type { Condition, Policy } from "../core/policy.ts";
import { readPolicy } from "../core/policy.ts";
import type { Json } from "../core/token.ts";
import { policyDocument } from "../doctor/lint-policy-edit.ts";
import { scopeWords } from "../ci/scope-words.ts";

/**
 * Roles as a rolecall.yaml, as far as one can say them: each entry is written only when `apply` would make just the
 * trust policy that the role has. Null where there is none.
 */
export function configOfRoles(roles: readonly LintRole[], context: LintContext): string | null {
  const entries = roles.flatMap((role) => entryOf(role, context) ?? []);
  return entries.length === 0 ? null : `${HEAD}${entries.join("")}`;
}

const HEAD = `# Roles of an audit whose trust policies rolecall.yaml can say, narrowed where that needed no more knowledge.
# rolecall plan --adopt shows what would change. Descriptions and tags are not in here.
version: 1
roles:
`;

function entryOf(role: LintRole, context: LintContext): string | null {
  const arn = readRoleArn(role.resource);
  const units = unitsOf(role, context);
  const [first] = units;
  const { permissions, maxSessionDuration: seconds } = role;
  // What is not known would be taken away by apply.
  if (!arn || !first || permissions?.boundary !== null || units.length !== role.trust.statements.length) return null;
  const ci = CIS.find(({ issuer }) => issuer !== null && issuerName(issuer) === first.provider.url);
  const audiences = [...new Set(units.flatMap(({ tests }) => valuesOf(tests, "aud")))];
  const [audience] = audiences;
  if (!ci || audience === undefined || audiences.length > 1) return null;
  const scopes = units.flatMap((unit) => valuesOf(unit.tests, "sub").map((sub) => scopesOf(ci, unit, sub, audience)));
  for (const choice of [0, 1, 2]) {
    const allow = scopes.flatMap((forms) => forms[Math.min(choice, forms.length - 1)] ?? []);
    if (allow.length < scopes.length || allow.length === 0) continue;
    const entry = render({ name: arn.name, path: arn.path, ci, audience, allow, permissions, seconds });
    if (entry !== null && makes(entry, role)) return entry;
  }
  return null;
}

/** Ways to say a subject; which of them makes the same policy is tried. */
function scopesOf(ci: Ci, unit: Unit, sub: string, aud: string): readonly Scope[] {
  const claims = { iss: ci.issuer ?? "", sub, aud };
  const scope = ci.scopeOf(claims);
  if (!scope) return [];
  const ids = Object.fromEntries(
    unit.tests.flatMap(({ claim, condition }) =>
      Object.values(ci.words).some((word) => word.means === "id" && word.claim === claim)
        ? [[claim, condition.values[0] ?? ""]]
        : [],
    ),
  );
  const known = Object.keys(ids).length > 0 ? { ...scope, ids } : scope;
  return [known, { ...known, immutable: false }, { ...known, immutable: true }];
}

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly ci: Ci;
  readonly audience: string;
  readonly allow: readonly Scope[];
  readonly permissions: NonNullable<LintRole["permissions"]>;
  readonly seconds: number | null;
}

function render({ name, path, ci, audience, allow, permissions, seconds }: Entry): string | null {
  const words = allow.map((scope) => scopeWords(ci, scope));
  if (words.some((one) => one === null)) return null;
  const { attached = [], inline = [] } = permissions;
  const held: readonly Json[] = [...attached, ...inline.map(policyDocument)];
  const lines = [
    `  ${JSON.stringify(name)}:`,
    `    ci: ${ci.id}`,
    `    audience: ${JSON.stringify(audience)}`,
    ...(path === "/" ? [] : [`    path: ${JSON.stringify(path)}`]),
    ...(seconds === null || seconds === 3600 ? [] : [`    max_session: ${seconds}`]),
    "    allow:",
    ...[...new Set(words)].map((word) => `      - ${word ?? ""}`),
    ...(held.length === 0 ? [] : ["    permissions:", ...indented(stringify(held, { lineWidth: 0 }))]),
    "",
  ];
  return lines.join("\n");
}

function indented(text: string): readonly string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `      ${line}`);
}

/** Whether `apply` would make the same trust policy of it, but for names and the order of statements. */
function makes(entry: string, role: LintRole): boolean {
  const arn = readRoleArn(role.resource);
  if (!arn) return false;
  try {
    const config = parseConfig(`version: 1\nroles:\n${entry}`, "rolecall.yaml");
    const { roles } = desiredState(config, { account: arn.account, partition: arn.partition });
    const [made] = roles;
    const reading = readPolicy(JSON.stringify(made?.trust ?? null));
    return (
      roles.length === 1 && made?.arn === role.resource && reading.kind === "policy" && same(reading.policy, role.trust)
    );
  } catch (error) {
    if (isRolecallError(error)) return false;
    throw error;
  }
}

function same(left: Policy, right: Policy): boolean {
  return grantsOf(left).join("\n") === grantsOf(right).join("\n");
}

/** Each statement once for each of its subjects: how they are spread over statements makes no difference. */
function grantsOf({ statements }: Policy): readonly string[] {
  const grants = statements.flatMap((statement) => {
    const { effect, principals, notPrincipals, actions, notActions, conditions } = statement;
    const subject = conditions.find(({ key }) => key.endsWith(":sub"));
    const others = conditions.filter((one) => one !== subject).map(plain);
    const about = [effect, principals, notPrincipals, actions, notActions, others.toSorted()];
    return (subject?.values ?? [""]).map((sub) =>
      JSON.stringify([about, subject && plain({ ...subject, values: [sub] })]),
    );
  });
  return [...new Set(grants)].toSorted();
}

/** An operator that compares letter by letter is another only where there is a wildcard. */
function plain({ operator, key, values }: Condition): string {
  const isExact = values.every((value) => !/[*?]/.test(value));
  const own = isExact && operator === "StringLike" ? "StringEquals" : operator;
  return JSON.stringify([own, key.toLowerCase(), values.toSorted()]);
}
