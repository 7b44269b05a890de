import { readOperator } from "../core/operators.ts";
import { readIdentityPolicy, STATEMENT_ELEMENTS } from "../core/policy.ts";
import { isObject, type Json } from "../core/token.ts";
import { arnProblem, failsLegacyArn } from "./iam-resource-arns.ts";

/**
 * What IAM says of the permissions policies that it does not save. It looks in passes, each over the whole document,
 * and tells the first thing that it finds. Texts and their order: test vectors of other emulators, captured from IAM
 * by their authors (2019), and reports of Terraform's users up to 2026; none recorded by us.
 */
const TEXTS = {
  syntax: "Syntax errors in policy.",
  version: "Policy document must be version 2012-10-17 or greater.",
  legacy: "The policy failed legacy parsing",
  principal: "Policy document should not specify a principal.",
  sid: "Statement IDs (SID) in a single policy must be unique.",
  sidForm:
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
  noAction: "Policy statement must contain actions.",
  noResource: "Policy statement must contain resources.",
  noVendor: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
  colons: "Actions/Condition can contain only one colon.",
} as const;

type Fields = { readonly [name: string]: Json };

/** IAM's text against a document; null when IAM would save it. Inline policies may be of the old version, too. */
export function identityProblem(document: string, use: "managed" | "inline"): string | null {
  const policy = parse(document);
  const statements = policy && statementsOf(policy);
  if (!statements || !statements.every(isStatement)) return TEXTS.syntax;
  if (use === "managed" && policy["Version"] !== "2012-10-17") return TEXTS.version;
  const resources = statements.flatMap((one) => [...listed(one["Resource"]), ...listed(one["NotResource"])]);
  const problem = resourceProblem(resources);
  if (problem === TEXTS.legacy || statements.some(failsLegacy)) return TEXTS.legacy;
  const rest =
    principalProblem(statements) ??
    sidProblem(statements) ??
    (statements.every((one) => isFilled(one["Action"] ?? one["NotAction"])) ? null : TEXTS.noAction) ??
    problem ??
    // Recorded, 2026-02: a missing resource is told before an action without a service.
    (statements.every((one) => isFilled(one["Resource"] ?? one["NotResource"])) ? null : TEXTS.noResource) ??
    actionProblem(statements);
  // What the reader of the core does not take could not be enforced.
  return rest ?? (readIdentityPolicy(document).kind === "malformed" ? TEXTS.syntax : null);
}

function parse(document: string): Fields | null {
  try {
    const value = JSON.parse(document) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const VERSIONS: readonly (Json | undefined)[] = [undefined, "2008-10-17", "2012-10-17"];

function statementsOf(policy: Fields): readonly Fields[] | null {
  const { Version: version, Id: id, Statement: raw, ...more } = policy;
  if (Object.keys(more).length > 0 || !VERSIONS.includes(version)) return null;
  if (id !== undefined && typeof id !== "string") return null;
  const list: readonly Json[] = Array.isArray(raw) ? raw : raw === undefined ? [] : [raw];
  const statements = list.filter(isObject);
  return list.length > 0 && statements.length === list.length ? statements : null;
}

function isStatement(statement: Fields): boolean {
  const { Sid: sid, Effect: effect, Condition: conditions } = statement;
  return (
    Object.keys(statement).every((name) => STATEMENT_ELEMENTS.has(name)) &&
    (sid === undefined || typeof sid === "string") &&
    typeof effect === "string" &&
    /^(allow|deny)$/i.test(effect) &&
    ["Action", "Resource"].every((name) => isOne(statement[name], statement[`Not${name}`])) &&
    (conditions === undefined || (isObject(conditions) && Object.entries(conditions).every(isConditionBlock)))
  );
}

// An element or its negation, and of texts.
function isOne(element: Json | undefined, negation: Json | undefined): boolean {
  if (element !== undefined && negation !== undefined) return false;
  const value = element ?? negation;
  return (
    value === undefined ||
    typeof value === "string" ||
    (Array.isArray(value) && value.every((one: Json) => typeof one === "string"))
  );
}

function isConditionBlock([operator, block]: readonly [string, Json]): boolean {
  if (!isObject(block)) return false;
  // A block without keys is taken whatever its operator is called.
  if (Object.keys(block).length > 0 && readOperator(operator) === null) return false;
  return Object.values(block).every((value) => !isObject(value) && value !== null);
}

function listed(value: Json | undefined): readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value ?? null];
  return list.filter((one) => typeof one === "string");
}

function isFilled(value: Json | undefined): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function failsLegacy({ Effect: effect, Condition: conditions = {} }: Fields): boolean {
  if (effect !== "Allow" && effect !== "Deny") return true;
  const dates = Object.entries(isObject(conditions) ? conditions : {})
    .filter(([operator]) => /^(\w+:)?Date/.test(operator))
    .flatMap(([, block]) => (isObject(block) ? Object.values(block) : []));
  return dates.flatMap(listed).some((date) => !isDate(date));
}

const ISO_DATE =
  /^-?\d+(-(0?[1-9]|1[0-2])(-(0?[1-9]|[12]\d|3[01]))?)?(t(([01]?\d|2[0-3])(:[0-5]?\d(:[0-5]?\d(\.\d{1,9})?)?)?(z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?)?)?$/i;
const LAST_EPOCH = 9_223_372_036_854_775_807n;

function isDate(text: string): boolean {
  if (text.includes("${")) return true;
  return /[t-]/i.test(text) ? ISO_DATE.test(text) : /^\d+$/.test(text) && BigInt(text) <= LAST_EPOCH;
}

// The first resource that is not as it should be; bad in the older way counts only until then.
function resourceProblem(resources: readonly string[]): string | null {
  for (const resource of resources) {
    const problem = arnProblem(resource) ?? (failsLegacyArn(resource) ? TEXTS.legacy : null);
    if (problem !== null) return problem;
  }
  return null;
}

function principalProblem(statements: readonly Fields[]): string | null {
  return statements.some((one) => "Principal" in one || "NotPrincipal" in one) ? TEXTS.principal : null;
}

function sidProblem(statements: readonly Fields[]): string | null {
  const sids = statements.flatMap((one) => listed(one["Sid"])).filter((sid) => sid !== "");
  if (new Set(sids).size < sids.length) return TEXTS.sid;
  return sids.every((sid) => /^[0-9A-Za-z]*$/.test(sid)) ? null : TEXTS.sidForm;
}

function actionProblem(statements: readonly Fields[]): string | null {
  for (const action of statements.flatMap((one) => listed(one["Action"] ?? one["NotAction"]))) {
    const [vendor = "", name, ...more] = action.split(":");
    if (action === "*") continue;
    if (name === undefined) return TEXTS.noVendor;
    if (more.length > 0) return TEXTS.colons;
    if (vendor !== "*" && /[^a-zA-Z0-9.-]/.test(vendor)) return `Vendor ${vendor} is not valid`;
  }
  return null;
}
