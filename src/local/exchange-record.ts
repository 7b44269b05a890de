import type { Decision } from "../core/decide.ts";
import { readSession } from "../core/session-claims.ts";
import type { Token } from "../core/token.ts";
import { cloudTrailEvent } from "./cloudtrail.ts";
import type { Exchange } from "./exchanges.ts";
import type { Answer } from "./operation.ts";
import type { IssuedSession } from "./sts-session.ts";
import type { WebIdentityCall } from "./sts-web-identity.ts";
import { findProvider } from "./token-provider.ts";

/** What is known of an exchange when it is answered. */
export interface Outcome {
  readonly answer: Answer;
  readonly decision: Decision | null;
  readonly token: Token | null;
  /** null when there are no credentials. */
  readonly issued: IssuedSession | null;
}

/** What is kept of an exchange: everything but the token and the credentials. */
export function describeExchange(call: WebIdentityCall, outcome: Outcome): Exchange {
  const { values, world, origin } = call;
  const { answer, decision, token, issued } = outcome;
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
    session: issued?.arn ?? null,
    event: eventOf(call, outcome),
  };
}

/**
 * AWS logs what it gives and what trust policies deny, and no token that does not validate (re:Post,
 * iam-sts-invalididentitytoken). Of what is refused after the trust policy nothing is known: it is left out.
 */
function eventOf({ values, world, origin }: WebIdentityCall, { decision, token, issued }: Outcome): Exchange["event"] {
  const logged = issued !== null || (decision?.outcome === "denied" && decision.cause === "not-authorized");
  const provider = token && findProvider(world.store.iam.providers.values(), token);
  if (!logged || !provider) return null;
  const { account } = world.store.identity;
  const { session: content } = readSession(token.claims);
  const about = { request: values, origin, account, provider: provider.arn, content, claims: token.claims };
  return cloudTrailEvent({ ...about, time: world.now(), issued });
}
