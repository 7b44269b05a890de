import { isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import type { Files } from "./migration.ts";
import {
  findPair,
  isUnreadable,
  keyName,
  mapOf,
  plainOf,
  rangeOf,
  readYamlFile,
  referenceOf,
  resolved,
  saysNothing,
  type Unreadable,
  type YamlFile,
} from "./yaml-file.ts";

// How GitLab puts a configuration together. Source: GitLab docs, ci/yaml (default, extends, include, inherit) and
// ci/yaml/yaml_optimization (anchors, !reference), as of November 2026.

const RESERVED = new Set([
  "default",
  "include",
  "stages",
  "variables",
  "workflow",
  "spec",
  "image",
  "services",
  "before_script",
  "after_script",
  "cache",
  "types",
  "component",
]);
/** GitLab takes ten levels of lists and references. */
const NESTED = 10;

/** What `default:` may give a job. */
const DEFAULTS = [
  "after_script",
  "artifacts",
  "before_script",
  "cache",
  "hooks",
  "id_tokens",
  "image",
  "interruptible",
  "retry",
  "services",
  "tags",
  "timeout",
];
export const SCRIPTS = ["before_script", "script", "after_script"] as const;
export type ScriptKey = (typeof SCRIPTS)[number];

/** A mapping that a job is made of, and the file that it stands in. */
export interface Layer {
  readonly file: YamlFile;
  readonly map: YAMLMap;
}

/** One entry of a script, as the job runs it. */
export interface ScriptItem {
  readonly value: string;
  readonly file: YamlFile;
  readonly node: unknown;
  /** Null where the whole script is one text. */
  readonly seq: YAMLSeq | null;
  /** The layer whose key brought it, for where the job's other keys belong. */
  readonly layer: Layer;
  readonly key: ScriptKey;
  readonly place: string;
}

export interface GitlabJob {
  readonly name: string;
  /** Strongest first. */
  readonly layers: readonly Layer[];
  readonly scripts: Readonly<Record<ScriptKey, readonly ScriptItem[]>>;
  /** All keys, with what it inherits; scripts are not among them. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly problems: readonly { readonly file: YamlFile; readonly offset: number; readonly reason: string }[];
  readonly isHidden: boolean;
}

export interface GitlabConfig {
  readonly files: readonly YamlFile[];
  readonly jobs: readonly GitlabJob[];
  /** What is no job, by file: `stages`, `workflow`, global `variables`. */
  readonly rest: unknown;
  readonly defaults: readonly Layer[];
  readonly unreadable: readonly (Unreadable & { readonly path: string })[];
  /** True when it includes what is not in this repository. */
  readonly isOpen: boolean;
}

export const GITLAB_FILE = ".gitlab-ci.yml";

/** Reads the configuration that begins in a file, with what it includes of the same repository. */
export function readGitlabConfig(files: Files, main = GITLAB_FILE): GitlabConfig {
  const read: YamlFile[] = [];
  const unreadable: (Unreadable & { path: string })[] = [];
  let isOpen = false;
  const seen = new Set<string>();
  const visitFile = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = files.get(path);
    if (text === undefined) isOpen = true;
    if (text === undefined || saysNothing(text)) return;
    const file = readYamlFile(path, text);
    if (isUnreadable(file)) {
      unreadable.push({ path, ...file });
      return;
    }
    read.push(file);
    const { locals, others } = includesOf(file);
    if (others) isOpen = true;
    // A later include is the stronger one; the file that includes is stronger than all.
    for (const local of locals.toReversed()) for (const one of expandLocal(local, files)) visitFile(one);
  };
  visitFile(main);
  const layersOf = (name: string): readonly Layer[] =>
    read.flatMap((file) => {
      const map = mapOf(file, findPair(file, file.root, name)?.pair.value);
      return map ? [{ file, map }] : [];
    });
  const defaults = layersOf("default");
  const names = [...new Set(read.flatMap((file) => file.root.items.map(keyName)))];
  const jobs = names
    .filter((name) => !RESERVED.has(name) && name !== "<<")
    .flatMap((name) => {
      const layers = layersOf(name);
      return layers.length === 0 ? [] : [readJob(name, layers, { read, defaults, layersOf, isOpen })];
    });
  const rest = read.map((file) =>
    Object.fromEntries(
      file.root.items
        .filter(
          (pair) =>
            RESERVED.has(keyName(pair)) && !["default", "before_script", "after_script"].includes(keyName(pair)),
        )
        .map((pair) => [keyName(pair), plainOf(file, pair.value)]),
    ),
  );
  return { files: read, jobs, rest, defaults, unreadable, isOpen };
}

