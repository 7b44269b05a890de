import type { JobCi } from "../ci.ts";
import { azureJob } from "./azure.ts";
import { bitbucketJob } from "./bitbucket.ts";
import { buildkiteJob } from "./buildkite.ts";
import { circleciJob } from "./circleci.ts";
import { codefreshJob } from "./codefresh.ts";
import { eksJob } from "./eks.ts";
import { flyJob } from "./fly.ts";
import { forgejoJob } from "./forgejo.ts";
import { githubJob } from "./github.ts";
import { gitlabJob } from "./gitlab.ts";
import { jenkinsJob } from "./jenkins.ts";
import { kubernetesJob } from "./kubernetes.ts";
import { semaphoreJob } from "./semaphore.ts";
import { spaceliftJob } from "./spacelift.ts";
import { terraformJob } from "./terraform.ts";
import { vercelJob } from "./vercel.ts";

/**
 * Every CI that a job can be of, in the order in which it is looked for. Jenkins comes after the other CIs, since
 * its variables stay in what a build starts, another CI's runner for one. What a runner stands on comes last: a job
 * of any CI may be in a pod or on a Machine, and may call `vercel build`, which sets VERCEL too.
 */
export const JOB_CIS: readonly JobCi[] = [
  gitlabJob,
  forgejoJob,
  githubJob,
  circleciJob,
  buildkiteJob,
  bitbucketJob,
  azureJob,
  semaphoreJob,
  codefreshJob,
  spaceliftJob,
  terraformJob,
  jenkinsJob,
  vercelJob,
  flyJob,
  eksJob,
  kubernetesJob,
];

export function findJobCi(id: string): JobCi | undefined {
  return JOB_CIS.find((ci) => ci.id === id);
}
