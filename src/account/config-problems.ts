import type * as v from "valibot";

import { findCi } from "../ci/index.ts";
import { nearest } from "../core/nearest.ts";
import { type Problem, quote } from "./problem.ts";
import { didYouMean, isMapping } from "./rules/rule.ts";
import { isRuleId, ruleOf } from "./rules.ts";
import { MISSING_KEY, UNKNOWN_KEY } from "./schema.ts";
import { scopeProblems, type ScopeProblem } from "./scope.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

type Issue = v.GenericIssue;

/** What the schema found, in the file's words; a misspelt key is both unknown and missing and is told once. */
export function problemsOf(issues: readonly Issue[], source: YamlSource): readonly Problem[] {
  const misspelt = new Set(issues.filter(({ message }) => message === UNKNOWN_KEY).map(meantPath));
  const problems = issues
    .filter((issue) => issue.message !== MISSING_KEY || !misspelt.has(pathOf(issue).join("/")))
    .map((issue) => problemOf(issue, source));
  return once(problems);
}

/** A mistake in the defaults is one mistake, however many roles have it. */
function once(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify([problem.position, problem.text]), problem]));
  return [...seen.values()];
}

function meantPath(issue: Issue): string {
  const path = pathOf(issue);
  return [...path.slice(0, -1), nearest(String(path.at(-1)), knownKeys(issue))].join("/");
}

function knownKeys({ expected }: Issue): readonly string[] {
  return (expected ?? "").split(", ");
}

function problemOf(issue: Issue, source: YamlSource): Problem {
  const path = whereWritten(pathOf(issue), source);
  const key = String(path.at(-1));
  if (issue.message === UNKNOWN_KEY) return unknownKey(path, knownKeys(issue), source);
  if (issue.message === MISSING_KEY) return missingKey(path, isRuleId(key) ? ruleOf(key).example : undefined, source);
  return wrongValue(issue, path, source);
}

function pathOf({ path }: Issue): Path {
  return (path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
}

/** What a role has from the defaults stands there. */
function whereWritten(path: Path, { value }: YamlSource): Path {
  const [top, name, key = ""] = path;
  if (top !== "roles" || !isMapping(value)) return path;
  const { roles, defaults } = value;
  const role = isMapping(roles) ? roles[String(name)] : undefined;
  if (!isMapping(role) || !isMapping(defaults) || !(key in defaults)) return path;
  // Tags are the one thing that is joined.
  const [, , , tag] = path;
  const tags = key === "tags" && tag !== undefined ? role["tags"] : undefined;
  const own = isMapping(tags) ? String(tag) in tags : key in role;
  return own ? path : ["defaults", ...path.slice(2)];
}

function isAboutKey({ path }: Issue): boolean {
  return path?.at(-1)?.origin === "key";
}

function unknownKey(path: Path, known: readonly string[], source: YamlSource): Problem {
  const key = String(path.at(-1));
  const meant = didYouMean(key, known);
  return {
    position: source.keyAt(path),
    text: `${prefix(path.slice(0, -1))}expected one of ${known.join(", ")}, got the unknown key ${quote(key)}`,
    hints: meant ? [`${quote(key)}: ${meant}`] : [],
  };
}

function missingKey(path: Path, example: string | undefined, source: YamlSource): Problem {
  const key = String(path.at(-1));
  return {
    position: source.keyAt(path),
    text: `${prefix(path.slice(0, -1))}expected the key ${key}, got ${source.textAt(path)}`,
    hints: example ? [`add ${key}: ${example}`] : [],
  };
}

function wrongValue(issue: Issue, path: Path, source: YamlSource): Problem {
  const rule = isRuleId(issue.message) ? ruleOf(issue.message) : null;
  const key = isAboutKey(issue);
  const got = key ? quote(String(path.at(-1))) : gotAt(path, issue.input, source);
  const hint = rule?.hint?.(key ? path.at(-1) : issue.input) ?? null;
  return {
    position: key ? source.keyAt(path) : source.valueAt(path),
    text: `${prefix(key ? path.slice(0, -1) : path)}expected ${rule?.expected ?? issue.message}, got ${got}`,
    hints: hint === null ? [] : [hint],
  };
}

/** The value as written, and as it is with its variables. */
function gotAt(path: Path, value: unknown, source: YamlSource): string {
  const written = source.textAt(path);
  return written.includes("$(") && typeof value === "string" ? `${written}, which is ${quote(value)}` : written;
}

/** What is wrong with the entries of `allow` of every role, which only CI and issuer can tell. */
export function allowProblems(file: unknown, source: YamlSource): readonly Problem[] {
  const roles = isMapping(file) && isMapping(file["roles"]) ? file["roles"] : {};
  return Object.entries(roles).flatMap(([name, role]) => {
    if (!isMapping(role) || !Array.isArray(role["allow"])) return [];
    const { ci, allow } = role;
    const { issuer = findCi(String(ci))?.issuer } = role;
    return allow.flatMap((entry: unknown, index) => {
      const path: Path = ["roles", name, "allow", index];
      const problems = scopeProblems(String(ci), typeof issuer === "string" ? issuer : "", entry);
      return problems.map((problem) => allowProblem(problem, path, entry, source));
    });
  });
}

function allowProblem(problem: ScopeProblem, path: Path, entry: unknown, source: YamlSource): Problem {
  const at: Path = problem.key === null ? path : [...path, problem.key];
  const value = problem.key !== null && isMapping(entry) ? entry[problem.key] : entry;
  if (problem.kind === "unknown") return unknownKey(at, problem.known, source);
  if (problem.kind === "missing") return missingKey(at, "acme/shop", source);
  if (problem.kind === "unsayable") {
    return {
      position: source.keyAt(at),
      text: `${prefix(at)}no trust policy can test this for ${problem.ci}, got ${quote(String(problem.key))}: ${source.textAt(at)}; ${problem.why}`,
      hints: [`nearest: ${problem.nearest}`],
    };
  }
  const { expected, hint } = ruleOf(problem.rule);
  const say = hint?.(value) ?? null;
  return {
    position: source.valueAt(at),
    text: `${prefix(at)}expected ${expected}, got ${gotAt(at, value, source)}`,
    hints: say === null ? [] : [say],
  };
}

/** `roles.shop-deploy.allow[0].project: `, or nothing at the top. */
export function prefix(path: Path): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return steps === "" ? "" : `${steps.slice(1)}: `;
}
