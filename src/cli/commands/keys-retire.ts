import { RolecallError } from "../../core/errors.ts";
import { advance, type Progress, rollBack } from "../../migrate/keys/advance.ts";
import { QUESTIONS, type Retirement, type StepName } from "../../migrate/keys/retirement.ts";
import { readRetirement, stateFileOf, writeRetirement } from "../../migrate/keys/state-file.ts";
import { callerIdentity } from "../../wire/aws-sdk.ts";
import { connectUsers, type UserCalls } from "../../wire/aws-sdk/user-calls.ts";
import { defineCommand, type Input, shown } from "../command.ts";
import type { Io } from "../io.ts";
import { KEYS_OPTIONS, needed } from "../keys-options.ts";
import { outsideOf } from "../keys-outside.ts";
import { holdState, openRetirement } from "../keys-state.ts";
import { readTrails, TRAIL_OPTIONS } from "../keys-trails.ts";
import { colorsFor } from "../render/colors.ts";
import { renderRetirement, retirementJson } from "../render/keys.ts";
import { hint, note } from "../report.ts";

const ASKED = Object.keys(QUESTIONS) as StepName[];

const OPTIONS = {
  ...KEYS_OPTIONS,
  user: { type: "string", value: "NAME", help: "the IAM user" },
  key: { type: "string", value: "ID", help: "the access key, when the user has two" },
  role: { type: "string", value: "ARN", help: "the role that takes its place, or its name; needed to begin" },
  yes: {
    type: "string",
    value: "STEP",
    multiple: true,
    choices: ASKED,
    help: `do not ask about ${ASKED.join(", ")}; may be repeated`,
  },
  check: {
    type: "string",
    value: "PROGRAM",
    choices: "files",
    help: "a program that ends with status 0 when the key's names are out of the CI",
  },
  variables: {
    type: "boolean",
    help: "ask the CIs of this folder for the names of their variables, by GITLAB_TOKEN, GH_TOKEN, CIRCLE_TOKEN",
  },
  project: { type: "string", value: "PATH", help: "the project for --variables (by default git's remote)" },
  cloudtrail: {
    type: "string",
    value: "FILE",
    multiple: true,
    help: "an export of CloudTrail that shows a green run; may be repeated",
  },
  ...TRAIL_OPTIONS,
  since: {
    type: "string",
    value: "DATE",
    help: "count a use of the role from this date on (by default from the beginning)",
  },
  "quiet-days": { type: "string", value: "DAYS", help: "how long the key must not be used (by default 7)" },
  "wait-days": {
    type: "string",
    value: "DAYS",
    help: "how long it stays inactive before it is deleted (by default 7)",
  },
  "roll-back": { type: "boolean", help: "make the key active again; possible until it is deleted" },
  state: { type: "string", value: "FILE", help: "where the retirement is kept (by default .rolecall/keys-USER.json)" },
} as const;

type RetireInput = Input<typeof OPTIONS>["options"];

export default defineCommand({
  name: "keys retire",
  summary: "take an access key out of service in the safe order, a step at a time",
  usage: "--user NAME [options]",
  examples: [
    [
      "rolecall keys retire --user ci --role arn:aws:iam::123456789012:role/shop-deploy",
      "begin; then, any day, again:",
    ],
    ["rolecall keys retire --user ci", "go on where it stands, and ask before each change"],
    ["GITLAB_TOKEN=… rolecall keys retire --user ci --variables", "let GitLab say whether the key's names are gone"],
    ["rolecall keys retire --user ci --roll-back", "something still needed it"],
  ],
  options: OPTIONS,
  notes:
    "It goes as far as it can and may be stopped at any time. When the key was used meanwhile it says by what, and goes back.\n" +
    "Exit status: 0 when the key is deleted, 3 when a step is not done yet, 2 for a wrong command line.\n" +
    "It needs iam:ListAccessKeys, iam:GetAccessKeyLastUsed, iam:GetRole, iam:GetOpenIDConnectProvider, iam:UpdateAccessKey, iam:DeleteAccessKey, and cloudtrail:LookupEvents to see a green run sooner.",
  async run({ options }, io) {
    const user = needed(options.user, "keys retire", "--user", "the IAM user whose key is to go");
    checkYes(options.yes);
    const file = options.state ?? stateFileOf(user);
    const endpoint = options["endpoint-url"];
    const { account } = await callerIdentity({ endpoint });
    const aws = await connectUsers({ endpoint });
    if (options["roll-back"]) return await goBack(file, { ...options, user }, account, aws, io);
    const saved = await readTrails(options.cloudtrail);
    const state = await holdState(file);
    const start = await openRetirement(file, { ...options, user }, account, aws, io.now());
    checkOther(start, io);
    await state.save(start);
    const progress = await advance(start, outsideOf(aws, { state, start, saved }, options, io));
    tell(progress, options, io);
    return progress.stop ? 3 : 0;
  },
});

function checkYes(steps: readonly string[]): void {
  const wrong = steps.find((step) => !ASKED.some((one) => one === step));
  if (wrong === undefined) return;
  throw new RolecallError("usage", `keys retire: --yes: expected ${ASKED.join(", ")}, got ${shown(wrong)}`);
}

/** Whoever signs with the key uses it, and could not delete it once it is inactive. */
function checkOther({ key, user }: Retirement, io: Io): void {
  if (io.env["AWS_ACCESS_KEY_ID"] !== key) return;
  throw new RolecallError(
    "config",
    `keys retire: expected other credentials than the key that is to go, got ${key} of ${user} itself`,
    {
      hints: ["sign in as yourself: aws sso login, or AWS_PROFILE"],
    },
  );
}

function tell({ retirement, stop, gone }: Progress, options: RetireInput, io: Io): void {
  if (options.json)
    io.out(
      `${JSON.stringify({ ...retirementJson(retirement, io.now()), stoppedAt: stop?.step ?? null, why: stop?.why ?? null }, null, 2)}\n`,
    );
  else io.out(renderRetirement(retirement, io.now(), colorsFor(io, options)));
  if (gone && !options.quiet) note(io, "the key was gone already");
  if (!stop) {
    if (!options.quiet) hint(io, "rolecall keys lists the keys that are left");
    return;
  }
  note(io, `not yet: ${stop.step}: ${stop.why}`);
  for (const line of stop.hints) hint(io, line);
}

async function goBack(
  file: string,
  { user, key }: { readonly user: string; readonly key: string | undefined },
  account: string,
  aws: UserCalls,
  io: Io,
): Promise<number> {
  const retirement = await readRetirement(file);
  if (!retirement && key !== undefined) {
    // Whoever has lost the state file needs the key all the same.
    await aws.setKeyActive(user, key, true);
    note(io, `the key ${key} is active; there is no retirement in ${file}`);
    return 0;
  }
  if (!retirement)
    throw new RolecallError("config", `there is no retirement to roll back: expected ${file}`, {
      hints: [
        `rolecall keys retire --user ${user} --key ID --roll-back makes a key active without one; rolecall keys has ids`,
      ],
    });
  if (retirement.user !== user || retirement.account !== account)
    throw new RolecallError(
      "config",
      `${file} is about ${retirement.user} of account ${retirement.account}: expected ${user} of ${account}`,
    );
  // Whatever another run is at: it finds the file changed, and stops.
  if (!(await rollBack(retirement, aws, (back) => writeRetirement(file, back))))
    throw new RolecallError("refused", `the key ${retirement.key} is deleted: nothing brings it back`, {
      hints: [`aws iam create-access-key --user-name ${user} makes another`],
    });
  note(io, `the key ${retirement.key} is active, and its names count as still in the CI`);
  return 0;
}
