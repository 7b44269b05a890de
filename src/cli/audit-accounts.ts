import { setTimeout as pause } from "node:timers/promises";
import { readConfig } from "../account/config.ts";
import { inAccounts } from "../account/in-accounts.ts";
import { exitStatus, isRolecallError, RolecallError } from "../core/errors.ts";
import type { Audit, AuditedAccount } from "../doctor/audit.ts";
import { isForTokens } from "../core/lint.ts";
import { accountsOfConfig, NOT_IN_CONFIG } from "../doctor/audit-config.ts";
import { assumeRole, type AwsOptions, callerIdentity } from "../wire/aws-sdk.ts";
import { readAccount } from "../wire/aws-sdk/audit-calls.ts";
import { readAggregator } from "../wire/aws-sdk/config-calls.ts";
import { accountFromFiles, accountFromIam } from "./audit-source.ts";
import type { Options } from "./command.ts";
import { counted } from "./findings.ts";
import type { Io } from "./io.ts";
import { Progress } from "./render/progress.ts";
import { note } from "./report.ts";

/** Which accounts an audit is of, and where they are read. */
export const SOURCE_OPTIONS = {
  file: {
    type: "string",
    value: "FILE",
    multiple: true,
    help: "a saved account instead: its details, its providers, its credential report; may be repeated",
  },
  from: {
    type: "string",
    value: "iam|config",
    choices: ["iam", "config"],
    help: "where accounts are read: IAM, or an aggregator of AWS Config",
  },
  aggregator: { type: "string", value: "NAME", help: "with --from config: which aggregator, where there are several" },
  accounts: {
    type: "string",
    value: "FILE",
    help: "the accounts: of this rolecall.yaml, each by the role that it names",
  },
  account: { type: "string", value: "ID", multiple: true, help: "another account, by --via; may be repeated" },
  via: { type: "string", value: "ROLE", help: "the role to assume in each --account: its name" },
  region: { type: "string", value: "REGION", help: "of the aggregator, and of the endpoint" },
  "endpoint-url": {
    type: "string",
    value: "URL",
    env: ["AWS_ENDPOINT_URL"],
    help: "another AWS to ask, for example the local cloud's",
  },
} as const satisfies Options;

export interface SourceInput {
  readonly file: readonly string[];
  readonly from: string | undefined;
  readonly aggregator: string | undefined;
  readonly accounts: string | undefined;
  readonly account: readonly string[];
  readonly via: string | undefined;
  readonly region: string | undefined;
  readonly "endpoint-url": string | undefined;
  readonly quiet: boolean;
}

/** What came of an account. */
export type AccountOutcome =
  | { readonly kind: "judged"; readonly audit: Audit; readonly requests: number | null }
  | { readonly kind: "failed"; readonly from: string; readonly reason: string; readonly status: number };

type Judge = (account: AuditedAccount) => Promise<Audit>;

/**
 * Reads and judges accounts: one of files, one of IAM, several of IAM a few at once, or all of an aggregator. Of each
 * that is done only what was found is kept. One that fails does not stop the others.
 *
 * @throws RolecallError when the only account, or the list of them, cannot be read
 */
export async function judgeAccounts(input: SourceInput, judge: Judge, io: Io): Promise<readonly AccountOutcome[]> {
  checkSource(input);
  if (input.file.length > 0) {
    return [{ kind: "judged", audit: await judge(await accountFromFiles(input.file)), requests: null }];
  }
  const aws: AwsOptions = { endpoint: input["endpoint-url"], region: input.region };
  if (input.from === "config") return await judgeAggregator(aws, input, judge, io);
  const targets = await targetsOf(input, aws);
  if (targets.length > 0) return await judgeTargets(targets, aws, input, judge, io);
  const { account } = await callerIdentity(aws);
  return [await judgeLive(aws, account, judge, new Progress(io, input.quiet))];
}

/** @throws RolecallError `usage` for options that exclude each other */
function checkSource({ file, from, aggregator, accounts, account, via }: SourceInput): void {
  const wrong = (text: string, hint: string): RolecallError =>
    new RolecallError("usage", `audit: ${text}`, { hints: [hint] });
  if (from !== undefined && from !== "iam" && from !== "config")
    throw wrong(`--from: expected iam or config, got ${from}`, "rolecall audit --from config --aggregator NAME");
  if (aggregator !== undefined && from !== "config")
    throw wrong("--aggregator goes with --from config", "rolecall audit --from config --aggregator NAME");
  const given = [
    ...(file.length > 0 ? ["--file"] : []),
    ...(from === "config" ? ["--from config"] : []),
    ...(accounts === undefined ? [] : ["--accounts"]),
    ...(account.length > 0 ? ["--account"] : []),
  ];
  if (given.length > 1) throw wrong(`expected one of ${given.join(", ")}, got them together`, "rolecall help audit");
  const strange = account.find((id) => !/^\d{12}$/.test(id));
  if (strange !== undefined)
    throw wrong(`--account: expected twelve digits, got ${strange}`, "aws organizations list-accounts");
  if (account.length > 0 !== (via !== undefined))
    throw wrong(
      account.length > 0 ? "--account needs the role to assume there: --via ROLE" : "--via goes with --account",
      "rolecall audit --account 111122223333 --account 444455556666 --via OrganizationAccountAccessRole",
    );
}

