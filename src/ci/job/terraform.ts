import type { Env, JobCi, TokenSearch } from "../ci.ts";
import { evidence, sessionOf } from "./evidence.ts";
import { namedTokens } from "./jwt-variables.ts";

/**
 * HCP Terraform and Terraform Enterprise in the run. Source: hashicorp/web-unified-docs, workload-identity-tokens
 * and run environment.
 */
export const terraformJob: JobCi = {
  id: "terraform",
  name: "HCP Terraform",
  detect: (env) => evidence("terraform", env, "TFC_RUN_ID", "TFC_WORKSPACE_SLUG"),
  findTokens,
  sessionName: sessionOf("terraform", "TFC_WORKSPACE_NAME", "TFC_RUN_ID"),
};

const VARIABLE = "TFC_WORKLOAD_IDENTITY_TOKEN";

/** One for each audience that the workspace names, told apart by a tag at the end of the name. */
function findTokens(env: Env): TokenSearch {
  const tagged = Object.keys(env).filter((name) => name.startsWith(`${VARIABLE}_`));
  return namedTokens(env, VARIABLE, ...tagged);
}
