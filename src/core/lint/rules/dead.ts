import { neverExposed } from "../../condition-keys.ts";
import type { Check } from "../../decide.ts";
import type { Condition } from "../../policy.ts";
import { readOperator } from "../../operators.ts";
import type { Found } from "../finding.ts";
import type { Meant } from "../judge.ts";
import { areDisjoint } from "../disjoint.ts";
import { neverProof } from "../proof.ts";
import { conditionPath, type RoleFacts } from "../rule.ts";
import { providerUrl, type Unit } from "../unit.ts";
import { isPattern } from "../wildcards.ts";

/** Why a statement never lets anybody in. */
type Reason = "T012" | "T024" | "T025" | "T026" | "T028" | "P001" | "P002";

interface Dead {
  readonly unit: Unit;
  readonly reason: Reason;
  readonly meant: Meant;
  readonly check: Check;
  readonly condition: Condition | null;
}

const kept = new WeakMap<RoleFacts, readonly Dead[]>();

/** Statements of which no token that was meant gets in, with the reason. Several rules ask. */
function deadUnits(facts: RoleFacts): readonly Dead[] {
  const known = kept.get(facts) ?? findDead(facts);
  kept.set(facts, known);
  return known;
}

function findDead({ meant, units }: RoleFacts): readonly Dead[] {
  if (meant.every(({ allowedBy }) => allowedBy !== null)) return [];
  return units.flatMap((unit) => {
    const own = meant.filter((one) => one.unit === unit);
    if (own.length === 0 || own.some(({ allowedBy }) => allowedBy !== null)) return [];
    const dead = own.map(reasonOf).find((one) => one !== null);
    return dead ? [dead] : [];
  });
}

function reasonOf(meant: Meant): Dead | null {
  const { unit, failed } = meant;
  const dead = (reason: Reason, check: Check, condition: Condition | null = null): Dead => ({
    unit,
    reason,
    meant,
    check,
    condition,
  });
  for (const check of failed) {
    if (check.kind === "provider") return dead("P002", check);
    if (check.kind === "audience") return dead("P001", check);
    if (check.kind === "action") return dead("T025", check);
  }
  const conditions = failed.flatMap((check) => {
    const condition = conditionOf(unit, check);
    return condition ? [{ check, condition }] : [];
  });
  for (const { check, condition } of conditions) {
    if (neverExposed(condition.key, unit.provider) === null) continue;
    return dead(isOfAnother(unit, condition.key) ? "T024" : "T012", check, condition);
  }
  for (const { check, condition } of conditions) {
    if (isLiteral(condition) && condition.values.every(isPattern)) return dead("T026", check, condition);
  }
  for (const { check, condition } of conditions) {
    const claim = condition.key.toLowerCase();
    const others = unit.statement.conditions.filter((one) => one !== condition && one.key.toLowerCase() === claim);
    // That the tokens which were tried are refused proves nothing where subjects may have any form.
    if (others.some((one) => areDisjoint(condition, one))) return dead("T028", check, condition);
  }
  return null;
}

export function conditionOf({ statement }: Unit, { kind, subject, wanted }: Check): Condition | null {
  if (kind !== "condition") return null;
  return (
    statement.conditions.find(
      ({ key, operator, values }) => key === subject && wanted === `${operator} ${values.join(", ")}`,
    ) ?? null
  );
}

/** The key is one of another provider of the same statement. */
export function isOfAnother({ statement, provider }: Unit, key: string): boolean {
  const urls = (statement.principals?.["Federated"] ?? []).flatMap((one) => providerUrl(one) ?? []);
  return urls.some((url) => url !== provider.url && key.toLowerCase().startsWith(`${url.toLowerCase()}:`));
}

export function isLiteral({ operator }: Condition): boolean {
  const name = readOperator(operator);
  return name?.kind === "compare" && /^String(Not)?Equals/.test(name.operator.name);
}

export function deadFor(reason: Reason, message: (dead: Dead) => string): (facts: RoleFacts) => readonly Found[] {
  return (facts) =>
    deadUnits(facts)
      .filter((dead) => dead.reason === reason)
      .map((dead) => ({
        statement: dead.unit.index,
        path: dead.condition
          ? conditionPath(dead.unit.index, dead.condition.operator, dead.condition.key)
          : `Statement[${dead.unit.index}]`,
        message: message(dead),
        proof: neverProof(dead.meant.probe, dead.check),
      }));
}

/** Of findings at the same place, the first. */
export function firstOfPath(found: readonly Found[]): readonly Found[] {
  return found.filter((one, index) => found.findIndex(({ path }) => path === one.path) === index);
}
