import { issuerName, readRoleArn, type RoleArn } from "../core/arn.ts";
import { type Decision, decide, type Provider } from "../core/decide.ts";
import { readIdentityPolicy } from "../core/policy.ts";
import { stsAnswer, type StsCause } from "../core/sts-answers.ts";
import { readToken, textClaim, type Token } from "../core/token.ts";
import { isLoopback } from "../wire/discovery.ts";
import { checkTokenSignature } from "../wire/oidc.ts";
import type { Exchange } from "./exchanges.ts";
import { type Answer, type Call, operation } from "./operation.ts";
import { integer, listOf, optional, structure, text, type Values } from "./parameters.ts";
import { trustOf } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { issueSession } from "./sts-session.ts";

const ARN = String.raw`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`;
const arn = text({ min: 20, max: 2048, pattern: ARN });

// Source: STS API model (botocore 1.43.11).
const parameters = {
  RoleArn: arn,
  RoleSessionName: text({ min: 2, max: 64, pattern: String.raw`[\w+=,.@-]*` }),
  WebIdentityToken: text({ min: 4, max: 20_000, sensitive: true }),
  ProviderId: optional(text({ min: 4, max: 2048 })),
  PolicyArns: optional(listOf(structure({ arn }), { max: 10 })),
  Policy: optional(text({ min: 1, max: 2048, pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+` })),
  DurationSeconds: optional(integer({ min: 900, max: 43_200 })),
};

type WebIdentityCall = Call<Values<typeof parameters>>;

/** What is known of an exchange when it is answered. */
interface Outcome {
  readonly answer: Answer;
  readonly decision: Decision | null;
  readonly token: Token | null;
  readonly session: string | null;
}

/** Trades an ID token for the credentials of a role session. Nobody signs this call. */
export const assumeRoleWithWebIdentity = operation({
  parameters,
  access: "nobody",
  run: async (call) => {
    const outcome = await exchange(call);
    call.world.exchanges.add(describe(call, outcome));
    return outcome.answer;
  },
});

async function exchange(call: WebIdentityCall): Promise<Outcome> {
  const refused = (answer: Refusal): Outcome => ({ answer, decision: null, token: null, session: null });
  const role = readRoleArn(call.values.RoleArn);
  if (!role) return refused(refuse(400, "ValidationError", "Request ARN is invalid"));
  const { ProviderId } = call.values;
  if (ProviderId !== undefined) return refused(foreignProvider(ProviderId));
  const reading = readToken(call.values.WebIdentityToken);
  if (reading.kind === "unreadable") return denied(unreadable(reading.reason), null, call);
  const { token } = reading;
  const decision = await decideCall(call, role, token);
  return decision.outcome === "denied" ? denied(decision, token, call) : allowed(decision, token, role, call);
}

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

function denied(decision: Denied, token: Token | null, { world }: WebIdentityCall): Outcome {
  const answer = refuse(decision.status, decision.code, decision.messages[world.stsTexts]);
  return { answer, decision, token, session: null };
}

function allowed(decision: Allowed, token: Token, role: RoleArn, call: WebIdentityCall): Outcome {
  const record = call.world.store.iam.roles.get(role.name);
  const { Policy: document } = call.values;
  const reading = document === undefined ? null : readIdentityPolicy(document);
  const issued =
    reading?.kind === "malformed"
      ? refuse(400, "MalformedPolicyDocument", reading.message)
      : record
        ? issueSession(call.world, call.values, record, decision.session, providerArnOf(call, token))
        : refuse(403, "AccessDenied", stsAnswer("not-authorized").messages["2026"]);
  if (issued.kind === "refused") return { answer: issued, decision, token, session: null };
  return { answer: { kind: "result", result: issued.result }, decision, token, session: issued.arn };
}

function providerArnOf({ world }: WebIdentityCall, token: Token): string {
  return findProvider(world.store.iam.providers.values(), token)?.arn ?? "";
}

async function decideCall({ values, world, origin }: WebIdentityCall, role: RoleArn, token: Token): Promise<Decision> {
  const { iam, identity } = world.store;
  // Provider and role are looked for in the role's account; there is one account here.
  const here = role.account === identity.account && role.partition === "aws";
  const provider = here ? findProvider(iam.providers.values(), token) : null;
  const record = here ? iam.roles.get(role.name) : undefined;
  const known = record?.arn === role.arn ? record : undefined;
  // Keys are asked for only where an account trusts the issuer: a stranger's token makes no request.
  const issuer = textClaim(token.claims, "iss");
  const signature = provider && issuer ? (await checkTokenSignature(token, issuer, world.findKeys)).state : "unchecked";
  return decide({
    token,
    signature,
    provider,
    role: known ? { arn: known.arn, trust: trustOf(known), maxSessionDuration: known.maxSessionDuration } : null,
    request: {
      roleArn: role.arn,
      sessionName: values.RoleSessionName,
      ...(values.DurationSeconds === undefined ? {} : { duration: values.DurationSeconds }),
      sourceIp: origin.sourceIp,
      ...(origin.userAgent === undefined ? {} : { userAgent: origin.userAgent }),
      // AWS is reached over TLS only, so policies that insist on it must hold here as well.
      secureTransport: true,
      region: origin.region,
    },
    now: world.now(),
  });
}

/** The provider of a token's issuer: exactly its URL, over https (or http, on this machine). */
function findProvider(providers: Iterable<Provider>, token: Token): Provider | null {
  const issuer = textClaim(token.claims, "iss") ?? "";
  if (!URL.canParse(issuer)) return null;
  const { protocol, hostname } = new URL(issuer);
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname))) return null;
  for (const provider of providers) if (provider.url === issuerName(issuer)) return provider;
  return null;
}

function describe({ values, world, origin }: WebIdentityCall, { answer, decision, token, session }: Outcome): Exchange {
  const { alg, kid } = token?.header ?? {};
  return {
    time: new Date(world.now()).toISOString(),
    requestId: origin.requestId,
    roleArn: values.RoleArn,
    sessionName: values.RoleSessionName,
    header: alg === undefined ? null : { alg, ...(kid === undefined ? {} : { kid }) },
    claims: token?.claims ?? null,
    decision,
    answer:
      answer.kind === "refused"
        ? { status: answer.status, code: answer.code, message: answer.message }
        : { status: 200, code: null, message: null },
    session,
  };
}
