import { Secret } from "../../core/secret.ts";
import type { Env, JobCi, TokenSearch } from "../ci.ts";
import { evidence, sessionOf } from "./evidence.ts";

/**
 * Azure Pipelines in the job. Sources: learn.microsoft.com, predefined variables and REST "Oidctoken - Create";
 * azure-identity's AzurePipelinesCredential, which has the version and the headers.
 */
export const azureJob: JobCi = {
  id: "azure",
  name: "Azure Pipelines",
  detect: (env) => evidence("azure", env, "TF_BUILD", "SYSTEM_COLLECTIONURI"),
  findTokens,
  sessionName: sessionOf("azure", "SYSTEM_TEAMPROJECT", "BUILD_BUILDID", "SYSTEM_JOBID"),
};

const URI = "SYSTEM_OIDCREQUESTURI";
const TOKEN = "SYSTEM_ACCESSTOKEN";

/** Whose token it is: the pipeline's, or with the id of a service connection that connection's. */
function findTokens(env: Env): TokenSearch {
  const { [URI]: url, [TOKEN]: token, ROLECALL_SERVICE_CONNECTION_ID: connection } = env;
  if (url && token) {
    const query = { "api-version": "7.1", ...(connection ? { serviceConnectionId: connection } : {}) };
    // Without the last one a wrong token is answered with a sign-in page.
    const headers = { "content-type": "application/json", "x-tfs-fedauthredirect": "Suppress" };
    const authorization = new Secret(`Bearer ${token}`);
    const ask = {
      kind: "request",
      from: URI,
      method: "POST",
      url,
      query,
      headers,
      authorization,
      field: "oidcToken",
    } as const;
    return { candidates: [], ask, rejected: [] };
  }
  const rejected = [
    ...(url ? [] : [{ name: URI, reason: "it is not set: this agent is not of Azure DevOps Services" }]),
    ...(token ? [] : [{ name: TOKEN, reason: "it is not set: Azure Pipelines gives it only to steps that map it" }]),
  ];
  return { candidates: [], ask: null, rejected };
}
