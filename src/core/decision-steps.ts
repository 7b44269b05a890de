import { requestContext } from "./condition-keys.ts";
import type { Check, Question, SessionClaims, SignatureState } from "./decide.ts";
import { isoSeconds } from "./iso-date.ts";
import type { SessionReading } from "./session-claims.ts";
import { stsAnswer, type StsAnswer, type StsCause } from "./sts-answers.ts";
import { audiencesOf, type Claims, type Json, textClaim, timeClaim } from "./token.ts";
import { trusts } from "./trust.ts";

/** STS allows this many seconds of difference between clocks. Measured, and documented for `exp`. */
export const LEEWAY = 300;

/**
 * A step either passes, which is null, or ends the decision with STS's answer. It adds what it compared to the checks,
 * where there are any: their texts are not even made for nobody (the arguments of a call on null are not evaluated).
 */
type Step = (question: Question, reading: SessionReading, checks: Check[] | null) => StsAnswer | null;

const header: Step = ({ token }, _, checks) => {
  const critical = token.header["crit"];
  checks?.push({
    kind: "shape",
    pass: critical === undefined,
    subject: "crit",
    wanted: "a JWT without critical header extensions",
    got: critical === undefined ? "none" : JSON.stringify(critical),
  });
  return critical === undefined ? null : stsAnswer("not-a-jwt");
};

const REQUIRED = ["iss", "sub", "aud", "iat", "exp"];
const WANTED_CLAIMS = `the claims ${REQUIRED.join(", ")}`;

const claims: Step = ({ token: { claims: held } }, reading, checks) => {
  const missing = REQUIRED.find((name) => held[name] === undefined);
  const malformed = missing === undefined ? malformedClaim(held, reading) : null;
  if (malformed) {
    const { subject, wanted, cause } = malformed;
    checks?.push({ kind: "claims", pass: false, subject, wanted, got: JSON.stringify(held[subject]) });
    return stsAnswer(cause);
  }
  checks?.push({
    kind: "claims",
    pass: missing === undefined,
    subject: missing ?? "claims",
    wanted: WANTED_CLAIMS,
    got: missing ? `no ${missing}` : "all of them",
  });
  return missing === undefined ? null : stsAnswer("missing-claim", { claim: missing });
};

const TIMES = ["iat", "exp", "nbf"];

interface MalformedClaim {
  readonly subject: string;
  readonly wanted: string;
  readonly cause: StsCause;
}

function malformedClaim(held: Claims, { problem }: SessionReading): MalformedClaim | null {
  if (held["sub"] === null) return { subject: "sub", wanted: "text", cause: "internal-failure" };
  const aud = held["aud"];
  if (Array.isArray(aud) && aud.length === 0) return { subject: "aud", wanted: "an audience", cause: "empty-audience" };
  if (Array.isArray(aud) && aud.length > 1 && held["azp"] === undefined) {
    return { subject: "aud", wanted: "one audience, or azp beside several", cause: "several-audiences" };
  }
  const time = TIMES.find((name) => held[name] !== undefined && timeClaim(held[name]) === null);
  if (time) return { subject: time, wanted: "whole seconds since 1970", cause: "bad-timestamp" };
  return problem && { subject: problem.claim, wanted: problem.wanted, cause: problem.cause };
}

const provider: Step = ({ token, provider: registered, request }, _, checks) => {
  const issuer = textClaim(token.claims, "iss") ?? JSON.stringify(token.claims["iss"]);
  checks?.push({
    kind: "provider",
    pass: registered !== null,
    subject: "iss",
    wanted: `a provider for the issuer in account ${request.roleArn.split(":")[4] ?? "?"}`,
    got: registered ? registered.arn : `no provider for ${issuer}`,
  });
  return registered ? null : stsAnswer("no-provider", { issuer });
};

const SIGNATURES: Record<SignatureState, { pass: boolean; got: string; cause: StsCause }> = {
  valid: { pass: true, got: "valid", cause: "bad-signature" },
  unchecked: { pass: true, got: "not checked", cause: "bad-signature" },
  invalid: { pass: false, got: "not made by that key", cause: "bad-signature" },
  "unsupported-algorithm": { pass: false, got: "an algorithm that STS does not take", cause: "bad-signature" },
  "unknown-key": { pass: false, got: "no key of the issuer fits the token's kid", cause: "no-key" },
  unreachable: { pass: false, got: "the issuer's keys could not be fetched", cause: "no-key" },
};

const signature: Step = ({ token, signature: state }, _, checks) => {
  const { pass, got, cause } = SIGNATURES[state];
  const { alg, kid } = token.header;
  checks?.push({
    kind: "signature",
    pass,
    subject: "signature",
    wanted: "RS or ES 256-512 by a published key of the issuer",
    got: `${got} (alg ${alg}, kid ${kid ?? "absent"})`,
  });
  return pass ? null : stsAnswer(cause);
};

