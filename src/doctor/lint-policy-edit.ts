import type { Condition, Policy, Principals, Statement } from "../core/policy.ts";
import { isObject, type Json } from "../core/token.ts";
import type { Path } from "./lint-places.ts";
import type { TextEdit } from "./lint-text-edit.ts";

/** One change of a trust policy, by which it never lets in more than before. */
export type PolicyEdit =
  /** `ForAllValues:StringLike` becomes `StringLike`. */
  | {
      readonly kind: "operator";
      readonly statement: number;
      readonly key: string;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly kind: "values";
      readonly statement: number;
      readonly key: string;
      readonly operator: string;
      readonly values: readonly string[];
    }
  | {
      readonly kind: "condition";
      readonly statement: number;
      readonly key: string;
      readonly operator: string;
      readonly values: readonly string[];
    }
  | { readonly kind: "actions"; readonly statement: number; readonly actions: readonly string[] };

/** The policy after an edit; null where two conditions would become one. */
export function editPolicy(policy: Policy, edit: PolicyEdit): Policy | null {
  const statement = policy.statements[edit.statement];
  const edited = statement && editStatement(statement, edit);
  return edited ? { ...policy, statements: policy.statements.with(edit.statement, edited) } : null;
}

function editStatement(statement: Statement, edit: PolicyEdit): Statement | null {
  const { conditions } = statement;
  const has = (operator: string, key: string): boolean =>
    conditions.some((one) => one.operator === operator && one.key.toLowerCase() === key.toLowerCase());
  const replaced = (operator: string, key: string, by: Partial<Condition>): Statement => ({
    ...statement,
    conditions: conditions.map((one) => (one.operator === operator && one.key === key ? { ...one, ...by } : one)),
  });
  switch (edit.kind) {
    case "operator":
      return has(edit.to, edit.key) ? null : replaced(edit.from, edit.key, { operator: edit.to });
    case "values":
      return replaced(edit.operator, edit.key, { values: edit.values });
    case "actions":
      return { ...statement, actions: edit.actions };
    case "condition":
      break;
  }
  const { operator, key, values } = edit;
  return has(operator, key) ? null : { ...statement, conditions: [...conditions, { operator, key, values }] };
}

/**
 * The same edit as steps on the document that the policy was read of; null where that is written in another way, as
 * a function of CloudFormation in the place of the block.
 *
 * @param document the trust policy
 * @param at where it stands
 */
export function documentEdits(document: Json, edit: PolicyEdit, at: Path): readonly TextEdit[] | null {
  if (!isObject(document)) return null;
  const held = document["Statement"];
  const path = [...at, "Statement", ...(Array.isArray(held) ? [edit.statement] : [])];
  const statement: Json | undefined = Array.isArray(held) ? (held as readonly Json[])[edit.statement] : held;
  if (!isObject(statement)) return null;
  if (edit.kind === "actions")
    return [{ kind: "set", path: [...path, "Action"], value: like(statement["Action"], edit.actions) }];
  const block = statement["Condition"];
  if (edit.kind === "condition" && block === undefined)
    return [
      { kind: "set", path: [...path, "Condition"], value: { [edit.operator]: { [edit.key]: single(edit.values) } } },
    ];
  if (!isObject(block)) return null;
  const into = [...path, "Condition"];
  if (edit.kind === "operator") return operatorEdits(block, edit, into);
  const keys = block[edit.operator];
  if (isObject(keys))
    return [{ kind: "set", path: [...into, edit.operator, edit.key], value: like(keys[edit.key], edit.values) }];
  if (keys !== undefined || edit.kind === "values") return null;
  return [{ kind: "set", path: [...into, edit.operator], value: { [edit.key]: single(edit.values) } }];
}

/** A list where there is one, so that its lines can stay. */
function like(held: Json | undefined, values: readonly string[]): Json {
  return Array.isArray(held) ? values : single(values);
}

type Members = { readonly [name: string]: Json };

