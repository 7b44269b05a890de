import { textClaim, type Token } from "../../core/token.ts";
import type { Env, Evidence, JobCi, Rejected, TokenSearch } from "../ci.ts";
import { jwtVariables } from "./jwt-variables.ts";

/** Jenkins with the oidc-provider plugin, in the job. Source: jenkinsci/oidc-provider-plugin @ b5cde45. */
export const jenkinsJob: JobCi = { id: "jenkins", name: "Jenkins", detect, findTokens, sessionName };

/** Builds have both; a shell on the controller may have the first alone. */
function detect(env: Env): Evidence | null {
  const { JENKINS_URL: url, BUILD_ID: build } = env;
  return url && build ? { ci: "jenkins", because: [`JENKINS_URL=${url}`, `BUILD_ID=${build}`] } : null;
}

/** The user names the variable in the credential binding: it has the token, or the path of a file with it. */
function findTokens(env: Env): TokenSearch {
  const found = jwtVariables(env);
  const own = found.filter(({ token }) => isOfThisBuild(token, env));
  const foreign: Rejected[] = found
    .filter(({ token }) => !isOfThisBuild(token, env))
    .map(({ name, token }) => ({
      name,
      reason: `its issuer is ${textClaim(token.claims, "iss") ?? "(no iss)"}, and its subject is not this job`,
    }));
  const file = boundFile(env);
  return {
    candidates: own.map(({ name, token }) => ({ source: { kind: "env", name }, token })),
    ask: file && !isOfPod(file) ? { kind: "file", path: file } : null,
    rejected: [
      ...foreign,
      ...(file && isOfPod(file) ? [{ name: FILE, reason: "it is the pod's token, not this build's" }] : []),
    ],
  };
}

function isOfThisBuild({ claims }: Token, env: Env): boolean {
  const issuer = textClaim(claims, "iss") ?? "";
  const root = `${env["JENKINS_URL"]?.replace(/\/$/, "") ?? ""}/oidc`;
  // A custom issuer is not below the server's address; the subject is the job's, unless a template changes it.
  return issuer === root || issuer.startsWith(`${root}/`) || textClaim(claims, "sub") === env["JOB_URL"];
}

const FILE = "AWS_WEB_IDENTITY_TOKEN_FILE";

/** The plugin names its file `id_token`; its README binds it to the variable that AWS SDKs read. */
function boundFile(env: Env): string | undefined {
  return env[FILE] || Object.values(env).find((value) => value !== undefined && /^\/.*\/id_token$/.test(value));
}

/** On an agent in EKS the variable may be the pod's (IRSA), which is another identity. */
function isOfPod(path: string): boolean {
  return path.startsWith("/var/run/secrets/");
}

function sessionName(env: Env): readonly string[] {
  return ["jenkins", env["JOB_NAME"] ?? "", env["BUILD_NUMBER"] ?? env["BUILD_ID"] ?? ""];
}
