import { join } from "node:path";
import { RolecallError } from "../core/errors.ts";
import { isForTokens } from "../core/lint.ts";
import { readRoleArn } from "../core/arn.ts";
import type { LintRole } from "../core/lint/finding.ts";
import { shellWord } from "../core/shell-word.ts";
import { type AuditedAccount, contextOf } from "../doctor/audit.ts";
import type { RoleFix } from "../doctor/lint-fix.ts";
import { narrowTrust } from "../doctor/lint-narrow.ts";
import { policyDocument } from "../doctor/lint-policy-edit.ts";
import { writeFileAtomic } from "../wire/files.ts";
import { configOfRoles } from "./audit-config-file.ts";
import type { Options } from "./command.ts";
import { type FindingsPlan, platformOf } from "./findings.ts";
import type { Io } from "./io.ts";
import { checkFixOptions, type FixInput, roleJson, statusOf, tellRole } from "./lint-fix.ts";
import { renderPatch } from "./render/unified-diff.ts";
import { note } from "./report.ts";

/** What `audit --fix` has beside `lint --fix`. */
export const AUDIT_FIX_OPTIONS = {
  out: {
    type: "string",
    value: "DIR",
    help: "with --fix: write the narrowed policies and a rolecall.yaml into this folder, and print the commands",
  },
  role: { type: "string", value: "NAME", multiple: true, help: "with --fix: only these roles" },
} as const satisfies Options;

export interface AuditFixInput extends FixInput {
  readonly out: string | undefined;
  readonly role: readonly string[];
}

/** @throws RolecallError `usage` */
export function checkAuditFix(
  input: AuditFixInput & { readonly format: string | undefined; readonly "write-baseline": string | undefined },
): void {
  checkFixOptions("audit", input, { ...input, write: false });
  const alone = input.out === undefined ? (input.role.length > 0 ? "--role" : null) : "--out";
  if (!input.fix && alone !== null) throw new RolecallError("usage", `audit: ${alone} goes with --fix`);
}

/** An account's roles, narrowed; nothing of it was changed. */
export interface AccountFix {
  readonly from: string;
  readonly roles: readonly { readonly before: LintRole; readonly fix: RoleFix }[];
  /** As a rolecall.yaml, those that one can say; null where there is none. */
  readonly config: string | null;
}

/** Narrows every role of an account that is for tokens, or those that were named. */
export function fixAccount(account: AuditedAccount, plan: FindingsPlan, input: AuditFixInput, now: number): AccountFix {
  const { from } = account;
  const context = { ...contextOf(account, now), ...platformOf(plan) };
  const told = { subjects: input.subject, audiences: input.audience };
  const roles = account.roles
    .filter((role) => isForTokens(role) && isNamed(role, input.role))
    .map((before) => {
      const narrowed = narrowTrust(before, context, told, (one) => plan.sorted([one]).counted.length > 0);
      const policy = narrowed.edits.length === 0 ? null : policyDocument(narrowed.role.trust);
      return { before, fix: { resource: before.resource, narrowed, policy, byHand: null, form: null } };
    });
  const config =
    input.out === undefined
      ? null
      : configOfRoles(
          roles.map(({ fix }) => fix.narrowed.role),
          context,
        );
  return { from, roles, config };
}

function isNamed({ resource }: LintRole, names: readonly string[]): boolean {
  return names.length === 0 || names.includes(nameOf(resource)) || names.includes(resource);
}

function nameOf(resource: string): string {
  return readRoleArn(resource)?.name ?? resource.split("/").at(-1) ?? resource;
}

/** Prints what would change, or writes it down with the commands that put it in place. Gives the exit status. */
export async function printFixes(
  fixes: readonly AccountFix[],
  plan: FindingsPlan,
  input: AuditFixInput,
  io: Io,
): Promise<number> {
  const { out } = input;
  if (out !== undefined) for (const fix of fixes) await writeAccount(fix, out);
  if (input.json) io.out(`${JSON.stringify({ accounts: fixes.map(asJson) }, null, 2)}\n`);
  else {
    for (const fix of fixes) io.out(out === undefined ? patchOf(fix) : commandsOf(fix, out));
    if (!input.quiet) for (const fix of fixes) tell(fix, out, io);
  }
  return statusOf(
    fixes.flatMap(({ roles }) => roles.map(({ fix }) => fix)),
    plan,
  );
}

/** `111122223333/deploy.json`; of files the account's number is that of the roles. */
function pathOf(resource: string): string {
  const account = readRoleArn(resource)?.account ?? "account";
  return `${account}/${nameOf(resource).replaceAll(/[^\w+=,.@-]/g, "_")}.json`;
}

function changed({
  roles,
}: AccountFix): readonly { readonly path: string; readonly before: LintRole; readonly fix: RoleFix }[] {
  return roles.flatMap((one) => (one.fix.policy === null ? [] : [{ ...one, path: pathOf(one.before.resource) }]));
}

function patchOf(account: AccountFix): string {
  return changed(account)
    .map(({ path, before, fix }) => renderPatch(path, pretty(policyDocument(before.trust)), pretty(fix.policy)))
    .join("");
}

function commandsOf(account: AccountFix, out: string): string {
  return changed(account)
    .map(({ path, before }) => {
      const file = shellWord(`file://${join(out, path)}`);
      return `aws iam update-assume-role-policy --role-name ${shellWord(nameOf(before.resource))} --policy-document ${file}\n`;
    })
    .join("");
}

// Policies are no secret, and are looked at by others before they are put in place.
const SHARED = 0o644;

async function writeAccount(account: AccountFix, out: string): Promise<void> {
  const files = changed(account);
  for (const { path, fix } of files) await writeFileAtomic(join(out, path), pretty(fix.policy), SHARED);
  const [folder] = pathOf(account.roles[0]?.before.resource ?? "").split("/");
  if (account.config !== null) await writeFileAtomic(join(out, folder ?? "", "rolecall.yaml"), account.config, SHARED);
}

function tell(account: AccountFix, out: string | undefined, io: Io): void {
  for (const { fix } of account.roles) tellRole(account.from, fix, io);
  const mended = account.roles.reduce((sum, { fix }) => sum + fix.narrowed.mended.length, 0);
  const left = account.roles.reduce((sum, { fix }) => sum + fix.narrowed.open.length, 0);
  note(io, `${account.from}: ${mended} mended, ${left} left${out === undefined ? "" : `; written to ${out}`}`);
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function asJson({ from, roles }: AccountFix): object {
  return { from, roles: roles.map(({ fix }) => roleJson(fix)) };
}
