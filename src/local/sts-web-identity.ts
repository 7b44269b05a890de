import { readRoleArn, type RoleArn } from "../core/arn.ts";
import {
  type AssumeRequest,
  type Decision,
  type Question,
  type Role,
  rule,
  type SessionClaims,
  type SignatureState,
} from "../core/decide.ts";
import { readIdentityPolicy } from "../core/policy.ts";
import { type StsAnswer, stsAnswer, type StsCause } from "../core/sts-answers.ts";
import { readToken, textClaim, type Token } from "../core/token.ts";
import { checkTokenSignature, checkWithKeys } from "../wire/oidc.ts";
import { decodeBase64Url } from "./base64url.ts";
import { type Outcome, recordExchange } from "./exchange-record.ts";
import { type Answer, type Call, operation } from "./operation.ts";
import { optional, text, type Values } from "./parameters.ts";
import { type RoleRecord, trustOf } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { issueSession } from "./sts-session.ts";
import { arn, policyArns, roleDuration, sessionName, sessionPolicy } from "./sts-shapes.ts";
import { renderWebIdentityResult, webIdentityFields } from "./sts-web-identity-xml.ts";
import { findProvider } from "./token-provider.ts";
import type { World } from "./world.ts";

// Source: STS API model (botocore 1.43.11).
const parameters = {
  RoleArn: arn,
  RoleSessionName: sessionName,
  WebIdentityToken: text({ min: 4, max: 20_000, sensitive: true }),
  ProviderId: optional(text({ min: 4, max: 2048 })),
  PolicyArns: policyArns,
  Policy: sessionPolicy,
  DurationSeconds: roleDuration,
};

export type WebIdentityCall = Call<Values<typeof parameters>>;

/** Trades an ID token for the credentials of a role session. Nobody signs this call. */
export const assumeRoleWithWebIdentity = operation({
  parameters,
  access: "nobody",
  run: (call) => {
    const kept = (outcome: Outcome): Answer => {
      recordExchange(call, outcome);
      return outcome.answer;
    };
    const outcome = exchange(call);
    return outcome instanceof Promise ? outcome.then(kept) : kept(outcome);
  },
});

function exchange(call: WebIdentityCall): Outcome | Promise<Outcome> {
  const refused = (answer: Refusal): Outcome => ({ ...NOTHING, answer });
  const role = readRoleArn(call.values.RoleArn);
  if (!role) return refused(refuse(400, "ValidationError", "Request ARN is invalid"));
  const { ProviderId } = call.values;
  if (ProviderId !== undefined) return refused(foreignProvider(ProviderId));
  const reading = readToken(call.values.WebIdentityToken, decodeBase64Url);
  if (reading.kind === "unreadable") {
    const decision = unreadable(reading.reason);
    return { ...NOTHING, answer: refusalOf(decision, call), decision };
  }
  const asked = questionOf(call, role, reading.token);
  const settle = (signature: SignatureState): Outcome => {
    // Member by member: a spread costs more here than to read the claims of the session.
    const { token, provider, role: known, request, now } = asked;
    const question: Question = { token, signature, provider, role: known, request, now };
    const ruling = rule(question);
    return ruling.outcome === "denied"
      ? { ...NOTHING, answer: refusalOf(ruling, call), question }
      : allowed(ruling.session, question, role, call);
  };
  const signature = checkSignature(asked, call.world);
  return signature instanceof Promise ? signature.then(settle) : settle(signature);
}

const NOTHING = { decision: null, question: null, issued: null };

// Captured from AWS; the text for another ProviderId than Amazon's is read out of code, not seen.
function foreignProvider(id: string): Refusal {
  return id === "www.amazon.com"
    ? refuse(400, "InvalidIdentityToken", "Provided Token is not a Login With Amazon token")
    : refuse(
        403,
        "AccessDenied",
        "Unrecognized OAuth provider. Do not include a provider parameter when submitting OpenIDConnect ID tokens",
      );
}

type Denied = Extract<Decision, { outcome: "denied" }>;

function unreadable(reason: string): Denied {
  const cause: StsCause = "not-a-jwt";
  const check = { kind: "shape", pass: false, subject: "token", wanted: "a JWT", got: reason } as const;
  return { outcome: "denied", ...stsAnswer(cause), checks: [check] };
}

function refusalOf({ status, code, messages }: StsAnswer, { world }: WebIdentityCall): Refusal {
  return refuse(status, code, messages[world.stsTexts]);
}

function allowed(claims: SessionClaims, question: Question, role: RoleArn, call: WebIdentityCall): Outcome {
  const providerArn = question.provider?.arn ?? "";
  const record = call.world.store.iam.roles.get(role.name);
  const { Policy: document } = call.values;
  const reading = document === undefined ? null : readIdentityPolicy(document);
  const issued =
    reading?.kind === "malformed"
      ? refuse(400, "MalformedPolicyDocument", reading.message)
      : record
        ? issueSession(call.world, call.values, record, claims, providerArn)
        : refuse(403, "AccessDenied", stsAnswer("not-authorized").messages["2026"]);
  if (issued.kind === "refused") return { ...NOTHING, answer: issued, question };
  const answered = { claims, issued, providerArn };
  const xml = renderWebIdentityResult(answered);
  const answer = { kind: "rendered", xml, fields: () => webIdentityFields(answered) } as const;
  return { answer, decision: null, question, issued };
}

/** Everything but what becomes of the signature. */
function questionOf(call: WebIdentityCall, role: RoleArn, token: Token): Omit<Question, "signature"> {
  const { world } = call;
  const { iam, identity } = world.store;
  // Provider and role are looked for in the role's account; there is one account here.
  const here = role.account === identity.account && role.partition === "aws";
  const provider = here ? findProvider(iam.providers.values(), token) : null;
  const record = here ? iam.roles.get(role.name) : undefined;
  // AWS was measured to answer AccessDenied for some seconds after a role and its provider were made.
  const now = world.now();
  const settled = !world.weather.settles(role.arn, now) && !(provider && world.weather.settles(provider.arn, now));
  const known = settled && record?.arn === role.arn ? record : undefined;
  return { token, provider, role: known ? roleOf(known) : null, request: requestOf(call, role), now };
}

const roles = new WeakMap<RoleRecord, Role>();

// Once for each record: a role that is changed is another record.
function roleOf(record: RoleRecord): Role {
  const known = roles.get(record);
  if (known) return known;
  const role = { arn: record.arn, trust: trustOf(record), maxSessionDuration: record.maxSessionDuration };
  roles.set(record, role);
  return role;
}

function requestOf({ values, origin }: WebIdentityCall, role: RoleArn): AssumeRequest {
  return {
    roleArn: role.arn,
    sessionName: values.RoleSessionName,
    sourceIp: origin.sourceIp,
    // AWS is reached over TLS only, so policies that insist on it must hold here as well.
    secureTransport: true,
    region: origin.region,
    duration: values.DurationSeconds,
    userAgent: origin.userAgent,
  };
}

// Keys are asked for only where an account trusts the issuer: a stranger's token makes no request.
function checkSignature(
  { token, provider }: Omit<Question, "signature">,
  { weather, keysAtHand, findKeys }: World,
): SignatureState | Promise<SignatureState> {
  const issuer = textClaim(token.claims, "iss");
  if (!provider || !issuer) return "unchecked";
  if (weather.hidesKey()) return "unreachable";
  const keys = keysAtHand(issuer);
  return keys
    ? checkWithKeys(token, keys).state
    : checkTokenSignature(token, issuer, findKeys).then(({ state }) => state);
}
