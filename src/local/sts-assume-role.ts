import { readRoleArn, type RoleArn } from "../core/arn.ts";
import { evaluateAssumeTrust } from "../core/assume-role.ts";
import { readIdentityPolicy } from "../core/policy.ts";
import { stsAnswer } from "../core/sts-answers.ts";
import { askPolicies, explainDenial } from "./authorize.ts";
import { type Answer, type Call, operation } from "./operation.ts";
import { listOf, optional, structure, text, type Values } from "./parameters.ts";
import type { Principal } from "./principal.ts";
import { type Holder, type RoleRecord, trustOf } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { assumeContext } from "./sts-assume-role-context.ts";
import { readMfa } from "./sts-mfa.ts";
import { issueSession } from "./sts-session.ts";
import {
  arn,
  mfa,
  packedSessionPolicy,
  policyArns,
  roleDuration,
  sessionName,
  sessionTags,
  transitiveTagKeys,
} from "./sts-shapes.ts";
import { readSessionTags, type SessionTags } from "./sts-tags.ts";

// Source: STS API model (botocore 1.43.11).
const parameters = {
  RoleArn: arn,
  RoleSessionName: sessionName,
  PolicyArns: policyArns,
  Policy: packedSessionPolicy,
  DurationSeconds: roleDuration,
  Tags: sessionTags,
  TransitiveTagKeys: transitiveTagKeys,
  ExternalId: optional(text({ min: 2, max: 1224, pattern: String.raw`[\w+=,.@:\/-]*` })),
  ...mfa,
  SourceIdentity: optional(text({ min: 2, max: 64, pattern: String.raw`[\w+=,.@-]*` })),
  ProvidedContexts: optional(listOf(structure({ ProviderArn: optional(arn) }), { max: 5 })),
};

export type AssumeRoleCall = Call<Values<typeof parameters>>;

/** Trades credentials for those of a session of a role that trusts their owner. */
export const assumeRole = operation({
  parameters,
  access: "signer",
  run: (call) => (call.principal ? assume(call, call.principal) : UNSIGNED),
});

export const UNSIGNED = refuse(403, "MissingAuthenticationToken", "Request is missing Authentication Token");

function assume(call: AssumeRoleCall, principal: Principal): Answer {
  const { values, world } = call;
  const target = readRoleArn(values.RoleArn);
  // Recorded from AWS, 2025-07.
  if (!target) return refuse(400, "ValidationError", `${values.RoleArn} is invalid`);
  const caller = principal.kind === "session" ? principal.session : null;
  const tags = readSessionTags(values, caller);
  if (tags.kind === "refused") return tags;
  const sourceIdentity = caller?.sourceIdentity ?? values.SourceIdentity ?? null;
  const role = findRole(call, target);
  const proof = readMfa(values, principal, world);
  if (proof.kind === "refused") return proof;
  const wanted: Wanted = { role, target, tags, sourceIdentity, mfaAt: proof.at };
  const refusal = checkActions(call, principal, wanted);
  if (refusal || !role) return refusal ?? notAuthorized(principal, "sts:AssumeRole", target);
  const limit = checkDuration(call, principal, role) ?? checkPolicy(values.Policy);
  if (limit) return limit;
  const { tags: all, transitiveTagKeys: transitive } = tags;
  const claims = { subject: "", audience: "", tags: all, transitiveTagKeys: transitive, sourceIdentity };
  const issued = issueSession(world, { ...values, mfaAt: proof.at ?? undefined }, role, claims, "");
  if (issued.kind === "refused") return issued;
  // Recorded: without policies and tags there is no PackedPolicySize.
  const packs = values.Policy !== undefined || values.PolicyArns !== undefined || Object.keys(tags.tags).length > 0;
  return {
    kind: "result",
    result: {
      AssumedRoleUser: issued.user,
      Credentials: issued.credentials,
      PackedPolicySize: packs ? issued.packed : undefined,
      SourceIdentity: sourceIdentity ?? undefined,
    },
  };
}

interface Wanted {
  /** null when there is no such role. */
  readonly role: RoleRecord | null;
  readonly target: RoleArn;
  readonly tags: SessionTags;
  readonly sourceIdentity: string | null;
  readonly mfaAt: number | null;
}

