import { bitbucket } from "./bitbucket.ts";
import { buildkite } from "./buildkite.ts";
import type { Ci } from "./ci.ts";
import { circleci } from "./circleci.ts";
import { custom } from "./custom.ts";
import { forgejo } from "./forgejo.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { jenkins } from "./jenkins.ts";

/** Every CI that rolecall knows, whole; what a job loads of them is in `ci/job/`. */
export const CIS: readonly Ci[] = [gitlab, github, circleci, jenkins, bitbucket, buildkite, forgejo, custom];

export function findCi(id: string): Ci | undefined {
  return CIS.find((ci) => ci.id === id);
}
