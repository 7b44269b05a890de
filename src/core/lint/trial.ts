import { decide, type Decision, type Provider } from "../decide.ts";
import type { Policy, Statement } from "../policy.ts";
import { Secret } from "../secret.ts";
import type { Claims, Token } from "../token.ts";
import { type ProbeRequest, USUAL_REQUEST } from "./request.ts";

/** What a probe stands for; from whom it is, seen from the role's owner. */
export type ProbeKind =
  /** Another customer of the issuer. */
  | "stranger"
  /** Another customer whose name begins or ends like the right one. */
  | "lookalike"
  /** Another customer, with a subject template of their own. */
  | "template"
  /** Another customer, by the workflow that is trusted. */
  | "caller"
  /** The same customer, another project. */
  | "member"
  /** As before, by a name made to fit. */
  | "crafted"
  /** The right project, another branch, tag or pull request. */
  | "branch"
  | "tag"
  | "near"
  | "pull-request"
  /** The right workspace, before anybody has approved. */
  | "plan"
  /** The right workflow at another ref. */
  | "workflow"
  /** The right job without a claim that is tested. */
  | "missing"
  /** No subject. */
  | "empty"
  /** The right names with other ids. */
  | "recycled"
  /** The right job with another audience of the provider. */
  | "audience"
  /** The right job with session tags of its choice. */
  | "tags"
  /** The job that the statement is for. */
  | "meant";

/** The farthest from the role's owner first; the others are the owner's own job. */
const BY_DISTANCE: readonly (readonly ProbeKind[])[] = [
  ["stranger", "lookalike", "template", "caller"],
  ["member", "crafted"],
  ["branch", "tag", "near", "pull-request", "plan"],
];

/** Another customer of the issuer. */
export function isOutsider(kind: ProbeKind): boolean {
  return distance(kind) === 0;
}

/** True when the first is farther from the role's owner. */
export function isMoreForeign(kind: ProbeKind, other: ProbeKind): boolean {
  return distance(kind) < distance(other);
}

function distance(kind: ProbeKind): number {
  const found = BY_DISTANCE.findIndex((kinds) => kinds.includes(kind));
  return found < 0 ? BY_DISTANCE.length : found;
}

export interface Probe {
  readonly kind: ProbeKind;
  readonly who: string;
  /** Without times, which the trial adds where they are not the point. */
  readonly claims: Claims;
  readonly sessionName: string;
  /** Of `missing`: the claim. */
  readonly claim?: string;
  readonly duration?: number;
  readonly assumed?: string;
}

const HEADER = { alg: "RS256", kid: "probe" };
const RAW = new Secret("");

interface Surroundings {
  readonly roleArn: string;
  readonly now: number;
  readonly maxSessionDuration?: number | null;
  readonly request?: ProbeRequest;
}

/** Decides about a probe's token, its signature taken as valid. */
export function tryProbe(
  policy: Policy,
  provider: Provider | null,
  { claims, sessionName, duration }: Pick<Probe, "claims" | "sessionName" | "duration">,
  { roleArn, now, maxSessionDuration, request = USUAL_REQUEST }: Surroundings,
): Decision {
  const seconds = Math.floor(now / 1000);
  const token: Token = {
    raw: RAW,
    header: HEADER,
    claims: { iat: seconds, exp: seconds + 300, ...claims },
  };
  return decide({
    token,
    signature: "valid",
    provider,
    role: { arn: roleArn, trust: policy, maxSessionDuration: maxSessionDuration ?? 3600 },
    request: { ...request.how, roleArn, sessionName, ...(duration === undefined ? {} : { duration }) },
    now,
  });
}

/** A policy of one Allow statement and every Deny: what it lets in, the whole policy does. */
export function alone(policy: Policy, statement: Statement): Policy {
  return { version: policy.version, statements: [statement, ...policy.statements.filter(isDeny)] };
}

function isDeny({ effect }: Statement): boolean {
  return effect === "Deny";
}
