import { readRoleArn } from "../../arn.ts";
import { evaluateAssumeTrust } from "../../assume-role.ts";
import { Context } from "../../conditions.ts";
import type { Found } from "../finding.ts";
import { lets, type Rule, type RoleFacts } from "../rule.ts";

const STRANGER = "999999999999";

/** AWS principals that may take a role which is for CI jobs. */
function extraPrincipals({ role }: RoleFacts): readonly Found[] {
  const own = ownAccount(role);
  const foreign = role.trust.statements.flatMap(({ effect, principals }, index) =>
    effect === "Allow" ? (principals?.["AWS"] ?? []).map((principal) => ({ principal, index })) : [],
  );
  return foreign.flatMap(({ principal, index }): readonly Found[] => {
    const account = accountOf(principal);
    if (account === null || account === own) return [];
    const arn =
      principal.startsWith("arn:") && !principal.endsWith(":root")
        ? principal
        : `arn:aws:iam::${account}:user/rolecall-probe`;
    const grant = evaluateAssumeTrust(
      role.trust,
      { arn, roleArn: null, account },
      "sts:AssumeRole",
      new Context([
        ["aws:PrincipalArn", arn],
        ["aws:PrincipalAccount", account],
      ]),
    );
    if (!lets(grant)) return [];
    const anybody = principal === "*";
    return [
      {
        severity: anybody ? "critical" : /:root$|^\d+$/.test(principal) ? "high" : "medium",
        statement: index,
        path: `Statement[${index}].Principal.AWS`,
        message: anybody
          ? "every AWS account may take the role"
          : `${principal} may take the role beside the CI's jobs`,
        proof: { kind: "assumable", principal: arn },
      },
    ];
  });
}

function accountOf(principal: string): string | null {
  if (principal === "*") return STRANGER;
  return /^arn:[a-z-]+:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1] ?? /^\d{12}$/.exec(principal)?.[0] ?? null;
}

function ownAccount({ resource, trust }: RoleFacts["role"]): string | null {
  const named = trust.statements.flatMap(({ principals }) => principals?.["Federated"] ?? []);
  const account = readRoleArn(resource)?.account ?? named.map((arn) => arn.split(":")[4]).find(Boolean);
  return account ?? null;
}

/** Who else may take a role that is for CI jobs. */
export const PRINCIPAL_RULES: readonly Rule[] = [
  {
    id: "T023",
    name: "extra-principal",
    severity: "high",
    title: "AWS principals of other accounts may take a role that is for CI jobs",
    probe: "sts:AssumeRole by a user of another account",
    fix: "take that statement away, or give it a role of its own",
    source: "AWS IAM guide, AWS JSON policy elements: Principal",
    role: extraPrincipals,
  },
];