interface Target {
  readonly account: string;
  /** ARN of the role to assume; null with the credentials in use. */
  readonly via: string | null;
}

async function targetsOf({ accounts, account, via }: SourceInput, aws: AwsOptions): Promise<readonly Target[]> {
  if (accounts !== undefined) {
    const known = (await readConfig(accounts)).accounts;
    if (known.length > 0) return known.map(({ id, assume }) => ({ account: id, via: assume }));
    throw new RolecallError("config", `${accounts}: expected accounts:, got none`, {
      hints: ['accounts: { prod: { id: "111122223333", role: OrganizationAccountAccessRole } }'],
    });
  }
  if (account.length === 0) return [];
  // Roles are assumed within a partition.
  const { partition } = await callerIdentity(aws);
  return [...new Set(account)].map((id) => ({ account: id, via: `arn:${partition}:iam::${id}:role/${via ?? ""}` }));
}

async function judgeTargets(
  targets: readonly Target[],
  aws: AwsOptions,
  { quiet }: SourceInput,
  judge: Judge,
  io: Io,
): Promise<readonly AccountOutcome[]> {
  const progress = new Progress(io, quiet);
  const outcomes = await inAccounts(
    targets,
    async ({ account, via }) => {
      const options = via === null ? aws : { ...aws, credentials: await assumeRole(aws, via, "rolecall-audit") };
      const own = await callerIdentity(options);
      if (own.account !== account)
        throw new RolecallError("config", `expected credentials of account ${account}, got those of ${own.account}`);
      return await judgeLive(options, account, judge, null);
    },
    ({ account, kind }, finished) =>
      progress.step(
        `account ${account.account}: ${kind === "done" ? "read" : "failed"} (${finished} of ${targets.length})`,
      ),
  );
  progress.end();
  return outcomes.map((one) =>
    one.kind === "done" ? one.result : failed(`account ${one.account.account}`, one.error),
  );
}

function failed(from: string, error: unknown): AccountOutcome {
  const code = isRolecallError(error) ? error.code : "unexpected";
  return {
    kind: "failed",
    from,
    reason: error instanceof Error ? error.message : String(error),
    status: exitStatus(code),
  };
}

async function judgeLive(
  aws: AwsOptions,
  account: string,
  judge: Judge,
  progress: Progress | null,
): Promise<AccountOutcome> {
  const told = (roles: number): void => progress?.step(`read ${counted(roles, "role")} of ${account}`);
  const reading = await readAccount(aws, told, async (milliseconds) => await pause(milliseconds));
  progress?.end();
  return { kind: "judged", audit: await judge(accountFromIam(reading, account)), requests: reading.requests };
}

async function judgeAggregator(
  aws: AwsOptions,
  { aggregator, quiet }: SourceInput,
  judge: Judge,
  io: Io,
): Promise<readonly AccountOutcome[]> {
  const progress = new Progress(io, quiet);
  const told = (resources: number): void => progress.step(`read ${counted(resources, "resource")} of AWS Config`);
  const reading = await readAggregator(aws, aggregator, told, async (milliseconds) => await pause(milliseconds));
  progress.end();
  const accounts = accountsOfConfig(reading);
  if (accounts.length === 0)
    throw new RolecallError("config", `the aggregator ${reading.aggregator} has no role and no OIDC provider`, {
      hints: ["AWS Config has to record AWS::IAM::Role and AWS::IAM::OIDCProvider in those accounts"],
    });
  if (!quiet) {
    note(io, NOT_IN_CONFIG);
    for (const account of accounts) tellGaps(account, io);
  }
  // The requests were for all of them together.
  const outcomes: AccountOutcome[] = [];
  for (const [index, account] of accounts.entries())
    outcomes.push({ kind: "judged", audit: await judge(account), requests: index === 0 ? reading.requests : 0 });
  return outcomes;
}

/** Roles that trust a provider of an account whose providers are not recorded. */
function tellGaps({ from, roles, allProviders }: AuditedAccount, io: Io): void {
  if (allProviders || !roles.some(isForTokens)) return;
  note(
    io,
    `${from}: AWS Config has none of its OIDC providers (it has to record AWS::IAM::OIDCProvider): they are taken to have the audiences that policies test`,
  );
}
