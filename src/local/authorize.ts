import { Context } from "../core/conditions.ts";
import { permit, type PermitQuestion } from "../core/permit.ts";
import type { Policy } from "../core/policy.ts";
import { groupsOf } from "./iam-holders.ts";
import { attachedPolicy } from "./managed-policies.ts";
import type { Principal, RoleSession } from "./principal.ts";
import { type Holder, type IamState, policyOf, type RoleRecord, type UserRecord } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** A call whose signer is known. */
export interface SignedCall {
  readonly principal: Principal;
  /** `iam:CreateRole`. */
  readonly action: string;
  readonly resource: string;
  readonly region: string;
  readonly sourceIp: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Asks identity policies, boundary and session policy for a call; null when they permit it. */
export function authorize(call: SignedCall, iam: IamState): Refusal | null {
  const { principal, action, resource } = call;
  const answer = permit({ ...policiesOf(principal, iam), action, resource, context: contextOf(call) });
  if (answer.outcome === "allowed") return null;
  const why = answer.explicit
    ? `with an explicit deny in ${article(answer.by)} ${answer.by}`
    : `because no ${answer.by} allows the ${action} action`;
  return refuse(
    403,
    "AccessDenied",
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  );
}

function article(noun: string): string {
  return noun.startsWith("i") ? "an" : "a";
}

type Policies = Pick<PermitQuestion, "policies" | "boundary" | "session">;

function policiesOf(principal: Principal, iam: IamState): Policies {
  if (principal.kind === "user") return heldPolicies(principal.user, iam);
  const { role, session } = principal;
  const limits: readonly Policy[] = [
    ...(session.policy === null ? [] : [policyOf(session.policy)]),
    ...session.policyArns.map((arn) => attachedPolicy(iam, arn)),
  ];
  return { ...heldPolicies(role, iam), session: limits.length === 0 ? null : limits };
}

/** The identity policies of a role or of a user and the user's groups, and the boundary. */
function heldPolicies(holder: RoleRecord | UserRecord, iam: IamState): Policies {
  const { boundary } = holder;
  const holders: readonly Holder[] = "keys" in holder ? [holder, ...groupsOf(holder, iam)] : [holder];
  return {
    policies: holders.flatMap(({ inline, attached }) => [
      ...Object.values(inline).map(policyOf),
      ...attached.map((arn) => attachedPolicy(iam, arn)),
    ]),
    boundary: boundary === undefined ? null : attachedPolicy(iam, boundary),
  };
}

type Keys = readonly (readonly [string, string | readonly string[]])[];

// AWS IAM guide, global condition keys.
function contextOf(call: SignedCall): Context {
  const { principal } = call;
  return new Context([
    ...(principal.kind === "user" ? userKeys(principal.user, principal.account) : sessionKeys(principal)),
    ["aws:ResourceAccount", principal.account],
    ["aws:CurrentTime", new Date(call.now).toISOString()],
    ["aws:EpochTime", String(Math.floor(call.now / 1000))],
    ["aws:RequestedRegion", call.region],
    ["aws:SourceIp", call.sourceIp],
    ["aws:SecureTransport", "true"],
  ]);
}

/** The condition keys that tell of a role or user, whoever uses it. */
export function holderKeys(holder: Holder, account: string): Keys {
  return "keys" in holder
    ? userKeys(holder, account)
    : [
        ["aws:PrincipalArn", holder.arn],
        ["aws:PrincipalAccount", account],
        ["aws:PrincipalType", "AssumedRole"],
        ...tagKeys(holder),
      ];
}

function userKeys(user: Holder, account: string): Keys {
  return [
    ["aws:PrincipalArn", user.arn],
    ["aws:PrincipalAccount", account],
    ["aws:PrincipalType", "User"],
    ["aws:userid", user.id],
    ["aws:username", user.name],
    ...tagKeys(user),
  ];
}

function tagKeys({ tags }: Holder): Keys {
  return tags.map(({ key, value }) => [`aws:PrincipalTag/${key}`, value] as const);
}

// A web-identity session keeps some of its token; one of AssumeRole has none.
function sessionKeys({ role, session, account, userId }: RoleSession): Keys {
  const { provider, sourceIdentity } = session;
  const issuer = provider.replace(/^.*:oidc-provider\//, "");
  const federated: Keys = [
    ["aws:FederatedProvider", provider],
    [`${issuer}:sub`, session.subject],
    [`${issuer}:aud`, session.audience],
  ];
  return [
    ["aws:PrincipalArn", role.arn],
    ["aws:PrincipalAccount", account],
    ["aws:PrincipalType", "AssumedRole"],
    ["aws:userid", userId],
    ["aws:TokenIssueTime", new Date(session.issuedAt * 1000).toISOString()],
    ...(provider === "" ? [] : federated),
    ...(sourceIdentity === null ? [] : [["aws:SourceIdentity", sourceIdentity] as const]),
    ...tagKeys(role),
    ...Object.entries(session.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value] as const),
  ];
}
