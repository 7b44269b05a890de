import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { RolecallError } from "../../core/errors.ts";
import { AGENT, regionVariables } from "../../credentials/child-environment.ts";
import { writeFileAtomic } from "../../wire/files.ts";
import { endpointVariables, openEndpoint, type Served } from "../chunks/serve.ts";
import { defineCommand, type Input } from "../command.ts";
import type { Io } from "../io.ts";
import { JOB_OPTIONS } from "../job-options.ts";
import { renewalText } from "../renewal.ts";
import { note } from "../report.ts";

const OPTIONS = {
  ...JOB_OPTIONS,
  output: { type: "string", value: "FILE", short: "o", help: "write the lines to a file, mode 0600, when it is ready" },
  "authorization-file": {
    type: "string",
    value: "FILE",
    help: "keep the endpoint's token in a file, and name that (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)",
  },
} as const;

type ServeInput = Input<typeof OPTIONS>["options"];

export default defineCommand({
  name: "serve",
  summary: "serve credentials that are always good to the tools of this job",
  usage: "[options] -o FILE",
  examples: [
    ["rolecall serve -o serve.env & until [ -f serve.env ]; do sleep 0.1; done; . ./serve.env", "for all that follows"],
    ["rolecall exec --renew -- terraform apply", "the same for one command"],
  ],
  options: OPTIONS,
  notes:
    "An endpoint on 127.0.0.1, as a container has it: AWS CLI and SDKs ask it by AWS_CONTAINER_CREDENTIALS_FULL_URI, and again before a session ends. It runs until it is told to end (SIGTERM), and takes its files with it.",
  async run({ options }, io) {
    if (io.stdoutIsTerminal && options.output === undefined) throw needsFile();
    const served = await openEndpoint(options, io);
    const files = await tell(served, options, io);
    if (!options.quiet) note(io, `serving ${served.plan.call.roleArn}; ${renewalText(served.plan, io.now())}`);
    await untilTold();
    await served.endpoint.close();
    await Promise.all(files.map((file) => rm(file, { force: true })));
    return 0;
  },
});

function needsFile(): RolecallError {
  return new RolecallError("usage", "serve: would print the endpoint's token to this terminal: expected -o FILE", {
    hints: ["rolecall serve -o serve.env &", "for one command: rolecall exec --renew -- CMD"],
  });
}

/** Writes where the endpoint is; gives the files that go when it does. */
async function tell({ plan, endpoint }: Served, options: ServeInput, io: Io): Promise<readonly string[]> {
  const { "authorization-file": tokenFile, output } = options;
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN: token = "", ...rest } = endpointVariables(endpoint);
  if (tokenFile !== undefined) await writeFileAtomic(resolve(tokenFile), token);
  const variables = {
    ...rest,
    ...(tokenFile === undefined
      ? { AWS_CONTAINER_AUTHORIZATION_TOKEN: token }
      : { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: resolve(tokenFile) }),
    ...AGENT,
    ...regionVariables(plan.region),
  };
  const text = Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`)
    .join("");
  // Keys and profiles that are there would win over the endpoint.
  const unset =
    "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\n";
  if (output === undefined) io.out(unset + text);
  else await writeFileAtomic(resolve(output), unset + text);
  return [tokenFile, output].filter((file) => file !== undefined);
}

function untilTold(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => done());
  });
}
