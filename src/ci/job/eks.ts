import type { Env, JobCi, TokenSearch } from "../ci.ts";
import { evidence, sessionOf } from "./evidence.ts";

export const POD_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE";

/**
 * A pod whose service account has a role (IRSA). A CI's job in such a pod has its own identity and is looked for
 * first. Source: AWS EKS guide, pod configuration; the path is that of aws/amazon-eks-pod-identity-webhook.
 */
export const eksJob: JobCi = {
  id: "eks",
  name: "EKS (IRSA)",
  detect: (env) => (hasIrsa(env) ? evidence("eks", env, POD_FILE) : null),
  findTokens: podToken,
  sessionName: sessionOf("eks", "HOSTNAME"),
};

export function hasIrsa(env: Env): boolean {
  return env[POD_FILE]?.endsWith("/eks.amazonaws.com/serviceaccount/token") ?? false;
}

/** The file is written anew before its token ends, so it is read each time. */
export function podToken(env: Env): TokenSearch {
  const path = env[POD_FILE];
  if (path) return { candidates: [], ask: { kind: "file", path }, rejected: [] };
  const reason = "it is not set; the pod's default token is for the cluster's own API and not for AWS";
  return { candidates: [], ask: null, rejected: [{ name: POD_FILE, reason }] };
}
