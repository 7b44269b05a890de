import { neverExposed } from "../../condition-keys.ts";
import type { Check } from "../../decide.ts";
import type { Condition } from "../../policy.ts";
import { checkSharedIssuers } from "../../shared-issuers.ts";
import { readOperator } from "../../operators.ts";
import type { Found, Proof } from "../finding.ts";
import { type Accepted, type Meant, meantOf } from "../judge.ts";
import { meantProbeWith } from "../probes.ts";
import { conditionPath, type Rule, type RoleFacts } from "../rule.ts";
import type { Unit } from "../unit.ts";
import { providerUrl, wantedValues } from "../unit.ts";
import { isPattern } from "../wildcards.ts";
import { SHAPES, writeSubject } from "../shapes.ts";
import { tryProbe } from "../trial.ts";
import { asIssued } from "./issued-form.ts";
import { otherForm } from "./subject-forms.ts";

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
    if (others.length > 0) return dead("T028", check, condition);
  }
  return null;
}

function conditionOf({ statement }: Unit, { kind, subject, wanted }: Check): Condition | null {
  if (kind !== "condition") return null;
  return (
    statement.conditions.find(
      ({ key, operator, values }) => key === subject && wanted === `${operator} ${values.join(", ")}`,
    ) ?? null
  );
}

/** The key is one of another provider of the same statement. */
function isOfAnother({ statement, provider }: Unit, key: string): boolean {
  const urls = (statement.principals?.["Federated"] ?? []).flatMap((one) => providerUrl(one) ?? []);
  return urls.some((url) => url !== provider.url && key.toLowerCase().startsWith(`${url.toLowerCase()}:`));
}

function isLiteral({ operator }: Condition): boolean {
  const name = readOperator(operator);
  return name?.kind === "compare" && /^String(Not)?Equals/.test(name.operator.name);
}

function never(meant: Meant, check: Check): Proof {
  const { kind, subject, wanted, got, note } = check;
  return {
    kind: "never",
    claims: meant.probe.claims,
    check: { kind, subject, wanted, got, ...(note === undefined ? {} : { note }) },
  };
}

function deadFor(reason: Reason, message: (dead: Dead) => string): (facts: RoleFacts) => readonly Found[] {
  return (facts) =>
    deadUnits(facts)
      .filter((dead) => dead.reason === reason)
      .map((dead) => ({
        statement: dead.unit.index,
        path: dead.condition
          ? conditionPath(dead.unit.index, dead.condition.operator, dead.condition.key)
          : `Statement[${dead.unit.index}]`,
        message: message(dead),
        proof: never(dead.meant, dead.check),
      }));
}

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
  const { kind: _, claim: _claim, ...proof } = probe;
  const { operator = "", key = "" } = cause.condition ?? {};
  return {
    severity: cause.severity,
    statement: unit.index,
    path: conditionPath(unit.index, operator, key),
    message: `${probe.who} gets the role: ${key} has never a value, and ${operator} is true without one`,
    proof: { kind: "accepted", ...proof },
  };
}

function idleKeys({ unit, probe, allowedBy }: Meant, already: readonly Found[]): readonly Found[] {
  if (allowedBy !== unit.index) return [];
  return unit.statement.conditions.flatMap(({ key, operator }): readonly Found[] => {
    const path = conditionPath(unit.index, operator, key);
    if (/^(aws|sts):/i.test(key) || neverExposed(key, unit.provider) === null) return [];
    // With several providers the key is of another one, and T024 tells of it.
    if (already.some((one) => one.path === path) || isOfAnother(unit, key)) return [];
    const { kind: _, claim: _claim, ...proof } = probe;
    const message = `${key} has never a value, and ${operator} is true without one: the condition does nothing`;
    return [{ severity: "low", statement: unit.index, path, message, proof: { kind: "accepted", ...proof } }];
  });
}

function firstOfPath(found: readonly Found[]): readonly Found[] {
  return found.filter((one, index) => found.findIndex(({ path }) => path === one.path) === index);
}

/** Values with a wildcard where it is a plain character: the token that was meant is refused. */
function wildcardsInEquals({ meant }: RoleFacts): readonly Found[] {
  return meant.flatMap((one) => {
    const { unit, value, allowedBy, failed } = one;
    if (allowedBy !== null || value === null || !isPattern(value)) return [];
    const check = failed.find((check_) => {
      const condition = conditionOf(unit, check_);
      return condition !== null && isLiteral(condition) && condition.values.includes(value);
    });
    if (!check) return [];
    const condition = conditionOf(unit, check);
    return [
      {
        statement: unit.index,
        path: conditionPath(unit.index, condition?.operator ?? "", check.subject),
        message: `${value} is compared letter by letter, the wildcard too`,
        proof: never(one, check),
      },
    ];
  });
}

