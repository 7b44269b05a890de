import type { Policy, Statement } from "../core/policy.ts";

/** What one statement gives to one principal for one subject: the smallest thing that a policy can gain or lose. */
export interface Grant {
  readonly statement: Statement;
  readonly principal: { readonly type: string; readonly id: string };
  /** Condition key in lower case to value or pattern, for conditions that name what is let in. */
  readonly values: ReadonlyMap<string, string>;
}

/** What a policy gives, Deny statements not considered. */
export function grantsOf({ statements }: Policy): readonly Grant[] {
  return statements
    .filter(({ effect }) => effect === "Allow")
    .flatMap((statement) =>
      Object.entries(statement.principals ?? {}).flatMap(([type, ids]) =>
        ids.flatMap((id) => combinations(statement).map((values) => ({ statement, principal: { type, id }, values }))),
      ),
    );
}

/** Comparisons that name whom they let in. */
export const NAMING = /^(For(All|Any)Values?:)?String(Equals|Like|EqualsIgnoreCase)(IfExists)?$/;
// More than any policy of 2,048 characters needs; 8,192 is the most that AWS raises the quota to.
const MOST_GRANTS = 500;

/** Every choice of one value for each condition that names what is let in. */
function combinations({ conditions }: Statement): readonly ReadonlyMap<string, string>[] {
  const naming = conditions.filter(({ operator }) => NAMING.test(operator));
  return naming.reduce<readonly ReadonlyMap<string, string>[]>(
    (choices, { key, values }) =>
      choices
        .flatMap((choice) => values.map((value) => new Map([...choice, [key.toLowerCase(), value]])))
        .slice(0, MOST_GRANTS),
    [new Map()],
  );
}
