import { readFile } from "node:fs/promises";
import { isRolecallError, type RolecallError } from "../core/errors.ts";
import type { Token } from "../core/token.ts";
import { checkIssuer } from "../doctor/check-issuer.ts";
import { checkToken, checkTokenFile } from "../doctor/check-token.ts";
import { type Finding, findingsOf } from "../doctor/finding.ts";
import type { DoctorInput, DoctorPlace } from "./doctor-place.ts";
import { detectCi, findToken } from "./find-token.ts";
import type { Io } from "./io.ts";
import { askedIssuer } from "./issuer-network.ts";

const { bad, unknown } = findingsOf("token");

/** The job's token, or why there is none, and whether AWS could verify it. */
export async function checkJobToken(
  place: DoctorPlace,
  options: DoctorInput,
  io: Io,
): Promise<{ readonly token: Token | null; readonly findings: readonly Finding[] }> {
  const path = options["token-file"] ?? io.env["AWS_WEB_IDENTITY_TOKEN_FILE"];
  const ofFile = path === undefined || path === "" || path === "-" ? [] : await checkFile(path);
  try {
    const { token, because } = await findToken(options, io, place.role?.partition);
    const ofToken = checkToken(token, because, place.role?.arn ?? "", io.now());
    const ofIssuer = options.offline ? [] : await askIssuer(token, place, io);
    return { token, findings: [...ofFile, ...ofToken, ...ofIssuer] };
  } catch (error) {
    if (!isRolecallError(error)) throw error;
    return { token: null, findings: [...ofFile, noToken(error, io)] };
  }
}

async function askIssuer(token: Token, { endpoint }: DoctorPlace, io: Io): Promise<readonly Finding[]> {
  return (await checkIssuer(token, await askedIssuer(endpoint, token, io.env))).findings;
}

/** The file that clients read the token from. */
export async function checkFile(path: string): Promise<readonly Finding[]> {
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

/** Why there is no token, by the CI that should have given one. */
export function noToken(error: RolecallError, io: Io): Finding {
  const detected = detectCi(io);
  const [first] = error.hints.filter((hint) => !hint.endsWith(":"));
  const fix = first === undefined ? {} : { fix: first };
  if (!detected)
    return unknown("no token: this is no job of a CI, and none is named by --token-file or --token-env", fix);
  const says = [error.message, ...error.details].join("; ");
  const failure = FAILURES[detected.ci.id]?.(io.env, says);
  const more = failure === "F23" ? { fix: `${first ?? ""}; ${VARS}` } : fix;
  return bad(says, { ...more, ...(failure === undefined ? {} : { failure }) });
}

const VARS = "and keep role ARNs in variables (vars), since these runs see no secrets";

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