function includesOf(file: YamlFile): { locals: readonly string[]; others: boolean } {
  const pair = findPair(file, file.root, "include")?.pair;
  if (!pair) return { locals: [], others: false };
  const value = plainOf(file, pair.value);
  const entries = Array.isArray(value) ? value : [value];
  const read = entries.map((entry: unknown) => {
    if (typeof entry === "string") return /^https?:/.test(entry) ? null : entry;
    const local = (entry as Record<string, unknown> | null)?.["local"];
    return typeof local === "string" ? local : null;
  });
  return { locals: read.filter((one) => one !== null), others: read.includes(null) };
}

function expandLocal(local: string, files: Files): readonly string[] {
  const path = local.replace(/^\//, "");
  if (!path.includes("*")) return [path];
  const source = path
    .split(/(\*\*\/?|\*)/)
    .map((part) =>
      part.startsWith("**") ? ".*" : part === "*" ? "[^/]*" : part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`),
    )
    .join("");
  return [...files.keys()].filter((name) => new RegExp(`^${source}$`).test(name)).toSorted();
}

interface Context {
  readonly isOpen: boolean;
  readonly read: readonly YamlFile[];
  readonly defaults: readonly Layer[];
  readonly layersOf: (name: string) => readonly Layer[];
}

type Problem = GitlabJob["problems"][number];

function readJob(name: string, own: readonly Layer[], context: Context): GitlabJob {
  const problems: Problem[] = [];
  const layers = withTemplates(own, context, problems, 0);
  const inherited = inheritedLayers(layers, context);
  const scripts = Object.fromEntries(
    SCRIPTS.map((key) => [key, scriptItems(key, layers, inherited, context, problems)]),
  ) as unknown as Record<ScriptKey, readonly ScriptItem[]>;
  return { name, layers, scripts, value: valueOf(layers, inherited), problems, isHidden: name.startsWith(".") };
}

/** The layers of a job and of the templates that it extends; of several the last is the strongest. */
function withTemplates(own: readonly Layer[], context: Context, problems: Problem[], depth: number): readonly Layer[] {
  if (depth > NESTED) {
    const [layer] = own;
    if (layer)
      problems.push({ file: layer.file, offset: rangeOf(layer.map)[0], reason: "its extends are nested without end" });
    return own;
  }
  const names = own.flatMap(({ file, map }) => {
    const pair = findPair(file, map, "extends")?.pair;
    const value = pair ? plainOf(file, pair.value) : [];
    return (Array.isArray(value) ? value : [value]).map((one) => ({
      file,
      name: String(one),
      offset: rangeOf(pair?.key)[0],
    }));
  });
  const templates = names.toReversed().flatMap(({ file, name, offset }) => {
    const found = context.layersOf(name);
    // A template of a file that was not read adds what it adds, with the new lines as without them; one that is about
    // credentials has to be seen.
    if (found.length === 0 && (!context.isOpen || /aws|cred|auth|role|oidc/i.test(name)))
      problems.push({ file, offset, reason: `it extends ${name}, which is in no file of this repository` });
    return withTemplates(found, context, problems, depth + 1);
  });
  return [...own, ...templates];
}

/** What `default:` gives, without what `inherit:` keeps away; older files have the same keys at the top. */
function inheritedLayers(layers: readonly Layer[], { defaults, read }: Context): (key: string) => readonly Layer[] {
  const inherit = layers.flatMap(({ file, map }) => {
    const pair = findPair(file, map, "inherit")?.pair;
    return pair ? [(plainOf(file, pair.value) as Record<string, unknown> | null)?.["default"]] : [];
  })[0];
  const top = read.map((file) => ({ file, map: file.root }));
  return (key) => {
    if (!DEFAULTS.includes(key) || inherit === false) return [];
    if (Array.isArray(inherit) && !inherit.includes(key)) return [];
    const isTop = ["image", "services", "before_script", "after_script", "cache"].includes(key);
    return [...defaults, ...(isTop ? top : [])];
  };
}

function firstWith(layers: readonly Layer[], key: string): { layer: Layer; pair: Pair; owner: YAMLMap } | null {
  for (const layer of layers) {
    const found = findPair(layer.file, layer.map, key);
    if (found) return { layer: { file: layer.file, map: found.owner }, pair: found.pair, owner: found.owner };
  }
  return null;
}

function scriptItems(
  key: ScriptKey,
  layers: readonly Layer[],
  inherited: (key: string) => readonly Layer[],
  context: Context,
  problems: Problem[],
): readonly ScriptItem[] {
  const found = firstWith(layers, key) ?? firstWith(inherited(key), key);
  if (!found) return [];
  const { layer, pair } = found;
  const walk = (file: YamlFile, node: unknown, seq: YAMLSeq | null, depth: number): readonly ScriptItem[] => {
    const reference = referenceOf(node);
    const [offset] = rangeOf(node);
    if (depth > NESTED) {
      problems.push({ file, offset, reason: `its ${key} is nested without end` });
      return [];
    }
    if (reference) {
      const target = referenced(reference, context);
      if (!target) {
        problems.push({
          file,
          offset,
          reason: `!reference [${reference.join(", ")}] is in no file of this repository`,
        });
        return [];
      }
      return walk(target.file, target.node, null, depth + 1);
    }
    const real = resolved(file, node);
    if (isSeq(real) && referenceOf(real)) return walk(file, real, seq, depth + 1);
    if (isSeq(real)) return real.items.flatMap((item) => walk(file, item, real, depth + 1));
    if (isScalar(real)) {
      const value = typeof real.value === "string" ? real.value : JSON.stringify(real.value ?? "");
      const isAliased = real !== node;
      const place = `${file.path}:${rangeOf(real)[0]}`;
      return [{ value, file, node: real, seq: isAliased ? null : seq, layer, key, place }];
    }
    if (isMap(real))
      problems.push({
        file,
        offset,
        reason: `an entry of ${key} is a mapping: is a colon in it that should be quoted?`,
      });
    return [];
  };
  return walk(layer.file, pair.value, null, 0);
}

function referenced(path: readonly string[], { layersOf, read }: Context): { file: YamlFile; node: unknown } | null {
  const [name = "", ...keys] = path;
  const starts = [...layersOf(name), ...(keys.length === 0 ? read.map((file) => ({ file, map: file.root })) : [])];
  for (const { file, map } of starts) {
    let node: unknown = map;
    for (const key of keys.length === 0 ? [name] : keys) {
      const at = mapOf(file, node);
      node = at ? (findPair(file, at, key)?.pair.value ?? null) : null;
    }
    if (node !== null) return { file, node };
  }
  return null;
}

function valueOf(layers: readonly Layer[], inherited: (key: string) => readonly Layer[]): Record<string, unknown> {
  const own = layers
    .toReversed()
    .map(({ file, map }) => plainOf(file, map) as Record<string, unknown>)
    .reduce<Record<string, unknown>>((low, high) => deepMerge(low, high), {});
  for (const key of DEFAULTS) {
    if (key in own) continue;
    const found = firstWith(inherited(key), key);
    if (found) own[key] = plainOf(found.layer.file, found.pair.value);
  }
  for (const key of [...SCRIPTS, "extends"]) delete own[key];
  return own;
}

function deepMerge(low: Record<string, unknown>, high: Record<string, unknown>): Record<string, unknown> {
  const out = { ...low };
  for (const [key, value] of Object.entries(high)) {
    const under = out[key];
    out[key] = isRecord(under) && isRecord(value) ? deepMerge(under, value) : value;
  }
  return out;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The image's name, however it is written. */
export function imageOf(value: Readonly<Record<string, unknown>>): string | null {
  const { image } = value;
  if (typeof image === "string") return image;
  const name = isRecord(image) ? image["name"] : null;
  return typeof name === "string" ? name : null;
}
