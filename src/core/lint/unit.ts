import { issuerName, readRoleArn } from "../arn.ts";
import { COMMON_KEYS, issuerClaims } from "../condition-keys.ts";
import type { Provider } from "../decide.ts";
import { type OperatorName, readOperator } from "../operators.ts";
import type { Condition, Policy, Statement } from "../policy.ts";
import type { LintContext, LintRole } from "./finding.ts";
import { type ProbeRequest, requestFor } from "./request.ts";
import { isShared, otherShapes, shapeOf } from "./shapes.ts";
import type { Shape } from "./shapes/shape.ts";
import { alone } from "./trial.ts";
import { fill, isPattern } from "./wildcards.ts";

/** One Allow statement and one of its OIDC providers: what is judged at a time. */
export interface Unit {
  readonly role: LintRole;
  readonly roleArn: string;
  /** Index of the statement in the trust policy. */
  readonly index: number;
  readonly statement: Statement;
  /** The statement alone with every Deny. */
  readonly policy: Policy;
  readonly provider: Provider;
  /** The provider is in the account, or not all of the account's were read. */
  readonly providerExists: boolean;
  /** The provider's audiences are known. */
  readonly audiencesKnown: boolean;
  readonly shape: Shape;
  /** Of an issuer of one's own, others that the policy's subjects may be of. */
  readonly otherShapes: readonly Shape[];
  readonly shared: boolean;
  /** Of the statement, those on claims that AWS exposes for this provider, and on the session's name. */
  readonly tests: readonly Test[];
  /** Of every Deny, those that it does not hit: `Deny` with `StringNotEquals` is for everybody else. */
  readonly spared: readonly Test[];
  /** Of every Deny, those on what it hits. */
  readonly denied: readonly Test[];
  readonly now: number;
  /** How every probe of the statement is sent. */
  readonly request: ProbeRequest;
}

/** A condition on a claim. */
export interface Test {
  readonly condition: Condition;
  readonly operator: OperatorName;
  /** The claim: `sub`, `repository_id`; `sts:RoleSessionName` as it is. */
  readonly claim: string;
}

const OIDC = /^arn:[a-z-]+:iam::\d{12}:oidc-provider\/(.+)$/;
/** Issuers that IAM knows without a provider of the account. */
const BUILT_IN = ["cognito-identity.amazonaws.com", "accounts.google.com"];

/** The URL of the OIDC provider that a principal is, or null. */
export function providerUrl(principal: string): string | null {
  return OIDC.exec(principal)?.[1] ?? (BUILT_IN.includes(principal) ? principal : null);
}

/** Every Allow statement of a role with every OIDC provider that it names. */
export function unitsOf(role: LintRole, context: LintContext): readonly Unit[] {
  return role.trust.statements.flatMap((statement, index) => {
    if (statement.effect !== "Allow") return [];
    return (statement.principals?.["Federated"] ?? []).flatMap((principal) => {
      const url = providerUrl(principal);
      return url === null ? [] : [unitOf({ role, context, statement, index, principal, url })];
    });
  });
}

interface Place {
  readonly role: LintRole;
  readonly context: LintContext;
  readonly statement: Statement;
  readonly index: number;
  readonly principal: string;
  readonly url: string;
}

function unitOf({ role, context, statement, index, principal, url }: Place): Unit {
  const tests = testsOf([statement], url);
  const real = BUILT_IN.includes(principal) ? undefined : context.providers.find(({ arn }) => arn === principal);
  const audiencesKnown = real !== undefined;
  const denials = testsOf(
    role.trust.statements.filter(({ effect }) => effect === "Deny"),
    url,
  );
  const wanted = wantedValues(tests, "sub").filter((value) => !value.includes("${"));
  const subjects = [...wanted, ...valuesOf(tests, "sub"), ...valuesOf(denials, "sub")];
  // What the statement itself does not tell, others of the same provider may.
  const told = wanted.length > 0 ? wanted : [...subjects, ...valuesOf(testsOf(role.trust.statements, url), "sub")];
  const shape = shapeOf(url, subjects);
  const account = principal.split(":")[4] || "123456789012";
  return {
    role,
    roleArn: readRoleArn(role.resource)?.arn ?? `arn:aws:iam::${account}:role/the-role`,
    index,
    statement,
    policy: alone(role.trust, statement),
    provider: real ?? { arn: principal, url, audiences: assumedAudiences(principal, tests), thumbprints: [] },
    providerExists: !context.allProviders || audiencesKnown || BUILT_IN.includes(principal),
    audiencesKnown,
    shape: withNames(shape, tests),
    otherShapes: otherShapes(url, shape, told, wanted.length > 0),
    shared: isShared(url),
    tests,
    spared: denials.filter(isNegated),
    denied: denials.filter((test) => !isNegated(test)),
    now: context.now,
    request: requestFor(statement),
  };
}

