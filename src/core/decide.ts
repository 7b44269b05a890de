import { requestContext } from "./condition-keys.ts";
import { isoSeconds } from "./iso-date.ts";
import type { Policy } from "./policy.ts";
import { readSession } from "./session-claims.ts";
import { stsAnswer, type StsAnswer, type StsCause } from "./sts-answers.ts";
import { audiencesOf, type Claims, textClaim, timeClaim, type Token } from "./token.ts";
import { evaluateTrust } from "./trust.ts";

/** An IAM OpenID Connect provider. */
export interface Provider {
  readonly arn: string;
  /** Without scheme, as IAM returns it: `gitlab.com`, `oidc.circleci.com/org/<id>`. */
  readonly url: string;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
}

/** What became of the signature check, which needs keys and so is made elsewhere (wire/oidc). */
export type SignatureState =
  | "valid"
  | "invalid"
  /** alg is none, HS*, PS*, EdDSA …: not one that STS takes. */
  | "unsupported-algorithm"
  /** No key of the issuer fits the token's kid. */
  | "unknown-key"
  /** Discovery or JWKS could not be fetched, or was not JSON of the right form. */
  | "unreachable"
  /** Not tried: the Decision says what would hold if the signature were good. */
  | "unchecked";

/** The role asked for, as far as the decision needs it. */
export interface Role {
  readonly arn: string;
  readonly trust: Policy;
  /** Seconds. */
  readonly maxSessionDuration: number;
}

export interface AssumeRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** Seconds; undefined takes STS's default of 3600. */
  readonly duration?: number;
  readonly sourceIp?: string;
  readonly userAgent?: string;
  readonly secureTransport?: boolean;
  readonly region?: string;
}

