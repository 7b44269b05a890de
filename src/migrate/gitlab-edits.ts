import { isMap, type YAMLMap } from "yaml";
import type { Edit } from "./edit.ts";
import { type GitlabConfig, isRecord, type Layer, type ScriptItem } from "./gitlab-config.ts";
import { isKeyName, type ItemPlan, type Planned, type Plans } from "./gitlab-plan.ts";
import {
  CannotSplice,
  insertItem,
  insertPairAfter,
  insertPairBefore,
  listOf,
  removeItem,
  removePair,
  replaceItem,
  yamlValue,
} from "./splice.ts";
import { isStandIn } from "./stand-in-keys.ts";
import { findPair, keyName, mapOf, plainOf, rangeOf, type YamlFile } from "./yaml-file.ts";

export function allEdits(
  config: GitlabConfig,
  planned: readonly Planned[],
  plans: Plans,
  isShared: boolean,
): Map<string, Edit[]> {
  const edits = new Map<string, Edit[]>(config.files.map(({ path }) => [path, []]));
  const add = (file: YamlFile, ...more: readonly Edit[]): void => void edits.get(file.path)?.push(...more);
  for (const { item, plan } of plans.values()) add(item.file, ...itemEdits(item, plan));
  const done = new Set<YAMLMap>();
  for (const one of planned) {
    if (hasToken(one)) continue;
    const layer = ownerOf(one, isShared);
    if (done.has(layer.map)) continue;
    done.add(layer.map);
    add(layer.file, tokenEdit(layer, one));
  }
  for (const file of config.files) for (const edit of variableEdits(file)) add(file, edit);
  return edits;
}

function hasToken({ job, token }: Planned): boolean {
  const tokens = job.value["id_tokens"];
  return isRecord(tokens) && token in tokens;
}

function itemEdits(item: ScriptItem, plan: ItemPlan): readonly Edit[] {
  const { file, seq, node } = item;
  if (plan.kind === "lines") return plan.edits;
  if (!seq) {
    if (plan.kind === "before") {
      const found = findPair(file, item.layer.map, item.key);
      if (found && found.pair.value === node) return [listOf(file, found.owner, node, plan.line)];
    }
    if (plan.kind === "replace" && !/\n/.test(item.value))
      return [{ start: rangeOf(node)[0], end: rangeOf(node)[1], text: plan.line }];
    throw new CannotSplice("the entry is written once and used by its anchor in several places", rangeOf(node)[0]);
  }
  if (plan.kind === "before") return [insertItem(file, seq, node, plan.line)];
  return [plan.kind === "delete" ? removeItem(file, seq, node) : replaceItem(file, seq, node, plan.line)];
}

/** The mapping that the ID token belongs to: beside the script, or in the job itself. */
function ownerOf({ job, anchors }: Planned, isShared: boolean): Layer {
  const [own] = job.layers;
  const beside = anchors[0]?.layer;
  if (!own) throw new RangeError("a job without a mapping");
  if (!isShared || !beside || beside.map === beside.file.root) return own;
  return beside;
}

function tokenEdit({ file, map }: Layer, { token, audience }: Planned): Edit {
  const step = unitOf(file, map);
  const entry = [`${token}:`, `${step}aud: ${yamlValue(audience)} # as audience: in rolecall.yaml`];
  const pair = map.items.find((one) => keyName(one) === "id_tokens");
  if (pair) {
    const tokens = mapOf(file, pair.value);
    const [first] = tokens?.items ?? [];
    if (!tokens || !first || tokens !== pair.value)
      throw new CannotSplice("its id_tokens are written elsewhere", rangeOf(pair.key)[0]);
    return insertPairBefore(file, tokens, first, entry);
  }
  const lines = ["id_tokens:", ...entry.map((line) => step + line)];
  const script = map.items.find((one) => ["before_script", "script", "after_script"].includes(keyName(one)));
  if (script) return insertPairBefore(file, map, script, lines);
  const last = map.items.at(-1);
  if (!last) throw new CannotSplice("the job is empty", 0);
  return insertPairAfter(file, map, last, lines);
}

/** By how much the file indents. */
function unitOf(file: YamlFile, map: YAMLMap): string {
  const [start] = rangeOf(map.items[0]?.key);
  const column = start - (file.text.lastIndexOf("\n", start - 1) + 1);
  return " ".repeat(column >= 2 && column <= 8 ? column : 2);
}

/** Keys among the variables of jobs, templates and the file: they go. */
function variableEdits(file: YamlFile): readonly Edit[] {
  const maps = [file.root, ...file.root.items.flatMap(({ value }) => mapOf(file, value) ?? [])];
  return [...new Set(maps)].flatMap((map) => {
    const pair = map.items.find((one) => keyName(one) === "variables");
    const variables = pair?.value;
    if (!pair || !isMap(variables)) return [];
    const keys = variables.items.filter((one) => isKeyName(keyName(one)) && !isStandIn(plainOf(file, one.value)));
    if (keys.length === 0) return [];
    if (keys.length === variables.items.length) return [removePair(file, map, pair)];
    return keys.map((one) => removePair(file, variables, one));
  });
}
