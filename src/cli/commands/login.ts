import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Credentials } from "../../core/credentials.ts";
import { isRolecallError, RolecallError } from "../../core/errors.ts";
import { writeCache } from "../../credentials/cache.ts";
import { addProfile, hasKeys, type ProfileEntry } from "../../credentials/profile.ts";
import { modeOf, PRIVATE_FILE, writeFileAtomic } from "../../wire/files.ts";
import { assume, type JobInput, type Plan, planExchange } from "../assume.ts";
import { defineCommand, type Input } from "../command.ts";
import { awsConfigPath, awsCredentialsPath, cachePath } from "../home.ts";
import type { Io } from "../io.ts";
import { EXCHANGE_OPTIONS, TOKEN_OPTIONS } from "../job-options.ts";
import { type LoginRole, parseLoginRoles } from "../login-roles.ts";
import { renewalText } from "../renewal.ts";
import { hint, note } from "../report.ts";
import { sessionKey } from "../session-key.ts";

const { role, ...EXCHANGE } = EXCHANGE_OPTIONS;

const OPTIONS = {
  ...TOKEN_OPTIONS,
  role: {
    ...role,
    value: "[NAME=]ARN",
    multiple: true,
    help: "the role to assume; several, each with its profile's name",
  },
  ...EXCHANGE,
  profile: { type: "string", value: "NAME", help: "the profile to write (by default AWS_PROFILE, else default)" },
  default: { type: "string", value: "NAME", help: "of several roles, the one of the default profile as well" },
} as const;

export default defineCommand({
  name: "login",
  summary: "write an AWS profile that renews itself, for every tool of this job",
  usage: "[options]",
  examples: [
    ["rolecall login && aws s3 ls", "the default profile"],
    ["rolecall login --profile ci && npx cdk diff --profile ci", "a profile with a name"],
    [
      "rolecall login --role build=arn:aws:iam::123456789012:role/build --role deploy=arn:aws:iam::210987654321:role/deploy --default build",
      "two roles at once",
    ],
  ],
  options: OPTIONS,
  notes:
    "The profile calls rolecall by credential_process, which AWS CLI, SDKs and CDK understand, old ones too. rolecall logout takes it out again.",
  async run({ options }, io) {
    const roles = parseLoginRoles(options, io);
    const path = awsConfigPath(io);
    const text = await readIfThere(path);
    const entries = await Promise.all(roles.map((one) => planLogin(one, options, io)));
    const updated = entries.flatMap(entriesOf).reduce<string | null>(addProfile, text) ?? "";
    for (const { profiles } of entries) for (const profile of profiles) await refuseShadow(profile, io);
    // The first exchanges are made now: a refusal should stop the job here and not in the first tool.
    const sessions = await exchangeAll(entries, io);
    await writeFileAtomic(path, updated, await modeOf(path, PRIVATE_FILE));
    if (!options.quiet) tell(entries, sessions, path, io);
    return 0;
  },
});

type LoginInput = Input<typeof OPTIONS>["options"];

/** One role of a login. */
interface Entry {
  readonly profiles: readonly string[];
  readonly plan: Plan;
  readonly options: JobInput;
}

async function planLogin({ role: arn, profiles }: LoginRole, options: LoginInput, io: Io): Promise<Entry> {
  const single: JobInput = { ...options, role: arn };
  return { profiles, plan: await planExchange(single, io), options: single };
}

function entriesOf({ profiles, plan, options }: Entry): ProfileEntry[] {
  const command = processCommand(plan, options);
  return profiles.map((profile) => ({ profile, command, region: plan.region }));
}

/** All at once; when one is refused nothing is written, and all that were are told. */
async function exchangeAll(entries: readonly Entry[], io: Io): Promise<readonly Credentials[]> {
  const results = await Promise.allSettled(entries.map(({ plan, options }) => assume(plan, options, io)));
  const errors = results.flatMap((one) => (one.status === "rejected" ? [toError(one.reason)] : []));
  const [first, ...others] = errors;
  if (first) throw withOthers(first, others);
  const sessions = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  for (const [at, { plan }] of entries.entries()) {
    const credentials = sessions[at];
    if (credentials) await writeCache(cachePath(io), sessionKey(plan), credentials);
  }
  return sessions;
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function withOthers(first: Error, others: readonly Error[]): Error {
  if (!isRolecallError(first) || others.length === 0) return first;
  const { code, message, hints, details } = first;
  const more = others.map((one) => `also: ${one.message}`);
  return new RolecallError(code, message, { hints, details: [...details, ...more], cause: first });
}

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
    ["--external-id", options["external-id"]],
    ["--timeout", options.timeout],
    ["--ci", options.ci],
    ...REPEATED.flatMap((name) => options[name].map((value): [string, string] => [`--${name}`, value])),
    ...tokenFlags(found.place, options),
  ];
  const switches = (["allow-fork", "fips"] as const).filter((name) => options[name]).map((name) => `--${name}`);
  return [
    process.execPath,
    resolve(process.argv[1] ?? ""),
    "creds",
    "--format",
    "process",
    "--cache",
    ...switches,
    ...flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
  ];
}

const REPEATED = ["policy-arn", "then", "tag", "transitive-tag", "allow-account"] as const;

function policyFile(policy: string | undefined): string | undefined {
  if (policy === undefined) return undefined;
  if (!policy.trimStart().startsWith("{")) return resolve(policy.replace(/^file:\/\//, ""));
  throw new RolecallError(
    "usage",
    "login: expected --policy to name a file, got the JSON itself, which does not fit into a profile",
  );
}

function tokenFlags(place: Plan["found"]["place"], options: JobInput): [string, string][] {
  // The CI is asked anew each time.
  if (place.kind === "ci") return place.audience === undefined ? [] : [["--audience", place.audience]];
  if (place.kind === "env") return [["--token-env", place.name]];
  if (place.kind === "file") return [["--token-file", resolve(place.path)]];
  if (options["token-command"] !== undefined) return [["--token-command", options["token-command"]]];
  throw new RolecallError("usage", "login: expected a token that can be read again, got standard input", {
    hints: ["the profile renews itself, so name a variable or a file: --token-env NAME, --token-file FILE"],
  });
}

function tell(entries: readonly Entry[], sessions: readonly Credentials[], path: string, io: Io): void {
  for (const [at, { profiles }] of entries.entries())
    note(io, `profile ${profiles.join(" and ")} in ${path} is ${sessions[at]?.role ?? ""}`);
  const [first] = entries;
  if (first) note(io, renewalText(first.plan, io.now()));
  if (io.env["AWS_ACCESS_KEY_ID"])
    hint(
      io,
      "AWS_ACCESS_KEY_ID is set and wins over profiles in the AWS CLI: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    );
  const names = entries.flatMap(({ profiles }) => profiles);
  const [name = ""] = names;
  if (!names.includes("default") && io.env["AWS_PROFILE"] !== name)
    hint(io, `use it with --profile ${name}, or export AWS_PROFILE=${name}`);
}
