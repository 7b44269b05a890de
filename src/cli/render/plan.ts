import type { Action, Change, Field } from "../../account/change.ts";
import { type PackedPlan, totalCounts, unpacked } from "../../account/packed-plan.ts";
import type { AccountPlan, Counts } from "../../account/plan.ts";
import { printable } from "../report.ts";
import type { Colors } from "./colors.ts";
import { diffLines } from "../../core/diff-lines.ts";

interface Verb {
  readonly sign: "+" | "~" | "-" | " ";
  readonly will: string;
  readonly did: string;
}

const VERBS: Readonly<Record<Action, Verb>> = {
  create: { sign: "+", will: "will be created", did: "created" },
  update: { sign: "~", will: "will be updated in-place", did: "updated" },
  "add-audience": { sign: "~", will: "will be updated in-place", did: "updated" },
  delete: { sign: "-", will: "will be destroyed", did: "destroyed" },
  release: { sign: "~", will: "will be released: only rolecall's tags go", did: "released" },
  keep: { sign: " ", will: "stays as it is", did: "kept" },
};

/** A plan for people, as Terraform would say it, with who gains and who loses access in words; account by account. */
export function* renderPlan(plans: readonly PackedPlan[], colors: Colors): Iterable<string> {
  for (const plan of unpacked(plans)) {
    const lines = accountLines(plan, plans.length > 1, colors);
    if (lines.length > 0) yield `${lines.join("\n")}\n`;
  }
  const end = plans.some(({ pending }) => pending)
    ? `Plan: ${countText(totalCounts(plans), "to add", "to change", "to destroy")}.`
    : "No changes. The account is what the file says.";
  yield `${colors.strong(end)}\n`;
}

/** `1 added, 0 changed, 2 destroyed`. */
export function countText({ add, change, destroy }: Counts, added: string, changed: string, destroyed: string): string {
  return `${add} ${added}, ${change} ${changed}, ${destroy} ${destroyed}`;
}

/** `role shop-deploy: created`. */
export function renderDone({ action, kind, name }: Change): string {
  return `${kind} ${printable(name)}: ${VERBS[action].did}`;
}

function accountLines({ account, changes }: AccountPlan, named: boolean, colors: Colors): readonly string[] {
  const told = changes.filter(({ steps, notes }) => steps.length > 0 || notes.length > 0);
  if (named && told.length === 0) return [`account ${account}: no changes`, ""];
  return [
    ...(named ? [colors.strong(`account ${account}`), ""] : []),
    ...told.flatMap((one) => changeLines(one, colors)),
  ];
}

function changeLines(change: Change, colors: Colors): readonly string[] {
  const { action, kind, name, fields, notes } = change;
  const { sign, will } = VERBS[action];
  const title = printable(name);
  return [
    colors.strong(`  # ${kind} ${title} ${will}`),
    `  ${paint(sign, colors)} ${kind} "${title}"`,
    ...fields.flatMap((field) => fieldLines(field, colors)),
    ...accessLines(change, colors),
    ...notes.map((note) => `      note: ${printable(note)}`),
    "",
  ];
}

function paint(sign: string, colors: Colors): string {
  if (sign === "+") return colors.good(sign);
  return sign === "-" ? colors.bad(sign) : sign;
}

function fieldLines({ name, before, after, document }: Field, colors: Colors): readonly string[] {
  const sign = before === null ? "+" : after === null ? "-" : "~";
  const head = `      ${paint(sign, colors)} ${printable(name).padEnd(12)}`;
  if (document) return [head.trimEnd(), ...documentLines(before, after, colors)];
  const sides = [before, after].filter((side) => side !== null).map((side) => printable(side));
  return [`${head} ${sides.join(" -> ")}`];
}

function documentLines(before: string | null, after: string | null, colors: Colors): readonly string[] {
  return diffLines(pretty(before), pretty(after)).map(({ sign, text }) => {
    const line = `          ${sign} ${printable(text)}`;
    if (sign === "+") return colors.good(line);
    return sign === "-" ? colors.bad(line) : line;
  });
}

/** What cannot be read as JSON is shown as it is. */
function pretty(document: string | null): readonly string[] {
  if (document === null) return [];
  try {
    return JSON.stringify(JSON.parse(document), null, 2).split("\n");
  } catch {
    return document.split("\n");
  }
}

function accessLines({ access, action }: Change, colors: Colors): readonly string[] {
  if (!access) return [];
  const { gains, loses, widens } = access;
  const title = action === "create" ? "can take it" : "access";
  const none = gains.length + loses.length === 0 ? ["          nobody gains or loses it"] : [];
  return [
    `      ${title}:`,
    ...gains.map((line) => colors.good(`        + ${printable(line)}`)),
    ...loses.map((line) => colors.bad(`        - ${printable(line)}`)),
    ...none,
    ...(widens ? [colors.bad("      ! widens access")] : []),
  ];
}

/**
 * A plan for scripts: the differences and who gains and loses, account by account; not the calls. One JSON
 * document, in pieces, so that no more than one account's is held.
 */
export function* planJson(config: string, plans: readonly PackedPlan[]): Iterable<string> {
  let widens = false;
  for (const { changes } of unpacked(plans)) widens ||= changes.some(({ access }) => access?.widens);
  const head = JSON.stringify({ version: 1, config, ...totalCounts(plans), widens }, null, 2);
  yield `${head.slice(0, -2)},\n  "accounts": [`;
  let comma = "";
  for (const plan of unpacked(plans)) {
    const text = JSON.stringify(accountJson(plan), null, 2);
    yield `${comma}\n    ${text.replaceAll("\n", "\n    ")}`;
    comma = ",";
  }
  yield "\n  ]\n}\n";
}

function accountJson({ account, partition, changes }: AccountPlan): object {
  return {
    account,
    partition,
    changes: changes.map(({ action, kind, name, arn, fields, access, notes }) => ({
      action,
      kind,
      name,
      arn,
      fields,
      access,
      notes,
    })),
  };
}
