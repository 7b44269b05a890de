import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InputName } from "../../src/action/inputs.ts";
import type { LocalCloud } from "../../src/local/index.ts";
import { run } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { cleanEnv, type Env, ROOT } from "./support.ts";

export type ActionInputs = Readonly<Partial<Record<InputName, string>>>;

export const REPOSITORY = "octo-org/octo-repo";

/** What a runner has after a step. */
export interface StepResult {
  readonly status: number | null;
  /** The step's log, commands included. */
  readonly log: string;
  /** Variables that the step set for later ones. */
  readonly variables: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Milliseconds. */
  readonly took: number;
}

/** A job of octo-org/octo-repo on main, as a runner would set it up; steps share its home. */
export interface Job {
  readonly home: string;
  readonly env: Env;
}

export function startJob(cloud: LocalCloud, extra: Env = {}): Job {
  const home = tempDir();
  const { tokenUrl = "", tokenBearer = "" } = cloud.issuers["github"] ?? {};
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...clean } = cleanEnv(home);
  const env = {
    ...clean,
    AWS_ENDPOINT_URL: cloud.endpoint,
    GITHUB_ACTIONS: "true",
    GITHUB_ACTION: "__rolecall",
    GITHUB_ACTOR: "octocat",
    GITHUB_EVENT_NAME: "push",
    GITHUB_JOB: "deploy",
    GITHUB_REF: "refs/heads/main",
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_RUN_ID: "17",
    GITHUB_SHA: "a".repeat(40),
    GITHUB_WORKFLOW: "Deploy & test",
    GITHUB_WORKSPACE: home,
    ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: tokenBearer,
    ...extra,
  };
  return { home, env };
}

const FILES = { env: "GITHUB_ENV", outputs: "GITHUB_OUTPUT", state: "GITHUB_STATE", summary: "GITHUB_STEP_SUMMARY" };

/** Runs a file of the built action as a runner does; without state, as one that knows of none. */
export async function runStep(
  { home, env }: Job,
  inputs: ActionInputs,
  { file = "main", state = {} }: { readonly file?: "main" | "post"; readonly state?: Env | null } = {},
): Promise<StepResult> {
  const folder = tempDir();
  const paths = Object.values(FILES).map((name) => [name, join(folder, name)] as const);
  for (const [, path] of paths) writeFileSync(path, "");
  const started = performance.now();
  const { status, stdout, stderr } = await run(process.execPath, [join(ROOT, "dist", "action", `${file}.cjs`)], {
    cwd: home,
    env: {
      ...env,
      ...Object.fromEntries(paths.filter(([name]) => state !== null || name !== FILES.state)),
      ...Object.fromEntries(Object.entries(state ?? {}).map(([name, value]) => [`STATE_${name}`, value])),
      // action.yml's own defaults, which a runner fills in.
      INPUT_AUDIENCE: "sts.amazonaws.com",
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    },
  });
  const took = performance.now() - started;
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  return {
    status,
    log: stdout + stderr,
    variables: readPairs(read(FILES.env)),
    outputs: readPairs(read(FILES.outputs)),
    state: readPairs(read(FILES.state)),
    summary: read(FILES.summary),
    took,
  };
}

/** The job as later steps see it. */
export function after(job: Job, { variables }: StepResult): Job {
  return { ...job, env: { ...job.env, ...variables } };
}

/** Names and values in the runner's multi-line form; a later one of a name wins. */
export function readPairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  const lines = text.split("\n");
  for (let at = 0; at < lines.length - 1;) {
    const [, name, delimiter] = /^(\w[\w-]*)<<(.+)$/.exec(lines[at] ?? "") ?? [];
    const end = delimiter === undefined ? -1 : lines.indexOf(delimiter, at + 1);
    if (name === undefined || end < 0) throw new Error(`not a pair of a runner's file: line ${at + 1}`);
    pairs[name] = lines.slice(at + 1, end).join("\n");
    at = end + 1;
  }
  return pairs;
}

/** What the log has told the runner to mask. */
export function masksIn(log: string): readonly string[] {
  return [...log.matchAll(/^::add-mask::(.*)$/gm)].map(([, text = ""]) => text);
}

/** The log as the runner shows it: without commands, and with what is masked hidden. */
export function shownLog({ log }: StepResult): string {
  const hidden = masksIn(log).reduce((text, secret) => text.replaceAll(secret, "***"), log);
  return hidden.replaceAll(/^::add-mask::.*\n/gm, "");
}
