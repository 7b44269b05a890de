import { setTimeout as pause } from "node:timers/promises";
import { isRolecallError, RolecallError } from "../../core/errors.ts";
import { usedPolicy } from "../../migrate/keys/policy.ts";
import type { TrailEvent } from "../../migrate/keys/trail.ts";
import { usageOf } from "../../migrate/keys/usage.ts";
import { connectUsers } from "../../wire/aws-sdk/user-calls.ts";
import { defineCommand, type Input } from "../command.ts";
import type { Io } from "../io.ts";
import { KEYS_OPTIONS, needed } from "../keys-options.ts";
import { askTrail, isMissing, readTrails, TRAIL_OPTIONS, trailRegions } from "../keys-trails.ts";
import { note } from "../report.ts";

const OPTIONS = {
  ...KEYS_OPTIONS,
  user: { type: "string", value: "NAME", help: "the IAM user" },
  key: { type: "string", value: "ID", help: "this key alone in CloudTrail's records (by default all of the user's)" },
  cloudtrail: {
    type: "string",
    value: "FILE",
    multiple: true,
    help: "an export of CloudTrail, .json or .json.gz, instead of asking it; may be repeated",
  },
  ...TRAIL_OPTIONS,
} as const;

type PolicyInput = Input<typeof OPTIONS>["options"];

// 20 pages are 1,000 events and ten seconds.
const MOST_PAGES = 20;
const ANY_WAIT = async (milliseconds: number): Promise<void> => await pause(milliseconds);

export default defineCommand({
  name: "keys policy",
  summary: "what a user's keys were used for, as a policy for the role to start from",
  usage: "--user NAME [options]",
  examples: [
    [
      "rolecall keys policy --user ci > policy.json",
      "services and actions that IAM saw, and CloudTrail's last 90 days",
    ],
    ["rolecall keys policy --user ci --cloudtrail log.json.gz", "with a saved export of CloudTrail"],
  ],
  options: OPTIONS,
  notes:
    "The policy never allows more than the user may do now. What could not be known is said on stderr.\n" +
    "It needs iam:GenerateServiceLastAccessedDetails, iam:GetServiceLastAccessedDetails, iam:ListAccessKeys, cloudtrail:LookupEvents, and the right to read the user's policies and groups. Exit status: 0, or 3 when nothing is known to have been used.",
  async run({ options }, io) {
    const user = needed(options.user, "keys policy", "--user", "the IAM user whose keys are to go");
    const aws = await connectUsers({ endpoint: options["endpoint-url"] });
    const keys = await keysOf(user, options, (await aws.listKeys(user))?.map(({ id }) => id) ?? null);
    const permissions = await aws.userPermissions(user);
    const services = await aws.servicesUsed(permissions.arn, ANY_WAIT);
    const { events, notes: trailNotes } = await eventsOf(keys, options, io);
    const usage = usageOf(events, keys);
    const { document, notes } = usedPolicy(permissions, services, usage);
    const all = [...trailNotes, ...usage.notes, ...notes];
    if (options.json) io.out(`${JSON.stringify({ user, keys, policy: document, notes: all }, null, 2)}\n`);
    else if (document) io.out(`${JSON.stringify(document, null, 2)}\n`);
    if (!options.quiet && !options.json) for (const text of all) note(io, text);
    if (document) return 0;
    note(io, `nothing is known that ${user} was used for and may do: there is no policy to start from`);
    return 3;
  },
});

async function keysOf(user: string, { key }: PolicyInput, ids: readonly string[] | null): Promise<readonly string[]> {
  if (ids === null)
    throw new RolecallError("config", `there is no user ${user} in this account`, {
      hints: ["rolecall keys lists the users that have keys"],
    });
  if (key === undefined) return ids;
  if (ids.includes(key)) return [key];
  throw new RolecallError(
    "usage",
    `keys policy: --key: ${user} has no such key: expected ${ids.join(" or ") || "none, since it has none"}`,
  );
}

interface Trail {
  readonly events: readonly TrailEvent[];
  readonly notes: readonly string[];
}

// IAM guide, last accessed information: of actions it has those that create, delete and modify, and counts attempts.
const CHANGES_ONLY =
  "IAM tracks only actions that create, change or delete, and also attempts that were denied: what only reads is from CloudTrail";
const NO_DATA =
  "data events, such as s3:GetObject and dynamodb:GetItem, are in exports alone: --cloudtrail FILE reads one";
const PER_USER = "IAM tells what a user did, with all of its keys and its password, and not with which";

async function eventsOf(keys: readonly string[], options: PolicyInput, io: Io): Promise<Trail> {
  if (options.cloudtrail.length > 0)
    return { events: await readTrails(options.cloudtrail), notes: [PER_USER, CHANGES_ONLY] };
  if (!options["no-lookup"]) return await lookedUp(keys, options, io);
  return {
    events: [],
    notes: [PER_USER, CHANGES_ONLY, NO_DATA, "CloudTrail was not asked: resources are those of the user's policies"],
  };
}

async function lookedUp(keys: readonly string[], options: PolicyInput, io: Io): Promise<Trail> {
  const regions = trailRegions(options, io);
  const events: TrailEvent[] = [];
  const notes = [PER_USER, CHANGES_ONLY, NO_DATA, `CloudTrail was asked in ${regions.join(", ")}, and knows 90 days`];
  for (const region of regions) {
    for (const key of keys) {
      const question = { attribute: "AccessKeyId", value: key } as const;
      const answer = await orRefusal(askTrail(region, question, MOST_PAGES, options, io));
      if (isRolecallError(answer)) return { events, notes: [...notes, `CloudTrail tells no more: ${answer.message}`] };
      events.push(...answer.events);
      if (answer.truncated)
        notes.push(
          `CloudTrail has more of ${key} in ${region} than the newest ${answer.events.length} events, which were read`,
        );
    }
  }
  return { events, notes };
}

/** Whoever may not ask CloudTrail still learns what IAM saw; any other error is one. */
async function orRefusal<Answer>(answer: Promise<Answer>): Promise<Answer | RolecallError> {
  try {
    return await answer;
  } catch (error) {
    if (isRolecallError(error) && (error.code === "refused" || isMissing(error))) return error;
    throw error;
  }
}
