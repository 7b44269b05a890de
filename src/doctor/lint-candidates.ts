import { matchGlob, parseGlob } from "../core/glob.ts";
import type { Finding } from "../core/lint/finding.ts";
import { meantProbes, meantProbeWith } from "../core/lint/probes.ts";
import { readParts, writeSubject } from "../core/lint/shapes/parts.ts";
import { type Probe, tryProbe } from "../core/lint/trial.ts";
import { OTHER_AUDIENCE, type Test, type Unit } from "../core/lint/unit.ts";
import { isPattern } from "../core/lint/wildcards.ts";
import { showClaim } from "../core/token.ts";
import type { PolicyEdit } from "./lint-policy-edit.ts";

/** Edits that may mend a finding; whether they do is tried. */
export interface Candidate {
  readonly edits: readonly PolicyEdit[];
  /** Where jobs are named anew: the subjects that stay, and tokens of those that were named; null where none is. */
  readonly meant: { readonly values: readonly string[]; readonly trials: readonly Probe[] } | null;
  /** The token that is to be refused, where the finding's own is one of those that were named. */
  readonly hostile?: Probe;
}

/** What the user knows and the policy does not say. */
export interface Told {
  /** Of jobs that are to keep the role; patterns too. */
  readonly subjects: readonly string[];
  /** Of those jobs' tokens. */
  readonly audiences: readonly string[];
}

/** What could mend a finding without a guess, the plainest first. */
export function candidatesFor(finding: Finding, unit: Unit, told: Told): readonly Candidate[] {
  return [
    ...(BY_RULE[finding.rule]?.(finding, unit) ?? []),
    ...namedJobs(finding, unit, told.subjects),
    ...namedAudiences(finding, unit, told.audiences),
  ];
}

type Mender = (finding: Finding, unit: Unit) => readonly Candidate[];

const BY_RULE: Readonly<Record<string, Mender>> = {
  T003: closedNames,
  T010: (finding, unit) => renamed(finding, unit, (operator) => operator.replace(/^For(All|Any)Values:/i, "")),
  T011: (finding, unit) => renamed(finding, unit, (operator) => operator.replace(/IfExists$/i, "")),
  T015: oneAudience,
  T025: exchangeAlone,
};

function renamed(finding: Finding, unit: Unit, rename: (operator: string) => string): readonly Candidate[] {
  const test = testOf(finding, unit);
  if (!test) return [];
  const { operator: from, key } = test.condition;
  return [plain({ kind: "operator", statement: unit.index, key, from, to: rename(from) })];
}

/** The condition that a finding points to. */
function testOf({ path = "" }: Finding, { tests, index }: Unit): Test | null {
  return (
    tests.find(({ condition: { operator, key } }) => path === `Statement[${index}].Condition.${operator}["${key}"]`) ??
    null
  );
}

function plain(edit: PolicyEdit): Candidate {
  return { edits: [edit], meant: null };
}

/** `repo:acme*` with the separator that ends a name: `repo:acme/*`, and as GitHub writes it with an id. */
function closedNames(finding: Finding, unit: Unit): readonly Candidate[] {
  const test = testOf(finding, unit);
  if (test?.claim !== "sub" || finding.proof.kind !== "accepted") return [];
  const { operator, key, values } = test.condition;
  const subject = showClaim(finding.proof.claims, "sub");
  const close = (value: string, forms: (value: string) => readonly string[]): readonly string[] =>
    matchGlob(parseGlob(value), subject) ? forms(value) : [value];
  const edit = (forms: (value: string) => readonly string[]): Candidate => {
    const closed = [...new Set(values.flatMap((value) => close(value, forms)))];
    return plain({ kind: "values", statement: unit.index, key, operator, values: closed });
  };
  const ended = (value: string): readonly string[] => withEnd(value, unit);
  return [edit((value) => [...ended(value), ...withId(value, unit)]), edit(ended)];
}

function withEnd(value: string, { shape }: Unit): readonly string[] {
  const parts = readParts(shape, value);
  const tenant = parts?.tenant.replaceAll(/[*?]/g, "") ?? "";
  if (!parts || tenant === "" || tenant.includes("@")) return [value];
  return [writeSubject(shape, { tenant, project: parts.project === "" ? "*" : parts.project, tail: parts.tail })];
}

/** No account name of GitHub has an @ in it, so that what follows it is the account's own id. */
function withId(value: string, { shape }: Unit): readonly string[] {
  const parts = shape.id === "github" ? readParts(shape, value) : null;
  const tenant = parts?.tenant.replaceAll(/[*?]/g, "") ?? "";
  return parts?.project === "" && parts.tail === "" && tenant !== "" && !tenant.includes("@")
    ? [`${shape.lead}${tenant}@*`]
    : [];
}

/** The only audience of the provider that the pattern takes. */
function oneAudience(finding: Finding, unit: Unit): readonly Candidate[] {
  const test = testOf(finding, unit);
  if (!test || !unit.audiencesKnown) return [];
  const { operator, key, values } = test.condition;
  const possible = unit.provider.audiences.filter((one) => values.some((value) => matchGlob(parseGlob(value), one)));
  return possible.length === 1
    ? [plain({ kind: "values", statement: unit.index, key, operator, values: possible })]
    : [];
}

