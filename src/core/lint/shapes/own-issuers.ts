import { GITHUB, GITLAB } from "./github-and-gitlab.ts";
import type { Shape } from "./shape.ts";

/** Issuers that a customer runs, told by what their subjects begin with; the last takes any. */
export const OWN_ISSUERS: readonly Shape[] = [
  { id: "github-server", ...GITHUB },
  { id: "gitlab-server", ...GITLAB },
  {
    id: "semaphore",
    lead: "org:",
    afterTenant: ":project:",
    afterProject: ":",
    sample: {
      tenant: "acme",
      project: "22222222-2222-4222-8222-222222222222",
      tail: "repo:shop:ref_type:branch:ref:refs/heads/main",
    },
    runs: [],
    identity: [],
    tenantWord: "organization",
  },
  {
    id: "kubernetes",
    lead: "system:serviceaccount:",
    afterTenant: ":",
    afterProject: null,
    sample: { tenant: "default", project: "shop", tail: "" },
    runs: [],
    identity: [],
    tenantWord: "namespace",
  },
  {
    id: "any",
    lead: "",
    afterTenant: null,
    afterProject: null,
    sample: { tenant: "", project: "rolecall-subject", tail: "" },
    runs: [],
    identity: [],
    tenantWord: "issuer",
  },
];
