import type { Condition } from "../core/policy.ts";
import { type Claims, textClaim } from "../core/token.ts";
import type { Ci, JobFile, PretendedJob, Scope } from "./ci.ts";
import { eksJob } from "./job/eks.ts";
import { pretendedUuid } from "./pretended-id.ts";
import { subjectCondition } from "./subject.ts";
import { projectAs } from "./words.ts";

// Sources of this file: AWS EKS guide, iam-roles-for-service-accounts; kubernetes.io, configure-service-account.

/** Pods of EKS whose service account has a role (IRSA); each cluster has an issuer of its own. */
export const eks: Ci = {
  ...eksJob,
  file: "the pod's manifest",
  part: "the ServiceAccount",
  issuer: null,
  pretendedIssuer: "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
  defaultAudience: () => "sts.amazonaws.com",
  snippet: () =>
    [
      'metadata: { annotations: { eks.amazonaws.com/role-arn: "arn:aws:iam::123456789012:role/shop-deploy" } }',
      "# then start the pod anew; EKS Pod Identity has no such token, and AWS SDKs ask its agent by themselves",
    ].join("\n"),
  scopeParts: [],
  projectAlone: true,
  words: {
    project: projectAs("namespace and service account", "ci/runner"),
    service_account: projectAs("namespace and service account", "ci/runner"),
  },
  unsayable: Object.fromEntries(
    ["branch", "tag", "environment", "pull_requests", "protected"].map((key) => [
      key,
      {
        why: "a pod's subject has its namespace and service account",
        nearest:
          "the CI that runs in the pod, with its own tokens; or a service account of its own: service_account: ci/deploy",
      },
    ]),
  ),
  conditions,
  scopeOf,
  pretend,
  jobEnvironment: () => ({ ...POD, AWS_STS_REGIONAL_ENDPOINTS: "regional" }),
  jobFiles: tokenFile("eks.amazonaws.com/serviceaccount/token"),
};

/** What every pod has. */
export const POD = { KUBERNETES_SERVICE_HOST: "10.100.0.1", KUBERNETES_SERVICE_PORT: "443", HOSTNAME: "runner-0" };

/** @param path below /var/run/secrets */
export function tokenFile(path: string): (token: string) => readonly JobFile[] {
  return (token) => [{ variable: "AWS_WEB_IDENTITY_TOKEN_FILE", file: `var/run/secrets/${path}`, text: token }];
}

const SUBJECT = /^system:serviceaccount:([^:]+):([^:]+)$/;

function subject(project: string): string {
  return `system:serviceaccount:${project.replace("/", ":")}`;
}

function conditions(issuer: string, { project }: Scope): readonly Condition[] {
  return [subjectCondition(issuer, subject(project))];
}

function scopeOf(claims: Claims): Scope | null {
  const [, namespace, name] = SUBJECT.exec(textClaim(claims, "sub") ?? "") ?? [];
  return namespace && name ? { project: `${namespace}/${name}` } : null;
}

const LIFE = 86_400;

function pretend(job: PretendedJob): Claims {
  const [namespace = "", name = ""] = job.project.split("/");
  const { audience = "sts.amazonaws.com" } = job;
  return {
    aud: typeof audience === "string" ? [audience] : audience,
    iss: job.issuer ?? eks.pretendedIssuer,
    sub: subject(job.project),
    iat: job.issuedAt,
    nbf: job.issuedAt,
    exp: job.issuedAt + (job.expiresIn ?? LIFE),
    "kubernetes.io": {
      namespace,
      pod: { name: POD.HOSTNAME, uid: pretendedUuid(`${job.project} pod`) },
      serviceaccount: { name, uid: pretendedUuid(job.project) },
    },
  };
}
