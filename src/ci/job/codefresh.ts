import { Secret } from "../../core/secret.ts";
import type { Env, JobCi, TokenSearch } from "../ci.ts";
import { evidence, sessionOf } from "./evidence.ts";
import { jwtVariables } from "./jwt-variables.ts";

/**
 * Codefresh in the job. Sources: docs.codefresh.io, integrations/oidc-pipelines; the form of the answer and of the
 * audience from codefresh-io/steps, incubating/obtain-oidc-id-token.
 */
export const codefreshJob: JobCi = {
  id: "codefresh",
  name: "Codefresh",
  detect: (env) => evidence("codefresh", env, "CF_BUILD_ID"),
  findTokens,
  sessionName: sessionOf("codefresh", "CF_REPO_NAME", "CF_BUILD_ID"),
};

const URL_VARIABLE = "CF_OIDC_REQUEST_URL";
const TOKEN_VARIABLE = "CF_OIDC_REQUEST_TOKEN";

/** The step `obtain-oidc-id-token` leaves one in ID_TOKEN; every step can ask for another. */
function findTokens(env: Env, audience = "sts.amazonaws.com"): TokenSearch {
  const { [URL_VARIABLE]: url, [TOKEN_VARIABLE]: token } = env;
  const candidates = jwtVariables(env, ["ID_TOKEN"]).map((one) => ({
    source: { kind: "env" as const, name: one.name },
    token: one.token,
  }));
  if (url && token) {
    const query = { audience };
    // The bare token, without a scheme.
    const authorization = new Secret(token);
    const ask = {
      kind: "request",
      from: URL_VARIABLE,
      method: "GET",
      url,
      query,
      authorization,
      field: "id_token",
    } as const;
    return { candidates, ask, rejected: [] };
  }
  const missing = [URL_VARIABLE, TOKEN_VARIABLE].filter((name) => !env[name]);
  const rejected = missing.map((name) => ({ name, reason: "it is not set in this step" }));
  return { candidates, ask: null, rejected: candidates.length > 0 ? [] : rejected };
}
