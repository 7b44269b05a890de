import { issuerName } from "../core/arn.ts";
import { issuerClaims, neverExposed } from "../core/condition-keys.ts";
import type { Check, Question } from "../core/decide.ts";
import type { Condition } from "../core/policy.ts";
import { isObject, type Json, showClaim, textClaim } from "../core/token.ts";
import { comparedAudience, type Document } from "./change.ts";
import { keyOf, listOf, pointer, setAt, type TrustChange, withStatement, withStatementAt } from "./edit-trust.ts";

/** Ways to change a trust policy so that it admits this token, the gentlest to what is written there first. */
export function trustChanges(
  document: Document,
  check: Check,
  failed: readonly Check[],
  question: Question,
): readonly TrustChange[] {
  const place = check.statement;
  const written = place === undefined ? undefined : listOf(document["Statement"] ?? [])[place];
  const statement = isObject(written) ? written : null;
  const here = failed.filter(
    (one) => one.statement === place && one.kind === "condition" && one.action === check.action,
  );
  if (check.kind === "action" && statement && place !== undefined && isOwnAction(check)) {
    return [setAt(document, place, "/Action", addTo(statement["Action"], neededActions(question)))];
  }
  const exact = exactStatement(statement && check.kind === "condition" ? statement : null, here, question, {});
  const dead =
    here.length > 0 && here.every((one) => question.provider && neverExposed(one.subject, question.provider) !== null);
  return [
    ...(statement && place !== undefined && here.length === 1
      ? valueAdded(document, place, statement, here[0], question)
      : []),
    ...(dead && place !== undefined ? [withStatementAt(document, place, exact)] : []),
    withStatement(document, exact),
    ...pinned(statement && check.kind === "condition" ? statement : null, here, question).map((one) =>
      withStatement(document, one),
    ),
  ];
}

/** The statement for this very job in the place of one that lets it in with others, the plainest first. */
export function exactInstead(document: Document, place: number, question: Question): readonly TrustChange[] {
  const written = listOf(document["Statement"] ?? [])[place];
  const statement = isObject(written) ? written : null;
  const exact = exactStatement(statement, [], question, {});
  return [exact, ...pinned(statement, [], question)].map((one) => withStatementAt(document, place, one));
}

/** What the author of a star under StringEquals meant: the same values under StringLike. */
export function underStringLike(document: Document, check: Check): TrustChange | null {
  const place = check.statement ?? -1;
  const statement = listOf(document["Statement"] ?? [])[place];
  const conditions = isObject(statement) ? statement["Condition"] : undefined;
  if (!isObject(conditions)) return null;
  const found = Object.entries(conditions).find(
    ([operator, keys]) => operator === "StringEquals" && isObject(keys) && keyOf(keys, check.subject) !== null,
  );
  if (!found || !isObject(found[1])) return null;
  const key = keyOf(found[1], check.subject) ?? check.subject;
  const { [key]: values = null, ...rest } = found[1];
  const like = isObject(conditions["StringLike"]) ? conditions["StringLike"] : {};
  const { StringEquals: _, ...others } = conditions;
  const equal = Object.keys(rest).length > 0 ? { StringEquals: rest } : {};
  return setAt(document, place, "/Condition", { ...others, ...equal, StringLike: { ...like, [key]: values } });
}

/** The token's tags and source identity need actions of their own. */
function isOwnAction({ action = "" }: Check): boolean {
  return action !== "sts:AssumeRoleWithWebIdentity";
}

const TAGS = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";

function neededActions({ token: { claims } }: Question): readonly string[] {
  return [
    "sts:AssumeRoleWithWebIdentity",
    ...(Object.keys(claims).some((name) => name.startsWith(TAGS)) ? ["sts:TagSession"] : []),
    ...(claims[SOURCE_IDENTITY] === undefined ? [] : ["sts:SetSourceIdentity"]),
  ];
}

// Operators under which another value makes a condition wider and never narrower.
const WIDENS = new Set(["StringEquals", "StringLike", "StringEqualsIgnoreCase"]);

/** The token's value beside the others of the one condition that it failed. */
function valueAdded(
  document: Document,
  place: number,
  statement: Document,
  failed: Check | undefined,
  { token, provider }: Question,
): TrustChange[] {
  const conditions = statement["Condition"];
  if (!failed || !isObject(conditions) || !provider || neverExposed(failed.subject, provider) !== null) return [];
  const got = valueOf(failed.subject, token.claims);
  if (got === "" || /[*?]/.test(got) || got.includes("${")) return [];
  const holders = Object.entries(conditions).flatMap(([operator, keys]) => {
    const key = isObject(keys) ? keyOf(keys, failed.subject) : null;
    return isObject(keys) && key !== null ? [{ operator, key, values: keys[key] ?? [] }] : [];
  });
  const [only, another] = holders;
  if (!only || another || !WIDENS.has(only.operator)) return [];
  return [
    setAt(document, place, `/Condition/${pointer(only.operator)}/${pointer(only.key)}`, [...listOf(only.values), got]),
  ];
}

