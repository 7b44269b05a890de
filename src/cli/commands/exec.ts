import { childEnvironment } from "../../credentials/child-environment.ts";
import { runChild } from "../../credentials/run-child.ts";
import { assume, findExisting, type JobInput, type Obtained, planExchange } from "../assume.ts";
import { defineCommand } from "../command.ts";
import type { Io } from "../io.ts";
import { EXISTING_OPTION, JOB_OPTIONS } from "../job-options.ts";
import { note } from "../report.ts";

export default defineCommand({
  name: "exec",
  summary: "run a command with temporary credentials",
  usage: "[options] -- CMD [ARG...]",
  examples: [
    ["rolecall exec -- aws s3 ls", "role from AWS_ROLE_ARN, ID token from the CI"],
    [
      "rolecall exec --role arn:aws:iam::123456789012:role/shop-deploy --duration 15m -- npx cdk deploy",
      "another role, for 15 minutes",
    ],
    ["rolecall exec --renew -- terraform apply", "for as long as it runs"],
  ],
  options: {
    ...JOB_OPTIONS,
    ...EXISTING_OPTION,
    renew: { type: "boolean", help: "for long commands: serve them credentials that are always good" },
  },
  rest: "required",
  notes:
    "The command's status is rolecall's. Before it ran: 2 usage, 3 refused by STS, 4 no ID token, 5 network, 125 a defect of rolecall, 126 a command that cannot be run, 127 one that was not found.",
  unexpectedStatus: 125,
  async run({ options, rest }, io) {
    if (options.renew) return (await import("../chunks/serve.ts")).serveCommand(options, rest, io);
    const { credentials, region } = (await findExisting(options, io)) ?? (await obtain(options, io));
    const child = childEnvironment(io.env, credentials, region);
    if (!options.quiet) tellChanges(child, io);
    const [command = "", ...args] = rest;
    const end = await runChild(command, args, { env: child.env, interactive: io.stdinIsTerminal });
    // Dying of the same signal tells the shell above what happened, as if the command had been called directly.
    if (end.signal) process.kill(process.pid, end.signal);
    return end.status;
  },
});

async function obtain(options: JobInput, io: Io): Promise<Obtained> {
  const plan = await planExchange(options, io);
  return { credentials: await assume(plan, options, io), region: plan.region };
}

export function tellChanges(
  { removed, replaced }: { removed: readonly string[]; replaced: readonly string[] },
  io: Io,
): void {
  if (removed.length > 0)
    note(io, `left out of the command's environment, they would shadow the credentials: ${removed.join(", ")}`);
  if (replaced.length > 0) note(io, `replaced in the command's environment: ${replaced.join(", ")}`);
}
