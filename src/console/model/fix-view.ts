import { diffLines, type DiffLine } from "../../core/diff-lines.ts";
import type { Json } from "../../core/token.ts";
import type { ExplainedFix } from "../../doctor/explained-fixes.ts";
import { callOf, type IamCall } from "./iam-call.ts";

/** A form in which somebody may keep a fix. */
export type Form = "rolecall" | "ci" | "patch" | "policy" | "terraform" | "aws";

export interface FormText {
  readonly form: Form;
  readonly text: string;
  /** The trust policy before and after, line by line; null for what is no policy. */
  readonly diff: readonly DiffLine[] | null;
}

/** A fix as it is shown. */
export interface FixView {
  /** One for each change that it takes. */
  readonly titles: readonly (
    | "trust-policy"
    | "provider-audience"
    | "new-provider"
    | "token-audience"
    | "duration"
    | "rolecall"
    | "advice"
  )[];
  /** Where there is nothing to paste: what to do. */
  readonly advice: string | null;
  readonly forms: readonly FormText[];
  /** What makes it so in the local account, in this order; empty where that is not the account's. */
  readonly calls: readonly IamCall[];
  /** The audience to ask for instead, where the CI file is to change. */
  readonly audience: string | null;
  /** Seconds, likewise. */
  readonly duration: number | null;
  readonly proof: ExplainedFix["proof"] | null;
  readonly holdsOnce: boolean;
}

type ExplainedChange = NonNullable<ExplainedFix["changes"]>[number];
type Document = { readonly [name: string]: Json };

/** @param before the trust policy as it is */
export function fixViewOf(fix: ExplainedFix, roleArn: string, before: Document | null): FixView {
  const { changes = [], where, text, proof, holdsOnce } = fix;
  const isEntry = where === "rolecall.yaml";
  const forms = changes.flatMap((change) => formsOf(change, before));
  return {
    titles: isEntry ? ["rolecall"] : changes.length > 0 ? changes.map(({ kind }) => kind) : ["advice"],
    advice: changes.length > 0 || isEntry ? null : where === "command" || where === "job" ? text : `${where}: ${text}`,
    forms: joined(
      [...(isEntry ? [{ form: "rolecall" as const, text: entryOf(text), diff: null }] : []), ...forms],
      changes.length > 1,
    ),
    calls: changes.flatMap((change) => callOf(change, roleArn) ?? []),
    audience: changes.flatMap((change) => (change.kind === "token-audience" ? [change.audience] : []))[0] ?? null,
    duration: changes.flatMap((change) => (change.kind === "duration" ? [change.seconds] : []))[0] ?? null,
    proof: proof ?? null,
    holdsOnce: holdsOnce === true,
  };
}

/** `under roles.NAME.allow:  - ENTRY` as lines that can be pasted. */
function entryOf(text: string): string {
  const [, role, entry] = /^under roles\.(.+)\.allow: {2}- (.+)$/s.exec(text) ?? [];
  return role === undefined || entry === undefined ? text : `roles:\n  ${role}:\n    allow:\n      - ${entry}`;
}

function formsOf(change: ExplainedChange, before: Document | null): readonly FormText[] {
  const { aws, terraform, ciFile } = change.forms;
  const plain = (form: Form, text: string | null): readonly FormText[] =>
    text === null ? [] : [{ form, text, diff: null }];
  const policy = change.kind === "trust-policy" ? pretty(change.policy) : null;
  return [
    ...plain("ci", ciFile),
    ...(policy === null || before === null
      ? []
      : [
          { form: "patch" as const, text: "", diff: around(diffLines(pretty(before).split("\n"), policy.split("\n"))) },
        ]),
    ...plain("policy", policy),
    ...plain("terraform", terraform),
    ...plain("aws", aws),
  ];
}

/** Lines of a diff that are shown before and after what differs. */
const CONTEXT = 3;

/** What differs, and a little around it. */
function around(lines: readonly DiffLine[]): readonly DiffLine[] {
  const changed = lines.flatMap(({ sign }, at) => (sign === " " ? [] : [at]));
  return lines.filter((_, at) => changed.some((one) => Math.abs(one - at) <= CONTEXT));
}

function pretty(document: Document): string {
  return JSON.stringify(document, null, 2);
}

const FORMS: readonly Form[] = ["rolecall", "ci", "patch", "policy", "terraform", "aws"];

/** Of a fix that changes more than one thing the patch is only a part. */
const FORMS_OF_SEVERAL: readonly Form[] = ["rolecall", "ci", "aws", "terraform", "patch", "policy"];

/** Where a fix takes more than one change, each form says them one after the other. */
function joined(forms: readonly FormText[], isSeveral: boolean): readonly FormText[] {
  const kinds = (isSeveral ? FORMS_OF_SEVERAL : FORMS).filter((form) => forms.some((one) => one.form === form));
  return kinds.map((form) => {
    const own = forms.filter((one) => one.form === form);
    const diff = own.find((one) => one.diff !== null)?.diff ?? null;
    return { form, text: diff ? unified(diff) : own.map(({ text }) => text).join("\n"), diff };
  });
}

function unified(lines: readonly DiffLine[]): string {
  return lines.map(({ sign, text }) => `${sign} ${text}`).join("\n");
}
