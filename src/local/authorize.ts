import { Context } from "../core/conditions.ts";
import { type Permit, permit, type PermitQuestion } from "../core/permit.ts";
import type { Policy } from "../core/policy.ts";
import { groupsOf } from "./iam-holders.ts";
import { attachedPolicy } from "./managed-policies.ts";
import type { Principal, RoleSession, User } from "./principal.ts";
import { type Holder, type IamState, policyOf, type RoleRecord, type UserRecord } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { mfaKeys } from "./sts-mfa.ts";
import { subjectKeys } from "./sts-saml-context.ts";

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
  /** Condition keys of this call alone. */
  readonly keys?: Keys;
}

/** Asks identity policies, boundary and session policy for a call; null when they permit it. */
export function authorize(call: SignedCall, iam: IamState): Refusal | null {
  const answer = askPolicies(call, iam);
  return answer.outcome === "allowed" ? null : explainDenial(call, answer);
}

/** What identity policies, boundary and session policy say of a call. */
export function askPolicies(call: SignedCall, iam: IamState): Permit {
  const { principal, action, resource } = call;
  return permit({ ...policiesOf(principal, iam), action, resource, context: contextOf(call) });
}

/** A denial in AWS's words. AWS IAM guide, troubleshoot_access-denied. */
export function explainDenial(
  { principal, action, resource }: SignedCall,
  answer: Extract<Permit, { outcome: "denied" }>,
): Refusal {
  const why = answer.explicit
    ? `with an explicit deny in ${article(answer.by)} ${answer.by}`
    : `because no ${answer.by} allows the ${action} action`;
  // STS says nothing of a resource where there is none: in many reports of DecodeAuthorizationMessage.
  const where = resource === "*" && action.startsWith("sts:") ? "" : `on resource: ${resource} `;
  return refuse(403, "AccessDenied", `User: ${principal.arn} is not authorized to perform: ${action} ${where}${why}`);
}

function article(noun: string): string {
  return noun.startsWith("i") ? "an" : "a";
}

type Policies = Pick<PermitQuestion, "policies" | "boundary" | "session" | "scopes">;

function policiesOf(principal: Principal, iam: IamState): Policies {
  if (principal.kind === "user") {
    const { user, federated, scopes = [] } = principal;
    // Without session policies a federated user may do nothing. STS API reference, GetFederationToken.
    const session = federated ? sessionPolicies(federated, iam) : null;
    return { ...heldPolicies(user, iam), session, scopes: scopes.map(policyOf) };
  }
  const { role, session } = principal;
  const limits = sessionPolicies(session, iam);
  const scopes = (session.scopes ?? []).map(policyOf);
  return { ...heldPolicies(role, iam), session: limits.length === 0 ? null : limits, scopes };
}

type Limited = Pick<RoleSession["session"], "policy" | "policyArns">;

function sessionPolicies({ policy, policyArns }: Limited, iam: IamState): readonly Policy[] {
  return [...(policy === null ? [] : [policyOf(policy)]), ...policyArns.map((arn) => attachedPolicy(iam, arn))];
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
    ...(principal.kind === "user" ? callerKeys(principal) : sessionKeys(principal)),
    ...mfaKeys(principal, call.now),
    ["aws:ResourceAccount", principal.account],
    ["aws:CurrentTime", new Date(call.now).toISOString()],
    ["aws:EpochTime", String(Math.floor(call.now / 1000))],
    ["aws:RequestedRegion", call.region],
    ["aws:SourceIp", call.sourceIp],
    ["aws:SecureTransport", "true"],
    ...(call.keys ?? []),
  ]);
}

// Tags of the session win over the user's of the same key. STS API reference, GetFederationToken.
function callerKeys({ user, account, arn, userId, federated }: User): Keys {
  if (!federated) return userKeys(user, account);
  return [
    ["aws:PrincipalArn", arn],
    ["aws:PrincipalAccount", account],
    ["aws:PrincipalType", "FederatedUser"],
    ["aws:userid", userId],
    ["aws:TokenIssueTime", new Date(federated.issuedAt * 1000).toISOString()],
    ...tagKeys(user),
    ...Object.entries(federated.tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value] as const),
  ];
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

// A session of a web identity or of SAML keeps some of its token; one of AssumeRole has none.
function sessionKeys({ role, session, account, userId }: RoleSession): Keys {
  const { provider, sourceIdentity, saml, subject } = session;
  const issuer = provider.replace(/^.*:oidc-provider\//, "");
  const web: Keys = [
    [`${issuer}:sub`, subject],
    [`${issuer}:aud`, session.audience],
  ];
  const federated: Keys = [["aws:FederatedProvider", provider], ...(saml ? subjectKeys({ subject, ...saml }) : web)];
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
