import { type Decision, decide, type Question } from "../core/decide.ts";
import { readSession } from "../core/session-claims.ts";
import { readToken, type Token } from "../core/token.ts";
import { cloudTrailEvent, type Recorded } from "./cloudtrail.ts";
import type { CloudTrailEvent, Exchange } from "./exchanges.ts";
import type { Answer, Origin } from "./operation.ts";
import { randomUuid } from "./random.ts";
import type { RoleRecord } from "./records.ts";
import { type IssuedSession, sessionNames } from "./sts-session.ts";
import type { WebIdentityCall } from "./sts-web-identity.ts";

/** What is known of an exchange when it is answered. */
export interface Outcome {
  readonly answer: Answer;
  readonly decision: Decision | null;
  /** What was decided; null when the token could not be read, or nothing was to be decided. */
  readonly question: Question | null;
  /** null when there are no credentials. */
  readonly issued: IssuedSession | null;
}

/**
 * What is kept of an exchange: everything but the token's signature and the credentials. Flat, and of what the account
 * holds anyway, so that a thousand of these are little for the collector to carry.
 */
interface Facts extends Pick<Question, "signature" | "provider" | "role" | "now"> {
  readonly time: number;
  /** Of the record in CloudTrail; drawn when it is first read. */
  eventId: string | null;
  readonly values: Recorded["request"];
  readonly origin: Origin;
  readonly account: string;
  readonly answer: Exchange["answer"];
  /** null when nothing was to be decided. */
  readonly request: Question["request"] | null;
  /** Where there was no question. */
  readonly decision: Decision | null;
  /** The session, when there is one: its role, key and end. */
  readonly holder: RoleRecord | null;
  readonly accessKeyId: string;
  readonly expiresAt: number;
}

const GRANTED: Exchange["answer"] = { status: 200, code: null, message: null };

/**
 * Keeps what an exchange was, to be described when it is read: nearly all are replaced by later ones before anybody
 * looks. Header and claims are kept as the token has them, without its signature. The claims and the Decision are made again then, from the same token and the same question: a thousand of
 * them held as objects would have the collector copy each of them, which costs more than to decide. Provider, role and
 * its policy are as they were, since records are replaced and never changed.
 */
export function recordExchange({ values, world, origin }: WebIdentityCall, outcome: Outcome): void {
  const { answer, decision, question, issued } = outcome;
  const { RoleArn, RoleSessionName, DurationSeconds } = values;
  const facts: Facts = {
    time: world.now(),
    eventId: null,
    values: { RoleArn, RoleSessionName, DurationSeconds },
    origin,
    account: world.store.identity.account,
    answer: answer.kind === "refused" ? { status: answer.status, code: answer.code, message: answer.message } : GRANTED,
    signature: question?.signature ?? "unchecked",
    provider: question?.provider ?? null,
    role: question?.role ?? null,
    request: question?.request ?? null,
    now: question?.now ?? 0,
    decision: question ? null : decision,
    holder: issued?.role ?? null,
    accessKeyId: issued?.accessKeyId ?? "",
    expiresAt: issued?.expiresAt ?? 0,
  };
  world.exchanges.add((unsigned) => describe(facts, unsigned), question ? withoutSignature(question.token) : "");
}

function withoutSignature({ raw }: Token): string {
  const text = raw.reveal();
  return text.slice(0, text.lastIndexOf("."));
}

function describe(facts: Facts, unsigned: string): Exchange {
  const token = facts.request ? readAgain(unsigned) : null;
  const { request, signature, provider, role, now } = facts;
  const decision = token && request ? decide({ token, request, signature, provider, role, now }) : facts.decision;
  const { alg, kid } = token?.header ?? {};
  return {
    time: new Date(facts.time).toISOString(),
    requestId: facts.origin.requestId,
    roleArn: facts.values.RoleArn,
    sessionName: facts.values.RoleSessionName,
    header: alg === undefined ? null : { alg, ...(kid === undefined ? {} : { kid }) },
    claims: token?.claims ?? null,
    decision,
    answer: facts.answer,
    session: issuedOf(facts)?.arn ?? null,
    event: eventOf(facts, token, decision),
  };
}

function issuedOf({ holder, values, account, accessKeyId, expiresAt }: Facts): Recorded["issued"] {
  return holder && { ...sessionNames(account, holder, values.RoleSessionName), accessKeyId, expiresAt };
}

function readAgain(unsigned: string): Token | null {
  const reading = readToken(`${unsigned}.`);
  return reading.kind === "token" ? reading.token : null;
}

/**
 * AWS logs what it gives and what trust policies deny, and no token that does not validate (re:Post,
 * iam-sts-invalididentitytoken). Of what is refused after the trust policy nothing is known: it is left out.
 */
function eventOf(facts: Facts, token: Token | null, decision: Decision | null): CloudTrailEvent | null {
  const { time, values: request, origin, account } = facts;
  const issued = issuedOf(facts);
  const logged = issued !== null || (decision?.outcome === "denied" && decision.cause === "not-authorized");
  if (!logged || !facts.provider || !token) return null;
  facts.eventId ??= randomUuid();
  const { claims } = token;
  const { session: content } = readSession(claims);
  const provider = facts.provider.arn;
  return cloudTrailEvent({ request, origin, account, provider, content, claims, time, eventId: facts.eventId, issued });
}