const lifetime: Step = ({ token, now }, _, checks) => {
  const seconds = Math.floor(now / 1000);
  const earliest = seconds - LEEWAY;
  const latest = seconds + LEEWAY;
  const exp = timeClaim(token.claims["exp"]) ?? 0;
  const iat = timeClaim(token.claims["iat"]) ?? 0;
  const nbf = timeClaim(token.claims["nbf"]);
  const fails = (subject: string, pass: boolean, value: number): boolean => {
    checks?.push({ kind: "lifetime", pass, subject, wanted: boundOf(subject, seconds), got: isoSeconds(value) });
    return !pass;
  };
  const answer = (cause: StsCause): StsAnswer => stsAnswer(cause, { earliest, latest, exp, iat, nbf: nbf ?? 0 });
  if (fails("exp", exp > earliest, exp)) return answer("expired");
  if (fails("iat", iat <= latest, iat)) return answer("not-yet-issued");
  return nbf !== null && fails("nbf", nbf <= latest, nbf) ? answer("not-yet-valid") : null;
};

function boundOf(claim: string, now: number): string {
  return claim === "exp"
    ? `after ${isoSeconds(now - LEEWAY)} (now less ${LEEWAY} s)`
    : `up to ${isoSeconds(now + LEEWAY)} (now plus ${LEEWAY} s)`;
}

const audience: Step = ({ token, provider: registered }, _, checks) => {
  const party = token.claims["azp"];
  const got: Json = party === undefined ? (audiencesOf(token.claims)[0] ?? "") : party;
  const audiences = registered?.audiences ?? [];
  const pass = typeof got === "string" && got !== "" && audiences.includes(got);
  checks?.push({
    kind: "audience",
    pass,
    subject: party === undefined ? "aud" : "azp",
    wanted:
      audiences.length > 0
        ? `one of the provider's audiences: ${audiences.join(", ")}`
        : "the provider has no audience",
    got: typeof got === "string" ? got : JSON.stringify(got),
  });
  return pass ? null : stsAnswer("wrong-audience");
};

const ROLES_CLAIM = "https://aws.amazon.com/roles";

// A claim of July 2026; measured to be looked at before the trust policy.
const rolesClaim: Step = ({ token, request }, _, checks) => {
  const value = token.claims[ROLES_CLAIM];
  if (value === undefined) return null;
  const cause = rolesProblem(value, request.roleArn);
  const got = JSON.stringify(value);
  checks?.push({ kind: "roles-claim", pass: cause === null, subject: ROLES_CLAIM, wanted: request.roleArn, got });
  return cause && stsAnswer(cause);
};

function rolesProblem(value: Json, roleArn: string): StsCause | null {
  const list: readonly unknown[] | null =
    typeof value === "string" ? value.split(";") : Array.isArray(value) ? value : null;
  if (!list) return "roles-claim-format";
  const arns = list.filter((one) => typeof one === "string" && /^arn:[^:]+:iam::\d{12}:role\/./.test(one));
  if (arns.length === 0) return "roles-claim-empty";
  return arns.includes(roleArn) ? null : "roles-claim-other";
}

const trust: Step = (question, { session }, checks) => {
  const { role, request, provider: registered } = question;
  checks?.push({
    kind: "role",
    pass: role !== null && registered !== null,
    subject: "role",
    wanted: request.roleArn,
    got: role ? "exists" : "no such role",
  });
  if (!role || !registered) return stsAnswer("not-authorized");
  const context = requestContext(question, registered, session);
  const allowed = actionsOf(session).every((action) =>
    trusts(role.trust, { provider: registered, action, context, checks }),
  );
  return allowed ? null : stsAnswer("not-authorized");
};

const ASSUME = "sts:AssumeRoleWithWebIdentity";
const ASSUME_ONLY = [ASSUME];

// Tags and source identity are permissions of their own. AWS IAM guide, id_session-tags.
function actionsOf(session: SessionClaims): readonly string[] {
  const tagged = Object.keys(session.tags).length > 0;
  if (!tagged && session.sourceIdentity === null) return ASSUME_ONLY;
  return [
    ...(tagged ? ["sts:TagSession"] : []),
    ...(session.sourceIdentity === null ? [] : ["sts:SetSourceIdentity"]),
    ASSUME,
  ];
}

const duration: Step = ({ role, request }, _, checks) => {
  const wanted = request.duration ?? 3600;
  const maximum = role?.maxSessionDuration ?? 3600;
  checks?.push({
    kind: "duration",
    pass: wanted <= maximum,
    subject: "DurationSeconds",
    wanted: `at most ${maximum} (the role's MaxSessionDuration)`,
    got: String(wanted),
  });
  return wanted <= maximum ? null : stsAnswer("duration-over-maximum");
};

/** What STS looks at, in its order. The mutual order of signature, times and audience is not known; the others are as recorded. */
export const STEPS: readonly Step[] = [
  header,
  claims,
  provider,
  signature,
  lifetime,
  audience,
  rolesClaim,
  trust,
  duration,
];
