import { RolecallError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import {
  FORMATS,
  type FormatName,
  HAND_OVERS,
  type HandOverName,
  isFormatName,
  isHandOverName,
  renderCredentials,
  renderFailure,
} from "../../credentials/formats.ts";
import type { Credentials } from "../../core/credentials.ts";
import { assume, findExisting, type JobInput, type Obtained, type Plan, planExchange } from "../assume.ts";
import { defineCommand, type Input } from "../command.ts";
import type { Io } from "../io.ts";
import { EXISTING_OPTION, JOB_OPTIONS } from "../job-options.ts";
import { sessionKey } from "../session-key.ts";
import { note } from "../report.ts";

const FORMAT_NAMES = Object.keys({ ...FORMATS, ...HAND_OVERS });

const OPTIONS = {
  ...JOB_OPTIONS,
  ...EXISTING_OPTION,
  format: {
    type: "string",
    value: "FORMAT",
    short: "f",
    choices: FORMAT_NAMES,
    help: `${FORMAT_NAMES.join(", ")} (by default process)`,
  },
  output: { type: "string", value: "FILE", short: "o", help: "write to a file, mode 0600, instead of stdout" },
  show: { type: "boolean", help: "print secrets to a terminal" },
  cache: { type: "boolean", help: "keep the session between calls, per token and role; login's profile does" },
} as const;

/** The format whose failure is printed when it is not known which one was meant. */
const MISUSED_AS = "env";

export default defineCommand({
  name: "creds",
  summary: "print temporary credentials for a shell, a tool or a file",
  usage: "[options]",
  examples: [
    ['eval "$(rolecall creds --format env)"', "into this shell; a refusal stops the job"],
    ["rolecall creds --format env-no-export -o aws.env", "into a file for docker run --env-file"],
    ["rolecall creds --format json", "with account, role session and region"],
    ["rolecall creds --format github", "for the later steps of this job; each CI has its own"],
  ],
  options: OPTIONS,
  notes: `Formats:\n${[
    ...Object.entries(FORMATS).map(([name, { meaning }]) => [name, meaning] as const),
    ...Object.entries(HAND_OVERS),
  ]
    .map(([name, meaning]) => `  ${name.padEnd(14)} ${meaning}`)
    .join("\n")}`,
  misuse: renderFailure(MISUSED_AS, "\n"),
  async run({ options }, io) {
    const { format = "process" } = options;
    const shows = io.stdoutIsTerminal && options.output === undefined && !options.show;
    if (shows && isFormatName(format)) throw wouldShow();
    try {
      await hand(parseFormat(format), options, io);
      return 0;
    } catch (error) {
      // `eval "$(…)"` hides the exit status, so the text itself has to fail.
      const failing = isFormatName(format) ? format : MISUSED_AS;
      const evaluated = options.output === undefined && !shows && !isHandOverName(format);
      if (evaluated) io.out(renderFailure(failing, eol(io)));
      throw error;
    }
  },
});

type CredsInput = Input<typeof OPTIONS>["options"];

async function hand(format: FormatName | HandOverName, options: CredsInput, io: Io): Promise<void> {
  if (isHandOverName(format)) return handToJob(format, options, io);
  const { credentials, region } = (await findExisting(options, io)) ?? (await obtain(options, io));
  const text = renderCredentials(format, credentials, { eol: eol(io), region });
  if (options.output === undefined) return io.out(text);
  const { writeFileAtomic } = await import("../../wire/files.ts");
  await writeFileAtomic(options.output, text);
}

async function obtain(options: CredsInput, io: Io): Promise<Obtained & { plan: Plan }> {
  const plan = await planExchange(options, io);
  const credentials = await (options.cache ? cached(plan, options, io) : assume(plan, options, io));
  return { credentials, region: plan.region, plan };
}

async function handToJob(format: HandOverName, options: CredsInput, io: Io): Promise<void> {
  const { checkHandOver, handOver } = await import("../chunks/hand-over.ts");
  const choice = { format, output: options.output, quiet: options.quiet };
  checkHandOver(choice, io);
  const kept = await findExisting(options, io);
  if (kept) return handOver(choice, kept, null, io);
  const got = await obtain(options, io);
  await handOver(choice, got, got.plan, io);
}

async function cached(plan: Plan, options: JobInput, io: Io): Promise<Credentials> {
  const { readCache, writeCache } = await import("../../credentials/cache.ts");
  const { cachePath } = await import("../home.ts");
  const folder = cachePath(io);
  const key = sessionKey(plan);
  const kept = await readCache(folder, key, io.now());
  if (kept) return kept;
  const credentials = await assume(plan, options, io);
  // A home that cannot be written to costs another exchange at the next call, not this one's credentials.
  await writeCache(folder, key, credentials).catch((error: unknown) => {
    if (options.verbose) note(io, `the session is not kept: ${(error as Error).message}`);
  });
  return credentials;
}

function parseFormat(text: string): FormatName | HandOverName {
  if (isFormatName(text) || isHandOverName(text)) return text;
  const guess = nearest(text, FORMAT_NAMES);
  throw new RolecallError(
    "usage",
    `creds: unknown format ${JSON.stringify(text)}: expected ${FORMAT_NAMES.join(", ")}`,
    {
      hints: guess ? [`did you mean ${guess}?`] : [],
    },
  );
}

function wouldShow(): RolecallError {
  return new RolecallError("usage", "creds: would print secrets to this terminal: expected a pipe, a file or --show", {
    hints: ['eval "$(rolecall creds --format env)"', "rolecall creds -o FILE", "rolecall creds --show"],
  });
}

function eol(io: Io): string {
  return io.platform === "win32" ? "\r\n" : "\n";
}