function operatorEdits(
  block: Members,
  { from, to, key }: Extract<PolicyEdit, { kind: "operator" }>,
  into: Path,
): readonly TextEdit[] | null {
  const keys = block[from];
  const target = block[to];
  if (!isObject(keys) || (target !== undefined && !isObject(target))) return null;
  const isOnly = Object.keys(keys).length === 1;
  if (isOnly && target === undefined) return [{ kind: "rename", path: [...into, from], name: to }];
  const value = keys[key];
  // A function of a template would be written out as what it stands for.
  if (value === undefined || !isLiteral(value)) return null;
  return [
    { kind: "remove", path: isOnly ? [...into, from] : [...into, from, key] },
    target === undefined
      ? { kind: "set", path: [...into, to], value: { [key]: value } }
      : { kind: "set", path: [...into, to, key], value },
  ];
}

function isLiteral(value: Json): boolean {
  return Array.isArray(value) ? value.every((item: Json) => !isObject(item)) : !isObject(value);
}

function single(values: readonly string[]): Json {
  const [only = ""] = values;
  return values.length === 1 ? only : values;
}

/** A document after such a step, as a value. */
export function editDocument(document: Json, { path, ...edit }: TextEdit): Json {
  const [step, ...rest] = path;
  if (step === undefined) return edit.kind === "set" ? edit.value : document;
  if (typeof step === "number") {
    const list = Array.isArray(document) ? (document as readonly Json[]) : [];
    return list.map((item, index) => (index === step ? editDocument(item, { ...edit, path: rest }) : item));
  }
  if (!isObject(document)) return document;
  if (rest.length > 0 || edit.kind === "set")
    return { ...document, [step]: editDocument(document[step] ?? null, { ...edit, path: rest }) };
  const entries = Object.entries(document);
  return Object.fromEntries(
    edit.kind === "remove"
      ? entries.filter(([name]) => name !== step)
      : entries.map(([name, value]) => [name === step ? edit.name : name, value]),
  );
}

/** A policy as the JSON that says it; numbers and booleans of conditions are texts, as AWS reads them. */
export function policyDocument({ version, statements }: Policy): Json {
  return {
    ...(version === null ? {} : { Version: version }),
    Statement: statements.map((statement) => ({
      ...(statement.sid === undefined ? {} : { Sid: statement.sid }),
      Effect: statement.effect,
      ...named("Principal", statement.principals, principalOf),
      ...named("NotPrincipal", statement.notPrincipals, principalOf),
      ...named("Action", statement.actions, single),
      ...named("NotAction", statement.notActions, single),
      ...named("Resource", statement.resources, single),
      ...named("NotResource", statement.notResources, single),
      ...(statement.conditions.length === 0 ? {} : { Condition: conditionBlock(statement.conditions) }),
    })),
  };
}

function named<Value>(name: string, value: Value | undefined, write: (value: Value) => Json): Members {
  return value === undefined ? {} : { [name]: write(value) };
}

function principalOf(principals: Principals): Json {
  if (principals["*"]) return "*";
  return Object.fromEntries(Object.entries(principals).map(([type, values]) => [type, single(values)]));
}

function conditionBlock(conditions: readonly Condition[]): Json {
  const block: Record<string, Record<string, Json>> = {};
  for (const { operator, key, values } of conditions) (block[operator] ??= {})[key] = single(values);
  return block;
}

/** An edit in words, for a person. */
export function describeEdit(edit: PolicyEdit): string {
  const where = `statement ${edit.statement + 1}`;
  switch (edit.kind) {
    case "operator":
      return `${where}: ${edit.to} instead of ${edit.from} on ${edit.key}`;
    case "values":
      return `${where}: ${edit.key} is ${edit.values.join(" or ")}`;
    case "condition":
      return `${where}: ${edit.operator} on ${edit.key}: ${edit.values.join(" or ")}`;
    case "actions":
      break;
  }
  return `${where}: ${edit.actions.join(", ")} and no other action`;
}
