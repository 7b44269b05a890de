import type { Ci, Scope, Unsayable, Word } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { issuerName } from "../core/arn.ts";
import { issuerClaims } from "../core/condition-keys.ts";
import { type RuleId, ruleOf } from "./rules.ts";
import { isMapping } from "./rules/rule.ts";

/** What is wrong with an entry of this CI. */
export type ScopeProblem =
  /** A rule that a value, or the entry as a whole where the key is null, does not keep. */
  | { readonly kind: "rule"; readonly rule: RuleId; readonly key: string | null }
  | { readonly kind: "unknown"; readonly key: string; readonly known: readonly string[] }
  | { readonly kind: "missing"; readonly key: string }
  /** A key whose meaning no trust policy can test. */
  | ({ readonly kind: "unsayable"; readonly key: string; readonly ci: string } & Unsayable);

// Where a CI has its own form of a value.
const FORMS: Readonly<Record<string, Partial<Record<"project" | "environment", RuleId>>>> = {
  azure: { project: "project-spaced" },
  terraform: { project: "project-spaced", environment: "run-phase" },
  spacelift: { environment: "access" },
  github: { project: "project-github" },
  circleci: { project: "project-circleci" },
  buildkite: { project: "project-buildkite" },
  bitbucket: { project: "project-bitbucket", environment: "environment-bitbucket" },
  jenkins: { project: "project-jenkins" },
  custom: { project: "project-custom" },
};

// The rule of what a word means, unless the CI has its own form.
const RULE_OF: Readonly<Record<Word["means"], RuleId>> = {
  project: "project",
  branch: "branch",
  tag: "tag",
  environment: "environment",
  pullRequests: "truth",
  protected: "truth",
  immutable: "boolean",
  workflow: "workflow",
  id: "id",
};

const REFS = new Set<Word["means"]>(["branch", "tag", "environment", "pullRequests"]);

/** The rule for a word of a CI; JSON Schema is made of it as well. */
export function ruleOfWord(ci: string, { means }: Word, hasRef = false): RuleId {
  if (ci === "circleci" && means === "project" && hasRef) return "project-circleci-ref";
  return (means === "project" || means === "environment" ? FORMS[ci]?.[means] : undefined) ?? RULE_OF[means];
}

/** What only the CI and its issuer can tell: which keys there are, what their values look like, what AWS can test. */
export function scopeProblems(id: string, issuer: string, entry: unknown): readonly ScopeProblem[] {
  const ci = findCi(id);
  // That an entry is no mapping is told elsewhere, and that there is no such CI.
  if (!isMapping(entry)) return [];
  if (!ci) return commonProblems(entry);
  const used = Object.keys(entry).flatMap((key) => {
    const word = wordOf(ci, key);
    return word ? [{ key, word }] : [];
  });
  const strange = Object.keys(entry).filter((key) => !wordOf(ci, key));
  const hasRef = used.some(({ word }) => REFS.has(word.means));
  const rules = used.flatMap(({ key, word }): readonly ScopeProblem[] => {
    const rule = ruleOfWord(id, word, hasRef);
    return ruleOf(rule).accepts(entry[key]) ? [] : [{ kind: "rule", rule, key }];
  });
  return [
    ...strange.map((key) => strangeKey(ci, key)),
    ...used.flatMap(({ key, word }) => unseen(ci, issuer, key, word)),
    ...rules,
    // Of an entry that is wrong in its parts the whole says nothing.
    ...(strange.length + rules.length > 0 ? missingProject(used) : wholeProblems(ci, issuer, entry, used)),
  ];
}

/** What is wrong whichever CI was meant. */
function commonProblems(entry: Readonly<Record<string, unknown>>): readonly ScopeProblem[] {
  const common = (["branch", "tag", "environment"] as const).filter((key) => key in entry);
  return common.flatMap((key) => (ruleOf(key).accepts(entry[key]) ? [] : [{ kind: "rule", rule: key, key }]));
}

type Used = readonly { readonly key: string; readonly word: Word }[];

function wordOf({ words }: Ci, key: string): Word | null {
  return Object.hasOwn(words, key) ? (words[key] ?? null) : null;
}

function strangeKey({ name, unsayable, words }: Ci, key: string): ScopeProblem {
  const known = Object.hasOwn(unsayable, key) ? unsayable[key] : undefined;
  if (known) return { kind: "unsayable", key, ci: name, ...known };
  return { kind: "unknown", key, known: Object.keys(words) };
}

/** A claim that AWS shows of the vendor's own issuer is not seen of an instance elsewhere. */
function unseen({ name, words }: Ci, issuer: string, key: string, { claim }: Word): readonly ScopeProblem[] {
  if (claim === undefined || issuerClaims(issuerName(issuer)).includes(claim)) return [];
  const nearest = ["branch", "environment", "project"].find((one) => one !== key && Object.hasOwn(words, one));
  return [
    {
      kind: "unsayable",
      key,
      ci: name,
      why: `AWS does not see ${claim} of ${issuerName(issuer)}`,
      nearest: `${nearest ?? "project"}: alone; or make the claim part of the subject, and say ci: custom with the whole of it`,
    },
  ];
}

function missingProject(used: Used): readonly ScopeProblem[] {
  const projects = used.filter(({ word }) => word.means === "project");
  if (projects.length === 0) return [{ kind: "missing", key: "project" }];
  // Two words for one thing.
  return projects.slice(1).map(({ key }) => ({ kind: "rule", rule: "scope-project-once", key }));
}

function wholeProblems(ci: Ci, issuer: string, entry: Readonly<Record<string, unknown>>, used: Used) {
  const means = new Set(used.map(({ word }) => word.means));
  const refs = used.filter(({ word }) => REFS.has(word.means));
  const problems: ScopeProblem[] = [...missingProject(used)];
  const whole = (rule: RuleId, key: string | null = null): void => void problems.push({ kind: "rule", rule, key });
  if (refs.length > 1 && !mayJoin(ci, issuer, means)) whole("scope-one-ref");
  if (refs.length === 0 && !ci.projectAlone) whole("scope-some-ref");
  const workflow = used.find(({ word }) => word.means === "workflow");
  if (workflow && !String(entry[workflow.key]).includes("@") && !means.has("branch") && !means.has("tag"))
    whole("scope-workflow-ref", workflow.key);
  return problems;
}

/** Where AWS sees the ref beside a subject that has the environment in it, both can be asked for. */
function mayJoin({ id }: Ci, issuer: string, means: ReadonlySet<Word["means"]>): boolean {
  if (means.has("pullRequests") || (means.has("branch") && means.has("tag"))) return false;
  return id === "github" && issuerClaims(issuerName(issuer)).includes("ref");
}

/** An entry that has no problem, as the CI's file takes it. */
export function readScope(id: string, entry: Readonly<Record<string, unknown>>): Scope {
  const words = findCi(id)?.words ?? {};
  const parts = Object.entries(entry).map(([key, value]) => ({ word: words[key], value }));
  const ids = parts.flatMap(({ word, value }) =>
    word?.claim && word.means === "id" ? [[word.claim, String(value)]] : [],
  );
  const plain = parts.flatMap(({ word, value }) => (word && word.means !== "id" ? [[word.means, value]] : []));
  const scope = Object.fromEntries(plain) as Scope;
  return ids.length === 0 ? scope : { ...scope, ids: Object.fromEntries(ids) as Record<string, string> };
}
