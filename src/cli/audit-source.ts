import { RolecallError } from "../core/errors.ts";
import { inAccountOf, type AuditedAccount } from "../doctor/audit.ts";
import { readCredentialReport } from "../doctor/audit-keys.ts";
import { providerOf, rolesOfAccount } from "../doctor/lint-account.ts";
import { readLintDocument } from "../doctor/lint-documents.ts";
import type { AccountReading } from "../wire/aws-sdk/audit-calls.ts";
import { readText } from "./findings.ts";

/**
 * An account out of files: its authorization details, its providers, its summary, its credential report, in any
 * order.
 *
 * @throws RolecallError `config` for a file that is none of them, or when no file has roles
 */
export async function accountFromFiles(files: readonly string[]): Promise<AuditedAccount> {
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await readText(file) })));
  const reports = texts.filter(({ text }) => text.startsWith("user,"));
  const documents = texts
    .filter(({ text }) => !text.startsWith("user,"))
    .map(({ file, text }) => ({ ...readLintDocument(text, file), all: text.includes('"OpenIDConnectProviders"') }));
  const roles = documents.flatMap((one) => one.roles);
  const unread = documents.flatMap((one) => one.unread);
  if (!documents.some(({ isAccount }) => isAccount))
    throw new RolecallError(
      "config",
      `${files.join(", ")}: expected what aws iam get-account-authorization-details answers`,
      {
        hints: ["rolecall lint judges single roles and policies"],
      },
    );
  return {
    from: files.join(", "),
    roles,
    providers: documents.flatMap((one) => (one.isAccount ? one.providers : inAccountOf(one.providers, roles))),
    // Providers have answers of their own; whoever gives one file of them may have left out others.
    allProviders: documents.some(({ all }) => all),
    unread,
    ...quotaOf(documents.find((one) => one.trustPolicyQuota !== undefined)?.trustPolicyQuota),
    keys: reports.length === 0 ? null : reports.flatMap(({ file, text }) => readCredentialReport(text, file)),
  };
}

function quotaOf(quota: number | null | undefined): Pick<AuditedAccount, "trustPolicyQuota"> {
  return quota === null || quota === undefined ? {} : { trustPolicyQuota: quota };
}

/** An account as IAM told it. */
export function accountFromIam(reading: AccountReading, account: string): AuditedAccount {
  const { details, providers, maxSessions, credentialReport } = reading;
  const from = `account ${account}`;
  const readings = rolesOfAccount({ ...details }, from, { maxSessions });
  return {
    from,
    roles: readings.flatMap((one) => (one.kind === "role" ? [one.role] : [])),
    providers: providers.flatMap((one) => providerOf(one, account) ?? []),
    allProviders: true,
    unread: readings.flatMap((one) => (one.kind === "unread" ? [one] : [])),
    ...quotaOf(reading.trustPolicyQuota),
    keys: credentialReport === null ? null : readCredentialReport(credentialReport, from),
  };
}
