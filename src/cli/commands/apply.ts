import { type PackedPlan, packPlan, unpackPlan } from "../../account/packed-plan.ts";
import { planAccount } from "../../account/plan.ts";
import { checkUnmoved, readPlan } from "../../account/plan-file.ts";
import { inAccounts, results } from "../../account/in-accounts.ts";
import { CIS } from "../../ci/index.ts";
import { RolecallError } from "../../core/errors.ts";
import { makePlans, showPlans } from "../account-apply.ts";
import {
  ACCOUNT_OPTIONS,
  type Account,
  accountsFor,
  accountsOfPlan,
  CHANGE_OPTIONS,
  changeOptions,
  checkDestroying,
  checkWidening,
  nameOf,
  planAll,
  privateIssuers,
  readAccountConfig,
} from "../account-run.ts";
import { proveAll } from "../account-verify.ts";
import { confirm } from "../ask.ts";
import { RESOLVE_OPTIONS, resolvedConfig } from "../ci-api.ts";
import { defineCommand, type Input, shown } from "../command.ts";
import type { Io } from "../io.ts";
import { TOKEN_OPTIONS } from "../job-options.ts";

const OPTIONS = {
  ...ACCOUNT_OPTIONS,
  ...CHANGE_OPTIONS,
  ...RESOLVE_OPTIONS,
  yes: { type: "boolean", short: "y", help: "do not ask" },
  "allow-widening": { type: "boolean", help: "in CI: also when somebody gains a role that is there already" },
  "allow-destroy": { type: "boolean", help: "with --yes: also take away what the file no longer has" },
  verify: { type: "boolean", help: "prove afterwards that IAM admits what the file says, and no neighbour of it" },
  "verify-with-token": {
    type: "boolean",
    help: "exchange this job's ID token for the roles that it may have, and wait until that works",
  },
  ...TOKEN_OPTIONS,
} as const;

type ApplyInput = Input<typeof OPTIONS>["options"];

export default defineCommand({
  name: "apply",
  summary: "make the account what rolecall.yaml says: providers, audiences, roles, trust, permissions",
  usage: "[PLAN] [options]",
  examples: [
    ["rolecall apply", "show the plan, ask, make it so"],
    ["rolecall apply plan.json", "make a plan that rolecall plan --out wrote, unless the account has moved on"],
    ["rolecall apply --yes --verify", "in a pipeline, and prove it"],
  ],
  options: OPTIONS,
  positionals: [],
  acceptsMore: true,
  choices: "files",
  notes: "What fails stops it and is told with what was done; running it again goes on from there.",
  async run({ options, positionals }, io) {
    const { plans, accounts, config } = await planFor(positionals, options, io);
    showPlans(config, plans, options, io);
    checkWidening(plans, options["allow-widening"], io);
    if (plans.some(({ pending }) => pending)) {
      if (options.yes && positionals.length === 0) checkDestroying(config, plans, options["allow-destroy"]);
      const agreed = options.yes || positionals.length > 0 || (await confirm("make these changes?", "apply", io));
      if (!agreed) throw new RolecallError("usage", "apply: not agreed to; nothing was changed");
      await makePlans(plans, accounts, options, io);
    }
    return await proveAll(plans, accounts, options, io);
  },
});

interface Planned {
  readonly config: string;
  readonly plans: readonly PackedPlan[];
  readonly accounts: readonly Account[];
}

async function planFor(positionals: readonly string[], options: ApplyInput, io: Io): Promise<Planned> {
  const [file, extra] = positionals;
  if (extra !== undefined) throw new RolecallError("usage", `apply: expected one plan, got ${shown(extra)} as well`);
  if (file !== undefined) return await planAgain(file, options);
  const config = await resolvedConfig(await readAccountConfig(options), options, io);
  const accounts = await accountsFor(config, options);
  const vendors = CIS.map(({ issuer }) => issuer);
  const changes = await changeOptions(options, privateIssuers(config, vendors), io);
  const plans = await planAll({ config, accounts, options: changes, destroy: false }, options, io);
  return { config: config.name, plans, accounts };
}

/** A plan that was written down is made again and must come out the same, in every account, before anything is changed. */
async function planAgain(file: string, options: ApplyInput): Promise<Planned> {
  const { config, account, adopt, resolve, "private-ca": privateCa } = options;
  if (config !== undefined || account.length > 0 || adopt || privateCa || resolve)
    throw new RolecallError(
      "usage",
      "apply: a plan has its configuration and options in it; give them to rolecall plan",
    );
  const saved = await readPlan(file);
  const accounts = accountsOfPlan(saved, options);
  const outcomes = await inAccounts(accounts, async ({ target, via, iam }) => {
    const packed = saved.accounts.find((one) => one.account === target.account && one.via === via);
    if (!packed) throw new RolecallError("unexpected", `the plan has no account ${target.account}`);
    const before = unpackPlan(packed);
    const now = await planAccount(await iam(), { ...target, via }, before.desired, saved.options);
    checkUnmoved(before, now);
    return packPlan(now);
  });
  return { config: saved.config, plans: results(outcomes, nameOf), accounts };
}
