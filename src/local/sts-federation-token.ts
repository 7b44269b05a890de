import { readIdentityPolicy } from "../core/policy.ts";
import { authorize } from "./authorize.ts";
import { type Answer, type Call, operation, result } from "./operation.ts";
import { text, type Values } from "./parameters.ts";
import type { FederatedSession, User } from "./principal.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { UNSIGNED } from "./sts-assume-role.ts";
import { issueKeys } from "./sts-session.ts";
import { DEFAULT_DURATION, refuseTemporary, tokenDuration } from "./sts-session-token.ts";
import { policyArns, sessionPolicy, sessionTags } from "./sts-shapes.ts";
import { readSessionTags } from "./sts-tags.ts";

// Source: STS API model (botocore 1.43.11).
const parameters = {
  Name: text({ min: 2, max: 32, pattern: String.raw`[\w+=,.@-]*` }),
  Policy: sessionPolicy,
  PolicyArns: policyArns,
  DurationSeconds: tokenDuration,
  Tags: sessionTags,
};

type FederationCall = Call<Values<typeof parameters>>;

/** Gives temporary keys for somebody else: what a user's own policies and the session policies both allow. */
export const getFederationToken = operation({
  parameters,
  access: "signer",
  run: (call) => {
    const { principal } = call;
    const refusal = refuseTemporary("GetFederationToken", principal);
    if (refusal) return refusal;
    return principal?.kind === "user" ? federate(call, principal) : UNSIGNED;
  },
});

function federate(call: FederationCall, user: User): Answer {
  const { values, world } = call;
  const { Name: name, Policy: document, PolicyArns: arns = [] } = values;
  const reading = readSessionTags({ Tags: values.Tags, TransitiveTagKeys: undefined }, null);
  if (reading.kind === "refused") return reading;
  const { tags } = reading;
  const { account } = world.store.identity;
  const arn = `arn:aws:sts::${account}:federated-user/${name}`;
  const refusal = checkPermission(call, user, arn, tags) ?? checkPolicy(document);
  if (refusal) return refusal;
  const issuedAt = Math.floor(world.now() / 1000);
  const session: FederatedSession = {
    userName: user.user.name,
    userId: user.userId,
    federatedName: name,
    issuedAt,
    expiresAt: issuedAt + (values.DurationSeconds ?? DEFAULT_DURATION),
    policy: document ?? null,
    policyArns: arns.map((one) => one.arn),
    tags,
  };
  const packed = packedSize(session);
  if (packed > 100) {
    const message = `Packed policy consumes ${packed}% of allotted space, please use smaller policy.`;
    return refuse(400, "PackedPolicyTooLarge", message);
  }
  return result({
    Credentials: issueKeys(world, session).fields,
    FederatedUser: { FederatedUserId: `${account}:${name}`, Arn: arn },
    PackedPolicySize: packed,
  });
}

/** The resource is the federated user, tags need a permission of their own. AWS IAM guide, id_credentials_temp_control-access_enable-create, id_session-tags. */
function checkPermission(
  { world, origin: { region, sourceIp } }: FederationCall,
  principal: User,
  resource: string,
  tags: FederatedSession["tags"],
): Refusal | null {
  const names = Object.keys(tags);
  const keys = [
    ...Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value] as const),
    ...(names.length > 0 ? [["aws:TagKeys", names] as const] : []),
  ];
  const signed = { principal, resource, region, sourceIp, now: world.now(), keys };
  const refuseFor = (action: string): Refusal | null => authorize({ ...signed, action }, world.store.iam);
  return refuseFor("sts:GetFederationToken") ?? (names.length > 0 ? refuseFor("sts:TagSession") : null);
}

function checkPolicy(document: string | undefined): Refusal | null {
  const reading = document === undefined ? null : readIdentityPolicy(document);
  return reading?.kind === "malformed" ? refuse(400, "MalformedPolicyDocument", reading.message) : null;
}

// Recorded (2024-06): 0 without policies. The rest is a guess at AWS's secret packing, as for roles.
function packedSize({ policy, policyArns: arns, tags }: FederatedSession): number {
  return Math.ceil([policy ?? "", ...arns, ...Object.entries(tags).flat()].join("").length / 26);
}
