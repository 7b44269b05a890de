import type { Evidence, JobCi, TokenSearch, TokenSource } from "../ci/ci.ts";
import { findJobCi, JOB_CIS } from "../ci/job/index.ts";
import type { Partition } from "../core/arn.ts";
import { isRolecallError, RolecallError } from "../core/errors.ts";
import { isoSeconds } from "../core/iso-date.ts";
import { audiencesOf, showClaim, textClaim, timeClaim, type Token } from "../core/token.ts";
import { describePlace, readIdToken, type TokenPlace } from "../wire/id-token.ts";
import type { Input } from "./command.ts";
import type { Io } from "./io.ts";
import type { TOKEN_OPTIONS } from "./job-options.ts";

type TokenInput = Input<typeof TOKEN_OPTIONS>["options"];

/** Where a token can be read again. */
export type FoundPlace =
  | TokenPlace
  /** The CI gives a new one at any time; the audience, when it was named. */
  | { readonly kind: "ci"; readonly audience?: string };

interface DetectedCi {
  readonly ci: JobCi;
  readonly evidence: Evidence;
}

/** The job's ID token, and how it was found. */
export interface FoundToken {
  readonly token: Token;
  readonly place: FoundPlace;
  /** null when no CI was recognised and the user named the place. */
  readonly ci: Evidence | null;
  /** Why this one: for `whoami` and `-v`. */
  readonly because: string;
}

/** Audiences that are meant for STS, whoever's token it is. Source: AWS documentation of the CI vendors. */
const STS_AUDIENCES = ["sts.amazonaws.com", "sts.amazonaws.com.cn", "aws.workload.identity"];

/**
 * Finds the job's ID token: where the user says, else where the CI puts it, else by asking the CI.
 *
 * @param partition of the role: it decides which audience is asked for when none is named
 * @throws RolecallError `no-token` without CI or token, `usage` when several would do, `config` for no
 *   JWT, `unavailable` when the CI does not answer
 */
export async function findToken(options: TokenInput, io: Io, partition: Partition = "aws"): Promise<FoundToken> {
  const audience = options.audience ?? io.env["ROLECALL_AUDIENCE"];
  const detected = detectCi(io, options.ci);
  const place = await namedPlace(options);
  const found = place ? await readNamed(place, detected, io) : await findInCi(detected, audience, partition, io);
  await checkAudience(found, audience);
  return found;
}

const PLACES = ["token-env", "token-file", "token-command"] as const;

async function namedPlace(options: TokenInput): Promise<TokenPlace | null> {
  const [option, other] = PLACES.filter((name) => options[name] !== undefined);
  if (option === undefined) return null;
  if (other) throw new RolecallError("usage", `--${option} and --${other} name two places: expected one`);
  const value = options[option] ?? "";
  if (option === "token-env") return { kind: "env", name: value };
  if (option === "token-file") return value === "-" ? { kind: "stdin" } : { kind: "file", path: value };
  const { splitCommand } = await import("./chunks/split-command.ts");
  return { kind: "command", command: splitCommand(value, "--token-command") };
}

async function readNamed(place: TokenPlace, detected: DetectedCi | null, io: Io): Promise<FoundToken> {
  const token = await readIdToken(place, io);
  const option = place.kind === "env" ? `env ${place.name}` : place.kind === "command" ? "command" : "file";
  return { token, place, ci: detected?.evidence ?? null, because: `named by --token-${option}` };
}

/**
 * The CI that this process runs in.
 *
 * @param named the CI that the user says it is
 * @throws RolecallError `usage` when that one does not exist
 */
export function detectCi(io: Io, named?: string): DetectedCi | null {
  if (named !== undefined) {
    const ci = findJobCi(named);
    if (ci) return { ci, evidence: { ci: named, because: ["named by --ci"] } };
    const known = JOB_CIS.map(({ id }) => id).join(", ");
    throw new RolecallError("usage", `--ci: there is no CI ${JSON.stringify(named)}: expected ${known}`);
  }
  for (const ci of JOB_CIS) {
    const evidence = ci.detect(io.env);
    if (evidence) return { ci, evidence };
  }
  return null;
}