function findRole({ world }: AssumeRoleCall, { account, arn: wanted, name }: RoleArn): RoleRecord | null {
  const record = account === world.store.identity.account ? world.store.iam.roles.get(name) : undefined;
  const seen = record?.arn === wanted && !world.weather.settles(wanted, world.now());
  return seen ? record : null;
}

/** Each action needs a permission of its own. AWS IAM guide, id_session-tags. */
function checkActions(call: AssumeRoleCall, principal: Principal, wanted: Wanted): Refusal | null {
  const { tags, sourceIdentity } = wanted;
  const actions = [
    "sts:AssumeRole",
    ...(Object.keys(tags.tags).length > 0 ? ["sts:TagSession"] : []),
    ...(sourceIdentity === null ? [] : ["sts:SetSourceIdentity"]),
  ];
  // Unverified: what is said to a request for another source identity than the chain's, which cannot be changed.
  const { SourceIdentity: asked } = call.values;
  if (asked !== undefined && asked !== sourceIdentity) {
    return notAuthorized(principal, "sts:SetSourceIdentity", wanted.target);
  }
  for (const action of actions) {
    const refusal = checkAction(action, call, principal, wanted);
    if (refusal) return refusal;
  }
  return null;
}

function checkAction(
  action: string,
  call: AssumeRoleCall,
  principal: Principal,
  { role, target, tags, sourceIdentity, mfaAt }: Wanted,
): Refusal | null {
  if (!role) return notAuthorized(principal, action, target);
  const context = assumeContext(call, { principal, role, tags, sourceIdentity, mfaAt });
  const { account, arn: self } = principal;
  const roleArn = principal.kind === "session" ? principal.role.arn : null;
  const grant = evaluateAssumeTrust(trustOf(role), { arn: self, roleArn, account }, action, context);
  if (grant === "none" || grant === "explicit-deny") return notAuthorized(principal, action, target);
  const { region, sourceIp } = call.origin;
  const signer = grant === "direct" ? withGrant(principal, action, role.arn) : principal;
  const signed = { principal: signer, action, resource: role.arn, region, sourceIp, now: call.world.now() };
  const answer = askPolicies(signed, call.world.store.iam);
  if (answer.outcome === "allowed") return null;
  // Seen in the field: only an explicit deny is explained, a missing permission is not.
  return answer.explicit ? explainDenial(signed, answer) : notAuthorized(principal, action, target);
}

/**
 * A principal that a trust policy names needs no identity policy, yet boundary and session policies still limit it
 * and a Deny still counts: as if it had one more inline policy. IAM guide, policy evaluation logic.
 */
function withGrant(principal: Principal, action: string, resource: string): Principal {
  const grant = JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: action, Resource: resource },
  });
  const granted = <H extends Holder>(holder: H): H => ({ ...holder, inline: { ...holder.inline, "\0trust": grant } });
  return principal.kind === "session"
    ? { ...principal, role: granted(principal.role) }
    : { ...principal, user: granted(principal.user) };
}

function notAuthorized({ arn: self }: Principal, action: string, target: RoleArn): Refusal {
  const message = `User: ${self} is not authorized to perform: ${action} on resource: ${target.arn}`;
  return refuse(403, "AccessDenied", message);
}

const CHAINED = 3600;

function checkDuration({ values }: AssumeRoleCall, principal: Principal, role: RoleRecord): Refusal | null {
  const wanted = values.DurationSeconds ?? CHAINED;
  // Text from the field: aws/eks-anywhere#9485.
  if (principal.kind === "session" && wanted > CHAINED) {
    const limit = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    return refuse(400, "ValidationError", limit);
  }
  const { status, code, messages } = stsAnswer("duration-over-maximum");
  return wanted > role.maxSessionDuration ? refuse(status, code, messages["2026"]) : null;
}

function checkPolicy(document: string | undefined): Refusal | null {
  const reading = document === undefined ? null : readIdentityPolicy(document);
  return reading?.kind === "malformed" ? refuse(400, "MalformedPolicyDocument", reading.message) : null;
}
