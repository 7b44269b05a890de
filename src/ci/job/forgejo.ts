import type { Env, Evidence, JobCi } from "../ci.ts";
import { githubJob, isForgejo } from "./github.ts";

/** Forgejo Actions, which speaks GitHub's protocol. Source: forgejo.org docs, user/actions/security-openid-connect. */
export const forgejoJob: JobCi = {
  ...githubJob,
  id: "forgejo",
  name: "Forgejo Actions",
  detect,
  sessionName: (env) => ["forgejo", ...githubJob.sessionName(env).slice(1)],
};

function detect(env: Env): Evidence | null {
  if (!isForgejo(env)) return null;
  const names = ["FORGEJO_ACTIONS", "GITEA_ACTIONS"].filter((name) => env[name] === "true");
  return { ci: "forgejo", because: names.map((name) => `${name}=true`) };
}
