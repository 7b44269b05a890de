import type { Found, LintContext } from "../finding.ts";
import { meantOf } from "../judge.ts";
import { meantProbeWith } from "../probes.ts";
import { neverProof } from "../proof.ts";
import { conditionPath, type Rule, type RoleFacts } from "../rule.ts";
import { type Unit, wantedValues } from "../unit.ts";
import { isPattern } from "../wildcards.ts";
import { conditionOf, deadFor, isLiteral } from "./dead.ts";
import { asIssued } from "./issued-form.ts";
import { otherForm } from "./subject-forms.ts";

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
        proof: neverProof(one.probe, check),
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
          proof: neverProof(meant.probe, check),
          fix: `write ${issued}`,
        },
      ];
    }),
  );
}

/** Subjects that jobs send: those that were named, and those that a project's own prefix makes. */
function sentSubjects({ provider, tests }: Unit, { subjects = [], platform }: LintContext): readonly string[] {
  const prefixes = (platform?.projects ?? []).flatMap(({ issuer, subjectPrefix }) =>
    issuer === provider.url && subjectPrefix !== undefined ? [subjectPrefix] : [],
  );
  const tails = wantedValues(tests, "sub").flatMap((value) => /^repo:[^/:]+\/[^/:]+(:[^*?]+)$/.exec(value)?.[1] ?? []);
  return [...new Set([...subjects, ...prefixes.flatMap((prefix) => tails.map((tail) => `${prefix}${tail}`))])];
}

/** Subjects that jobs are known to send, in a form that the policy does not know, though it knows the other. */
function staleForm({ units, context }: RoleFacts): readonly Found[] {
  return units.flatMap((unit) =>
    sentSubjects(unit, context).flatMap((subject) => {
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
          proof: neverProof(meant.probe, check),
          fix: `add ${subject} beside it; drop the other form once nobody sends it`,
        },
      ];
    }),
  );
}

const EXACT = "write it as the issuer does; rolecall subject prints the subject of a job";

/** Conditions whose values no token has. */
export const VALUE_RULES: readonly Rule[] = [
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
];
