import type { Env, JobCi, TokenSearch } from "../ci.ts";
import { evidence, sessionOf } from "./evidence.ts";
import { namedTokens } from "./jwt-variables.ts";

/**
 * Spacelift in the run. Source: spacelift-io/user-documentation, docs/concepts/configuration/environment and
 * docs/integrations/cloud-providers/oidc.
 */
export const spaceliftJob: JobCi = {
  id: "spacelift",
  name: "Spacelift",
  detect: (env) => evidence("spacelift", env, "TF_VAR_spacelift_run_id", "TF_VAR_spacelift_account_name"),
  findTokens,
  sessionName: sessionOf("spacelift", "TF_VAR_spacelift_stack_id", "TF_VAR_spacelift_run_id"),
};

const FILE = "/mnt/workspace/spacelift.oidc";

/** The variable, or the file with the same token, for what was started without the run's variables. */
function findTokens(env: Env): TokenSearch {
  const search = namedTokens(env, "SPACELIFT_OIDC_TOKEN");
  return search.candidates.length > 0 ? search : { ...search, ask: { kind: "file", path: FILE } };
}
