import { lint } from "../core/lint.ts";
import { readRoleArn } from "../core/arn.ts";
import type { Provider } from "../core/decide.ts";
import type { PlatformFacts } from "../core/lint/platform.ts";
import type { Finding, LintContext, LintRole } from "../core/lint/finding.ts";
import type { ActiveKey } from "./audit-keys.ts";

/** An account as it was read, live or out of files. */
export interface AuditedAccount {
  /** `account 123456789012`, or a file. */
  readonly from: string;
  readonly roles: readonly LintRole[];
  readonly providers: readonly Provider[];
  /** Not all of a saved account's providers are in its files. */
  readonly allProviders: boolean;
  readonly unread: readonly { readonly resource: string; readonly reason: string }[];
  /** Null when no credential report was read. */
  readonly keys: readonly ActiveKey[] | null;
  /** AssumeRolePolicySizeQuota of the account, in characters, where it was read. */
  readonly trustPolicyQuota?: number;
  /** False of a source that never has a credential report. */
  readonly readsKeys?: false;
}

export interface Audit {
  readonly from: string;
  readonly findings: readonly Finding[];
  readonly counts: {
    readonly roles: number;
    /** Roles that trust an OIDC provider. */
    readonly forTokens: number;
    readonly providers: number;
  };
  readonly unread: AuditedAccount["unread"];
  readonly keys: readonly ActiveKey[] | null;
  readonly readsKeys: boolean;
}

/** Judges an account; with what is known of the CI's settings, where it is. */
export function audit(
  account: AuditedAccount,
  now: number,
  subjects: readonly string[] = [],
  platform: PlatformFacts = {},
): Audit {
  const { from, roles, providers, unread, keys } = account;
  const { findings, judged } = lint({ from, roles, subjects, ...contextOf(account, now), platform });
  return {
    from,
    findings,
    counts: { roles: roles.length + unread.length, forTokens: judged, providers: providers.length },
    unread,
    keys,
    readsKeys: account.readsKeys ?? true,
  };
}

/** What rules know of an account beside its roles. */
export function contextOf(
  { providers, allProviders, trustPolicyQuota: quota }: AuditedAccount,
  now: number,
): Pick<LintContext, "providers" | "allProviders" | "now" | "trustPolicyQuota"> {
  return { providers, allProviders, now, ...(quota === undefined ? {} : { trustPolicyQuota: quota }) };
}

/** Providers of a saved answer, which does not tell its account: that of the roles. */
export function inAccountOf(providers: readonly Provider[], roles: readonly LintRole[]): readonly Provider[] {
  const own = roles.map(({ resource }) => readRoleArn(resource)).find((arn) => arn !== null);
  if (!own) return providers;
  return providers.map((provider) => ({
    ...provider,
    arn: `arn:${own.partition}:iam::${own.account}:oidc-provider/${provider.url}`,
  }));
}
