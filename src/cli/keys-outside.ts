import { spawn } from "node:child_process";
import { isRolecallError, RolecallError } from "../core/errors.ts";
import { QUESTIONS, type Retirement, type StepName } from "../migrate/keys/retirement.ts";
import type { Outside } from "../migrate/keys/steps.ts";
import { lastExchange, type TrailEvent } from "../migrate/keys/trail.ts";
import type { UserCalls } from "../wire/aws-sdk/user-calls.ts";
import { confirm } from "./ask.ts";
import type { Io } from "./io.ts";
import type { HeldState } from "./keys-state.ts";
import { askTrail, isMissing, trailRegions } from "./keys-trails.ts";
import { readProjectFolder } from "./project-folder.ts";
import { note, printable } from "./report.ts";

/** What a command line says of how a retirement is done. */
interface Choices {
  readonly "endpoint-url": string | undefined;
  readonly yes: readonly string[];
  readonly check: string | undefined;
  readonly variables: boolean;
  readonly project: string | undefined;
  readonly cloudtrail: readonly string[];
  readonly "no-lookup": boolean;
  readonly region: readonly string[];
  readonly quiet: boolean;
}

/** What a run holds of a retirement. */
interface Held {
  readonly state: HeldState;
  readonly start: Retirement;
  /** Records of the exports that the command line names. */
  readonly saved: readonly TrailEvent[];
}

/** AWS, a person, the CI and the state file, as a retirement's steps see them. */
export function outsideOf(aws: UserCalls, { state, start, saved }: Held, options: Choices, io: Io): Outside {
  return {
    aws: {
      ...aws,
      setKeyActive: async (...args) => {
        await state.check();
        await aws.setKeyActive(...args);
      },
      deleteKey: async (...args) => {
        await state.check();
        await aws.deleteKey(...args);
      },
    },
    now: io.now,
    exchanged: () => exchangeTime(start, saved, options, io),
    agree: (step) => agree(step, start, options, io),
    namesLeft: namesCheck(options, io),
    save: state.save,
  };
}

async function agree(step: StepName, start: Retirement, { yes }: Choices, io: Io): Promise<boolean> {
  if (yes.includes(step)) return true;
  if (!io.stdinIsTerminal || io.env["CI"]) return false;
  return await confirm(QUESTIONS[step]?.(start) ?? `${step}: go on?`, "keys retire", io);
}

// Five pages are 250 exchanges and two seconds.
const MOST_PAGES = 5;

/** When CloudTrail, as it was saved or as it answers now, has an exchange for the role. */
async function exchangeTime(
  { role, begun }: Retirement,
  saved: readonly TrailEvent[],
  options: Choices,
  io: Io,
): Promise<number | null> {
  const isAsked = options.cloudtrail.length === 0 && !options["no-lookup"];
  const events = [...saved, ...(isAsked ? await lookedUp(begun, options, io) : [])];
  const last = lastExchange(events, role);
  if (last && last.time >= begun && !options.quiet)
    note(io, `a green run by CloudTrail: ${new Date(last.time).toISOString()}, ${printable(last.userName)}`);
  return last?.time ?? null;
}

async function lookedUp(since: number, options: Choices, io: Io): Promise<readonly TrailEvent[]> {
  const question = { attribute: "EventName", value: "AssumeRoleWithWebIdentity", since } as const;
  const events: TrailEvent[] = [];
  for (const region of trailRegions(options, io)) {
    try {
      events.push(...(await askTrail(region, question, MOST_PAGES, options, io)).events);
    } catch (error) {
      // IAM's word will do as well, only later.
      if (!isRolecallError(error)) throw error;
      if (!options.quiet && !isMissing(error))
        note(io, `CloudTrail was asked for a green run, and tells nothing: ${error.message}`);
      break;
    }
  }
  return events;
}

/** The checks that the command line asks for, one after the other; null when it asks for none. */
function namesCheck({ check, variables, project }: Choices, io: Io): Outside["namesLeft"] {
  if (check === undefined && !variables) return null;
  return async () => {
    const left = variables ? await variablesLeft(project ?? null, io) : null;
    if (left !== null || check === undefined) return left;
    return (await passes(check)) ? null : "the check says that the key's names are still in the CI";
  };
}

/** Why the CIs' own lists do not show that the names are gone. */
async function variablesLeft(project: string | null, io: Io): Promise<string | null> {
  const { findVariables } = await import("./ci-variables.ts");
  const root = process.cwd();
  const { cis } = await readProjectFolder(root);
  const asked = await findVariables({ ci: null, project, root }, io);
  for (const line of asked.flatMap(({ lines }) => lines)) note(io, line);
  for (const text of asked.flatMap(({ unread }) => unread)) note(io, printable(text));
  const names = asked.map(({ name }) => name).join(" and ");
  if (asked.some(({ variables }) => variables.length > 0)) return `${names} still has variables that hold keys`;
  if (asked.some(({ unread }) => unread.length > 0)) return `${names} did not show all places, and keys may be there`;
  // One whose file is here and that was not asked may have the key too.
  if (asked.length < cis.length) return `of the CIs whose files are here (${cis.join(", ")}) only ${names} was asked`;
  return null;
}

/** Runs the user's own check, without a shell and without arguments; what it prints goes to stderr. */
async function passes(program: string): Promise<boolean> {
  const child = spawn(program, [], { stdio: ["ignore", 2, 2] });
  return await new Promise((resolve, reject) => {
    child.once("error", ({ message }) =>
      reject(new RolecallError("config", `--check: ${program} cannot be run: ${message}`)),
    );
    child.once("close", (status) => resolve(status === 0));
  });
}
