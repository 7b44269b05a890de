import { defineCommand } from "../command.ts";
import { describeToken, findToken, secondsLeft } from "../find-token.ts";
import { TOKEN_OPTIONS } from "../job-options.ts";
import { printable } from "../report.ts";

export default defineCommand({
  name: "token show",
  summary: "show what the job's ID token says; never the token itself",
  usage: "[options]",
  examples: [
    ["rolecall token show", "the job's own"],
    ["rolecall token show --token-file token.jwt --json", "another, as JSON"],
  ],
  options: { ...TOKEN_OPTIONS, json: { type: "boolean", help: "header and claims as JSON" } },
  async run({ options }, io) {
    const { token, because } = await findToken(options, io);
    const { header, claims } = token;
    if (options.json) {
      io.out(`${JSON.stringify({ header, claims }, null, 2)}\n`);
      return 0;
    }
    const left = secondsLeft(token, io.now());
    const rest = Object.entries(claims).filter(([name]) => !["iss", "aud", "sub", "exp"].includes(name));
    const rows = [
      ["from", because],
      ...describeToken(token),
      ["left", left === null ? "unknown" : `${left} s`],
      ["alg", header.alg],
      ["kid", header.kid ?? "absent"],
      ...rest.map(([name, value]) => [printable(name), typeof value === "string" ? value : JSON.stringify(value)]),
    ];
    const width = Math.max(...rows.map(([name = ""]) => name.length));
    for (const [name = "", value = ""] of rows) io.out(`${name.padEnd(width)}  ${printable(value)}\n`);
    return 0;
  },
});
