import type { LintContext, LintRole } from "../core/lint/finding.ts";
import { isObject, type Json } from "../core/token.ts";
import type { Told } from "./lint-candidates.ts";
import { type LintDocument, parseLintText, readLintDocument } from "./lint-documents.ts";
import { type Narrowed, narrowTrust, sameTrust } from "./lint-narrow.ts";
import type { Path } from "./lint-places.ts";
import { documentEdits, editDocument, type PolicyEdit } from "./lint-policy-edit.ts";
import { decoded } from "./lint-role.ts";
import { editText } from "./lint-text-edit.ts";

/** A role of a file, narrowed. */
export interface RoleFix {
  readonly resource: string;
  readonly narrowed: Narrowed;
  /** The whole new trust policy; null where nothing changes, or it cannot be told as one. */
  readonly policy: Json | null;
  /** Why the file's text could not be changed; null where it was, or nothing had to be. */
  readonly byHand: string | null;
  /** How the new policy is best told to whoever has to write it; null where it is not. */
  readonly form: "hcl" | "json" | null;
}

/** A file with its roles narrowed. */
export interface FileFix {
  readonly from: string;
  readonly before: string;
  /** The same as before where nothing changes. */
  readonly after: string;
  readonly roles: readonly RoleFix[];
}

export interface FixRequest {
  readonly context: LintContext;
  readonly told: Told;
  readonly wanted: Parameters<typeof narrowTrust>[3];
}

/** Narrows every role of a document, in its own text where that has the policy as it is. */
export function fixDocument(before: string, document: LintDocument, request: FixRequest): FileFix {
  let text = before;
  const roles = document.roles.map((role): RoleFix => {
    const narrowed = narrowTrust(role, request.context, request.told, request.wanted);
    const at = document.at.get(role.resource);
    const { resource } = role;
    const none = { byHand: null, form: null };
    if (narrowed.edits.length === 0) return { resource, narrowed, policy: null, ...none };
    const held = at && valueAt(parseLintText(text, document.from), at);
    const policy = held === undefined ? null : editedPolicy(held, narrowed.edits);
    const isCopy = document.kind === "terraform" || document.isAccount;
    const written = isCopy || at === undefined ? null : editFile(text, document, at, narrowed);
    if (written === null) return { resource, narrowed, policy, ...byHandOf(document) };
    text = written;
    return { resource, narrowed, policy, ...none };
  });
  return { from: document.from, before, after: text, roles };
}

function byHandOf({ kind, isAccount }: LintDocument): Pick<RoleFix, "byHand" | "form"> {
  if (isAccount) return { byHand: ACCOUNT, form: null };
  return { byHand: REASONS[kind], form: kind === "terraform" ? "hcl" : "json" };
}

const REASONS: Readonly<Record<LintDocument["kind"], string>> = {
  terraform: "a plan is made of the configuration, which is to be changed by hand",
  cloudformation: "the template makes the policy by functions, and is to be changed by hand",
  policy: "the text is written so that it is to be changed by hand",
  answer: "the answer holds the policy as one text; the new one is below",
};

const ACCOUNT =
  "a saved account is no place to change a policy: rolecall audit --file FILE --fix --out DIR writes it down";

function valueAt(document: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, step) => {
    if (typeof step === "number") return Array.isArray(value) ? (value as readonly Json[])[step] : undefined;
    return isObject(value) ? value[step] : undefined;
  }, document);
}

/** The trust policy as a value, also where the document has it as a text; null where a template makes it. */
export function editedPolicy(held: Json, edits: readonly PolicyEdit[]): Json | null {
  const value = typeof held === "string" ? parsed(held) : held;
  return edits.reduce<Json | null>((policy, edit) => {
    const steps = policy === null ? null : documentEdits(policy, edit, []);
    return steps === null ? null : steps.reduce(editDocument, policy);
  }, value);
}

function parsed(text: string): Json | null {
  try {
    const plain = decoded(text);
    return typeof plain === "string" ? (JSON.parse(plain) as Json) : plain;
  } catch {
    return null;
  }
}

/** The text with the policy's edits in it, read again to see that it says just that; null where it would not. */
function editFile(before: string, document: LintDocument, at: Path, { edits, role }: Narrowed): string | null {
  let text: string | null = before;
  for (const edit of edits) {
    const steps = documentEdits(valueAt(parseLintText(text, document.from), at) ?? null, edit, at);
    if (!steps) return null;
    for (const step of steps) {
      text = editText(text, step);
      if (text === null) return null;
    }
  }
  return saysJust(text, before, document.from, role) ? text : null;
}

function saysJust(text: string, before: string, from: string, role: LintRole): boolean {
  try {
    const [was, is] = [readLintDocument(before, from), readLintDocument(text, from)];
    return (
      was.roles.length === is.roles.length &&
      was.roles.every((one, index) => {
        const now = is.roles[index];
        const expected = one.resource === role.resource ? role : one;
        return now?.resource === one.resource && sameTrust(now.trust, expected.trust);
      })
    );
  } catch {
    return false;
  }
}
