import { isRolecallError } from "../../core/errors.ts";
import { isoSeconds } from "../../core/iso-date.ts";
import { assume, given, type JobInput, planExchange } from "../assume.ts";
import { defineCommand } from "../command.ts";
import { describeToken, detectCi, findToken, type FoundToken, secondsLeft } from "../find-token.ts";
import type { Io } from "../io.ts";
import { JOB_OPTIONS } from "../job-options.ts";
import { printable } from "../report.ts";

/** One line of the answer; `json` is its name there. */
type Row = readonly [label: string, value: string];

export default defineCommand({
  name: "whoami",
  summary: "say who this job is to its CI and to AWS",
  usage: "[options]",
  examples: [
    ["rolecall whoami", "CI, ID token and, with a role, the AWS session"],
    ["rolecall exec -- rolecall whoami", "who the credentials in the environment are"],
  ],
  options: { ...JOB_OPTIONS, json: { type: "boolean", help: "as JSON" } },
  async run({ options }, io) {
    const rows = [...(await jobRows(options, io)), ...(await awsRows(options, io))];
    if (options.json) io.out(`${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
    else for (const [label, value] of rows) io.out(`${label.padEnd(9)} ${printable(value)}\n`);
    return 0;
  },
});

async function jobRows(options: JobInput, io: Io): Promise<Row[]> {
  const found = await findToken(options, io).catch((error: unknown) => {
    // With credentials in the environment there is still an answer to give.
    if (isRolecallError(error) && error.code === "no-token" && hasKeys(io)) return null;
    throw error;
  });
  const detected = detectCi(io, options.ci);
  const ci: Row[] = detected ? [["ci", `${detected.ci.id} (${detected.evidence.because.join(", ")})`]] : [];
  return found ? [...ci, ...tokenRows(found, io)] : ci;
}

function tokenRows(found: FoundToken, io: Io): Row[] {
  const left = secondsLeft(found.token, io.now());
  const life = left === null ? "" : left > 0 ? `, ${Math.ceil(left / 60)} min left` : ", past its end";
  return [["token", `${found.because}${life}`], ...describeToken(found.token)];
}

async function awsRows(options: JobInput, io: Io): Promise<Row[]> {
  if (hasKeys(io)) return callerRows(options, io);
  if (!given("role", options, io)) return [["aws", "no role: give --role ARN or AWS_ROLE_ARN to see the session"]];
  const plan = await planExchange(options, io);
  const { role, expiration } = await assume(plan, options, io);
  return [
    ["role", plan.role.arn],
    ["aws", role],
    ["account", role.split(":")[4] ?? ""],
    ["until", isoSeconds(expiration.getTime() / 1000)],
  ];
}

/** The keys in the environment are asked of AWS itself, since only it knows whose they are. */
async function callerRows(options: JobInput, io: Io): Promise<Row[]> {
  const { callerIdentity } = await import("../chunks/aws-sdk.ts");
  const endpoint = given("endpoint-url", options, io)?.value;
  const region = given("region", options, io)?.value;
  const identity = await callerIdentity({ ...(endpoint ? { endpoint } : {}), ...(region ? { region } : {}) });
  return [
    ["aws", identity.arn],
    ["account", identity.account],
  ];
}

function hasKeys(io: Io): boolean {
  return Boolean(io.env["AWS_ACCESS_KEY_ID"] && io.env["AWS_SECRET_ACCESS_KEY"]);
}
