import { type ItemReading, readItem } from "./credential-commands.ts";
import type { Edit } from "./edit.ts";
import type { ScriptItem } from "./gitlab-config.ts";
import { type ItemPlan, placeOf, type Plans, type Refuse } from "./gitlab-plan.ts";
import { withoutLines } from "./literal-block.ts";
import { masked } from "./masked.ts";
import type { Setup } from "./migration.ts";
import type { ProjectScripts } from "./project-scripts.ts";
import { sameValue } from "./same-value.ts";
import { callsAws, changesFolder, commandsOf, mayCallAws } from "./shell-commands.ts";
import { rangeOf } from "./yaml-file.ts";

export interface JobLine {
  readonly text: string;
  /** The same for a shell that has left the checkout. */
  readonly elsewhere: string;
  readonly token: string;
  readonly audience: string;
  readonly role: string | null;
  readonly image: "node" | "shell" | "none";
}

/** Plans one shell's script. @returns the entries at which credentials come in; none when nothing is to do */
export function planPhase(
  items: readonly ScriptItem[],
  lines: JobLine,
  { isNamed, scripts }: { readonly isNamed: boolean; readonly scripts: ProjectScripts | undefined },
  plans: Plans,
  refuse: Refuse,
): readonly ScriptItem[] {
  if (hasLine(items)) return [];
  const readings = items.map((item) => ({ item, reading: readItem(item.value) }));
  for (const { item, reading } of readings) {
    if (reading.touching !== null)
      refuse(placeOf(item), `this uses keys in a way that cannot be rewritten: ${masked(reading.touching)}`);
  }
  const setting = readings.findIndex(({ reading }) => reading.sets);
  const lineAt = (index: number): string => {
    const before = readings.slice(0, index).flatMap(({ reading }) => reading.commands);
    return before.some(({ text }) => changesFolder(text)) ? lines.elsewhere : lines.text;
  };
  if (setting >= 0) return planByHand(readings, lineAt(setting), plans, refuse);
  const calls = items.some(({ value }) => commandsOf(value).some(({ text }) => callsAws(text, scripts)));
  const first = items.findIndex(({ value }) => commandsOf(value).some(({ text }) => mayCallAws(text, scripts)));
  const at = calls || isNamed ? Math.max(0, first) : -1;
  const item = items[at];
  if (!item) return [];
  put(plans, item, { kind: "before", line: lineAt(at) }, refuse);
  return [item];
}

function planByHand(
  readings: readonly { readonly item: ScriptItem; readonly reading: ItemReading }[],
  line: string,
  plans: Plans,
  refuse: Refuse,
): readonly ScriptItem[] {
  let isPlaced = false;
  const anchors: ScriptItem[] = [];
  const writesFiles = readings.some(({ reading }) =>
    reading.commands.some(({ role, text }) => role === "sets" && /\.aws\/|TOKEN_FILE|token_file/.test(text)),
  );
  for (const { item, reading } of readings) {
    const servesOnly = reading.commands.length > 0 && reading.commands.every(({ role }) => role === "serves");
    if (!reading.sets && !(servesOnly && writesFiles)) continue;
    if (servesOnly) put(plans, item, { kind: "delete" }, refuse);
    else if (reading.isCredentials) {
      put(plans, item, isPlaced ? { kind: "delete" } : { kind: "replace", line }, refuse);
      if (!isPlaced) anchors.push(item);
      isPlaced = true;
    } else {
      const { value, edits } = linesPlan(item, reading, isPlaced ? null : line, refuse);
      put(plans, item, { kind: "lines", value, edits }, refuse);
      if (!isPlaced) anchors.push(item);
      isPlaced = true;
    }
  }
  return anchors;
}

function linesPlan(
  item: ScriptItem,
  reading: ItemReading,
  line: string | null,
  refuse: Refuse,
): { value: string; edits: readonly Edit[] } {
  const gone = reading.commands.filter(({ role }) => role === "sets");
  const [start, end] = rangeOf(item.node);
  const result = withoutLines(item.file.text.slice(start, end), item.value, reading.commands, gone, line);
  if (!result) return refuse(placeOf(item), "the keys are set on a line that does something else too");
  return {
    value: result.value,
    edits: result.edits.map((edit) => ({ ...edit, start: edit.start + start, end: edit.end + start })),
  };
}

/** Two jobs that share an entry must want the same of it. */
function put(plans: Plans, item: ScriptItem, plan: ItemPlan, refuse: Refuse): void {
  const other = plans.get(item.place);
  if (other && !sameValue(other.plan, plan)) refuse(placeOf(item), "jobs that need different lines share this entry");
  plans.set(item.place, { item, plan });
}

export function needsLine(items: readonly ScriptItem[], { scripts }: Setup): boolean {
  return !hasLine(items) && items.some(({ value }) => needs(value, scripts));
}

export function hasLine(items: readonly ScriptItem[]): boolean {
  return items.some(({ value }) => /\brolecall(?:@\S+)? (?:creds|exec|login|serve)\b|\bsh \S*rolecall\.sh/.test(value));
}

function needs(script: string, scripts: ProjectScripts | undefined): boolean {
  const { sets, touching } = readItem(script);
  return sets || touching !== null || commandsOf(script).some(({ text }) => callsAws(text, scripts));
}