/** The same shape, with the names that claims beside the subject are tested for: of an open subject those were meant. */
function withNames(shape: Shape, tests: readonly Test[]): Shape {
  const named = (claim: string): readonly string[] =>
    wantedValues(tests, claim).filter((value) => !value.includes("${"));
  const [owner, name] = named("repository")[0]?.split("/") ?? [];
  const [tenant = owner] = named("organization_slug");
  const [project = name] = named("pipeline_slug");
  const { sample } = shape;
  const isName = (text: string | undefined): text is string => text !== undefined && text !== "" && !isPattern(text);
  if (!isName(tenant) && !isName(project)) return shape;
  return {
    ...shape,
    sample: {
      ...sample,
      tenant: isName(tenant) ? tenant : sample.tenant,
      project: isName(project) ? project : sample.project,
    },
  };
}

/** Stands for any other audience of a provider that was not read. */
export const OTHER_AUDIENCE = "https://rolecall-probe.example";

/** What people register for AWS. */
export const USUAL_AUDIENCE = "sts.amazonaws.com";

/** An application or identity pool of somebody else; issuers that IAM knows by itself have no list that would keep it out. */
export const OTHER_CLIENT = "rolecall-other-client";

function assumedAudiences(principal: string, tests: readonly Test[]): readonly string[] {
  const tested = wantedValues(tests, "aud").filter((value) => !value.includes("${"));
  const isTested = tests.some(({ claim, operator }) => claim === "aud" && operator.kind === "compare");
  // Of an audience that only must not be another one, the usual one was meant.
  const meant = tested.length === 0 && isTested ? [USUAL_AUDIENCE] : tested.map((value) => fill(value, USUAL_AUDIENCE));
  return [...new Set([...meant, OTHER_AUDIENCE, ...(BUILT_IN.includes(principal) ? [OTHER_CLIENT] : [])])];
}

function testsOf(statements: readonly Statement[], url: string): readonly Test[] {
  const prefix = `${issuerName(url)}:`.toLowerCase();
  const exposed: readonly string[] = [...COMMON_KEYS, ...issuerClaims(url)];
  return statements
    .flatMap(({ conditions }) => conditions)
    .flatMap((condition) => {
      const operator = readOperator(condition.operator);
      if (!operator) return [];
      const key = condition.key.toLowerCase();
      if (key === "sts:rolesessionname") return [{ condition, operator, claim: "sts:RoleSessionName" }];
      if (!key.startsWith(prefix)) return [];
      const claim = exposed.find((one) => one.toLowerCase() === key.slice(prefix.length));
      return claim === undefined ? [] : [{ condition, operator, claim }];
    });
}

/** The values that conditions on a claim have, whatever their operator. */
export function valuesOf(tests: readonly Test[], claim: string): readonly string[] {
  return tests.flatMap((test) =>
    test.claim === claim && test.operator.kind === "compare" ? test.condition.values : [],
  );
}

/** The values that a claim must be one of; none where it may be anything. */
export function wantedValues(tests: readonly Test[], claim: string): readonly string[] {
  return tests.flatMap(({ claim: own, operator, condition }) =>
    own === claim && operator.kind === "compare" && !operator.operator.negated ? condition.values : [],
  );
}

/** A condition that is true of what its values do not match. */
export function isNegated({ operator }: Test): boolean {
  return operator.kind === "compare" && operator.operator.negated;
}

/** With a star for each policy variable: what it will be is not known here. */
export function withOpenVariables(value: string): string {
  return value.replaceAll(/\$\{[^}]*\}/g, "*");
}

/** Whether a condition was written with an operator that is true of a claim that is not there, negation apart. */
export function mayBeAbsent({ operator }: Test): boolean {
  return operator.kind === "compare" && (operator.ifExists || operator.set === "ForAllValues");
}