/** Subjects that no token has, since the issuer writes them otherwise. */
function misspelt({ units }: RoleFacts): readonly Found[] {
  return units.flatMap((unit) =>
    [...new Set(wantedValues(unit.tests, "sub"))].flatMap((value) => {
      const issued = asIssued(unit.shape, value);
      if (issued === null) return [];
      const meant = meantOf(unit, meantProbeWith(unit, issued), value);
      const check = meant.failed.find(({ subject }) => subject.toLowerCase() === `${unit.provider.url}:sub`);
      if (meant.allowedBy !== null || !check) return [];
      return [
        {
          statement: unit.index,
          path: `Statement[${unit.index}].Condition`,
          message: `${value} is never sent: the issuer writes ${issued}`,
          proof: never(meant, check),
          fix: `write ${issued}`,
        },
      ];
    }),
  );
}

/** Subjects that jobs are known to send, in a form that the policy does not know, though it knows the other. */
function staleForm({ units, context }: RoleFacts): readonly Found[] {
  return units.flatMap((unit) =>
    (context.subjects ?? []).flatMap((subject) => {
      const meant = meantOf(unit, meantProbeWith(unit, subject), subject);
      if (meant.allowedBy !== null) return [];
      const check = meant.failed.find((one) => one.subject.toLowerCase() === `${unit.provider.url}:sub`);
      const known = otherForm(subject, wantedValues(unit.tests, "sub"));
      if (!check || known === null) return [];
      const before = meantOf(unit, meantProbeWith(unit, known), known);
      if (before.allowedBy === null) return [];
      return [
        {
          statement: unit.index,
          path: `Statement[${unit.index}].Condition`,
          message: `jobs send ${subject}, and the policy knows only ${known}`,
          proof: never(meant, check),
          fix: `add ${subject} beside it; drop the other form once nobody sends it`,
        },
      ];
    }),
  );
}

/** The audiences that a statement tests and the provider does not have. */
function unregistered(facts: RoleFacts): readonly Found[] {
  return facts.units.flatMap((unit) => {
    if (!unit.audiencesKnown) return [];
    return [...new Set(wantedValues(unit.tests, "aud"))].flatMap((audience) => {
      if (isPattern(audience) || unit.provider.audiences.includes(audience)) return [];
      const [subject = unit.shape.sample.project] = wantedValues(unit.tests, "sub");
      const probe = meantProbeWith(unit, subject);
      const meant = meantOf(unit, { ...probe, claims: { ...probe.claims, aud: audience } }, null);
      const check = meant.failed.find(({ kind }) => kind === "audience");
      if (!check) return [];
      return [
        {
          statement: unit.index,
          path: `Statement[${unit.index}].Condition`,
          message: `a token for ${audience} is refused before the trust policy is looked at`,
          proof: never(meant, check),
        },
      ];
    });
  });
}

/** Providers of known issuers whose URL is not the one that tokens have: with a scheme, or a slash at its end. */
function misnamed({ units, role, context }: RoleFacts): readonly Found[] {
  return units.flatMap((unit): readonly Found[] => {
    const { url } = unit.provider;
    const right = url.replace(/^(https?:\/\/)?(www\.)?/, "").replace(/\/$/, "");
    const issuer = SHAPES.find((shape) => shape.issuer?.test(right));
    if (right === url || !issuer || !unit.providerExists) return [];
    const meant = meantProbeWith(unit, writeSubject(issuer, issuer.sample));
    const probe = { ...meant, claims: { ...meant.claims, iss: `https://${right}` } };
    const decision = tryProbe(role.trust, null, probe, { roleArn: unit.roleArn, now: context.now });
    const check = decision.checks.find(({ kind }) => kind === "provider");
    if (!check) return [];
    return [
      {
        statement: unit.index,
        path: `Statement[${unit.index}].Principal.Federated`,
        message: `tokens have the issuer https://${right}, and the provider is for ${url}`,
        proof: {
          kind: "never",
          claims: probe.claims,
          check: { kind: "provider", subject: "iss", wanted: check.wanted, got: check.got },
        },
      },
    ];
  });
}

