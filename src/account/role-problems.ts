import type { RoleConfig } from "./config.ts";
import type { Target } from "./desired.ts";
import { lacksSubjectIds } from "./ids.ts";
import { inlinePolicies, managedArns, policyArn } from "./policies.ts";
import type { Problem } from "./problem.ts";
import { partsOf, splitParts, trustOf } from "./role-parts.ts";
import { ruleOf } from "./rules.ts";
import { policySize, TRUST_POLICY_QUOTA } from "./trust.ts";

/** What is wrong with the roles of one account, which the file by itself does not tell. */
export function roleProblems(roles: readonly RoleConfig[], target: Target): readonly Problem[] {
  return [...roles.flatMap((role) => [...idProblems(role), ...findings(role, target)]), ...nameProblems(roles, target)];
}

/** Ids may be asked of the CI after the file was read; here they must be known. */
function idProblems({ name, allow, allowPositions, position }: RoleConfig): readonly Problem[] {
  const { expected, hint } = ruleOf("scope-immutable");
  return allow.flatMap((scope, index) => {
    if (!lacksSubjectIds(scope)) return [];
    return [
      {
        position: allowPositions[index] ?? position,
        text: `roles.${name}.allow[${index}].immutable: expected ${expected}, got the name ${scope.project} alone`,
        hints: [hint?.(true) ?? ""],
      },
    ];
  });
}

type Finding = readonly [text: string, hint: string];

function findings(role: RoleConfig, target: Target): readonly Problem[] {
  const arns = [...managedArns(role.permissions), ...(role.boundary === null ? [] : [role.boundary])];
  const elsewhere = arns.map((arn) => policyArn(arn, target)).filter((arn) => !isHere(arn, target));
  const texts = [
    ...elsewhere.map((arn) => elsewhereText(arn, target)),
    ...trustSizeTexts(role, target),
    ...policySizeTexts(role, target),
  ];
  return texts.map(([text, hint]) => ({
    position: role.position,
    text: `roles.${role.name}: ${text}`,
    hints: [hint],
  }));
}

function isHere(arn: string, { account, partition }: Target): boolean {
  return arn.startsWith(`arn:${partition}:iam::aws:`) || arn.startsWith(`arn:${partition}:iam::${account}:`);
}

function elsewhereText(arn: string, { account, partition }: Target): Finding {
  const path = arn.split("/").slice(1).join("/");
  return [
    `expected a policy of account ${account} in partition ${partition}, got ${arn}`,
    `in this account: arn:${partition}:iam::${account}:policy/${path}; in whichever it is: arn:$(partition):iam::$(account):policy/${path}`,
  ];
}

function trustSizeTexts(role: RoleConfig, target: Target): readonly Finding[] {
  const sizes = partsOf(role, target).map(({ allow }) => policySize(trustOf(role, target, allow)));
  const size = Math.max(...sizes);
  if (size <= TRUST_POLICY_QUOTA) return [];
  const [first, second] = splitParts(role, target);
  return [
    [
      `expected a trust policy of at most ${TRUST_POLICY_QUOTA} characters, got ${size} from ${role.allow.length} entries of allow`,
      first && second
        ? `split: true makes ${splitParts(role, target).length} roles of it (${first.name} for the first ${first.allow.length} entries, ${second.name}, …); or join branches or tags by a wildcard: branch: "release/*"`
        : "shorten the entry: it does not fit by itself",
    ],
  ];
}

// All inline policies of a role together, white space apart, and its attached policies when the quota
// is raised as far as AWS does. Source: IAM guide, IAM and STS quotas.
const INLINE_QUOTA = 10_240;
const MOST_MANAGED = 20;

function policySizeTexts({ permissions }: RoleConfig, target: Target): readonly Finding[] {
  const size = Object.values(inlinePolicies(permissions, target))
    .map((document) => JSON.stringify(document).replaceAll(/\s/g, "").length)
    .reduce((sum, one) => sum + one, 0);
  const managed = new Set(managedArns(permissions)).size;
  return [
    ...(size > INLINE_QUOTA
      ? [
          [
            `expected inline policies of at most ${INLINE_QUOTA} characters together, got ${size}`,
            "make managed policies of them, and name their ARNs",
          ] as const,
        ]
      : []),
    ...(managed > MOST_MANAGED
      ? [[`expected at most ${MOST_MANAGED} managed policies, got ${managed}`, "join some of them"] as const]
      : []),
  ];
}

/** Names of roles that were split off and are somebody else's, or too long. */
function nameProblems(roles: readonly RoleConfig[], target: Target): readonly Problem[] {
  const names = new Set(roles.map(({ name }) => name.toLowerCase()));
  return roles.flatMap((role) => {
    const [, ...more] = partsOf(role, target);
    const wrong = more.filter(({ name }) => name.length > 64 || names.has(name.toLowerCase()));
    return wrong.map(({ name }) => ({
      position: role.position,
      text: `roles.${role.name}: expected a free name of at most 64 characters for the role that is split off, got ${name}`,
      hints: [`give ${role.name} another name, or split it by hand`],
    }));
  });
}