/**
 * A statement for tokens with this subject and audience. What the statement tested beside them and found true, it
 * tests still.
 */
function exactStatement(
  near: Document | null,
  failed: readonly Check[],
  question: Question,
  pins: Readonly<Record<string, string>>,
): Document {
  const { token, provider } = question;
  const issuer = provider?.url ?? issuerName(textClaim(token.claims, "iss") ?? "");
  const actions = neededActions(question);
  const own = {
    [`${issuer}:aud`]: comparedAudience(question),
    [`${issuer}:sub`]: showClaim(token.claims, "sub"),
    ...pins,
  };
  const gone = failed.filter(({ subject }) => isOfToken(subject, question));
  const kept = near ? keptConditions(near, gone, Object.keys(own)) : {};
  return {
    Effect: "Allow",
    Principal: { Federated: provider?.arn ?? "" },
    Action: actions.length === 1 ? (actions[0] ?? "") : actions,
    Condition: { ...kept, StringEquals: { ...(isObject(kept["StringEquals"]) ? kept["StringEquals"] : {}), ...own } },
  };
}

/** Whose address may ask, and when, is no matter of the token: to mend the one is no reason to drop the other. */
function isOfToken(key: string, { provider }: Question): boolean {
  return !/^(aws|sts):/i.test(key) || (provider !== null && neverExposed(key, provider) !== null);
}

function keptConditions(statement: Document, failed: readonly Check[], taken: readonly string[]): Document {
  const conditions = statement["Condition"];
  if (!isObject(conditions)) return {};
  const gone = new Set([...failed.map(({ subject }) => subject), ...taken].map((key) => key.toLowerCase()));
  const kept = Object.entries(conditions).map(([operator, keys]) => {
    const left = isObject(keys) ? Object.entries(keys).filter(([key]) => !gone.has(key.toLowerCase())) : [];
    return [operator, Object.fromEntries(left)] as const;
  });
  return Object.fromEntries(kept.filter(([, keys]) => Object.keys(keys).length > 0));
}

// Claims that say less about the job than about the run; to pin them would shut the door after one run.
const PINNABLE = ["ref", "environment", "ref_protected", "pipeline_source", "build_branch"];

/** The same with further claims that AWS sees, where the subject alone does not say them. */
function pinned(near: Document | null, failed: readonly Check[], question: Question): readonly Document[] {
  const { token, provider } = question;
  const issuer = provider?.url ?? "";
  const exposed = issuerClaims(issuer);
  const pins = PINNABLE.flatMap((claim) => {
    const value = showClaim(token.claims, claim);
    const isOfRun = claim === "ref" && value.startsWith("refs/pull/");
    return exposed.includes(claim) && value !== "" && !isOfRun ? [[`${issuer}:${claim}`, value] as const] : [];
  });
  const sets = pins.length > 1 ? [...pins.map((pin) => [pin]), pins] : pins.length === 1 ? [pins] : [];
  return sets.map((set) => exactStatement(near, failed, question, Object.fromEntries(set)));
}

function valueOf(key: string, claims: Question["token"]["claims"]): string {
  const name = key.slice(key.lastIndexOf(":") + 1).toLowerCase();
  if (name === "aud") return comparedAudience({ token: { claims } } as Question);
  return showClaim(claims, name);
}

function addTo(value: Json | undefined, more: readonly string[]): readonly Json[] {
  const held = value === undefined ? [] : listOf(value);
  return [...held, ...more.filter((one) => !held.includes(one))];
}

/** A statement that a list of conditions makes, as rolecall.yaml would. */
export function statementOf(conditions: readonly Condition[], question: Question): Document {
  const block: Record<string, Record<string, Json>> = {};
  for (const { operator, key, values } of conditions) {
    (block[operator] ??= {})[key] = values.length === 1 ? (values[0] ?? "") : values;
  }
  const issuer = question.provider?.url ?? "";
  const { StringEquals: equal = {}, ...others } = block;
  return {
    Effect: "Allow",
    Principal: { Federated: question.provider?.arn ?? "" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { ...others, StringEquals: { [`${issuer}:aud`]: comparedAudience(question), ...equal } },
  };
}
