import { isPattern } from "../../core/lint/wildcards.ts";
import { audit, type Audit } from "../../doctor/audit.ts";
import type { ActiveKey } from "../../doctor/audit-keys.ts";
import { type AccountOutcome, judgeAccounts, SOURCE_OPTIONS } from "../audit-accounts.ts";
import { checkAuditFix, fixAccount, AUDIT_FIX_OPTIONS, printFixes } from "../audit-fix.ts";
import { defineCommand } from "../command.ts";
import { ASK_CI_OPTIONS, askedPlan, ciQuestions } from "../lint-ask-ci.ts";
import { counted, FINDINGS_OPTIONS, planFindings, printFindings } from "../findings.ts";
import type { Io } from "../io.ts";
import { FIX_OPTIONS } from "../lint-fix.ts";
import { note } from "../report.ts";

export default defineCommand({
  name: "audit",
  summary: "judge every role and OIDC provider of an account, and tell which access keys are still in use",
  usage: "[options]",
  examples: [
    ["rolecall audit", "the account of the credentials in use; it only reads"],
    ["aws iam get-account-authorization-details > account.json", "by somebody who may, and then"],
    ["rolecall audit --file account.json", "without credentials, on another machine"],
    ["rolecall audit --accounts rolecall.yaml", "the accounts that the file names, a few at once"],
    ["rolecall audit --account 111122223333 --via OrganizationAccountAccessRole", "or those that you name"],
    ["rolecall audit --from config", "all accounts of an AWS Config aggregator"],
    ["rolecall audit --ask-ci", "and ask GitHub and GitLab what only they know: gone projects, open branches, keys"],
    ["rolecall audit --format junit --fail-on critical", "in a scheduled job"],
    ["rolecall audit --fix --out narrowed", "narrowed trust policies, and the commands that put them in place"],
  ],
  options: { ...SOURCE_OPTIONS, ...FINDINGS_OPTIONS, ...ASK_CI_OPTIONS, ...FIX_OPTIONS, ...AUDIT_FIX_OPTIONS },
  notes:
    "Exit status: 0 without findings of that severity, 3 with; of an account that cannot be read, that of the error,\n" +
    "after the others are reported, and said on stderr. It needs iam:GetAccountAuthorizationDetails, iam:ListRoles,\n" +
    "iam:ListOpenIDConnectProviders, iam:GetOpenIDConnectProvider, and for the access keys\n" +
    "iam:GenerateCredentialReport and iam:GetCredentialReport; with --from config, config:SelectAggregateResourceConfig\n" +
    "and config:DescribeConfigurationAggregators. iam:GetAccountSummary is asked for the quota of trust policies, where\n" +
    "one is longer than usual.",
  async run({ options }, io) {
    checkAuditFix(options);
    const plan = await planFindings("audit", options, io);
    const questions = ciQuestions("audit", options, io);
    const now = io.now();
    const subjects = options.subject.filter((one) => !isPattern(one));
    const fixes: ReturnType<typeof fixAccount>[] = [];
    const outcomes = await judgeAccounts(
      options,
      async (account) => {
        const asked = await askedPlan(plan, questions, account);
        if (options.fix) fixes.push(fixAccount(account, asked, options, now));
        return audit(account, now, subjects, asked.platform);
      },
      io,
    );
    await questions?.finish(options);
    for (const one of outcomes) if (one.kind === "failed") note(io, `error: ${one.from}: ${one.reason}`);
    const judged = outcomes.filter((one) => one.kind === "judged");
    if (!options.quiet)
      for (const { resource, reason } of judged.flatMap((one) => one.audit.unread))
        note(io, `${resource} was not judged: ${reason}`);
    const endsWith = (status: number): number => statusOf(outcomes, status, io);
    if (options.fix) return endsWith(await printFixes(fixes, plan, options, io));
    const told = {
      json: { accounts: outcomes.map(accountJson) },
      tail: outcomes.flatMap((one) => linesOf(one, now)),
      sources: outcomes.map((one) =>
        one.kind === "failed" ? { from: one.from, failure: one.reason } : { from: one.audit.from, failure: null },
      ),
    };
    const findings = judged.flatMap((one) => one.audit.findings);
    return endsWith(await printFindings(plan, findings, told, options, io));
  },
});

/** The status of the first account that failed, else that of the findings; which of the two it is has to be said. */
function statusOf(outcomes: readonly AccountOutcome[], ofFindings: number, io: Io): number {
  const failed = outcomes.filter((one) => one.kind === "failed");
  const [first] = failed;
  if (!first) return ofFindings;
  const rest =
    failed.length === outcomes.length
      ? "no account was judged"
      : `what was found in the others would be status ${ofFindings}`;
  note(
    io,
    `status ${first.status} is that of ${first.from}, which could not be read (${failed.length} of ${counted(outcomes.length, "account")}); ${rest}`,
  );
  return first.status;
}

function accountJson(outcome: AccountOutcome): object {
  if (outcome.kind === "failed") return { from: outcome.from, error: outcome.reason };
  const { from, counts, keys } = outcome.audit;
  return { from, counts, requests: outcome.requests, accessKeys: keys };
}

function linesOf(outcome: AccountOutcome, now: number): readonly string[] {
  if (outcome.kind === "failed") return [`${outcome.from}: not judged: ${outcome.reason}`];
  const { audit: result, requests } = outcome;
  return [...keyLines(result, now, requests !== null), countLine(result, requests)];
}

function countLine({ from, counts }: Audit, requests: number | null): string {
  const asked = requests === null || requests === 0 ? "" : `; ${counted(requests, "request")}`;
  return `${from}: ${counted(counts.roles, "role")}, ${counts.forTokens} of them for OIDC tokens; ${counted(counts.providers, "provider")}${asked}`;
}

const DAY = 24 * 3600 * 1000;
const RECENT = 90;

/** Keys that were used lately, or may be at any time. */
function keyLines({ keys, readsKeys }: Audit, now: number, isLive: boolean): readonly string[] {
  if (keys === null)
    return isLive && readsKeys ? ["active access keys: not known, the credential report cannot be read", ""] : [];
  if (keys.length === 0) return [];
  const used = keys.filter(({ lastUsed }) => lastUsed !== null && now - lastUsed <= RECENT * DAY);
  return [
    `active access keys: ${keys.length}, ${used.length} of them used within ${RECENT} days`,
    ...used.map((key) => keyLine(key, now)),
    "",
  ];
}

function keyLine({ user, number, lastUsed, service, region }: ActiveKey, now: number): string {
  // The clocks of two machines differ.
  const days = Math.max(0, Math.floor((now - (lastUsed ?? now)) / DAY));
  const ago = days === 0 ? "today" : `${counted(days, "day")} ago`;
  return `  ${user} key ${number}: ${ago}, ${service || "an unknown service"} in ${region || "an unknown region"}`;
}
