import { makeChanges } from "../account/apply.ts";
import { inAccounts, results } from "../account/in-accounts.ts";
import { type PackedPlan, totalCounts, unpackPlan } from "../account/packed-plan.ts";
import { type Account, type AccountInput, nameOf, progress } from "./account-run.ts";
import type { Io } from "./io.ts";
import { colorsFor } from "./render/colors.ts";
import { countText, planJson, renderDone, renderPlan } from "./render/plan.ts";

type Shown = Parameters<typeof colorsFor>[1] & { readonly json: boolean };

/** Prints plans, for people or as JSON, in the order of the accounts. */
export function showPlans(config: string, plans: readonly PackedPlan[], options: Shown, io: Io): void {
  const pieces = options.json ? planJson(config, plans) : renderPlan(plans, colorsFor(io, options));
  for (const piece of pieces) io.out(piece);
}

/** Makes planned changes in all accounts and says of each that it is done. */
export async function makePlans(
  plans: readonly PackedPlan[],
  accounts: readonly Account[],
  input: AccountInput & { readonly json: boolean },
  io: Io,
): Promise<void> {
  const several = accounts.length > 1;
  const outcomes = await inAccounts(
    accounts,
    async (account) => {
      const plan = plans.find((one) => one.account === account.target.account && one.via === account.via);
      await makeChanges(await account.iam(), plan ? unpackPlan(plan).changes : [], (change) => {
        if (!input.json) io.out(`${several ? `${nameOf(account)}: ` : ""}${renderDone(change)}\n`);
      });
    },
    progress("done", accounts.length, input, io),
  );
  results(outcomes, nameOf);
  if (!input.json) io.out(`\nDone: ${countText(totalCounts(plans), "added", "changed", "destroyed")}.\n`);
}
