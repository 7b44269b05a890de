import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { RolecallError } from "../../core/errors.ts";
import { writeCache } from "../../credentials/cache.ts";
import { addProfile, hasKeys, parseProfileName } from "../../credentials/profile.ts";
import { modeOf, PRIVATE_FILE, writeFileAtomic } from "../../wire/files.ts";
import { assume, type JobInput, type Plan, planExchange } from "../assume.ts";
import { defineCommand } from "../command.ts";
import { secondsLeft } from "../find-token.ts";
import { awsConfigPath, awsCredentialsPath, cachePath } from "../home.ts";
import type { Io } from "../io.ts";
import { JOB_OPTIONS } from "../job-options.ts";
import { hint, note } from "../report.ts";

export default defineCommand({
  name: "login",
  summary: "write an AWS profile that renews itself, for every tool of this job",
  usage: "[options]",
  examples: [
    ["rolecall login && aws s3 ls", "the default profile"],
    ["rolecall login --profile ci && npx cdk diff --profile ci", "a profile with a name"],
  ],
  options: {
    ...JOB_OPTIONS,
    profile: { type: "string", value: "NAME", help: "the profile to write (by default AWS_PROFILE, else default)" },
  },
  notes:
    "The profile calls rolecall by credential_process, which AWS CLI, SDKs and CDK understand, old ones too. rolecall logout takes it out again.",
  async run({ options }, io) {
    const profile = parseProfileName(options.profile ?? (io.env["AWS_PROFILE"] || "default"), "--profile");
    const plan = await planExchange(options, io);
    const path = awsConfigPath(io);
    const text = await readIfThere(path);
    const entry = { profile, command: processCommand(plan, options), region: plan.region };
    const updated = addProfile(text, entry);
    await refuseShadow(profile, io);
    // The first exchange is made now: a refusal should stop the job here and not in the first tool.
    const credentials = await assume(plan, options, io);
    await writeCache(cachePath(io), plan.call, credentials);
    await writeFileAtomic(path, updated, await modeOf(path, PRIVATE_FILE));
    if (!options.quiet) tell(profile, path, credentials.role, plan, io);
    return 0;
  },
});

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new RolecallError("config", `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Keys of the same profile in the credentials file win over a credential_process in the config file. */
async function refuseShadow(profile: string, io: Io): Promise<void> {
  const path = awsCredentialsPath(io);
  const text = await readIfThere(path);
  if (text === null || !hasKeys(text, profile)) return;
  throw new RolecallError(
    "config",
    `${path} has access keys for profile ${profile}, which win over what login would write`,
    {
      hints: [
        "take them out of that file: they are the keys to be rid of",
        "or choose another name: rolecall login --profile ci",
      ],
    },
  );
}

/** The command that the profile calls: this very program, with the options of this login. */
function processCommand({ found, call, region }: Plan, options: JobInput): readonly string[] {
  const flags: [string, string | undefined][] = [
    ["--role", call.roleArn],
    ["--session-name", options["session-name"]],
    ["--duration", call.duration === undefined ? undefined : String(call.duration)],
    ["--region", region],
    ["--endpoint-url", options["endpoint-url"]],
    ["--policy", policyFile(options.policy)],
    ...options["policy-arn"].map((arn): [string, string] => ["--policy-arn", arn]),
    ...tokenFlags(found.place),
  ];
  return [
    process.execPath,
    resolve(process.argv[1] ?? ""),
    "creds",
    "--format",
    "process",
    "--cache",
    ...flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
  ];
}

function policyFile(policy: string | undefined): string | undefined {
  if (policy === undefined) return undefined;
  if (!policy.trimStart().startsWith("{")) return resolve(policy.replace(/^file:\/\//, ""));
  throw new RolecallError(
    "usage",
    "login: expected --policy to name a file, got the JSON itself, which does not fit into a profile",
  );
}

function tokenFlags(place: Plan["found"]["place"]): [string, string][] {
  // The CI is asked anew each time.
  if (place.kind === "ci") return place.audience === undefined ? [] : [["--audience", place.audience]];
  if (place.kind === "env") return [["--token-env", place.name]];
  if (place.kind === "file") return [["--token-file", resolve(place.path)]];
  throw new RolecallError("usage", "login: expected a token that can be read again, got standard input", {
    hints: ["the profile renews itself, so name a variable or a file: --token-env NAME, --token-file FILE"],
  });
}

function tell(profile: string, path: string, role: string, { found }: Plan, io: Io): void {
  note(io, `profile ${profile} in ${path} is ${role}`);
  const left = secondsLeft(found.token, io.now());
  if (found.place.kind === "ci") note(io, "it renews itself as long as the job runs");
  else if (left !== null)
    note(io, `it renews itself as long as the job's ID token lives: ${Math.max(0, Math.round(left / 60))} min`);
  if (io.env["AWS_ACCESS_KEY_ID"])
    hint(
      io,
      "AWS_ACCESS_KEY_ID is set and wins over profiles in the AWS CLI: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    );
  if (profile !== "default" && io.env["AWS_PROFILE"] !== profile)
    hint(io, `use it with --profile ${profile}, or export AWS_PROFILE=${profile}`);
}
