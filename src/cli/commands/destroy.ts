import { RolecallError } from "../../core/errors.ts";
import { makePlans, showPlans } from "../account-apply.ts";
import { ACCOUNT_OPTIONS, accountsFor, planAll, readAccountConfig } from "../account-run.ts";
import { confirm } from "../ask.ts";
import { defineCommand } from "../command.ts";

export default defineCommand({
  name: "destroy",
  summary: "take away what this rolecall.yaml made in the account, and nothing else",
  usage: "[options]",
  examples: [
    ["rolecall destroy", "show what goes, ask, take it away"],
    ["rolecall plan --destroy", "only show it"],
  ],
  options: { ...ACCOUNT_OPTIONS, yes: { type: "boolean", short: "y", help: "do not ask" } },
  notes:
    "Roles that were taken over stay, without our tags. A provider goes only when rolecall made it and nobody trusts it; an audience only when rolecall added it and no role needs it.",
  async run({ options }, io) {
    const config = await readAccountConfig(options);
    const accounts = await accountsFor(config, options);
    const plans = await planAll({ config, accounts, options: {}, destroy: true }, options, io);
    showPlans(config.name, plans, options, io);
    if (!plans.some(({ pending }) => pending)) return 0;
    const agreed = options.yes || (await confirm("take all of this away?", "destroy", io));
    if (!agreed) throw new RolecallError("usage", "destroy: not agreed to; nothing was changed");
    await makePlans(plans, accounts, options, io);
    return 0;
  },
});
