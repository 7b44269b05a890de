import type { Evidence, JobCi, TokenSearch } from "../../ci/ci.ts";
import { findCi } from "../../ci/index.ts";
import { JOB_CIS } from "../../ci/job/index.ts";
import { RolecallError } from "../../core/errors.ts";
import { audiencesOf } from "../../core/token.ts";
import { describePlace } from "../../wire/id-token.ts";
import type { FoundToken } from "../find-token.ts";

/** What to change so that a job of this CI has an ID token, line by line. */
export function noTokenHints(id: string, audience: string | undefined): readonly string[] {
  const ci = findCi(id);
  if (!ci) return [];
  const lines = ci.snippet(audience ? { audience } : {}).split("\n");
  return lines.every((line) => line.startsWith("#"))
    ? lines.map((line) => line.replace(/^# /, ""))
    : ["add this to the job in the CI file:", ...lines];
}

export function noCi(): RolecallError {
  return new RolecallError(
    "no-token",
    `no CI recognised: expected ${JOB_CIS.map(({ name }) => name).join(", ")}, and no --token-env or --token-file`,
    {
      hints: [
        "on a laptop, pretend a job: rolecall job gitlab --project acme/shop --branch main --audience AUD -- CMD",
        "or name the token: --token-file FILE, --token-env NAME",
      ],
    },
  );
}

interface Detected {
  readonly ci: JobCi;
  readonly evidence: Evidence;
}

export function noToken(
  { rejected }: TokenSearch,
  audience: string | undefined,
  { ci, evidence }: Detected,
): RolecallError {
  return new RolecallError("no-token", `no ID token in this ${ci.name} job (${evidence.because.join(", ")})`, {
    details: rejected.map(({ name, reason }) => `${name} is not taken: ${reason}`),
    hints: noTokenHints(ci.id, audience),
  });
}

/** The CI was asked and gave none; when it did not answer, its file is not to blame. */
export function askedInVain(error: RolecallError, { id }: JobCi, audience: string | undefined): RolecallError {
  if (error.code !== "no-token") return error;
  const { message, details, hints } = error;
  return new RolecallError("no-token", message, {
    details,
    hints: [...hints, ...noTokenHints(id, audience)],
    cause: error,
  });
}

/** @param fitting how many of the candidates have the audience */
export function undecided(
  candidates: TokenSearch["candidates"],
  fitting: number,
  audience: string | undefined,
): RolecallError {
  const list = candidates.map(
    ({ source, token }) => `${describePlace(source)} has the audience ${audiencesOf(token.claims).join(", ")}`,
  );
  const none = audience !== undefined && fitting === 0;
  return new RolecallError(
    none ? "no-token" : "usage",
    none
      ? `none of the job's ${candidates.length} ID tokens has the audience ${audience}`
      : `this job has ${candidates.length} ID tokens: expected to be told which one is for AWS`,
    { details: list, hints: ["choose with --audience AUD or --token-env NAME"] },
  );
}

export function wrongAudience({ token, because, ci }: FoundToken, wanted: string): RolecallError {
  const got = audiencesOf(token.claims).join(", ") || "none";
  const hints =
    ci === null || ci.ci === "gitlab"
      ? [`set aud: ${wanted} under id_tokens: in the CI file, or drop --audience`]
      : [...noTokenHints(ci.ci, wanted), "or drop --audience"];
  return new RolecallError(
    "no-token",
    `the ID token (${because}) is for another audience: expected ${wanted}, got ${got}`,
    { hints },
  );
}
