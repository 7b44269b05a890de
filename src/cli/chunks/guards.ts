import { readFileSync } from "node:fs";
import { assumedRoleArn, type RoleArn } from "../../core/arn.ts";
import type { Credentials } from "../../core/credentials.ts";
import { RolecallError } from "../../core/errors.ts";
import { audiencesOf } from "../../core/token.ts";
import { findFork } from "../../credentials/fork.ts";
import { type FoundToken, secondsLeft } from "../find-token.ts";
import type { Io } from "../io.ts";

/** @param allowed account ids, as the user gave them */
export function otherAccount(role: RoleArn, allowed: readonly string[]): RolecallError {
  const wrong = allowed.find((one) => !/^\d{12}$/.test(one));
  if (wrong !== undefined)
    return new RolecallError("usage", `--allow-account: expected 12 digits, got ${JSON.stringify(wrong.slice(0, 40))}`);
  return new RolecallError(
    "refused",
    `${role.arn} is in account ${role.account}: expected ${allowed.join(" or ")} (--allow-account)`,
    { hints: ["AWS was not asked; is this job's role that of another stage?"] },
  );
}

/** @throws RolecallError `refused` when this job runs the code of a fork */
export function refuseFork({ env }: Io): void {
  const evidence = findFork(env, (path) => readFileSync(path, "utf8"));
  if (evidence === null) return;
  throw new RolecallError("refused", `this job runs the code of a fork: ${evidence}`, {
    hints: [
      "whoever opens a pull request would have the role; run this job in the repository itself, after the merge",
      "if the role is meant for forks: --allow-fork",
    ],
  });
}

/** A token that STS would refuse for certain. */
export function uselessToken({ token, because, ci }: FoundToken, now: number): RolecallError {
  if (audiencesOf(token.claims).length === 0)
    return new RolecallError("no-token", `the ID token (${because}) has no audience: expected one that AWS knows`, {
      hints: [
        ci?.ci === "jenkins"
          ? "fill in the audience of the credential in Jenkins"
          : "name one where the CI makes the token, and in the provider in IAM",
      ],
    });
  const ago = -(secondsLeft(token, now) ?? 0);
  return new RolecallError("no-token", `the ID token (${because}) ended ${span(ago)} ago by this machine's clock`, {
    hints: [
      ci?.ci === "gitlab"
        ? "GitLab's token lives as long as the job's timeout: raise timeout: in the job, or exchange earlier"
        : "this CI gives one token to a job: exchange earlier, or for longer with --duration",
    ],
  });
}

function span(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** @param skew seconds by which this clock is ahead of AWS's */
export function skewText(skew: number): string {
  const side = skew > 0 ? "ahead of" : "behind";
  return `this machine's clock is ${Math.abs(skew)} s ${side} AWS's, which refuses signed calls of a clock that is minutes off`;
}

export function otherSession({ role: got }: Credentials, role: RoleArn): RolecallError {
  return new RolecallError(
    "refused",
    `STS answered with another role: expected ${assumedRoleArn(role, "…")}, got ${got || "none"}`,
    { hints: ["the credentials were thrown away; is the endpoint AWS's own? --endpoint-url, AWS_ENDPOINT_URL"] },
  );
}
