import type { JobCi } from "../ci.ts";
import { hasIrsa, POD_FILE, podToken } from "./eks.ts";
import { evidence, sessionOf } from "./evidence.ts";

/** A pod of any cluster, with a projected token. Source: kubernetes.io, configure-service-account. */
export const kubernetesJob: JobCi = {
  id: "kubernetes",
  name: "Kubernetes",
  detect: (env) => (hasIrsa(env) ? null : evidence("kubernetes", env, "KUBERNETES_SERVICE_HOST", POD_FILE)),
  findTokens: podToken,
  sessionName: sessionOf("kubernetes", "HOSTNAME"),
};