export interface Question {
  readonly token: Token;
  readonly signature: SignatureState;
  /** The provider registered for the token's issuer in the role's account; null when there is none. */
  readonly provider: Provider | null;
  /** null when there is no such role. */
  readonly role: Role | null;
  readonly request: AssumeRequest;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type CheckKind =
  | "shape"
  | "claims"
  | "provider"
  | "signature"
  | "lifetime"
  | "audience"
  | "roles-claim"
  | "role"
  | "principal"
  | "action"
  | "condition"
  | "statement"
  | "trust"
  | "duration";

/** One comparison that was made: what was wanted, what the token or request had. */
export interface Check {
  readonly kind: CheckKind;
  readonly pass: boolean;
  /** What was compared: a claim (`exp`), a condition key (`gitlab.com:sub`), an element (`Principal`). */
  readonly subject: string;
  readonly wanted: string;
  readonly got: string;
  /** Index of the trust-policy statement, for the kinds that look at one. */
  readonly statement?: number;
  /** The action evaluated, for the same kinds. */
  readonly action?: string;
  /** Of that statement, when it is a Deny: a check that failed then kept the Deny from applying. */
  readonly effect?: "Deny";
  /** Why, where wanted and got do not say it. */
  readonly note?: string;
}

/** The error codes that STS answers AssumeRoleWithWebIdentity with, once the request is well formed. */
export type AwsErrorCode =
  | "InvalidIdentityToken"
  | "ExpiredTokenException"
  | "AccessDenied"
  | "ValidationError"
  | "InternalFailure";

/** STS named the cause until about mid-2026 ("2025"); since then one text covers several causes ("2026"). */
export type StsTexts = "2025" | "2026";

export type Decision =
  | {
      readonly outcome: "allowed";
      /** Index of the statement that allowed. */
      readonly statement: number;
      readonly checks: readonly Check[];
      readonly session: SessionClaims;
    }
  | {
      readonly outcome: "denied";
      /** What was wrong, finer than AWS says it. */
      readonly cause: StsCause;
      readonly code: AwsErrorCode;
      /** HTTP status of the answer. */
      readonly status: number;
      /** STS's own words, per generation. */
      readonly messages: Readonly<Record<StsTexts, string>>;
      /** The checks made, in order; the last one that failed is why. */
      readonly checks: readonly Check[];
    };

/** What the token gives to the session that comes of it. */
export interface SessionClaims {
  readonly subject: string;
  /** `azp` where the token has one, else the audience. */
  readonly audience: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | null;
}

/** STS allows this many seconds of difference between clocks. Measured, and documented for `exp`. */
export const LEEWAY = 300;

/** A step either passes, adding its checks, or ends the decision with STS's answer. */
type Step = { readonly checks: readonly Check[]; readonly answer?: StsAnswer };

/** Answers whether STS would give this token the role, with every comparison made on the way. */
export function decide(question: Question): Decision {
  const checks: Check[] = [];
  for (const step of STEPS) {
    const result = step(question);
    for (const check of result.checks) checks.push(check);
    if (result.answer) return { outcome: "denied", ...result.answer, checks };
  }
  const statement = checks.findLast((check) => check.kind === "trust")?.statement ?? 0;
  return { outcome: "allowed", statement, checks, session: readSession(question.token.claims).session };
}

// The mutual order of signature, times and audience is not known; the others are as recorded.
const STEPS = [header, claims, provider, signature, lifetime, audience, rolesClaim, trust, duration] as const;

function judge(check: Check, cause: StsCause, data?: Readonly<Record<string, string | number>>): Step {
  return check.pass ? { checks: [check] } : { checks: [check], answer: stsAnswer(cause, data) };
}

function header({ token }: Question): Step {
  const critical = token.header["crit"];
  return judge(
    {
      kind: "shape",
      pass: critical === undefined,
      subject: "crit",
      wanted: "a JWT without critical header extensions",
      got: critical === undefined ? "none" : JSON.stringify(critical),
    },
    "not-a-jwt",
  );
}

const REQUIRED = ["iss", "sub", "aud", "iat", "exp"];
const WANTED_CLAIMS = `the claims ${REQUIRED.join(", ")}`;

function claims({ token }: Question): Step {
  const held = token.claims;
  const missing = REQUIRED.find((name) => held[name] === undefined);
  const check: Check = {
    kind: "claims",
    pass: missing === undefined,
    subject: missing ?? "claims",
    wanted: WANTED_CLAIMS,
    got: missing ? `no ${missing}` : "all of them",
  };
  if (missing) return judge(check, "missing-claim", { claim: missing });
  return claimForms(held) ?? judge(check, "missing-claim");
}

const TIMES = ["iat", "exp", "nbf"];

function claimForms(held: Claims): Step | null {
  const refuse = (subject: string, wanted: string, cause: StsCause): Step =>
    judge({ kind: "claims", pass: false, subject, wanted, got: JSON.stringify(held[subject]) }, cause);
  if (held["sub"] === null) return refuse("sub", "text", "internal-failure");
  const aud = held["aud"];
  if (Array.isArray(aud) && aud.length === 0) return refuse("aud", "an audience", "empty-audience");
  if (Array.isArray(aud) && aud.length > 1 && held["azp"] === undefined) {
    return refuse("aud", "one audience, or azp beside several", "several-audiences");
  }
  const time = TIMES.find((name) => held[name] !== undefined && timeClaim(held[name]) === null);
  if (time) return refuse(time, "whole seconds since 1970", "bad-timestamp");
  const { problem } = readSession(held);
  return problem ? refuse(problem.claim, problem.wanted, problem.cause) : null;
}

function provider({ token, provider: registered, request }: Question): Step {
  const issuer = textClaim(token.claims, "iss") ?? JSON.stringify(token.claims["iss"]);
  return judge(
    {
      kind: "provider",
      pass: registered !== null,
      subject: "iss",
      wanted: `a provider for the issuer in account ${request.roleArn.split(":")[4] ?? "?"}`,
      got: registered ? registered.arn : `no provider for ${issuer}`,
    },
    "no-provider",
    { issuer },
  );
}

const SIGNATURES: Record<SignatureState, { pass: boolean; got: string; cause: StsCause }> = {
  valid: { pass: true, got: "valid", cause: "bad-signature" },
  unchecked: { pass: true, got: "not checked", cause: "bad-signature" },
  invalid: { pass: false, got: "not made by that key", cause: "bad-signature" },
  "unsupported-algorithm": { pass: false, got: "an algorithm that STS does not take", cause: "bad-signature" },
  "unknown-key": { pass: false, got: "no key of the issuer fits the token's kid", cause: "no-key" },
  unreachable: { pass: false, got: "the issuer's keys could not be fetched", cause: "no-key" },
};

function signature({ token, signature: state }: Question): Step {
  const { pass, got, cause } = SIGNATURES[state];
  const { alg, kid } = token.header;
  const found = `${got} (alg ${alg}, kid ${kid ?? "absent"})`;
  return judge(
    {
      kind: "signature",
      pass,
      subject: "signature",
      wanted: "RS or ES 256-512 by a published key of the issuer",
      got: found,
    },
    cause,
  );
}

function lifetime({ token, now }: Question): Step {
  const seconds = Math.floor(now / 1000);
  const earliest = seconds - LEEWAY;
  const latest = seconds + LEEWAY;
  const exp = timeClaim(token.claims["exp"]) ?? 0;
  const iat = timeClaim(token.claims["iat"]) ?? 0;
  const nbf = timeClaim(token.claims["nbf"]);
  const { after, upTo } = bounds(seconds);
  type Row = readonly [string, boolean, string, number, StsCause];
  const rows: Row[] = [
    ["exp", exp > earliest, after, exp, "expired"],
    ["iat", iat <= latest, upTo, iat, "not-yet-issued"],
  ];
  if (nbf !== null) rows.push(["nbf", nbf <= latest, upTo, nbf, "not-yet-valid"]);
  const checks: Check[] = [];
  for (const [subject, pass, wanted, value, cause] of rows) {
    checks.push({ kind: "lifetime", pass, subject, wanted, got: isoSeconds(value) });
    if (!pass) return { checks, answer: stsAnswer(cause, { earliest, latest, exp, iat, nbf: nbf ?? 0 }) };
  }
  return { checks };
}

let lastBounds = { second: Number.NaN, after: "", upTo: "" };

// Written once a second: the exchanges of a busy second all have the same.
function bounds(second: number): { readonly after: string; readonly upTo: string } {
  if (lastBounds.second !== second) {
    lastBounds = {
      second,
      after: `after ${isoSeconds(second - LEEWAY)} (now less ${LEEWAY} s)`,
      upTo: `up to ${isoSeconds(second + LEEWAY)} (now plus ${LEEWAY} s)`,
    };
  }
  return lastBounds;
}

function audience({ token, provider: registered }: Question): Step {
  const party = token.claims["azp"];
  const subject = party === undefined ? "aud" : "azp";
  const got = party === undefined ? (audiencesOf(token.claims)[0] ?? "") : party;
  const audiences = registered?.audiences ?? [];
  const pass = typeof got === "string" && got !== "" && audiences.includes(got);
  return judge(
    {
      kind: "audience",
      pass,
      subject,
      wanted:
        audiences.length > 0
          ? `one of the provider's audiences: ${audiences.join(", ")}`
          : "the provider has no audience",
      got: typeof got === "string" ? got : JSON.stringify(got),
    },
    "wrong-audience",
  );
}

const ROLES_CLAIM = "https://aws.amazon.com/roles";

// A claim of July 2026; measured to be looked at before the trust policy.
function rolesClaim({ token, request }: Question): Step {
  const value = token.claims[ROLES_CLAIM];
  if (value === undefined) return { checks: [] };
  const list = typeof value === "string" ? value.split(";") : Array.isArray(value) ? value : null;
  const check = (pass: boolean): Check => ({
    kind: "roles-claim",
    pass,
    subject: ROLES_CLAIM,
    wanted: request.roleArn,
    got: JSON.stringify(value),
  });
  if (!list) return judge(check(false), "roles-claim-format");
  const arns = list.filter((one) => typeof one === "string" && /^arn:[^:]+:iam::\d{12}:role\/./.test(one));
  if (arns.length === 0) return judge(check(false), "roles-claim-empty");
  return judge(check(arns.includes(request.roleArn)), "roles-claim-other");
}

function trust(question: Question): Step {
  const { role, request, provider: registered } = question;
  const exists: Check = {
    kind: "role",
    pass: role !== null,
    subject: "role",
    wanted: request.roleArn,
    got: role ? "exists" : "no such role",
  };
  if (!role || !registered) return judge({ ...exists, pass: false }, "not-authorized");
  const { session } = readSession(question.token.claims);
  const context = requestContext(question, registered, session);
  const checks = [exists];
  for (const action of actionsOf(session)) {
    const result = evaluateTrust(role.trust, registered, action, context);
    for (const check of result.checks) checks.push(check);
    if (!result.allowed) return { checks, answer: stsAnswer("not-authorized") };
  }
  return { checks };
}

// Tags and source identity are permissions of their own. AWS IAM guide, id_session-tags.
function actionsOf(session: SessionClaims): readonly string[] {
  const actions: string[] = [];
  if (Object.keys(session.tags).length > 0) actions.push("sts:TagSession");
  if (session.sourceIdentity !== null) actions.push("sts:SetSourceIdentity");
  actions.push("sts:AssumeRoleWithWebIdentity");
  return actions;
}

function duration({ role, request }: Question): Step {
  const wanted = request.duration ?? 3600;
  const maximum = role?.maxSessionDuration ?? 3600;
  return judge(
    {
      kind: "duration",
      pass: wanted <= maximum,
      subject: "DurationSeconds",
      wanted: `at most ${maximum} (the role's MaxSessionDuration)`,
      got: String(wanted),
    },
    "duration-over-maximum",
  );
}