const EXCHANGE = "sts:AssumeRoleWithWebIdentity";

// GitHub and gitlab.com put no session tags into their tokens, so that no job there can need sts:TagSession.
const UNTAGGED = ["github", "gitlab"];

/** Where only tokens without tags are trusted, no other action is of use to a job. */
function exchangeAlone(_: Finding, { statement, index, shape }: Unit): readonly Candidate[] {
  const principals = Object.keys(statement.principals ?? {});
  if (!statement.actions || !UNTAGGED.includes(shape.id) || principals.some((type) => type !== "Federated")) return [];
  return [plain({ kind: "actions", statement: index, actions: [EXCHANGE] })];
}

/** Findings that only somebody who knows the jobs can mend. */
const OF_SUBJECTS: ReadonlySet<string> = new Set(
  "T001 T002 T003 T004 T005 T006 T007 T008 T009 T020 T029 T030 T033".split(" "),
);

/** The subjects that the user has named, instead of the patterns that are too wide. */
function namedJobs(finding: Finding, unit: Unit, subjects: readonly string[]): readonly Candidate[] {
  if (!OF_SUBJECTS.has(finding.rule) || finding.proof.kind !== "accepted") return [];
  const hostile = showClaim(finding.proof.claims, "sub");
  const test = subjectTest(unit);
  const isWide = (value: string): boolean => matchGlob(parseGlob(value), hostile);
  const wide = test ? test.condition.values.filter(isWide) : null;
  const fits = subjects.filter((subject) => isLetIn(unit, wide, subject));
  if (fits.length === 0) return [];
  const trials = fits.map((subject) => meantProbeWith(unit, filled(subject)));
  if (!test) {
    const operator = fits.some(isPattern) ? "StringLike" : "StringEquals";
    const key = `${unit.provider.url}:sub`;
    const edit = { kind: "condition", statement: unit.index, key, operator, values: fits } as const;
    return [{ edits: [edit], meant: { values: [], trials } }];
  }
  const narrow = test.condition.values.filter((value) => !isWide(value));
  const more = fits.filter((subject) => !narrow.some((value) => covers(value, subject)));
  const { key, operator } = test.condition;
  const edit = { kind: "values", statement: unit.index, key, operator, values: [...narrow, ...more] } as const;
  return [{ edits: [edit], meant: { values: narrow, trials } }];
}

/** The condition whose values are the subjects that may; a negated one says who may not. */
function subjectTest({ tests }: Unit): Test | null {
  return (
    tests.find(
      ({ claim, operator, condition }) =>
        claim === "sub" &&
        operator.kind === "compare" &&
        !operator.operator.negated &&
        !condition.values.some((value) => value.includes("${")),
    ) ?? null
  );
}

/** True of a subject, or a pattern, that gets the role today, and by one of the values that are too wide. */
function isLetIn(unit: Unit, wide: readonly string[] | null, subject: string): boolean {
  if (wide !== null && !wide.some((value) => covers(value, subject))) return false;
  const probe = meantProbeWith(unit, filled(subject));
  return tryProbe(unit.policy, unit.provider, probe, unit).outcome === "allowed";
}

function filled(subject: string): string {
  return subject.replaceAll("*", "x").replaceAll("?", "x");
}

/** True when a pattern takes whatever the other does. A `?` of it might take the other's `*` for one character. */
export function covers(value: string, other: string): boolean {
  if (!isPattern(other)) return matchGlob(parseGlob(value), other);
  return value === other || (!value.includes("?") && matchGlob(parseGlob(value), other));
}

/** The audiences that the user has named, where none is tested or a pattern is too wide. */
function namedAudiences(finding: Finding, unit: Unit, audiences: readonly string[]): readonly Candidate[] {
  if (finding.rule !== "T013" && finding.rule !== "T015") return [];
  const trials = forAudiences(unit, audiences);
  const values = [...new Set(trials.map(({ claims }) => showClaim(claims, "aud")))];
  const others = [...unit.provider.audiences, OTHER_AUDIENCE].filter((one) => !values.includes(one));
  const [hostile] = forAudiences(unit, others);
  if (values.length === 0 || !hostile) return [];
  const test = testOf(finding, unit);
  const edit: PolicyEdit = test
    ? { kind: "values", statement: unit.index, key: test.condition.key, operator: test.condition.operator, values }
    : { kind: "condition", statement: unit.index, key: `${unit.provider.url}:aud`, operator: "StringEquals", values };
  return [{ edits: [edit], meant: { values: [], trials }, hostile }];
}

/** The tokens that a statement is for, with these audiences, as far as they get the role today. */
function forAudiences(unit: Unit, audiences: readonly string[]): readonly Probe[] {
  return audiences
    .flatMap((aud) => meantProbes(unit).map((one) => ({ ...one, claims: { ...one.claims, aud } })))
    .filter((one) => tryProbe(unit.policy, unit.provider, one, unit).outcome === "allowed");
}
