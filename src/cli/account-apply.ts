import { makeChanges } from "../account/apply.ts";
import type { Change } from "../account/change.ts";
import { inAccounts, results } from "../account/in-accounts.ts";
import { type AccountPlan, countChanges } from "../account/plan.ts";
import { type Account, type AccountInput, nameOf, progress } from "./account-run.ts";
import type { Io } from "./io.ts";
import { countText, renderDone } from "./render/plan.ts";

/** Makes planned changes in all accounts and says of each that it is done. */
export async function makePlans(
  plans: readonly AccountPlan[],
  accounts: readonly Account[],
  input: AccountInput & { readonly json: boolean },
  io: Io,
): Promise<void> {
  const several = accounts.length > 1;
  const outcomes = await inAccounts(
    accounts,
    async (account) => {
      const plan = plans.find((one) => one.account === account.target.account && one.via === account.via);
      await makeChanges(await account.iam(), plan?.changes ?? [], (change) => {
        if (!input.json) io.out(`${several ? `${nameOf(account)}: ` : ""}${renderDone(change)}\n`);
      });
    },
    progress("done", accounts.length, input, io),
  );
  results(outcomes, nameOf);
  const all: readonly Change[] = plans.flatMap(({ changes }) => changes);
  if (!input.json) io.out(`\nDone: ${countText(countChanges(all), "added", "changed", "destroyed")}.\n`);
}
