import type { Finding } from "../core/lint/finding.ts";
import { findRule } from "../core/lint/catalogue.ts";
import type { Told } from "./lint-candidates.ts";

const JOBS = "which jobs is the role for? name them: --subject SUB, once for each, and the policy is narrowed to them";

const ABSENT = "are jobs without that claim to keep the role? if not, the operator is to be without the qualifier";

const AUDIENCE = "which audience do its jobs' tokens have? name it: --audience AUD";

/** What only somebody who knows the jobs can say, by rule. */
const QUESTIONS: Readonly<Record<string, string>> = {
  T001: JOBS,
  T002: JOBS,
  T003: JOBS,
  T004: JOBS,
  T005: `which branch, tag or environment? ${JOBS}`,
  T006: `may pull requests have the role? if not: ${JOBS}`,
  T007: JOBS,
  T008: `which ref? ${JOBS}`,
  T009: JOBS,
  T010: ABSENT,
  T011: ABSENT,
  T013: AUDIENCE,
  T015: AUDIENCE,
  T016: "which ids have the project and its owner? rolecall token show prints them in a job",
  T019: "which ref of the workflow is trusted, and who may call it?",
  T020: JOBS,
  T023: "is that principal to have the role? if not, take it out; if so, give it a role of its own",
  T025: "do its jobs send session tags? if not, the action is sts:AssumeRoleWithWebIdentity alone",
  T029: JOBS,
  T030: JOBS,
  T031: "which identity pool is it for?",
  T032: "which application or tenant is it for?",
  T033: JOBS,
  T034: "do its jobs send session tags? if not, take sts:TagSession out",
  T036: "follows from the others; where it is alone: test a claim that says whose jobs they are",
};

const WIDER =
  "nobody gets the role by this, so that to mend it lets somebody in, which --fix never does: rolecall explain shows the change";

/** What has to be known, or done elsewhere, before a finding can be mended. */
export function questionFor(finding: Finding, { subjects, audiences }: Told): string {
  if (finding.proof.kind === "never") return WIDER;
  const question = QUESTIONS[finding.rule] ?? findRule(finding.rule)?.fix ?? finding.fix;
  if (subjects.length > 0 && question.includes(JOBS))
    return `the subjects that were given do not narrow it, or do not get the role today; ${question}`;
  if (audiences.length > 0 && question === AUDIENCE)
    return `tokens for the audiences that were given do not get the role today; ${question}`;
  return question;
}
