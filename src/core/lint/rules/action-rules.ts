import type { Found } from "../finding.ts";
import { acceptedProof } from "../proof.ts";
import type { Rule, RoleFacts } from "../rule.ts";
import { deadFor, firstOfPath } from "./dead.ts";

/** Every action of STS, or one that has nothing to do with tokens. */
function wrongAction(facts: RoleFacts): readonly Found[] {
  const dead = deadFor(
    "T025",
    ({ unit }) => `${unit.statement.actions?.join(", ") ?? "NotAction"} is not what exchanges a token`,
  )(facts);
  const wide = facts.accepted
    .filter(({ cause }) => cause.rule === "T025")
    .map(({ unit, probe }): Found => ({
      severity: "medium",
      statement: unit.index,
      path: `Statement[${unit.index}].Action`,
      message: `${unit.statement.actions?.join(", ") ?? ""} allows more than the exchange: ${probe.who}`,
      proof: acceptedProof(unit, probe),
    }));
  return [...dead, ...firstOfPath(wide)];
}

/** Actions that do not exchange a token, or do more. */
export const ACTION_RULES: readonly Rule[] = [
  {
    id: "T025",
    name: "wrong-action",
    severity: "medium",
    title: "the action is not AssumeRoleWithWebIdentity, or is more than that",
    probe: "the token that was meant; one with session tags",
    fix: "sts:AssumeRoleWithWebIdentity, and nothing else",
    source: "AWS IAM guide, create a role for OIDC federation",
    role: wrongAction,
  },
];
