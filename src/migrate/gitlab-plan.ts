import { KEY_NAMES } from "./credential-commands.ts";
import type { Edit } from "./edit.ts";
import { type GitlabConfig, type GitlabJob, isRecord, type ScriptItem } from "./gitlab-config.ts";
import type { MigratedJob, Refusal } from "./migration.ts";
import { commandsOf, mayCallAws } from "./shell-commands.ts";
import { isStandIn } from "./stand-in-keys.ts";
import { findPair, plainOf, rangeOf, type YamlFile } from "./yaml-file.ts";

/** What becomes of one entry of a script. */
export type ItemPlan =
  | { readonly kind: "replace"; readonly line: string }
  | { readonly kind: "delete" }
  | { readonly kind: "before"; readonly line: string }
  /** Some lines of a literal block go, and the first of them becomes rolecall's. */
  | { readonly kind: "lines"; readonly value: string; readonly edits: readonly Edit[] };

export type Plans = Map<string, { readonly item: ScriptItem; readonly plan: ItemPlan }>;

export interface Planned {
  readonly job: GitlabJob;
  readonly token: string;
  readonly audience: string;
  readonly anchors: readonly ScriptItem[];
  readonly migrated: MigratedJob;
}

export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

export type Refuse = (item: { file: YamlFile; offset: number }, reason: string) => never;

export function placeOf(item: ScriptItem | undefined): { file: YamlFile; offset: number } {
  if (!item) throw new RangeError("no item");
  return { file: item.file, offset: rangeOf(item.node)[0] };
}

export function layerPlace(job: GitlabJob): { file: YamlFile; offset: number } {
  const [layer] = job.layers;
  if (!layer) throw new RangeError("a job without a mapping");
  return { file: layer.file, offset: Math.max(0, rangeOf(layer.map)[0] - 1) };
}

export function isKeyName(name: string): boolean {
  return (KEY_NAMES as readonly string[]).includes(name.toUpperCase());
}

/** Keys that the file gives to this job alone: then it uses them, whatever its commands are. */
export function hasOwnKeys({ value: { variables } }: GitlabJob): boolean {
  return isRecord(variables) && Object.keys(variables).some(isKeyName);
}

export function hasGlobalKeys({ files }: GitlabConfig): boolean {
  return files.some((file) => {
    const variables = plainOf(file, findPair(file, file.root, "variables")?.pair.value);
    return isRecord(variables) && Object.entries(variables).some(([name, one]) => isKeyName(name) && !isStandIn(one));
  });
}

export function mayUse({ value }: ScriptItem): boolean {
  return commandsOf(value).some(({ text }) => mayCallAws(text));
}

export function isUsed(template: GitlabJob, { jobs }: GitlabConfig): boolean {
  const items = (job: GitlabJob): readonly string[] =>
    Object.values(job.scripts).flatMap((all) => all.map(({ place }) => place));
  const own = items(template);
  return jobs.some((job) => !job.isHidden && items(job).some((place) => own.includes(place)));
}
