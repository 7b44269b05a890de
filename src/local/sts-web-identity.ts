import { readRoleArn, type RoleArn } from "../core/arn.ts";
import { type AssumeRequest, type Decision, decide, type Question, type SignatureState } from "../core/decide.ts";
import { readIdentityPolicy } from "../core/policy.ts";
import { stsAnswer, type StsCause } from "../core/sts-answers.ts";
import { type Base64UrlDecoder, readToken, textClaim, type Token } from "../core/token.ts";
import { checkTokenSignature } from "../wire/oidc.ts";
import { type Outcome, recordExchange } from "./exchange-record.ts";
import { type Call, operation } from "./operation.ts";
import { optional, text, type Values } from "./parameters.ts";
import { trustOf } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { issueSession } from "./sts-session.ts";
import { arn, policyArns, roleDuration, sessionName, sessionPolicy } from "./sts-shapes.ts";
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
  run: async (call) => {
    const outcome = await exchange(call);
    call.world.exchanges.add(recordExchange(call, outcome));
    return outcome.answer;
  },
});

async function exchange(call: WebIdentityCall): Promise<Outcome> {
  const refused = (answer: Refusal): Outcome => ({ ...NOTHING, answer });
  const role = readRoleArn(call.values.RoleArn);
  if (!role) return refused(refuse(400, "ValidationError", "Request ARN is invalid"));
  const { ProviderId } = call.values;
  if (ProviderId !== undefined) return refused(foreignProvider(ProviderId));
  const reading = readToken(call.values.WebIdentityToken, decodeBase64Url);
  if (reading.kind === "unreadable") return denied(unreadable(reading.reason), null, call);
  const question = await questionOf(call, role, reading.token);
  const decision = decide(question);
  return decision.outcome === "denied" ? denied(decision, question, call) : allowed(decision, question, role, call);
}

const NOTHING = { decision: null, question: null, issued: null };

const decodeBase64Url: Base64UrlDecoder = (part) => Buffer.from(part, "base64url").toString("latin1");

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
type Allowed = Extract<Decision, { outcome: "allowed" }>;

function unreadable(reason: string): Denied {
  const cause: StsCause = "not-a-jwt";
  const check = { kind: "shape", pass: false, subject: "token", wanted: "a JWT", got: reason } as const;
  return { outcome: "denied", ...stsAnswer(cause), checks: [check] };
}

function denied(decision: Denied, question: Question | null, { world }: WebIdentityCall): Outcome {
  const answer = refuse(decision.status, decision.code, decision.messages[world.stsTexts]);
  return { answer, decision, question, issued: null };
}

function allowed(decision: Allowed, question: Question, role: RoleArn, call: WebIdentityCall): Outcome {
  const providerArn = question.provider?.arn ?? "";
  const record = call.world.store.iam.roles.get(role.name);
  const { Policy: document } = call.values;
  const reading = document === undefined ? null : readIdentityPolicy(document);
  const issued =
    reading?.kind === "malformed"
      ? refuse(400, "MalformedPolicyDocument", reading.message)
      : record
        ? issueSession(call.world, call.values, record, decision.session, providerArn)
        : refuse(403, "AccessDenied", stsAnswer("not-authorized").messages["2026"]);
  if (issued.kind === "refused") return { answer: issued, decision, question, issued: null };
  const { session } = decision;
  const result = {
    Audience: session.audience,
    AssumedRoleUser: issued.user,
    Provider: providerArn,
    Credentials: issued.credentials,
    SubjectFromWebIdentityToken: session.subject,
    PackedPolicySize: issued.packed,
    SourceIdentity: session.sourceIdentity ?? undefined,
  };
  return { answer: { kind: "result", result }, decision, question, issued };
}

async function questionOf(call: WebIdentityCall, role: RoleArn, token: Token): Promise<Question> {
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
  // Keys are asked for only where an account trusts the issuer: a stranger's token makes no request.
  const issuer = textClaim(token.claims, "iss");
  const signature = provider && issuer ? await checkSignature(token, issuer, world) : "unchecked";
  const asked = known ? { arn: known.arn, trust: trustOf(known), maxSessionDuration: known.maxSessionDuration } : null;
  return { token, signature, provider, role: asked, request: requestOf(call, role), now };
}

function requestOf({ values, origin }: WebIdentityCall, role: RoleArn): AssumeRequest {
  return {
    roleArn: role.arn,
    sessionName: values.RoleSessionName,
    sourceIp: origin.sourceIp,
    // AWS is reached over TLS only, so policies that insist on it must hold here as well.
    secureTransport: true,
    region: origin.region,
    ...(values.DurationSeconds === undefined ? {} : { duration: values.DurationSeconds }),
    ...(origin.userAgent === undefined ? {} : { userAgent: origin.userAgent }),
  };
}

async function checkSignature(token: Token, issuer: string, { weather, findKeys }: World): Promise<SignatureState> {
  return weather.hidesKey() ? "unreachable" : (await checkTokenSignature(token, issuer, findKeys)).state;
}
