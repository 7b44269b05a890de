import { CIS } from "../../ci/index.ts";
import type { AccountRole } from "./account.ts";
import { FIRST_JOB, type Job } from "./job.ts";
import { reachOf } from "./reach.ts";

/** A job to try a role with: one that its trust policy names, as far as a CI's grammar reads it. */
export function jobForRole(role: AccountRole): Job {
  const reach = reachOf(role).find(({ effect, providers }) => effect === "Allow" && providers.length > 0);
  const issuer = `https://${reach?.providers[0] ?? ""}`;
  const subject = reach?.subjects?.find(({ kind }) => kind === "scope");
  const own = CIS.find((ci) => ci.issuer === issuer || ci.pretendedIssuer === issuer);
  const ci =
    own ?? (subject && CIS.find((one) => one.id !== "custom" && one.scopeOf({ iss: issuer, sub: subject.text })));
  if (!reach || !ci) return { ...FIRST_JOB, role: role.arn };
  const { project, branch, tag, environment, pullRequests } =
    subject?.kind === "scope" ? subject.scope : { project: ci.words["project"]?.example ?? FIRST_JOB.project };
  return {
    ...FIRST_JOB,
    ci: ci.id,
    project: filled(project, "shop"),
    ref: tag === undefined ? "branch" : "tag",
    name: filled(tag ?? branch ?? "main", tag === undefined ? "main" : "1.0.0"),
    environment: filled(environment ?? "", "production"),
    event: pullRequests ? "pull_request" : "",
    audience: filled(reach.audiences?.[0] ?? "", "sts.amazonaws.com"),
    issuer: own ? "" : issuer,
    role: role.arn,
  };
}

/** A pattern as one of the texts that it stands for. */
function filled(pattern: string, any: string): string {
  return pattern.replaceAll(/\*+/g, any).replaceAll("?", "x");
}