async function findInCi(
  detected: DetectedCi | null,
  audience: string | undefined,
  partition: Partition,
  io: Io,
): Promise<FoundToken> {
  if (!detected) throw (await explanations()).noCi(io.env);
  const { ci, evidence } = detected;
  // GitHub and others: in China STS has a name of its own.
  const search = ci.findTokens(io.env, audience ?? (partition === "aws-cn" ? STS_AUDIENCES[1] : STS_AUDIENCES[0]));
  const held = await chooseHeld(search, audience, io);
  return { ...(held ?? (await askCi(search, audience, detected, io))), ci: evidence };
}

/** Why there is no token is loaded only when there is none. */
function explanations() {
  return import("./chunks/no-token.ts");
}

type Chosen = Omit<FoundToken, "ci">;

/** The one token of those that the job already has, or null when the CI is to be asked. */
async function chooseHeld(search: TokenSearch, audience: string | undefined, io: Io): Promise<Chosen | null> {
  const { candidates, ask } = search;
  const usable = ask ? candidates.filter(({ token }) => serves(token, audience, io)) : candidates;
  if (usable.length === 0) return null;
  const fitting = usable.filter(({ token }) => fits(token, audience, usable.length));
  const [chosen, another] = fitting;
  if (!chosen || another) throw (await explanations()).undecided(usable, fitting.length, audience);
  const because = `${describePlace(chosen.source)}, an ID token of this job`;
  return { token: chosen.token, place: placeOf(chosen.source, search, audience), because };
}

/** A token that is nearly over, or for somebody else, is not worth keeping where another can be asked for. */
function serves(token: Token, audience: string | undefined, io: Io): boolean {
  const left = secondsLeft(token, io.now());
  return (left === null || left > 60) && (audience === undefined || audiencesOf(token.claims).includes(audience));
}

/** A CI that can be asked is asked again; otherwise the same place is read again. */
function placeOf(source: TokenSource, { ask }: TokenSearch, audience: string | undefined): FoundPlace {
  if (source.kind !== "request" && (!ask || ask.kind === "file")) return source;
  return { kind: "ci", ...(audience === undefined ? {} : { audience }) };
}

async function askCi(search: TokenSearch, audience: string | undefined, detected: DetectedCi, io: Io): Promise<Chosen> {
  const { ask } = search;
  if (!ask) throw (await explanations()).noToken(search, audience, detected, io.env);
  try {
    const [token, because] =
      ask.kind === "request"
        ? [
            await (await import("./chunks/token-endpoint.ts")).readTokenEndpoint(ask, io.env),
            `the answer of ${ask.from}`,
          ]
        : [await readIdToken(ask, io), describePlace(ask)];
    return { token, place: placeOf(ask, search, audience), because };
  } catch (error) {
    throw isRolecallError(error) ? (await explanations()).askedInVain(error, detected.ci, audience) : error;
  }
}

/** Of several tokens the wanted audience decides; without one, only STS's own name is clear. */
function fits(token: Token, audience: string | undefined, count: number): boolean {
  const audiences = audiencesOf(token.claims);
  if (audience !== undefined) return count === 1 || audiences.includes(audience);
  return count === 1 || audiences.some((one) => STS_AUDIENCES.includes(one));
}

async function checkAudience(found: FoundToken, wanted: string | undefined): Promise<void> {
  if (wanted === undefined || audiencesOf(found.token.claims).includes(wanted)) return;
  throw (await explanations()).wrongAudience(found, wanted);
}

/** Seconds until the token ends; negative when it has. */
export function secondsLeft(token: Token, now: number): number | null {
  const exp = timeClaim(token.claims["exp"]);
  return exp === null ? null : exp - Math.floor(now / 1000);
}

/** The claims that decide, for a person to read; never the token. */
export function describeToken(token: Token): readonly (readonly [string, string])[] {
  const exp = timeClaim(token.claims["exp"]);
  return [
    ["iss", textClaim(token.claims, "iss") ?? "absent"],
    ["aud", audiencesOf(token.claims).join(", ") || "absent"],
    ["sub", showClaim(token.claims, "sub") || "absent"],
    ["exp", exp === null ? showClaim(token.claims, "exp") || "absent" : isoSeconds(exp)],
  ];
}
