import { Context } from "../core/conditions.ts";
import { permit, type PermitQuestion } from "../core/permit.ts";
import type { Policy } from "../core/policy.ts";
import { managedPolicy } from "./managed-policies.ts";
import type { Principal, RoleSession } from "./principal.ts";
import { policyOf } from "./records.ts";
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
export function authorize(call: SignedCall): Refusal | null {
  const { principal, action, resource } = call;
  // The admin has AdministratorAccess.
  if (principal.kind === "user") return null;
  const answer = permit({ ...policiesOf(principal), action, resource, context: contextOf(call, principal) });
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

function policiesOf({ role, session }: RoleSession): Pick<PermitQuestion, "policies" | "boundary" | "session"> {
  const limits: readonly Policy[] = [
    ...(session.policy === null ? [] : [policyOf(session.policy)]),
    ...session.policyArns.map(managedPolicy),
  ];
  return {
    policies: [...Object.values(role.inline).map(policyOf), ...role.attached.map(managedPolicy)],
    boundary: role.boundary === undefined ? null : managedPolicy(role.boundary),
    session: limits.length === 0 ? null : limits,
  };
}

// AWS IAM guide, global condition keys; and what a web-identity session keeps of its token.
function contextOf(call: SignedCall, { role, session, account, userId }: RoleSession): Context {
  const issuer = session.provider.replace(/^.*:oidc-provider\//, "");
  return new Context([
    ["aws:PrincipalArn", role.arn],
    ["aws:PrincipalAccount", account],
    ["aws:PrincipalType", "AssumedRole"],
    ["aws:userid", userId],
    ["aws:ResourceAccount", account],
    ["aws:FederatedProvider", session.provider],
    ["aws:TokenIssueTime", new Date(session.issuedAt * 1000).toISOString()],
    ["aws:CurrentTime", new Date(call.now).toISOString()],
    ["aws:EpochTime", String(Math.floor(call.now / 1000))],
    ["aws:RequestedRegion", call.region],
    ["aws:SourceIp", call.sourceIp],
    ["aws:SecureTransport", "true"],
    [`${issuer}:sub`, session.subject],
    [`${issuer}:aud`, session.audience],
    ...(session.sourceIdentity === null ? [] : [["aws:SourceIdentity", session.sourceIdentity] as const]),
    ...[...role.tags.map(({ key, value }) => [key, value] as const), ...Object.entries(session.tags)].map(
      ([key, value]) => [`aws:PrincipalTag/${key}`, value] as const,
    ),
  ]);
}
