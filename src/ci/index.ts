import { azure } from "./azure.ts";
import { bitbucket } from "./bitbucket.ts";
import { buildkite } from "./buildkite.ts";
import type { Ci } from "./ci.ts";
import { circleci } from "./circleci.ts";
import { codefresh } from "./codefresh.ts";
import { custom } from "./custom.ts";
import { eks } from "./eks.ts";
import { fly } from "./fly.ts";
import { forgejo } from "./forgejo.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { jenkins } from "./jenkins.ts";
import { kubernetes } from "./kubernetes.ts";
import { semaphore } from "./semaphore.ts";
import { spacelift } from "./spacelift.ts";
import { terraform } from "./terraform.ts";
import { vercel } from "./vercel.ts";

/** Every CI that rolecall knows, whole; what a job loads of them is in `ci/job/`. */
export const CIS: readonly Ci[] = [
  gitlab,
  github,
  circleci,
  jenkins,
  bitbucket,
  buildkite,
  forgejo,
  azure,
  semaphore,
  codefresh,
  spacelift,
  terraform,
  vercel,
  fly,
  eks,
  kubernetes,
  custom,
];

export function findCi(id: string): Ci | undefined {
  return CIS.find((ci) => ci.id === id);
}
