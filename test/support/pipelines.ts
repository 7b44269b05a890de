import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalCloud } from "../../src/local/index.ts";
import { cleanEnv, CLI, type Env } from "../e2e/support.ts";
import { type PlayedJob, PLAYERS } from "./ci-players.ts";
import { run, type RunResult } from "./run.ts";

/** Where jobs run. */
export interface Place {
  readonly cloud: LocalCloud;
  /** The checkout. */
  readonly folder: string;
  /** The home of the runner's user, outside of the checkout. */
  readonly home: string;
  readonly project: string;
  /** `--issuer`, of a CI whose issuer is the customer's own. */
  readonly issuer?: string;
  /** Of a token for which the file names none, as in Jenkins, where the credential has it. */
  readonly audience?: string;
  /** What the CI keeps for the project: variables, secrets, credentials. */
  readonly variables: Readonly<Record<string, string>>;
  /** A folder of commands that the job finds first. */
  readonly bin?: string;
}

const RUNNER = fileURLToPath(new URL("ci-runner.mjs", import.meta.url));

/** Runs every job of a CI's file, one after the other. */
export async function runPipeline(ci: string, text: string, place: Place): Promise<readonly RunResult[]> {
  mkdirSync(place.home, { recursive: true, mode: 0o700 });
  const jobs = PLAYERS[ci]?.(text, place) ?? [];
  if (jobs.length === 0) throw new Error(`the file has no job that ${ci} would run`);
  const results: RunResult[] = [];
  for (const job of jobs) results.push(await runPlayed(ci, job, place));
  return results;
}

async function runPlayed(ci: string, job: PlayedJob, place: Place): Promise<RunResult> {
  const file = join(place.home, `${ci}-job.json`);
  writeFileSync(file, JSON.stringify(job), { mode: 0o600 });
  const path = [...(place.bin === undefined ? [] : [place.bin]), process.env["PATH"] ?? ""].join(delimiter);
  const options = {
    "--endpoint-url": place.cloud.endpoint,
    "--project": place.project,
    "--branch": "main",
    ...audienceOf(ci, job, place),
    ...(place.issuer === undefined ? {} : { "--issuer": place.issuer }),
  };
  const pretend = Object.entries(options).flat();
  return run(process.execPath, [CLI, "job", ci, ...pretend, "--", process.execPath, RUNNER, file], {
    env: runnerEnv(place.home, path),
    cwd: place.folder,
  });
}

/** Without one the job gets what its CI gives; GitLab gives none. */
function audienceOf(ci: string, job: PlayedJob, place: Place): Readonly<Record<string, string>> {
  const audience = job.audience ?? place.audience ?? (ci === "gitlab" ? "nobody" : undefined);
  return audience === undefined ? {} : { "--audience": audience };
}

/** A runner's user has a home of their own, and files of AWS's tools are where they are by default. */
function runnerEnv(home: string, path: string): Env {
  const { AWS_CONFIG_FILE: _, AWS_SHARED_CREDENTIALS_FILE: __, ...env } = cleanEnv(home, { PATH: path });
  return env;
}
