import { type AccountConfig, findAccount } from "../account/account-config.ts";
import type { Change } from "../account/change.ts";
import type { ChangeOptions } from "../account/changes.ts";
import { type Config, readConfig } from "../account/config.ts";
import { accountsOf, type Desired, desiredState, type Target } from "../account/desired.ts";
import { inAccounts, type Outcome, results } from "../account/in-accounts.ts";
import { type PackedPlan, packPlan, unpacked } from "../account/packed-plan.ts";
import { nothing, planAccount, wideningChanges } from "../account/plan.ts";
import type { SavedPlan } from "../account/plan-file.ts";
import { noteLines } from "../account/problem.ts";
import { RolecallError } from "../core/errors.ts";
import { assumeRole, type AwsOptions, callerIdentity, connectIam, type Iam } from "../wire/aws-sdk.ts";
import { isLoopback } from "../wire/discovery.ts";
import { thumbprintOf } from "../wire/thumbprint.ts";
import type { Options } from "./command.ts";
import type { Io } from "./io.ts";
import { note } from "./report.ts";

/** Options of the commands that work on an account. */
export const ACCOUNT_OPTIONS = {
  config: { type: "string", value: "FILE", help: "the configuration (by default rolecall.yaml)" },
  account: {
    type: "string",
    value: "NAME",
    multiple: true,
    help: "only this account of the file, by its name or its digits",
  },
  "endpoint-url": {
    type: "string",
    value: "URL",
    env: ["AWS_ENDPOINT_URL"],
    help: "another AWS, for example the local cloud's",
  },
  json: { type: "boolean", help: "print JSON" },
} as const satisfies Options;

/** Options by which what is to be done is decided. */
export const CHANGE_OPTIONS = {
  adopt: { type: "boolean", help: "take over roles that are there already and not ours" },
  "private-ca": {
    type: "boolean",
    help: "issuers have certificates of a private authority: compute thumbprints as AWS does, and set them",
  },
} as const satisfies Options;

export interface AccountInput {
  readonly config: string | undefined;
  readonly account: readonly string[];
  readonly "endpoint-url": string | undefined;
  readonly quiet: boolean;
}

/** An account, and the way into it, which is gone only when it is first needed. */
export interface Account {
  readonly target: Target;
  /** ARN of the role by which it is entered; null with the caller's own credentials. */
  readonly via: string | null;
  readonly iam: () => Promise<Iam>;
}

/** @throws RolecallError as `readConfig` */
export function readAccountConfig(options: AccountInput): Promise<Config> {
  return readConfig(options.config ?? "rolecall.yaml");
}

/**
 * The accounts that a configuration is for: those that it names, or of these the chosen ones, or else the
 * one of the credentials.
 *
 * @throws RolecallError `config` for an account that the credentials are not of and that names no role, or
 *   whose partition is another; `usage` for a choice that the file does not name
 */
export async function accountsFor(config: Config, options: AccountInput): Promise<readonly Account[]> {
  const aws: AwsOptions = { endpoint: options["endpoint-url"] };
  const named = chosen(config, options.account);
  const own = await callerIdentity(aws);
  if (named.length === 0) return [accountAt(aws, own, null)];
  const problem = named.map((one) => wayProblem(one, own, named)).find((one) => one !== null);
  if (problem) throw problem;
  return named.map(({ id, partition, assume }) => accountAt(aws, { account: id, partition }, assume));
}

function chosen(config: Config, names: readonly string[]): readonly AccountConfig[] {
  const wanted = new Set(names.map((name) => findAccount(config.accounts, name)));
  return accountsOf(config).filter((one) => wanted.size === 0 || wanted.has(one));
}

/** Why the credentials at hand do not lead into an account. */
function wayProblem(
  { name, id, partition, assume }: AccountConfig,
  own: Target,
  all: readonly AccountConfig[],
): RolecallError | null {
  if (partition !== own.partition) {
    const reachable = all.filter((one) => one.partition === own.partition).map((one) => `--account ${one.name}`);
    const text = `accounts.${name}: expected credentials of partition ${partition}, got those of ${own.partition}, by which no role of another can be taken`;
    return new RolecallError("config", text, {
      hints: reachable.length > 0 ? [`these alone, and the others with their own: ${reachable.join(" ")}`] : [],
    });
  }
  if (assume !== null || id === own.account) return null;
  return new RolecallError("config", `accounts.${name}: expected credentials of ${id}, got those of ${own.account}`, {
    hints: [`name a role to enter it by: ${name}: { id: "${id}", role: OrganizationAccountAccessRole }`],
  });
}

/** The accounts of a plan that was written down. */
export function accountsOfPlan({ accounts }: SavedPlan, options: AccountInput): readonly Account[] {
  const aws: AwsOptions = { endpoint: options["endpoint-url"] };
  return accounts.map(({ account, partition, via }) => accountAt(aws, { account, partition }, via));
}

function accountAt(aws: AwsOptions, { account, partition }: Target, via: string | null): Account {
  let connected: Promise<Iam> | undefined;
  const iam = (): Promise<Iam> => (connected ??= connect(aws, account, via));
  return { target: { account, partition }, via, iam };
}

