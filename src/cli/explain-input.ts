import type { Ci } from "../ci/ci.ts";
import { CIS, findCi } from "../ci/index.ts";
import type { Token } from "../core/token.ts";
import { parseDuration } from "../credentials/duration.ts";
import { makeSessionName } from "../credentials/session-name.ts";
import type { Request } from "../doctor/request.ts";
import type { RoleView } from "../doctor/role-view.ts";
import type { SignatureVerdict } from "../doctor/signature-verdict.ts";
import type { Input, Options } from "./command.ts";
import { detectCi, findToken } from "./find-token.ts";
import type { Io } from "./io.ts";
import { EXCHANGE_OPTIONS, TOKEN_OPTIONS } from "./job-options.ts";
import { FIX_FORMS } from "./render/fix-form.ts";
import { pretendedToken } from "./pretended-token.ts";
import { ROLE_SOURCE_OPTIONS, wantedAudience } from "./role-source.ts";
import { scopeWords } from "../ci/scope-words.ts";

export const EXPLAIN_OPTIONS = {
  ...TOKEN_OPTIONS,
  as: { type: "string", value: "JOB", help: "a job that does not exist: 'gitlab acme/shop branch=dev'" },
  ...ROLE_SOURCE_OPTIONS,
  duration: { type: "string", value: "TIME", help: "as the job asks for it: 900, 15m, 1h" },
  "session-name": EXCHANGE_OPTIONS["session-name"],
  jwks: { type: "string", value: "FILE", help: "check the signature by these keys, as the issuer's jwks_uri has them" },
  offline: { type: "boolean", help: "do not ask the issuer for its keys; the signature is then not checked" },
  error: { type: "string", value: "TEXT", help: "what STS or a tool said; - is standard input" },
  "sts-texts": {
    type: "string",
    value: "YEAR",
    choices: ["2026", "2025"],
    help: "2026 (the default), or 2025 for what STS said until then",
  },
  fix: {
    type: "string",
    value: "FORM",
    choices: FIX_FORMS,
    help: "print the first fix alone: aws, terraform, policy, patch, ci or rolecall",
  },
  json: { type: "boolean", help: "the decision with all its checks as JSON" },
} as const satisfies Options;

export type ExplainInput = Input<typeof EXPLAIN_OPTIONS>["options"];

/** The role as it was given: an ARN, a name in rolecall.yaml, or empty. */
export function givenRole(options: ExplainInput, io: Io): string {
  const variable = ROLE_SOURCE_OPTIONS.role.env.map((name) => io.env[name]).find((value) => value);
  return options.role ?? (options.policy === undefined && options.config === undefined ? (variable ?? "") : "");
}

/** The job's own token, or that of a job that does not exist. */
export async function readJobToken(options: ExplainInput, role: string, io: Io): Promise<Token> {
  if (options.as !== undefined) {
    return pretendedToken(options.as, options.audience ?? (await wantedAudience(options, role)), io.now());
  }
  // The audience chooses here, and must not be what stops us: that it is wrong is the explanation.
  const { token } = await findToken(options, io);
  return token;
}

function ciOf({ as, ci: named }: ExplainInput, io: Io): string | undefined {
  return as === undefined ? detectCi(io, named)?.ci.id : as.trim().split(/\s+/)[0];
}

/** The session's name where it was chosen, and by what. */
export function givenSessionName(options: ExplainInput, { env }: Io): { value: string; from: string } | null {
  const told = options["session-name"];
  if (told !== undefined) return { value: told, from: "--session-name" };
  const from = EXPLAIN_OPTIONS["session-name"].env.find((name) => env[name]);
  return from === undefined ? null : { value: env[from] ?? "", from };
}

/** The name that this job's session would have: trust policies may ask for it. */
function sessionNameOf(options: ExplainInput, io: Io): string {
  const detected = options.as === undefined ? detectCi(io, options.ci) : null;
  return givenSessionName(options, io)?.value ?? makeSessionName(detected?.ci.sessionName(io.env) ?? ["explain"]);
}

/** Of a token that was brought along: the vendor whose issuer it is. */
function ciOfIssuer(token: Token): Ci | undefined {
  return CIS.find(({ issuer }) => issuer !== null && issuer === token.claims["iss"]);
}

/** The token and the role, as the library wants to be asked. */
export function requestOf(
  token: Token,
  view: RoleView,
  signature: SignatureVerdict,
  options: ExplainInput,
  io: Io,
): Request {
  const ci = findCi(ciOf(options, io) ?? "") ?? ciOfIssuer(token) ?? null;
  const scope = ci?.scopeOf(token.claims) ?? null;
  const region = io.env["AWS_REGION"] || io.env["AWS_DEFAULT_REGION"];
  return {
    token,
    view,
    sessionName: sessionNameOf(options, io),
    ...(region ? { region } : {}),
    duration: options.duration === undefined ? undefined : parseDuration(options.duration, "--duration"),
    now: io.now(),
    ci,
    allowEntry: ci && scope ? scopeWords(ci, scope) : null,
    signature,
  };
}
