import type { Env, Evidence, JobCi, TokenSearch } from "../../ci/ci.ts";
import { findCi } from "../../ci/index.ts";
import { JOB_CIS } from "../../ci/job/index.ts";
import { RolecallError } from "../../core/errors.ts";
import { audiencesOf } from "../../core/token.ts";
import { describePlace } from "../../wire/id-token.ts";
import type { FoundToken } from "../find-token.ts";

/** What to change so that a job of this CI has an ID token: where, the lines to paste, and what else may be the reason. */
export function noTokenHints(id: string, audience: string | undefined): readonly string[] {
  const ci = findCi(id);
  if (!ci) return [];
  const lines = ci.snippet(audience ? { audience } : {}).split("\n");
  const pasted = lines.filter((line) => !line.startsWith("#"));
  const told = lines.filter((line) => line.startsWith("#")).map((line) => line.replace(/^# /, ""));
  if (pasted.length === 0) return told;
  const where = ci.part === undefined ? ci.file : `${ci.part} in ${ci.file}`;
  return [`add to ${where}:`, ...pasted, ...told];
}

const POD_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE";

export function noCi(env: Env): RolecallError {
  return new RolecallError(
    "no-token",
    `no CI recognised: expected ${JOB_CIS.map(({ name }) => name).join(", ")}, and no --token-env, --token-file or --token-command`,
    {
      hints: [
        ...(env[POD_FILE] ? [`${POD_FILE} is set: --token-file "$${POD_FILE}" takes it`] : []),
        "on a laptop, pretend a job: rolecall job gitlab --project acme/shop --branch main --audience AUD -- CMD",
        "or name the token: --token-file FILE, --token-env NAME, --token-command CMD",
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
  env: Env,
): RolecallError {
  return new RolecallError("no-token", `no ID token in this ${ci.name} job (${evidence.because.join(", ")})`, {
    details: [...rejected.map(({ name, reason }) => `${name} is not taken: ${reason}`), ...podRefusal(rejected, env)],
    hints: noTokenHints(ci.id, audience),
  });
}

/** The token of what the runner stands on is somebody else, so it is only taken when it is asked for. */
function podRefusal(rejected: TokenSearch["rejected"], env: Env): readonly string[] {
  if (!env[POD_FILE] || rejected.some(({ name }) => name === POD_FILE)) return [];
  const pod = JOB_CIS.find((one) => ["fly", "eks", "kubernetes"].includes(one.id) && one.detect(env));
  return [
    `${POD_FILE} is not taken: it is the pod's or the machine's token, not this job's${pod ? `; --ci ${pod.id} takes it` : ""}`,
  ];
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

export function wrongAudience(found: FoundToken, wanted: string): RolecallError {
  const got = audiencesOf(found.token.claims).join(", ") || "none";
  return new RolecallError(
    "no-token",
    `the ID token (${found.because}) is for another audience: expected ${wanted}, got ${got}`,
    { hints: audienceHints(found, wanted, got) },
  );
}

function audienceHints({ ci: evidence }: FoundToken, wanted: string, got: string): readonly string[] {
  const ci = evidence ? findCi(evidence.ci) : undefined;
  if (ci?.fixedAudience) {
    return [`${ci.name} lets nobody choose the audience: register ${got} with the IAM provider, and drop --audience`];
  }
  if (!ci || ci.id === "gitlab") return [`set aud: ${wanted} under id_tokens: in the CI file, or drop --audience`];
  return [...noTokenHints(ci.id, wanted), "or drop --audience"];
}
