import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { findCi } from "../../ci/index.ts";
import { parseRoleArn } from "../../core/arn.ts";
import { RolecallError } from "../../core/errors.ts";
import { withoutShadows } from "../../credentials/child-environment.ts";
import { runChild } from "../../credentials/run-child.ts";
import { findOnPath } from "../../wire/path-lookup.ts";
import { defineCommand } from "../command.ts";
import type { Io } from "../io.ts";
import { localEndpoint, mint, PRETEND_OPTIONS } from "../local-endpoint.ts";

export default defineCommand({
  name: "job",
  summary: "run a command as a job of that CI would, against the local cloud",
  usage: "CI --project PATH --audience AUD [options] -- CMD [ARG...]",
  examples: [
    [
      "rolecall job gitlab --project acme/shop --branch main --audience https://shop-deploy.test --role arn:aws:iam::123456789012:role/shop-deploy -- rolecall exec -- aws sts get-caller-identity",
      "a job of acme/shop on main",
    ],
  ],
  options: {
    ...PRETEND_OPTIONS,
    role: { type: "string", value: "ARN", help: "set AWS_ROLE_ARN in the job" },
    region: { type: "string", value: "REGION", env: ["AWS_REGION"], help: "the job's region (by default us-east-1)" },
  },
  positionals: ["CI"],
  rest: "required",
  unexpectedStatus: 125,
  notes:
    "The command gets the CI's own variables, the ID token, the endpoint of the local cloud, this rolecall, and an aws that uses the endpoint. Access keys and profiles of this shell are kept from it.",
  async run({ options, positionals: [id = ""], rest }, io) {
    const ci = findCi(id);
    if (!ci) throw new RolecallError("usage", `job: there is no CI ${JSON.stringify(id)}: expected gitlab`);
    const { token, claims } = await mint(id, options, io);
    const endpoint = localEndpoint(options, io);
    const role = options.role === undefined ? {} : { AWS_ROLE_ARN: parseRoleArn(options.role, "--role").arn };
    const region = options.region ?? (io.env["AWS_REGION"] || io.env["AWS_DEFAULT_REGION"] || "us-east-1");
    const env = {
      ...outerEnvironment(io),
      ...ci.jobEnvironment(claims, token),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      ...role,
    };
    return withLocalCommands(env, endpoint, async (complete) => {
      const [command = "", ...args] = rest;
      const end = await runChild(command, args, { env: complete, interactive: io.stdinIsTerminal });
      return end.status;
    });
  },
});

// The shell that calls may itself be a CI job, or hold keys of a real account: neither is the job's.
const OUTER =
  /^(CI_|GITLAB_|GITHUB_|ACTIONS_|AWS_ENDPOINT_URL(_STS|_IAM)?$|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CREDENTIAL_EXPIRATION)$)/;

function outerEnvironment(io: Io): Record<string, string> {
  const { AWS_ROLE_ARN: role } = io.env;
  const { env } = withoutShadows(io.env);
  const kept = Object.entries(env).filter(([name]) => !OUTER.test(name));
  return { ...Object.fromEntries(kept), ...(role ? { AWS_ROLE_ARN: role } : {}) };
}

/**
 * The commands that a job finds first: this very rolecall; and an `aws` that passes the endpoint as an
 * option, since an AWS CLI before 2.13 (Debian 12 has 2.9) does not read AWS_ENDPOINT_URL and would
 * call the real AWS.
 */
async function withLocalCommands(
  env: Readonly<Record<string, string>>,
  endpoint: string,
  run: (env: Readonly<Record<string, string>>) => Promise<number>,
): Promise<number> {
  if (process.platform === "win32") return run(env);
  const folder = await mkdtemp(join(tmpdir(), "rolecall-job-"));
  try {
    const aws = await findOnPath("aws", env["PATH"] ?? "");
    if (aws) await writeShim(join(folder, "aws"), [aws, "--endpoint-url", endpoint]);
    await writeShim(join(folder, "rolecall"), [process.execPath, resolve(process.argv[1] ?? "")]);
    return await run({ ...env, PATH: `${folder}${delimiter}${env["PATH"] ?? ""}` });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeShim(path: string, command: readonly string[]): Promise<void> {
  const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  await writeFile(path, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`, { mode: 0o700 });
}
