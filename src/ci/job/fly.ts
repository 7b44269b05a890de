import type { Env, Evidence, JobCi, TokenSearch } from "../ci.ts";
import { evidence, sessionOf } from "./evidence.ts";

/** A Machine of Fly.io. Sources: superfly/docs, security/openid-connect and machines/runtime-environment. */
export const flyJob: JobCi = {
  id: "fly",
  name: "Fly.io",
  detect,
  findTokens,
  sessionName: sessionOf("fly", "FLY_APP_NAME", "FLY_MACHINE_ID"),
};

/** Only Machines have the second; people set the first for flyctl. */
function detect(env: Env): Evidence | null {
  return env["FLY_APP_NAME"] ? evidence("fly", env, "FLY_MACHINE_ID", "FLY_APP_NAME") : null;
}

/**
 * The socket that every Machine has. Where AWS_ROLE_ARN is set, Fly.io also writes a token beside it, which is not
 * taken: whether it is written anew before it ends is unverified.
 */
function findTokens(env: Env, audience = "sts.amazonaws.com"): TokenSearch {
  const [, folder = "/.fly"] = /^(.*\/\.fly)\/oidc_token$/.exec(env["AWS_WEB_IDENTITY_TOKEN_FILE"] ?? "") ?? [];
  const socket = `${folder}/api`;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ aud: audience });
  const url = "http://localhost/v1/tokens/oidc";
  return {
    candidates: [],
    ask: { kind: "request", from: socket, method: "POST", url, socket, headers, body },
    rejected: [],
  };
}
