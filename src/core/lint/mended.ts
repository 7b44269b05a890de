import type { Condition, Policy, Statement } from "../policy.ts";

/** The same policy with one condition of its first statement in another form. */
export function withCondition(policy: Policy, condition: Condition, other: Condition): Policy {
  const [first, ...rest] = policy.statements;
  if (!first) return policy;
  const conditions = first.conditions.map((one) => (one === condition ? other : one));
  const statement: Statement = { ...first, conditions };
  return { ...policy, statements: [statement, ...rest] };
}

/** `ForAllValues:StringLike` as `StringLike`. */
export function withoutSet(condition: Condition): Condition {
  return { ...condition, operator: condition.operator.replace(/^For(All|Any)Values?s?:/i, "") };
}

/** `StringEqualsIfExists` as `StringEquals`. */
export function mustExist(condition: Condition): Condition {
  return { ...condition, operator: condition.operator.replace(/IfExists$/i, "") };
}

/** `StringNotLike` as `StringLike`. */
export function asPositive(condition: Condition): Condition {
  return { ...condition, operator: condition.operator.replace("Not", "") };
}

/** With a text that nothing is equal to, where a value holds a policy variable. */
export function withoutVariables(condition: Condition): Condition {
  return {
    ...condition,
    values: condition.values.map((value) => (value.includes("${") ? "rolecall:no such value" : value)),
  };
}
