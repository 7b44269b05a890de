import type { Inventory, KeyEntry } from "../../migrate/keys/inventory.ts";
import {
  nextStep,
  remaining,
  type Retirement,
  STEP_NAMES,
  STEP_TITLES,
  type StepName,
} from "../../migrate/keys/retirement.ts";
import { riskWords } from "../../migrate/keys/risks.ts";
import { printable } from "../report.ts";
import type { Colors } from "./colors.ts";

const DAY = 24 * 3600 * 1000;

/** An account's keys for people, two lines each or more. */
export function renderInventory({ keys, users, requests, fromReport }: Inventory, now: number, colors: Colors): string {
  const active = keys.filter((key) => key.active).length;
  const lines = keys.flatMap((key) => keyLines(key, now, colors));
  return `${[...lines, `${counted(keys.length, "access key")} of ${counted(users, "user")}${fromReport ? " and the root user" : ""}, ${active} active; ${requests} requests`].join("\n")}\n`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

function keyLines(
  { user, id, active, created, lastUse, inCi, risks }: KeyEntry,
  now: number,
  colors: Colors,
): readonly string[] {
  const age = created === null ? "of unknown age" : `${counted(daysBetween(created, now), "day")} old`;
  const used = lastUse
    ? `last used ${day(lastUse.at)}: ${lastUse.service || "unknown service"} in ${lastUse.region || "unknown region"}`
    : "never used";
  return [
    `${colors.strong(id || "(root user's key)")}  ${printable(user)}  ${active ? "active" : colors.faint("inactive")}, ${age}`,
    `  ${printable(used)}`,
    ...(inCi.length > 0 ? [`  the CI has it: ${printable(inCi.join(", "))}`] : []),
    ...riskWords(risks).map((words) => colors.bad(`  ! ${words}`)),
    "",
  ];
}

function daysBetween(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from) / DAY));
}

function day(milliseconds: number): string {
  return iso(milliseconds).slice(0, 10);
}

export function inventoryJson({ keys, ...rest }: Inventory): object {
  const shown = keys.map(({ user, id, active, created, lastUse, inCi, risks }) => ({
    user,
    accessKeyId: id === "" ? null : id,
    status: active ? "Active" : "Inactive",
    createDate: created === null ? null : iso(created),
    lastUsed: lastUse && { date: iso(lastUse.at), service: lastUse.service, region: lastUse.region },
    inCi,
    risks,
  }));
  return { version: 1, keys: shown, ...rest };
}

/** A retirement as a checklist. */
export function renderRetirement(retirement: Retirement, now: number, colors: Colors): string {
  const { key, user, account, role } = retirement;
  const next = nextStep(retirement);
  const lines = STEP_NAMES.map((step) => `  ${stepLine(retirement, step, step === next, now, colors)}`);
  return `${[`access key ${colors.strong(key)} of ${user} in account ${account}, to be replaced by ${role}`, ...lines].join("\n")}\n`;
}

function stepLine(retirement: Retirement, step: StepName, isNext: boolean, now: number, colors: Colors): string {
  const at = retirement.done[step];
  const title = `${step.padEnd(10)}  ${STEP_TITLES[step]}`;
  if (at !== undefined) return `${colors.good("✓")} ${title} ${colors.faint(`(${day(at)})`)}`;
  return isNext ? `${colors.strong("→")} ${title}${left(retirement, step, now)}` : colors.faint(`  ${title}`);
}

function left(retirement: Retirement, step: StepName, now: number): string {
  if (step !== "quiet" && step !== "wait") return "";
  const time = remaining(retirement, step, now);
  return time === null || time === 0 ? "" : ` (until ${iso(now + time).replace(/\.\d+Z$/, "Z")})`;
}

export function retirementJson(retirement: Retirement, now: number): object {
  const { begun, done, ...rest } = retirement;
  const step = nextStep(retirement);
  const time = step === "quiet" || step === "wait" ? remaining(retirement, step, now) : null;
  return {
    ...rest,
    begun: iso(begun),
    next: step,
    until: time === null ? null : iso(now + time),
    steps: STEP_NAMES.map((name) => ({ name, done: done[name] === undefined ? null : iso(done[name]) })),
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
