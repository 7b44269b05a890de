import type { Problem } from "./problem.ts";
import { didYouMean, isMapping } from "./rules/rule.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** A file's value with its variables and defaults put where they are meant, at the same paths. */
export interface Expanded {
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

// Parentheses, since braces end a word in YAML's short form and `${…}` is IAM's own.
const VARIABLE = /\$\(([A-Za-z_]\w*)\)/g;

/** Filled in for each account: only where that is known is there a value for them. */
const PER_ACCOUNT: readonly string[] = ["account", "partition"];

/** Puts variables in place of `$(name)`, and what `defaults` says into every role that does not say it itself. */
export function expand(source: YamlSource): Expanded {
  const { value } = source;
  if (!isMapping(value)) return { value, problems: [] };
  const problems: Problem[] = [];
  const variables = isMapping(value["variables"]) ? value["variables"] : {};
  const known = [...Object.keys(variables), ...PER_ACCOUNT];
  const report = (path: Path, name: string, place: string): void => {
    const late = PER_ACCOUNT.includes(name);
    const text = late
      ? `$(${name}) is known in permissions and boundary alone, got ${source.textAt(path)}`
      : `expected a name from variables: in $(…), got $(${name})`;
    const hint = late ? "write it out here, or give the roles of each account a file" : didYouMean(name, known);
    problems.push({ position: source.valueAt(path), text: `${place}${text}`, hints: hint ? [hint] : [] });
  };
  const fill = (part: unknown, path: Path): unknown => {
    if (typeof part === "string") return fillText(part, variables, path, report);
    if (Array.isArray(part)) return part.map((one, index) => fill(one, [...path, index]));
    if (!isMapping(part)) return part;
    return fromEntries(Object.entries(part).map(([key, one]) => [key, fill(one, [...path, key])]));
  };
  const filled = fromEntries(
    Object.entries(value).map(([key, part]) => [key, key === "variables" ? part : fill(part, [key])]),
  );
  return { value: withDefaults(filled), problems };
}

type Report = (path: Path, name: string, place: string) => void;

function fillText(text: string, variables: Readonly<Record<string, unknown>>, path: Path, report: Report): string {
  return text.replaceAll(VARIABLE, (whole, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    // What is wrong with a variable's value is told where it stands.
    if (value !== undefined) return typeof value === "string" ? value : whole;
    if (!PER_ACCOUNT.includes(name) || !isPerAccount(path)) report(path, name, "");
    return whole;
  });
}

/** True below `permissions:` and `boundary:` of a role or of the defaults. */
function isPerAccount(path: Path): boolean {
  const key = path[0] === "roles" ? path[2] : path[0] === "defaults" ? path[1] : undefined;
  return key === "permissions" || key === "boundary";
}

type Mapping = Readonly<Record<string, unknown>>;

function withDefaults(file: Mapping): Mapping {
  const { defaults, roles } = file;
  if (!isMapping(defaults) || !isMapping(roles)) return file;
  const filled = Object.entries(roles).map(([name, role]) => [name, isMapping(role) ? merged(defaults, role) : role]);
  return { ...file, roles: fromEntries(filled as [string, unknown][]) };
}

/** Tags are joined key by key; of everything else the role's own is taken whole. */
function merged(defaults: Mapping, role: Mapping): Mapping {
  const tags = isMapping(defaults["tags"]) && isMapping(role["tags"]) ? { ...defaults["tags"], ...role["tags"] } : null;
  return { ...defaults, ...role, ...(tags ? { tags } : {}) };
}

/** As Object.fromEntries, which `__proto__` as a key does not get past either. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): Mapping {
  return Object.fromEntries(entries);
}
