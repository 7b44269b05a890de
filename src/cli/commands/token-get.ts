import { RolecallError } from "../../core/errors.ts";
import { defineCommand } from "../command.ts";
import { findToken } from "../find-token.ts";
import { TOKEN_OPTIONS } from "../job-options.ts";

export default defineCommand({
  name: "token get",
  summary: "write the job's ID token to a file or a pipe",
  usage: "[options]",
  examples: [["rolecall token get -o token.jwt", "into a file, mode 0600, without a newline at its end"]],
  options: {
    ...TOKEN_OPTIONS,
    output: { type: "string", value: "FILE", short: "o", help: "write to a file, mode 0600, instead of stdout" },
    show: { type: "boolean", help: "print it to a terminal" },
  },
  async run({ options }, io) {
    if (io.stdoutIsTerminal && options.output === undefined && !options.show) {
      throw new RolecallError(
        "usage",
        "token get: would print the token to this terminal: expected a pipe, a file or --show",
        {
          hints: ["rolecall token get -o token.jwt", "rolecall token show prints what it says"],
        },
      );
    }
    const { token } = await findToken(options, io);
    if (options.output === undefined) {
      io.out(token.raw.reveal());
      return 0;
    }
    const { writeFileAtomic } = await import("../../wire/files.ts");
    await writeFileAtomic(options.output, token.raw.reveal());
    return 0;
  },
});
