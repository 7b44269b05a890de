import { randomUUID } from "node:crypto";

import { type Decision, decide, type Question } from "../core/decide.ts";
import { readSession } from "../core/session-claims.ts";
import { readToken, type Token } from "../core/token.ts";
import { type CloudTrailEvent, cloudTrailEvent, type Recorded } from "./cloudtrail.ts";
import type { Exchange } from "./exchanges.ts";
import type { Answer, Origin } from "./operation.ts";
import type { IssuedSession } from "./sts-session.ts";
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

/** What is kept of an exchange: everything but the token and the credentials. */
interface Facts {
  readonly time: number;
  readonly eventId: string;
  readonly request: Recorded["request"];
  readonly origin: Origin;
  readonly account: string;
  readonly answer: Exchange["answer"];
  /** Header and claims as the token has them, without its signature. */
  readonly unsigned: string | null;
  readonly question: Omit<Question, "token"> | null;
  /** Where there was no question. */
  readonly decision: Decision | null;
  readonly issued: Recorded["issued"];
}

/**
 * Keeps what an exchange was, and describes it when it is read: nearly all are replaced by later ones before anybody
 * looks. The claims and the Decision are made again then, from the same token and the same question: a thousand of
 * them held as objects would have the collector copy each of them, which costs more than to decide.
 */
export function recordExchange({ values, world, origin }: WebIdentityCall, outcome: Outcome): () => Exchange {
  const { answer, decision, question, issued } = outcome;
  const { RoleArn, RoleSessionName, DurationSeconds } = values;
  const facts: Facts = {
    time: world.now(),
    eventId: randomUUID(),
    request: { RoleArn, RoleSessionName, DurationSeconds },
    origin,
    account: world.store.identity.account,
    answer:
      answer.kind === "refused"
        ? { status: answer.status, code: answer.code, message: answer.message }
        : { status: 200, code: null, message: null },
    unsigned: question && withoutSignature(question.token),
    question: question && withoutToken(question),
    decision: question ? null : decision,
    issued: issued && withoutSecrets(issued),
  };
  return () => describe(facts);
}

function withoutSignature({ raw }: Token): string {
  const text = raw.reveal();
  return text.slice(0, text.lastIndexOf("."));
}

function withoutToken({ signature, provider, role, request, now }: Question): Omit<Question, "token"> {
  return { signature, provider, role, request, now };
}

function withoutSecrets({ arn, accessKeyId, roleSessionId, expiresAt }: IssuedSession): Recorded["issued"] {
  return { arn, accessKeyId, roleSessionId, expiresAt };
}

function describe(facts: Facts): Exchange {
  const token = facts.unsigned === null ? null : readAgain(facts.unsigned);
  const decision = token && facts.question ? decide({ ...facts.question, token }) : facts.decision;
  const { alg, kid } = token?.header ?? {};
  return {
    time: new Date(facts.time).toISOString(),
    requestId: facts.origin.requestId,
    roleArn: facts.request.RoleArn,
    sessionName: facts.request.RoleSessionName,
    header: alg === undefined ? null : { alg, ...(kid === undefined ? {} : { kid }) },
    claims: token?.claims ?? null,
    decision,
    answer: facts.answer,
    session: facts.issued?.arn ?? null,
    event: eventOf(facts, token, decision),
  };
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
  const { issued, question, time, eventId, request, origin, account } = facts;
  const logged = issued !== null || (decision?.outcome === "denied" && decision.cause === "not-authorized");
  if (!logged || !question?.provider || !token) return null;
  const { claims } = token;
  const { session: content } = readSession(claims);
  const provider = question.provider.arn;
  return cloudTrailEvent({ request, origin, account, provider, content, claims, time, eventId, issued });
}