/** Every action of STS, or one that has nothing to do with tokens. */
function wrongAction(facts: RoleFacts): readonly Found[] {
  const dead = deadFor(
    "T025",
    ({ unit }) => `${unit.statement.actions?.join(", ") ?? "NotAction"} is not what exchanges a token`,
  )(facts);
  const wide = facts.accepted
    .filter(({ cause }) => cause.rule === "T025")
    .map(({ unit, probe }): Found => {
      const { kind: _, claim: _claim, ...proof } = probe;
      return {
        severity: "medium",
        statement: unit.index,
        path: `Statement[${unit.index}].Action`,
        message: `${unit.statement.actions?.join(", ") ?? ""} allows more than the exchange: ${probe.who}`,
        proof: { kind: "accepted", ...proof },
      };
    });
  return [...dead, ...firstOfPath(wide)];
}

// Characters of a trust policy, white space apart, unless the quota was raised. Source: IAM guide, IAM and STS quotas.
const QUOTA = 2048;

function tooLong({ role }: RoleFacts): readonly Found[] {
  if (role.size === null || role.size <= QUOTA) return [];
  const message = `Cannot exceed quota for ACLSizePerRole: ${QUOTA}`;
  return [{ message: `the trust policy has ${role.size} characters of ${QUOTA}`, proof: { kind: "unsaved", message } }];
}

function grandfathered({ role }: RoleFacts): readonly Found[] {
  const message = checkSharedIssuers(role.trust);
  if (message === null) return [];
  return [{ message: "IAM would refuse this trust policy, were it edited today", proof: { kind: "unsaved", message } }];
}

const EXACT = "write it as the issuer does; rolecall subject prints the subject of a job";

/** Trust policies, or parts of them, that let nobody in. */
export const DEAD_RULES: readonly Rule[] = [
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
    id: "T018",
    name: "stale-sub-format",
    severity: "medium",
    title: "jobs send the subject in a form that the policy does not know",
    probe: "a subject that jobs are known to send (--subject)",
    fix: "both forms while the repository moves, then the new one alone",
    source: "GitHub docs, immutable subjects; terraform-aws-modules/terraform-aws-iam#659",
    role: staleForm,
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
  {
    id: "T026",
    name: "wildcard-in-equals",
    severity: "medium",
    title: "a wildcard under StringEquals is a plain character",
    probe: "the token that the pattern was written for",
    fix: "StringLike for that value",
    source: "AWS IAM guide, condition operators; GitLab docs, cloud services, AWS, troubleshooting",
    role: wildcardsInEquals,
  },
  {
    id: "T027",
    name: "case-space-slash",
    severity: "medium",
    title: "a subject that the issuer never writes like that",
    probe: "the subject as the issuer writes it",
    fix: EXACT,
    source: "GitHub docs, OpenID Connect reference; GitLab docs, id_token_authentication",
    role: misspelt,
  },
  {
    id: "T028",
    name: "exact-and-like",
    severity: "medium",
    title: "two conditions on one claim that no value meets",
    probe: "the token that one of them was written for",
    fix: "a statement for each: conditions of one statement must all hold",
    source: "AWS IAM guide, multiple context keys or values; terraform-aws-modules/terraform-aws-iam#633",
    role: deadFor("T028", ({ condition }) => `${condition?.key ?? ""} is tested twice, and no value passes both`),
  },
  {
    id: "T035",
    name: "too-long",
    severity: "medium",
    title: "the trust policy is longer than IAM takes",
    probe: "the length, white space apart",
    fix: "split the role, or join subjects by a wildcard at their end",
    source: "AWS IAM guide, IAM and STS quotas",
    role: tooLong,
  },
  {
    id: "T036",
    name: "grandfathered",
    severity: "info",
    title: "IAM keeps this trust policy and would not save it again",
    probe: "IAM's check of shared issuers, as of 2025-06",
    fix: "mend it before somebody has to edit it in a hurry",
    source: "AWS IAM guide, id_roles_providers_oidc_secure-by-default",
    role: grandfathered,
  },
  {
    id: "P001",
    name: "aud-unregistered",
    severity: "medium",
    title: "the trust policy wants an audience that the provider does not have",
    probe: "a token for that audience",
    fix: "aws iam add-client-id-to-open-id-connect-provider",
    source: "AWS STS API reference, AssumeRoleWithWebIdentity",
    role: unregistered,
  },
  {
    id: "P002",
    name: "provider-missing",
    severity: "medium",
    title: "the provider that the role trusts is not in the account",
    probe: "the token that was meant",
    fix: "create the provider, with the issuer's URL as it is in iss; a URL cannot be edited later",
    source: "AWS STS API reference; aws/aws-sam-cli#7432",
    role: (facts) => [
      ...deadFor("P002", ({ unit }) => `the account has no ${unit.provider.arn}`)(facts),
      ...misnamed(facts),
    ],
  },
];
