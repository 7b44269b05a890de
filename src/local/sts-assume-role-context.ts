import { Context } from "../core/conditions.ts";
import type { AssumeRoleCall } from "./sts-assume-role.ts";
import type { Principal } from "./principal.ts";
import type { RoleRecord } from "./records.ts";
import { mfaKeys } from "./sts-mfa.ts";
import type { SessionTags } from "./sts-tags.ts";

type Keys = (readonly [string, string | readonly string[]])[];

interface Assumption {
  readonly principal: Principal;
  readonly role: RoleRecord;
  readonly tags: SessionTags;
  readonly sourceIdentity: string | null;
  /** When a code of an MFA device was shown, in seconds since 1970; null when none was. */
  readonly mfaAt: number | null;
}

/** The condition keys of an AssumeRole request. Source: AWS service authorization reference for STS; IAM guide, global keys. */
export function assumeContext({ values, world, origin }: AssumeRoleCall, assumption: Assumption): Context {
  const { principal, role, tags, sourceIdentity } = assumption;
  const now = world.now();
  return new Context([
    ["sts:RoleSessionName", values.RoleSessionName],
    ...present("sts:ExternalId", values.ExternalId),
    ...present("sts:SourceIdentity", sourceIdentity ?? undefined),
    ...tagKeys(tags),
    ...principalKeys(principal),
    ...mfaKeys(principal, now, assumption.mfaAt),
    ...role.tags.flatMap(({ key, value }): Keys => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
    ["aws:ResourceAccount", world.store.identity.account],
    ["aws:CurrentTime", new Date(now).toISOString()],
    ["aws:EpochTime", String(Math.floor(now / 1000))],
    ["aws:RequestedRegion", origin.region],
    ["aws:SourceIp", origin.sourceIp],
    ["aws:SecureTransport", "true"],
    ...present("aws:UserAgent", origin.userAgent),
  ]);
}

function present(key: string, value: string | undefined): Keys {
  return value === undefined ? [] : [[key, value]];
}

function tagKeys({ requested, transitiveTagKeys }: SessionTags): Keys {
  const names = Object.keys(requested);
  return [
    ...Object.entries(requested).map(([key, value]): Keys[number] => [`aws:RequestTag/${key}`, value]),
    ...(names.length > 0 ? [["aws:TagKeys", names] as const] : []),
    ...(transitiveTagKeys.length > 0 ? [["sts:TransitiveTagKeys", transitiveTagKeys] as const] : []),
  ];
}

function principalKeys(principal: Principal): Keys {
  const { account, userId } = principal;
  const common: Keys = [
    ["aws:PrincipalAccount", account],
    ["aws:PrincipalIsAWSService", "false"],
    ["aws:userid", userId],
  ];
  if (principal.kind === "user") {
    const named: Keys = [
      ["aws:PrincipalArn", principal.arn],
      ["aws:PrincipalType", "User"],
      ["aws:username", principal.user.name],
      ...principal.user.tags.map(({ key, value }): Keys[number] => [`aws:PrincipalTag/${key}`, value]),
    ];
    return [...common, ...named];
  }
  const { role, session } = principal;
  const tags = [...role.tags.map(({ key, value }) => [key, value] as const), ...Object.entries(session.tags)];
  return [
    ...common,
    ["aws:PrincipalArn", role.arn],
    ["aws:PrincipalType", "AssumedRole"],
    ...present("aws:FederatedProvider", session.provider === "" ? undefined : session.provider),
    ...present("aws:SourceIdentity", session.sourceIdentity ?? undefined),
    ...tags.map(([key, value]): Keys[number] => [`aws:PrincipalTag/${key}`, value]),
  ];
}
