import { CIS } from "../../ci/index.ts";
import { defineCommand } from "../command.ts";
import { mint, PRETEND_OPTIONS } from "../local-endpoint.ts";

export default defineCommand({
  name: "token mint",
  summary: "have the local cloud make the ID token of a pretended job",
  usage: "CI --project PATH --audience AUD [options]",
  examples: [
    ["rolecall token mint gitlab --project acme/shop --branch main --audience https://shop-deploy.test", "to stdout"],
    [
      "rolecall token mint gitlab --project acme/shop --audience A --claim ref_protected=false --expires-in 60",
      "with another claim",
    ],
    [
      "rolecall token mint github --project octo/shop --event pull_request --immutable --audience sts.amazonaws.com",
      "of a pull request",
    ],
  ],
  options: PRETEND_OPTIONS,
  positionals: ["CI"],
  choices: CIS.map(({ id }) => id),
  async run({ options, positionals: [ci = ""] }, io) {
    const { token } = await mint(ci, options, io);
    // Good for nothing but this machine's local cloud, so a terminal may show it.
    io.out(`${token}\n`);
    return 0;
  },
});
