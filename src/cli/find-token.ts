import type { Evidence } from "../ci/ci.ts";
import { CIS } from "../ci/index.ts";
import { RolecallError } from "../core/errors.ts";
import { isoSeconds } from "../core/iso-date.ts";
import { audiencesOf, showClaim, textClaim, timeClaim, type Token } from "../core/token.ts";
import { readIdToken, type TokenPlace } from "../wire/id-token.ts";
import type { Input } from "./command.ts";
import type { Io } from "./io.ts";
import type { TOKEN_OPTIONS } from "./job-options.ts";

type TokenInput = Input<typeof TOKEN_OPTIONS>["options"];

/** The job's ID token, and how it was found. */
export interface FoundToken {
  readonly token: Token;
  /** Where it can be read again. */
  readonly place: TokenPlace;
  /** null when no CI was recognised and the user named the place. */
  readonly ci: Evidence | null;
  /** Why this one: for `whoami` and `-v`. */
  readonly because: string;
}

/** Audiences that are meant for STS, whoever's token it is. Source: AWS documentation of the CI vendors. */
const STS_AUDIENCES = ["sts.amazonaws.com", "sts.amazonaws.com.cn"];

/**
 * Finds the job's ID token: where the user says, else where the CI puts it.
 *
 * @throws RolecallError `no-token` without CI or token, `usage` when several would do, `config` for no JWT
 */
export async function findToken(options: TokenInput, io: Io): Promise<FoundToken> {
  const audience = options.audience ?? io.env["ROLECALL_AUDIENCE"];
  const place = namedPlace(options);
  const found = place ? await readNamed(place, io) : findInCi(audience, io);
  checkAudience(found, audience);
  return found;
}

function namedPlace(options: TokenInput): TokenPlace | null {
  const { "token-env": name, "token-file": path } = options;
  if (name !== undefined && path !== undefined) {
    throw new RolecallError("usage", "--token-env and --token-file name two places: expected one");
  }
  if (name !== undefined) return { kind: "env", name };
  if (path === undefined) return null;
  return path === "-" ? { kind: "stdin" } : { kind: "file", path };
}

async function readNamed(place: TokenPlace, io: Io): Promise<FoundToken> {
  const token = await readIdToken(place, io);
  const option = place.kind === "env" ? `--token-env ${place.name}` : "--token-file";
  return { token, place, ci: detectCi(io)?.evidence ?? null, because: `named by ${option}` };
}

/** The CI that this process runs in. */
export function detectCi(io: Io): { ci: (typeof CIS)[number]; evidence: Evidence } | null {
  for (const ci of CIS) {
    const evidence = ci.detect(io.env);
    if (evidence) return { ci, evidence };
  }
  return null;
}

function findInCi(audience: string | undefined, io: Io): FoundToken {
  const detected = detectCi(io);
  if (!detected) throw noCi();
  const { ci, evidence } = detected;
  const { candidates, rejected } = ci.findTokens(io.env);
  const reasons = rejected.map(({ name, reason }) => `${name} is not taken: ${reason}`);
  if (candidates.length === 0) {
    throw new RolecallError("no-token", `no ID token in this ${ci.name} job (${evidence.because.join(", ")})`, {
      details: reasons,
      hints: ["add this to the job in the CI file:", ...ci.snippet(audience ? { audience } : {}).split("\n")],
    });
  }
  const fitting = candidates.filter(({ token }) => fits(token, audience, candidates.length));
  const [chosen, another] = fitting;
  if (chosen && !another) {
    const { name } = chosen.source as { name: string };
    return {
      token: chosen.token,
      place: { kind: "env", name },
      ci: evidence,
      because: `${name}, an ID token of this job`,
    };
  }
  throw undecided(candidates, fitting.length, audience);
}

/** Of several tokens the wanted audience decides; without one, only STS's own name is clear. */
function fits(token: Token, audience: string | undefined, count: number): boolean {
  const audiences = audiencesOf(token.claims);
  if (audience !== undefined) return count === 1 || audiences.includes(audience);
  return count === 1 || audiences.some((one) => STS_AUDIENCES.includes(one));
}

function undecided(
  candidates: readonly { source: object; token: Token }[],
  fitting: number,
  audience: string | undefined,
): RolecallError {
  const list = candidates.map(
    ({ source, token }) =>
      `${"name" in source ? String(source.name) : "?"} has the audience ${audiencesOf(token.claims).join(", ")}`,
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

function checkAudience({ token, because }: FoundToken, wanted: string | undefined): void {
  const audiences = audiencesOf(token.claims);
  if (wanted === undefined || audiences.includes(wanted)) return;
  throw new RolecallError(
    "no-token",
    `the ID token (${because}) is for another audience: expected ${wanted}, got ${audiences.join(", ") || "none"}`,
    { hints: [`set aud: ${wanted} under id_tokens: in the CI file, or drop --audience`] },
  );
}

function noCi(): RolecallError {
  return new RolecallError(
    "no-token",
    `no CI recognised: expected ${CIS.map(({ name }) => name).join(", ")}, and no --token-env or --token-file`,
    {
      hints: [
        "on a laptop, pretend a job: rolecall job gitlab --project acme/shop --branch main --audience AUD -- CMD",
        "or name the token: --token-file FILE, --token-env NAME",
      ],
    },
  );
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