/** Never the wrong account: whose the credentials are is asked before they are used. */
async function connect(aws: AwsOptions, account: string, via: string | null): Promise<Iam> {
  const options = via === null ? aws : { ...aws, credentials: await assumeRole(aws, via, "rolecall") };
  const own = await callerIdentity(options);
  if (own.account === account) return await connectIam(options);
  throw new RolecallError("config", `expected credentials of account ${account}, got those of ${own.account}`);
}

export interface PlanRequest {
  readonly config: Config;
  readonly accounts: readonly Account[];
  readonly options: ChangeOptions;
  /** Nothing is asked for, so all goes. */
  readonly destroy: boolean;
}

/** Plans every account, a few at once; of each that is finished only the packed plan is kept. */
export async function planAll(request: PlanRequest, input: AccountInput, io: Io): Promise<readonly PackedPlan[]> {
  const { config, accounts, options, destroy } = request;
  const notes = new Set<string>();
  const outcomes = await inAccounts(
    accounts,
    async ({ target, via, iam }) => {
      const desired = destroy ? nothing(config.name, target) : desiredState(config, target);
      if (!input.quiet) for (const line of noteLines(config.file, desired.notes)) notes.add(line);
      return packPlan(await planAccount(await iam(), { ...target, via }, desired, options));
    },
    progress("planned", accounts.length, input, io),
  );
  for (const line of notes) note(io, line);
  return results(outcomes, nameOf);
}

export function nameOf({ target }: Account): string {
  return `account ${target.account}`;
}

type Progress = <Result>(outcome: Outcome<Account, Result>, finished: number) => void;

/** One line on stderr for each account that is finished, where there are several. */
export function progress(did: string, count: number, { quiet }: AccountInput, io: Io): Progress {
  return ({ account, kind }, finished) => {
    if (quiet || count < 2) return;
    note(io, `${nameOf(account)}: ${kind === "done" ? did : "failed"} (${finished} of ${count})`);
  };
}

/** Thumbprints of the issuers that are not a vendor's own, when asked for. */
export async function changeOptions(
  { adopt, "private-ca": privateCa }: { readonly adopt: boolean; readonly "private-ca": boolean },
  desired: readonly Desired["providers"][number]["url"][],
  io: Io,
): Promise<ChangeOptions> {
  if (!privateCa) return { adopt };
  const thumbprints: Record<string, readonly string[]> = {};
  for (const issuer of new Set(desired)) {
    const { thumbprint, host, subject, verified } = await thumbprintOf(issuer);
    thumbprints[issuer] = [thumbprint];
    note(io, `${issuer}: thumbprint ${thumbprint}, of ${subject}, from ${host}`);
    if (!verified)
      note(io, `${issuer}: this machine does not know that authority: compare the thumbprint with your own`);
  }
  return { adopt, thumbprints };
}

/** The issuers of a configuration's roles, but for those that vendors run on certificates of public authorities. */
export function privateIssuers({ roles }: Config, vendors: readonly (string | null)[]): readonly string[] {
  return roles.map(({ issuer }) => issuer).filter((issuer) => !vendors.includes(issuer) && !isLocal(issuer));
}

function isLocal(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === "http:" && isLoopback(hostname);
}

/**
 * In a pipeline nobody sees that access is widened, so that must be said beforehand.
 *
 * @throws RolecallError `refused`
 */
export function checkWidening(plans: readonly PackedPlan[], allowed: boolean, io: Io): void {
  if (allowed || !io.env["CI"]) return;
  const details = [...unpacked(plans)].flatMap(({ changes }) => gainLines(changes));
  if (details.length === 0) return;
  throw new RolecallError(
    "refused",
    "the plan widens access, and in CI that needs --allow-widening; nothing was changed",
    { details, hints: ["have a person look at rolecall plan, then run it with --allow-widening"] },
  );
}

function gainLines(changes: readonly Change[]): readonly string[] {
  return wideningChanges(changes).flatMap(({ name, access }) =>
    (access?.gains ?? []).map((line) => `role ${name}: + ${line}`),
  );
}

/**
 * Two files of one name in one account would take away each other's roles; where nobody looks at the
 * plan, that must be said beforehand.
 *
 * @param config the configuration's name
 * @throws RolecallError `refused`
 */
export function checkDestroying(config: string, plans: readonly PackedPlan[], allowed: boolean): void {
  if (allowed || plans.every(({ counts }) => counts.destroy === 0)) return;
  const details = [...unpacked(plans)].flatMap(({ changes }) =>
    changes.filter(({ action }) => action === "delete").map(({ kind, name }) => `- ${kind} ${name}`),
  );
  throw new RolecallError(
    "refused",
    "the plan destroys, and with --yes that needs --allow-destroy; nothing was changed",
    {
      details,
      hints: [
        `were these made by another file that is also named ${config}? then give this one a name of its own: name: shop`,
        "if they are to go: rolecall apply --yes --allow-destroy",
      ],
    },
  );
}
