import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { connect } from "node:tls";
import { isRolecallError, type RolecallError } from "../core/errors.ts";
import type { Token } from "../core/token.ts";
import { checkIssuer, type IssuerNetwork } from "../doctor/check-issuer.ts";
import { checkToken, checkTokenFile } from "../doctor/check-token.ts";
import { type Finding, findingsOf } from "../doctor/finding.ts";
import { fetchJson } from "../wire/discovery.ts";
import type { DoctorInput, DoctorPlace } from "./doctor-place.ts";
import { detectCi, findToken } from "./find-token.ts";
import type { Io } from "./io.ts";

const { bad, unknown } = findingsOf("token");

/** The job's token, or why there is none, and whether AWS could verify it. */
export async function checkJobToken(
  place: DoctorPlace,
  options: DoctorInput,
  io: Io,
): Promise<{ readonly token: Token | null; readonly findings: readonly Finding[] }> {
  const ofFile = await checkFile(options, io);
  try {
    const { token, because, ci } = await findToken(options, io, place.role?.partition);
    const ofToken = checkToken(token, because, place.role?.arn ?? "", io.now());
    const ofIssuer = options.offline ? [] : await checkIssuer(token, NETWORK, discoveryOf(place, ci?.ci));
    return { token, findings: [...ofFile, ...ofToken, ...ofIssuer] };
  } catch (error) {
    if (!isRolecallError(error)) throw error;
    return { token: null, findings: [...ofFile, noToken(error, io)] };
  }
}

/** A local AWS plays the issuers of the CIs that it knows. */
function discoveryOf({ isLocal, endpoint }: DoctorPlace, ci: string | undefined): URL | undefined {
  if (!isLocal || endpoint === null || ci === undefined) return undefined;
  return new URL(`/_rolecall/issuers/${encodeURIComponent(ci)}/.well-known/openid-configuration`, endpoint);
}

/** The file that clients read the token from. */
async function checkFile(options: DoctorInput, { env }: Io): Promise<readonly Finding[]> {
  const path = options["token-file"] ?? env["AWS_WEB_IDENTITY_TOKEN_FILE"];
  if (path === undefined || path === "" || path === "-") return [];
  try {
    return checkTokenFile(path, await readFile(path, "utf8"));
  } catch (error) {
    return [
      bad(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "error"}`, {
        failure: "F65",
        fix: "mount it, or write the ID token into it before",
      }),
    ];
  }
}

function noToken(error: RolecallError, io: Io): Finding {
  const detected = detectCi(io);
  const [first] = error.hints.filter((hint) => !hint.endsWith(":"));
  const fix = first === undefined ? {} : { fix: first };
  if (!detected) return unknown(`no token: ${error.message}`, fix);
  const says = [error.message, ...error.details].join("; ");
  const failure = FAILURES[detected.ci.id]?.(io.env, says);
  return bad(says, { ...fix, ...(failure === undefined ? {} : { failure }) });
}

/** Which entry of the catalogue a missing token is, by CI. */
const FAILURES: Readonly<Record<string, (env: Io["env"], says: string) => string | undefined>> = {
  github: (env) => {
    if (env["ACTIONS_ID_TOKEN_REQUEST_URL"]) return undefined;
    return env["GITHUB_ACTOR"] === "dependabot[bot]" ? "F23" : "F20";
  },
  gitlab: (_, says) =>
    /removed it/.test(says) ? "F78" : /does not hold a JWT|is not a JWT/.test(says) ? "F39" : "F79",
  bitbucket: () => "F80",
  circleci: () => "F80",
};

const TIMEOUT = 5000;

const NETWORK: IssuerNetwork = {
  getJson: fetchJson,
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  certificateProblem: (host, port) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, servername: host, rejectUnauthorized: false, timeout: TIMEOUT }, () => {
        const problem: unknown = socket.authorized ? null : socket.authorizationError;
        socket.destroy();
        resolve(problem === null ? null : problem instanceof Error ? problem.message : "not verified");
      });
      socket.on("timeout", () => socket.destroy(new Error(`no answer within ${TIMEOUT / 1000} s`)));
      socket.on("error", reject);
    }),
};
