import { basename, join } from "node:path";
import type { Env } from "../../ci/ci.ts";
import { RolecallError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../wire/files.ts";
import type { HandOver, HandOverIo } from "./hand-over.ts";
import { shellLines } from "./session-variables.ts";

/**
 * GitLab: a file of this job that its scripts, `after_script` too, can source. Nothing is given to later jobs: the only
 * way is a dotenv report, an artifact that everybody who may see the pipeline can download.
 * Source: GitLab docs, ci/yaml/artifacts_reports, `artifacts:reports:dotenv`.
 */
export const gitlab: HandOver = {
  ready(io) {
    refuseDotenv(io.output);
    fileOf(io);
  },
  async give(session, io) {
    const path = fileOf(io);
    await writeFileAtomic(path, shellLines(session));
    io.out(`${path}\n`);
  },
};

function refuseDotenv(output: string | undefined): void {
  if (output === undefined || !/\.env(\.|$)|^dotenv/i.test(basename(output))) return;
  throw new RolecallError("usage", `--format gitlab: ${output} is named like a dotenv report, which is an artifact`, {
    hints: [
      "an artifact keeps the credentials where others can download them; later jobs should exchange their own token",
      'within this job: . "$(rolecall creds --format gitlab)"',
    ],
  });
}

/** Beside the checkout and not in it, where `artifacts: untracked` would find it; named by the job. */
export function gitlabFile(env: Env): string | null {
  const { CI_PROJECT_DIR: checkout, CI_JOB_ID: job, RUNNER_TEMP_PROJECT_DIR: temporary } = env;
  if (!checkout || !job) return null;
  return join(temporary || `${checkout}.tmp`, `rolecall-${job.replaceAll(/\W/g, "")}.sh`);
}

function fileOf({ env, output }: HandOverIo): string {
  const path = output ?? gitlabFile(env);
  if (path !== null) return path;
  throw new RolecallError("config", "--format gitlab: expected a job of GitLab, got no CI_PROJECT_DIR and CI_JOB_ID", {
    hints: ["name the file: rolecall creds --format gitlab -o FILE && . FILE"],
  });
}
