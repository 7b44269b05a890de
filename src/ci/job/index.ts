import type { JobCi } from "../ci.ts";
import { bitbucketJob } from "./bitbucket.ts";
import { buildkiteJob } from "./buildkite.ts";
import { circleciJob } from "./circleci.ts";
import { forgejoJob } from "./forgejo.ts";
import { githubJob } from "./github.ts";
import { gitlabJob } from "./gitlab.ts";
import { jenkinsJob } from "./jenkins.ts";

/**
 * Every CI that a job can be of, in the order in which it is looked for. Jenkins is last, since its
 * variables stay in what a build starts, another CI's runner for one.
 */
export const JOB_CIS: readonly JobCi[] = [
  gitlabJob,
  forgejoJob,
  githubJob,
  circleciJob,
  buildkiteJob,
  bitbucketJob,
  jenkinsJob,
];

export function findJobCi(id: string): JobCi | undefined {
  return JOB_CIS.find((ci) => ci.id === id);
}
