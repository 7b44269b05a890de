import { writePlan } from "../../account/plan-file.ts";
import { CIS } from "../../ci/index.ts";
import { showPlans } from "../account-apply.ts";
import {
  ACCOUNT_OPTIONS,
  accountsFor,
  CHANGE_OPTIONS,
  changeOptions,
  planAll,
  privateIssuers,
  readAccountConfig,
} from "../account-run.ts";
import { RESOLVE_OPTIONS, resolvedConfig } from "../ci-api.ts";
import { defineCommand } from "../command.ts";
import { note } from "../report.ts";

export default defineCommand({
  name: "plan",
  summary: "show what rolecall.yaml would change in the account, and who gains or loses access",
  usage: "[options]",
  examples: [
    ["rolecall plan", "of rolecall.yaml, for the account of the credentials in use"],
    ["rolecall plan --out plan.json", "written down, for rolecall apply plan.json"],
    ["rolecall plan --detailed-exitcode", "status 2 when there is something to change, as drift checks want"],
  ],
  options: {
    ...ACCOUNT_OPTIONS,
    ...CHANGE_OPTIONS,
    ...RESOLVE_OPTIONS,
    out: { type: "string", value: "FILE", help: "write the plan to this file too" },
    destroy: { type: "boolean", help: "plan to take everything of this configuration away" },
    "detailed-exitcode": { type: "boolean", help: "status 2 when there are changes" },
  },
  notes: "It only reads. What is ours is known by tags in IAM; there is no state file.",
  async run({ options }, io) {
    const { destroy } = options;
    const config = await resolvedConfig(await readAccountConfig(options), options, io);
    const accounts = await accountsFor(config, options);
    const vendors = CIS.map(({ issuer }) => issuer);
    const changes = await changeOptions(options, privateIssuers(config, vendors), io);
    const plans = await planAll({ config, accounts, options: changes, destroy }, options, io);
    showPlans(config.name, plans, options, io);
    if (options.out !== undefined) {
      const kind = destroy ? "destroy" : "apply";
      await writePlan(options.out, { kind, config: config.name, options: changes, accounts: plans });
      note(io, `saved the plan to ${options.out}: rolecall apply ${options.out} makes exactly that`);
    }
    return options["detailed-exitcode"] && plans.some(({ pending }) => pending) ? 2 : 0;
  },
});
