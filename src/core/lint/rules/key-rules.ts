import { neverExposed } from "../../condition-keys.ts";
import type { Found } from "../finding.ts";
import type { Accepted, Meant } from "../judge.ts";
import { acceptedProof } from "../proof.ts";
import { conditionPath, type Rule, type RoleFacts } from "../rule.ts";
import { deadFor, firstOfPath, isOfAnother } from "./dead.ts";

/** Keys that hold nothing: what is true of nothing, and what is true of everything. */
function unknownKeys(facts: RoleFacts): readonly Found[] {
  const dead = deadFor(
    "T012",
    ({ condition }) => `${condition?.key ?? ""} has never a value, so nobody gets the role by this statement`,
  )(facts);
  const open = facts.accepted.filter(({ cause }) => cause.rule === "T012").map(openUnknown);
  const idle = facts.meant.flatMap((meant) => idleKeys(meant, [...dead, ...open]));
  return [...dead, ...open, ...firstOfPath(idle)];
}

function openUnknown({ unit, probe, cause }: Accepted): Found {
  const { operator = "", key = "" } = cause.condition ?? {};
  return {
    severity: cause.severity,
    statement: unit.index,
    path: conditionPath(unit.index, operator, key),
    message: `${probe.who} gets the role: ${key} has never a value, and ${operator} is true without one`,
    proof: acceptedProof(unit, probe),
  };
}

function idleKeys({ unit, probe, allowedBy }: Meant, already: readonly Found[]): readonly Found[] {
  if (allowedBy !== unit.index) return [];
  return unit.statement.conditions.flatMap(({ key, operator }): readonly Found[] => {
    const path = conditionPath(unit.index, operator, key);
    if (/^(aws|sts):/i.test(key) || neverExposed(key, unit.provider) === null) return [];
    // With several providers the key is of another one, and T024 tells of it.
    if (already.some((one) => one.path === path) || isOfAnother(unit, key)) return [];
    const message = `${key} has never a value, and ${operator} is true without one: the condition does nothing`;
    return [{ severity: "low", statement: unit.index, path, message, proof: acceptedProof(unit, probe) }];
  });
}

/** Conditions on keys that never have a value. */
export const KEY_RULES: readonly Rule[] = [
  {
    id: "T012",
    name: "unknown-key",
    severity: "medium",
    title: "a condition on a claim that AWS never shows to trust policies",
    probe: "the token that was meant, with the claim in it",
    fix: "test sub, or one of the claims that AWS exposes for this issuer",
    source: "AWS service authorization reference for STS, state 2026-09-26",
    role: unknownKeys,
  },
  {
    id: "T024",
    name: "mixed-issuers",
    severity: "medium",
    title: "two issuers in one statement, with conditions on the claims of one",
    probe: "the token that was meant, of the other issuer",
    fix: "one statement for each issuer",
    source: "AWS IAM guide, condition keys for web identity federation: a key belongs to one provider",
    role: deadFor("T024", ({ condition, unit }) => `tokens of ${unit.provider.url} never have ${condition?.key ?? ""}`),
  },
];
