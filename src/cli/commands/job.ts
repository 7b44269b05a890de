import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Ci, JobFile } from "../../ci/ci.ts";
import { CIS, findCi } from "../../ci/index.ts";
import { parseRoleArn } from "../../core/arn.ts";
import { RolecallError } from "../../core/errors.ts";
import { withoutShadows } from "../../credentials/child-environment.ts";
import { runChild } from "../../credentials/run-child.ts";
import { findOnPath } from "../../wire/path-lookup.ts";
import { defineCommand } from "../command.ts";
import type { Io } from "../io.ts";
import { localEndpoint, mint, type Minted, PRETEND_OPTIONS, type PretendInput } from "../local-endpoint.ts";
import { serveStandIn, writeStandIn } from "../stand-in.ts";

export default defineCommand({
  name: "job",
  summary: "run a command as a job of that CI would, against the local cloud",
  usage: "CI --project PATH --audience AUD [options] -- CMD [ARG...]",
  examples: [
    [
      "rolecall job gitlab --project acme/shop --branch main --audience https://shop-deploy.test --role arn:aws:iam::123456789012:role/shop-deploy -- rolecall exec -- aws sts get-caller-identity",
      "a job of acme/shop on main",
    ],
    ["rolecall job github --project octo/shop --environment prod -- rolecall whoami", "a job with an environment"],
  ],
  options: {
    ...PRETEND_OPTIONS,
    role: { type: "string", value: "ARN", help: "set AWS_ROLE_ARN in the job" },
    region: { type: "string", value: "REGION", env: ["AWS_REGION"], help: "the job's region (by default us-east-1)" },
  },
  positionals: ["CI"],
  choices: CIS.map(({ id }) => id),
  rest: "required",
  unexpectedStatus: 125,
  notes:
    "The command gets the CI's own variables, files, commands and sockets, the ID token, the endpoint of the local cloud, this rolecall, and an aws that uses the endpoint. Access keys and profiles of this shell are kept from it.",
  async run({ options, positionals: [id = ""], rest }, io) {
    const ci = findCi(id);
    if (!ci) throw new RolecallError("usage", `job: there is no CI ${JSON.stringify(id)}: expected ${known()}`);
    const job = await mint(id, options, io);
    const endpoint = localEndpoint(options, io);
    const role = options.role === undefined ? {} : { AWS_ROLE_ARN: parseRoleArn(options.role, "--role").arn };
    const region = options.region ?? (io.env["AWS_REGION"] || io.env["AWS_DEFAULT_REGION"] || "us-east-1");
    const env = {
      ...outerEnvironment(io),
      ...ci.jobEnvironment(job.claims, job.token, job.request),
      ...(ci.workspace === undefined ? {} : { [ci.workspace]: process.cwd() }),
      ...(await otherTokens(ci, options, io)),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      ...role,
    };
    return inJobFolder(ci, job, env, async (complete) => {
      const [command = "", ...args] = rest;
      const end = await runChild(command, args, { env: complete, interactive: io.stdinIsTerminal });
      return end.status;
    });
  },
});

function known(): string {
  return CIS.map(({ id }) => id).join(", ");
}

/** Variables with a second token of the same job. */
async function otherTokens(ci: Ci, options: PretendInput, io: Io): Promise<Record<string, string>> {
  const variables = Object.entries(ci.otherTokens ?? {});
  const minted = await Promise.all(
    variables.map(async ([variable, flags]) => [variable, (await mint(ci.id, options, io, flags)).token] as const),
  );
  return Object.fromEntries(minted);
}

// The shell that calls may itself be a CI job, or hold keys of a real account: neither is the job's.
const OUTER =
  /^(CI$|CI_|GITLAB_|GITHUB_|ACTIONS_|RUNNER_|FORGEJO_|GITEA_|CIRCLE|BUILDKITE|BITBUCKET_|JENKINS_|JOB_|BUILD_|WORKSPACE$|BASH_ENV$|TF_BUILD$|SYSTEM_|AGENT_|SEMAPHORE|CF_|ID_TOKEN$|SPACELIFT_|TF_VAR_spacelift_|TFC_|VERCEL|FLY_|KUBERNETES_|AWS_ENDPOINT_URL(_STS|_IAM)?$|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CREDENTIAL_EXPIRATION)$)/;

function outerEnvironment(io: Io): Record<string, string> {
  const { AWS_ROLE_ARN: role } = io.env;
  const { env } = withoutShadows(io.env);
  const kept = Object.entries(env).filter(([name]) => !OUTER.test(name));
  return { ...Object.fromEntries(kept), ...(role ? { AWS_ROLE_ARN: role } : {}) };
}

/** Runs with a folder of the job's own, which is gone afterwards: its files, and the commands that it finds first. */
async function inJobFolder(
  ci: Ci,
  job: Minted,
  env: Readonly<Record<string, string>>,
  run: (env: Readonly<Record<string, string>>) => Promise<number>,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "rolecall-job-"));
  try {
    const files = await writeJobFiles(folder, ci.jobFiles?.(job.token) ?? []);
    if (process.platform === "win32") return await run({ ...env, ...files });
    await writeLocalCommands(folder, env);
    if (ci.standIn !== undefined) await writeStandIn(join(folder, ci.standIn), job.request);
    const complete = { ...env, ...files, PATH: `${folder}${delimiter}${env["PATH"] ?? ""}` };
    if (ci.socket === undefined) return await run(complete);
    const standIn = await serveStandIn(join(folder, ci.socket), job.request);
    try {
      return await run(complete);
    } finally {
      await standIn.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeJobFiles(folder: string, files: readonly JobFile[]): Promise<Record<string, string>> {
  for (const { file, text } of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, file), text, { mode: 0o600 });
  }
  return Object.fromEntries(files.map(({ variable, file }) => [variable, join(folder, file)]));
}

/**
 * This very rolecall; and an `aws` that passes the endpoint as an option, since an AWS CLI before 2.13
 * (Debian 12 has 2.9) does not read AWS_ENDPOINT_URL and would call the real AWS.
 */
async function writeLocalCommands(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const aws = await findOnPath("aws", env["PATH"] ?? "");
  if (aws) await writeShim(join(folder, "aws"), [aws, "--endpoint-url", env["AWS_ENDPOINT_URL"] ?? ""]);
  await writeShim(join(folder, "rolecall"), [process.execPath, resolve(process.argv[1] ?? "")]);
}

async function writeShim(path: string, command: readonly string[]): Promise<void> {
  const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  await writeFile(path, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`, { mode: 0o700 });
}
