import type { Claims } from "../core/token.ts";
import type { Ci, PretendedJob } from "./ci.ts";
import { eks, POD, tokenFile } from "./eks.ts";
import { kubernetesJob } from "./job/kubernetes.ts";
import { yamlWord } from "./yaml-word.ts";

/**
 * Pods of any other cluster, with a token that its manifest asks for: the subjects of EKS, the cluster's own issuer,
 * whose documents AWS must be able to read. Source: kubernetes.io, configure-service-account, token volume projection.
 */
export const kubernetes: Ci = {
  ...eks,
  ...kubernetesJob,
  file: "the pod's manifest",
  part: "the pod and its container",
  pretendedIssuer: "https://kubernetes.example.com",
  defaultAudience: () => null,
  snippet,
  pretend,
  jobEnvironment: () => POD,
  jobFiles: tokenFile("aws/token"),
};

/** Volumes of the pod, then of its container the mount and the variable. */
function snippet({ audience = "sts.amazonaws.com" }: { readonly audience?: string }): string {
  const source = `{ serviceAccountToken: { audience: ${yamlWord(audience)}, path: token } }`;
  return [
    `volumes: [{ name: aws-token, projected: { sources: [${source}] } }]`,
    "volumeMounts: [{ name: aws-token, mountPath: /var/run/secrets/aws }]",
    "env: [{ name: AWS_WEB_IDENTITY_TOKEN_FILE, value: /var/run/secrets/aws/token }]",
  ].join("\n");
}

// What the kubelet asks for unless the manifest says how long.
const LIFE = 3600;

function pretend(job: PretendedJob): Claims {
  return eks.pretend({ ...job, issuer: job.issuer ?? kubernetes.pretendedIssuer, expiresIn: job.expiresIn ?? LIFE });
}
