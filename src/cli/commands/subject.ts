import { allowProblem, scopeEntry } from "../../account/scope-entry.ts";
import { lacksSubjectIds } from "../../account/ids.ts";
import { readScope, type ScopeProblem, scopeProblems } from "../../account/scope.ts";
import type { Ci, Scope } from "../../ci/ci.ts";
import { CIS, findCi } from "../../ci/index.ts";
import { SUBJECT_TEMPLATES } from "../../ci/subject-template.ts";
import { issuerName } from "../../core/arn.ts";
import { RolecallError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { Condition } from "../../core/policy.ts";
import { RESOLVE_OPTIONS, resolve } from "../ci-api.ts";
import { defineCommand } from "../command.ts";
import type { Io } from "../io.ts";
import { note } from "../report.ts";

export default defineCommand({
  name: "subject",
  summary: "print the sub that jobs of a project and ref have, as a trust policy tests it",
  usage: "CI --project PATH [options]",
  examples: [
    ["rolecall subject gitlab --project acme/shop --branch main", "of a branch"],
    ["rolecall subject github --project octo/shop --environment production --resolve", "with and without ids"],
    [
      "rolecall subject github --project octo/shop --branch main --template repo,context,job_workflow_ref --claim job_workflow_ref=octo/ops/.github/workflows/deploy.yml@refs/heads/main",
      "of a repository's own template",
    ],
  ],
  options: {
    project: { type: "string", value: "PATH", help: "the project, as in rolecall.yaml" },
    branch: { type: "string", value: "NAME", help: "of this branch; * and ? are wildcards" },
    tag: { type: "string", value: "NAME", help: "of this tag; * and ? are wildcards" },
    environment: { type: "string", value: "NAME", help: "of this environment (github, bitbucket)" },
    "pull-requests": { type: "boolean", help: "of pull requests (github, forgejo, gitlab.com)" },
    immutable: { type: "boolean", help: "github: the form with ids alone" },
    id: { type: "string", value: "NAME=ID", multiple: true, help: "an id, as in rolecall.yaml: repository_id=74" },
    template: {
      type: "string",
      value: "LIST",
      help: "what the project's subject is made of (github: include_claim_keys, gitlab: components)",
    },
    claim: { type: "string", value: "NAME=VALUE", multiple: true, help: "a claim that the template names" },
    issuer: { type: "string", value: "URL", help: "of a self-managed instance, or where each customer has one" },
    json: { type: "boolean", help: "print issuer, condition key, operator and subjects as JSON" },
    ...RESOLVE_OPTIONS,
  },
  positionals: ["CI"],
  choices: CIS.map(({ id }) => id),
  async run({ options, positionals: [id = ""] }, io) {
    const ci = ciOf(id);
    const entry = scopeEntry(options);
    const issuer = options.issuer ?? ci.issuer ?? ci.pretendedIssuer;
    const resolved = options.resolve
      ? await resolve({ ci: ci.id, project: options.project ?? "", issuer }, options, io)
      : null;
    const scope = checkedScope(ci, issuer, { ...entry, ...resolved?.ids });
    const condition = options.template === undefined ? subjectOf(ci, issuer, scope) : null;
    const subjects = condition?.values ?? [fromTemplate(ci, scope, options.template ?? "", options.claim ?? [])];
    const operator = condition?.operator ?? (/[*?]/.test(subjects.join("")) ? "StringLike" : "StringEquals");
    if (options.json) {
      io.out(`${JSON.stringify({ issuer, key: `${issuerName(issuer)}:sub`, operator, subjects })}\n`);
      return 0;
    }
    for (const subject of subjects) io.out(`${subject}\n`);
    explain(operator, subjects, io, options.quiet);
    return 0;
  },
});

function ciOf(id: string): Ci {
  const ci = findCi(id);
  if (ci) return ci;
  const ids = CIS.map((one) => one.id);
  const meant = nearest(id, ids);
  throw new RolecallError("usage", `subject: expected one of ${ids.join(", ")}, got ${JSON.stringify(id)}`, {
    hints: meant ? [`did you mean ${meant}?`] : [],
  });
}

/** The grammar is that of an entry of `allow`. */
function checkedScope(ci: Ci, issuer: string, entry: Readonly<Record<string, unknown>>): Scope {
  const [problem] = scopeProblems(ci.id, issuer, entry);
  if (problem) throw wrongEntry(problem, entry);
  const scope = readScope(ci.id, entry);
  if (lacksSubjectIds(scope)) throw wrongEntry({ kind: "rule", rule: "scope-immutable", key: "immutable" }, entry);
  return scope;
}

function wrongEntry(problem: ScopeProblem, entry: Readonly<Record<string, unknown>>): RolecallError {
  const { text, hints } = allowProblem(problem, entry);
  return new RolecallError("usage", `subject: ${text}`, { hints });
}

function subjectOf(ci: Ci, issuer: string, scope: Scope): Condition {
  const found = ci.conditions(issuer, scope).find(({ key }) => key.endsWith(":sub"));
  if (!found) throw new RolecallError("unexpected", `${ci.id} tests no subject`);
  return found;
}

function fromTemplate(ci: Ci, scope: Scope, list: string, claims: readonly string[]): string {
  const template = SUBJECT_TEMPLATES[ci.id];
  if (!template) {
    const able = Object.keys(SUBJECT_TEMPLATES).join(" and ");
    throw new RolecallError("usage", `--template: only projects of ${able} make their own subject, got ${ci.id}`);
  }
  const names = list.split(",").map((name) => name.trim());
  const given = Object.fromEntries(claims.map(readClaim));
  const result = template(names, scope, given);
  if (result.kind === "subject") return result.subject;
  if (result.kind === "refused")
    throw new RolecallError("usage", `--template: expected ${result.expected}, got ${list}`);
  throw new RolecallError("usage", `--template: expected a value for ${result.claims.join(", ")}, got none`, {
    hints: result.claims.map((name) => `--claim ${name}=VALUE`),
  });
}

function readClaim(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new RolecallError("usage", `--claim: expected NAME=VALUE, got ${JSON.stringify(text)}`);
}

function explain(operator: string, subjects: readonly string[], io: Io, quiet: boolean): void {
  if (quiet) return;
  if (operator === "StringLike")
    note(io, "a pattern: test it with StringLike; what the stars stand for differs from job to job");
  if (subjects.length > 1) note(io, "either form: a project sends the one or the other, by its age and its settings");
}
