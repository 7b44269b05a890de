import { findCi } from "../ci/index.ts";
import { assumedRoleArn } from "../core/arn.ts";
import { isRolecallError, type RolecallError } from "../core/errors.ts";
import type { Token } from "../core/token.ts";
import { explain } from "../doctor/explain.ts";
import { type Finding, findingsOf } from "../doctor/finding.ts";
import { uncheckedSignature } from "../doctor/signature.ts";
import { send } from "../wire/http.ts";
import { assume, planExchange } from "./assume.ts";
import type { DoctorInput, DoctorPlace } from "./doctor-place.ts";
import { detectCi } from "./find-token.ts";
import type { Io } from "./io.ts";
import { readRoleView } from "./role-source.ts";
import { scopeWords } from "../ci/scope-words.ts";

const clock = findingsOf("clock");
const policy = findingsOf("policy");
const session = findingsOf("session");

const TIMEOUT = 5000;
/** Seconds. AWS refuses signed calls of a clock that is off by five minutes; this is on the way there. */
const TOLERATED = 60;

/** AWS's clock, which every answer tells, beside this machine's. */
export async function checkClock({ endpoint, surroundings }: DoctorPlace, io: Io): Promise<readonly Finding[]> {
  if (endpoint === null) return [];
  try {
    const { date } = await send({ method: "GET", url: endpoint, timeout: TIMEOUT }, surroundings.env);
    if (date === null) return [clock.unknown(`${endpoint.origin} does not tell its clock`)];
    const skew = Math.round((io.now() - date.getTime()) / 1000);
    if (Math.abs(skew) <= TOLERATED) return [clock.good(`${endpoint.origin} answers, and its clock is this machine's`)];
    const says = `this machine's clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} AWS's`;
    return [clock.bad(says, { failure: "F53", fix: "set it by NTP" })];
  } catch (error) {
    if (!isRolecallError(error)) throw error;
    return [
      clock.bad(error.message, { failure: "F61", fix: error.hints[0] ?? "open the way to STS, or set HTTPS_PROXY" }),
    ];
  }
}

/** Provider and trust policy, where they can be read, judged as STS would. */
export async function checkPolicy(
  place: DoctorPlace,
  token: Token | null,
  options: DoctorInput,
  io: Io,
): Promise<readonly Finding[]> {
  const file = options["trust-policy"];
  if (token === null || (place.role === null && file === undefined)) return [];
  const { env } = io;
  if (file === undefined && (options.offline || !(env["AWS_ACCESS_KEY_ID"] || env["AWS_PROFILE"]))) {
    return [
      policy.unknown("the trust policy was not read: there are no credentials for IAM here", {
        fix: "--trust-policy FILE, with what aws iam get-role answered",
      }),
    ];
  }
  try {
    const source = {
      role: place.role?.arn,
      config: undefined,
      policy: file,
      "provider-audience": options["provider-audience"],
      "endpoint-url": endpointGiven(options, io),
    };
    const view = await readRoleView(source, place.role?.arn ?? "", token.claims);
    const ci = findCi(detectCi(io, options.ci)?.ci.id ?? "") ?? null;
    const scope = ci?.scopeOf(token.claims) ?? null;
    const { decision, refusal, allowance } = explain({
      token,
      view,
      sessionName: "doctor",
      duration: undefined,
      now: io.now(),
      ci,
      allowEntry: ci && scope ? scopeWords(ci, scope) : null,
      signature: uncheckedSignature("it is looked at with the issuer"),
    });
    if (decision.outcome === "allowed") {
      const more = allowance?.failure
        ? { failure: allowance.failure.id, fix: `rolecall help ${allowance.failure.id}` }
        : {};
      return [
        allowance?.failure
          ? policy.warning(`${view.from} allows this job, and others: ${allowance.failure.title}`, more)
          : policy.good(`${view.from} allows this job`),
      ];
    }
    const [fix] = refusal?.fixes ?? [];
    return [
      policy.bad(`${view.from} does not allow this job: ${refusal?.failure?.title ?? decision.messages["2026"]}`, {
        ...(refusal?.failure ? { failure: refusal.failure.id } : {}),
        fix: fix ? `${fix.where}: ${fix.text}` : "rolecall explain",
      }),
    ];
  } catch (error) {
    if (!isRolecallError(error)) throw error;
    return [policy.unknown(error.message, error.hints[0] === undefined ? {} : { fix: error.hints[0] })];
  }
}

function endpointGiven(options: DoctorInput, { env }: Io): string | undefined {
  return options["endpoint-url"] ?? env["AWS_ENDPOINT_URL"];
}

/** STS itself, asked once; what it gives is thrown away. And whose the keys are that are there already. */
export async function checkSession(
  place: DoctorPlace,
  token: Token | null,
  options: DoctorInput,
  io: Io,
): Promise<readonly Finding[]> {
  return [...(await checkExchange(place, token, options, io)), ...(await checkCaller(place, options, io))];
}

async function checkExchange(
  { role }: DoctorPlace,
  token: Token | null,
  options: DoctorInput,
  io: Io,
): Promise<readonly Finding[]> {
  if (role === null || token === null) return [];
  try {
    const plan = await planExchange(options, io);
    const { role: got } = await assume(
      { ...plan, end: plan.end ?? Date.now() + 2 * TIMEOUT },
      { quiet: true, verbose: false },
      io,
    );
    return [session.good(`STS gives this job ${got}`)];
  } catch (error) {
    if (!isRolecallError(error)) throw error;
    return [refused(error)];
  }
}

function refused(error: RolecallError): Finding {
  const [first] = error.hints;
  const [, failure, fix] = /^(F\d\d): (.*)$/.exec(first ?? "") ?? [];
  return session.bad(
    error.message,
    failure === undefined || fix === undefined ? (first === undefined ? {} : { fix: first }) : { failure, fix },
  );
}

async function checkCaller(
  { role, surroundings }: DoctorPlace,
  options: DoctorInput,
  io: Io,
): Promise<readonly Finding[]> {
  if (!io.env["AWS_ACCESS_KEY_ID"]) return [];
  const { callerIdentity } = await import("./chunks/aws-sdk.ts");
  try {
    const endpoint = endpointGiven(options, io);
    const { arn } = await callerIdentity({
      ...(endpoint === undefined ? {} : { endpoint }),
      region: options.region ?? io.env["AWS_REGION"] ?? "us-east-1",
    });
    const isRole = role !== null && arn.startsWith(assumedRoleArn(role, ""));
    return [
      // Outside a job they are somebody's own, to read IAM with.
      isRole || role === null || surroundings.ci === null
        ? session.good(`the keys of the environment are of ${arn}`)
        : session.warning(`the keys of the environment are of ${arn}, not of the role`, {
            failure: "F57",
            fix: "rolecall exec, which replaces them for its command",
          }),
    ];
  } catch (error) {
    if (!isRolecallError(error)) throw error;
    return [
      session.warning(`the keys of the environment do not work: ${error.message}`, {
        failure: "F57",
        fix: "take them away where they are set",
      }),
    ];
  }
}
