import * as sdk from "@aws-sdk/client-iam";
import { DecodeAuthorizationMessageCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import { IAM } from "../../../src/local/iam.ts";
import { encodeQuery } from "../../../src/wire/query.ts";
import { signed } from "./signed.ts";
import { ACCOUNT, FORM, iamClient, refusal, startCloud, stsClient, trustPolicy } from "./support.ts";

const CALLS = Object.keys(sdk).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);

// Said to be unplayed, each with status 501.
const UNPLAYED = [
  "AcquireRole",
  "CreateDelegationRequest",
  "GenerateOrganizationsAccessReport",
  "GetAccountProperties",
  "GetHumanReadableSummary",
  "GetRoleTemplateVersion",
  "PutAccountProperties",
];

describe("IAM", () => {
  it("has every call that the AWS SDK has", () => {
    expect(CALLS.length).toBeGreaterThanOrEqual(176);
    expect(CALLS.filter((name) => !Object.hasOwn(IAM, name))).toEqual([]);
    expect(Object.keys(IAM).filter((name) => !CALLS.includes(name))).toEqual([]);
  });

  it("says of what it does not play that it does not", async () => {
    const cloud = await startCloud();
    for (const Action of UNPLAYED) {
      const body = encodeQuery({ Action, Version: "2010-05-08" });
      expect(await signed(cloud, "iam", { method: "POST", headers: FORM, body })).toMatchObject({
        status: 501,
        code: "UnsupportedOperation",
        message: `rolecall's local cloud does not play iam:${Action}`,
      });
    }
  });

  it("is in no organisation, and nobody asked for anything", async () => {
    const iam = iamClient(await startCloud());
    const outside = { code: "OrganizationNotFoundException", status: 400 };
    expect(await refusal(iam.send(new sdk.ListOrganizationsFeaturesCommand({})))).toMatchObject(outside);
    expect(await refusal(iam.send(new sdk.EnableOrganizationsRootSessionsCommand({})))).toMatchObject(outside);
    expect((await iam.send(new sdk.ListDelegationRequestsCommand({}))).DelegationRequests).toEqual([]);
    const DelegationRequestId = "a".repeat(16);
    for (const call of [
      iam.send(new sdk.GetDelegationRequestCommand({ DelegationRequestId })),
      iam.send(new sdk.GetOrganizationsAccessReportCommand({ JobId: "a".repeat(36) })),
    ])
      expect(await refusal(call)).toMatchObject({ code: "NoSuchEntity", status: 404 });
  });

  it("keeps what STS is to give, and whether the account has an issuer of its own", async () => {
    const iam = iamClient(await startCloud());
    const version = async () =>
      (await iam.send(new sdk.GetAccountSummaryCommand({}))).SummaryMap?.GlobalEndpointTokenVersion;
    expect(await version()).toBe(1);
    await iam.send(new sdk.SetSecurityTokenServicePreferencesCommand({ GlobalEndpointTokenVersion: "v2Token" }));
    expect(await version()).toBe(2);
    const info = () => iam.send(new sdk.GetOutboundWebIdentityFederationInfoCommand({}));
    expect(await refusal(info())).toMatchObject({ code: "FeatureDisabled", status: 404 });
    const { IssuerIdentifier } = await iam.send(new sdk.EnableOutboundWebIdentityFederationCommand({}));
    expect(await info()).toMatchObject({ IssuerIdentifier, JwtVendingEnabled: true });
    expect(await refusal(iam.send(new sdk.EnableOutboundWebIdentityFederationCommand({})))).toMatchObject({
      code: "FeatureEnabled",
      status: 409,
    });
    await iam.send(new sdk.DisableOutboundWebIdentityFederationCommand({}));
    expect(await refusal(info())).toMatchObject({ code: "FeatureDisabled" });
  });
});

describe("a denial without a resource", () => {
  // Both forms are in many reports from AWS.
  it("names * for IAM and nothing for STS", async () => {
    const cloud = await startCloud();
    const iam = iamClient(cloud);
    await iam.send(new sdk.CreateUserCommand({ UserName: "ann" }));
    const { AccessKey: key } = await iam.send(new sdk.CreateAccessKeyCommand({ UserName: "ann" }));
    const keys = { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
    const who = `User: arn:aws:iam::${ACCOUNT}:user/ann is not authorized to perform:`;
    expect(await refusal(iamClient(cloud, keys).send(new sdk.ListAccountAliasesCommand({})))).toMatchObject({
      code: "AccessDenied",
      message: `${who} iam:ListAccountAliases on resource: * because no identity-based policy allows the iam:ListAccountAliases action`,
    });
    const decode = new DecodeAuthorizationMessageCommand({ EncodedMessage: "abc" });
    expect(await refusal(stsClient(cloud, keys).send(decode))).toMatchObject({
      code: "AccessDenied",
      message: `${who} sts:DecodeAuthorizationMessage because no identity-based policy allows the sts:DecodeAuthorizationMessage action`,
    });
  });
});

const NAMES = ["a", "b", "c"];
const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "*" },
});
const trust = trustPolicy();
const policyArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:policy/${name}`;

/** Three of everything that is listed. */
async function fill(iam: sdk.IAMClient): Promise<void> {
  for (const name of NAMES) {
    await iam.send(new sdk.CreateUserCommand({ UserName: name }));
    await iam.send(new sdk.CreateGroupCommand({ GroupName: name }));
    await iam.send(new sdk.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
    await iam.send(new sdk.CreatePolicyCommand({ PolicyName: name, PolicyDocument: document }));
    await iam.send(new sdk.CreateInstanceProfileCommand({ InstanceProfileName: name }));
    await iam.send(new sdk.AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: "a" }));
    await iam.send(new sdk.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }));
  }
  for (const name of NAMES) {
    const PolicyArn = policyArn(name);
    const inline = { PolicyName: name, PolicyDocument: document };
    await iam.send(new sdk.AddUserToGroupCommand({ UserName: "a", GroupName: name }));
    if (name !== "a") await iam.send(new sdk.AddUserToGroupCommand({ UserName: name, GroupName: "a" }));
    await iam.send(new sdk.AttachUserPolicyCommand({ UserName: "a", PolicyArn }));
    await iam.send(new sdk.AttachGroupPolicyCommand({ GroupName: "a", PolicyArn }));
    await iam.send(new sdk.AttachRolePolicyCommand({ RoleName: "a", PolicyArn }));
    await iam.send(new sdk.PutUserPolicyCommand({ UserName: "a", ...inline }));
    await iam.send(new sdk.PutGroupPolicyCommand({ GroupName: "a", ...inline }));
    await iam.send(new sdk.PutRolePolicyCommand({ RoleName: "a", ...inline }));
  }
  for (const UserName of ["b", "c"])
    await iam.send(new sdk.AttachUserPolicyCommand({ UserName, PolicyArn: policyArn("a") }));
  for (let version = 2; version <= 3; version += 1)
    await iam.send(new sdk.CreatePolicyVersionCommand({ PolicyArn: policyArn("a"), PolicyDocument: document }));
  const Tags = NAMES.map((Key) => ({ Key, Value: "" }));
  await iam.send(new sdk.TagUserCommand({ UserName: "a", Tags }));
  await iam.send(new sdk.TagRoleCommand({ RoleName: "a", Tags }));
  await iam.send(new sdk.TagPolicyCommand({ PolicyArn: policyArn("a"), Tags }));
  await iam.send(new sdk.TagInstanceProfileCommand({ InstanceProfileName: "a", Tags }));
  await iam.send(new sdk.TagMFADeviceCommand({ SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/a`, Tags }));
}

interface Paged {
  readonly Marker?: string;
  readonly MaxItems?: number;
}
interface PageOfIt {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}
type Lister = (iam: sdk.IAMClient, page: Paged) => Promise<PageOfIt>;

// Which list of the answer it is, and the call. The admin is one more user.
const LISTERS: Readonly<Record<string, readonly [list: string, call: Lister, count?: number]>> = {
  ListUsers: ["Users", (iam, page) => iam.send(new sdk.ListUsersCommand(page)), 4],
  ListGroups: ["Groups", (iam, page) => iam.send(new sdk.ListGroupsCommand(page))],
  ListRoles: ["Roles", (iam, page) => iam.send(new sdk.ListRolesCommand(page))],
  ListPolicies: ["Policies", (iam, page) => iam.send(new sdk.ListPoliciesCommand({ Scope: "Local", ...page }))],
  ListInstanceProfiles: ["InstanceProfiles", (iam, page) => iam.send(new sdk.ListInstanceProfilesCommand(page))],
  ListVirtualMFADevices: ["VirtualMFADevices", (iam, page) => iam.send(new sdk.ListVirtualMFADevicesCommand(page))],
  ListInstanceProfilesForRole: [
    "InstanceProfiles",
    (iam, page) => iam.send(new sdk.ListInstanceProfilesForRoleCommand({ RoleName: "a", ...page })),
  ],
  ListGroupsForUser: ["Groups", (iam, page) => iam.send(new sdk.ListGroupsForUserCommand({ UserName: "a", ...page }))],
  GetGroup: ["Users", (iam, page) => iam.send(new sdk.GetGroupCommand({ GroupName: "a", ...page }))],
  ListUserPolicies: [
    "PolicyNames",
    (iam, page) => iam.send(new sdk.ListUserPoliciesCommand({ UserName: "a", ...page })),
  ],
  ListGroupPolicies: [
    "PolicyNames",
    (iam, page) => iam.send(new sdk.ListGroupPoliciesCommand({ GroupName: "a", ...page })),
  ],
  ListRolePolicies: [
    "PolicyNames",
    (iam, page) => iam.send(new sdk.ListRolePoliciesCommand({ RoleName: "a", ...page })),
  ],
  ListAttachedUserPolicies: [
    "AttachedPolicies",
    (iam, page) => iam.send(new sdk.ListAttachedUserPoliciesCommand({ UserName: "a", ...page })),
  ],
  ListAttachedGroupPolicies: [
    "AttachedPolicies",
    (iam, page) => iam.send(new sdk.ListAttachedGroupPoliciesCommand({ GroupName: "a", ...page })),
  ],
  ListAttachedRolePolicies: [
    "AttachedPolicies",
    (iam, page) => iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName: "a", ...page })),
  ],
  ListPolicyVersions: [
    "Versions",
    (iam, page) => iam.send(new sdk.ListPolicyVersionsCommand({ PolicyArn: policyArn("a"), ...page })),
  ],
  ListEntitiesForPolicy: [
    "PolicyUsers",
    (iam, page) =>
      iam.send(new sdk.ListEntitiesForPolicyCommand({ PolicyArn: policyArn("a"), EntityFilter: "User", ...page })),
  ],
  ListUserTags: ["Tags", (iam, page) => iam.send(new sdk.ListUserTagsCommand({ UserName: "a", ...page }))],
  ListRoleTags: ["Tags", (iam, page) => iam.send(new sdk.ListRoleTagsCommand({ RoleName: "a", ...page }))],
  ListPolicyTags: [
    "Tags",
    (iam, page) => iam.send(new sdk.ListPolicyTagsCommand({ PolicyArn: policyArn("a"), ...page })),
  ],
  ListInstanceProfileTags: [
    "Tags",
    (iam, page) => iam.send(new sdk.ListInstanceProfileTagsCommand({ InstanceProfileName: "a", ...page })),
  ],
  ListMFADeviceTags: [
    "Tags",
    (iam, page) =>
      iam.send(new sdk.ListMFADeviceTagsCommand({ SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/a`, ...page })),
  ],
};

describe("a list of IAM", () => {
  it("is answered in pages that have everything once, by every call that has pages", async () => {
    const iam = iamClient(await startCloud());
    await fill(iam);
    for (const [name, [list, call, count = 3]] of Object.entries(LISTERS)) {
      const itemsOf = (answer: PageOfIt): readonly unknown[] => (answer as Record<string, unknown[]>)[list] ?? [];
      const whole = await call(iam, {});
      expect([itemsOf(whole).length, whole.IsTruncated, whole.Marker], name).toEqual([count, false, undefined]);
      const first = await call(iam, { MaxItems: 2 });
      expect([itemsOf(first).length, first.IsTruncated], name).toEqual([2, true]);
      const rest = await call(iam, { MaxItems: 1000, Marker: first.Marker ?? "" });
      expect([itemsOf(rest).length, rest.IsTruncated], name).toEqual([count - 2, false]);
      expect([...itemsOf(first), ...itemsOf(rest)], name).toEqual(itemsOf(whole));
      expect(await refusal(call(iam, { MaxItems: 1001 })), name).toMatchObject({
        code: "ValidationError",
        message:
          "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
      });
      expect(await refusal(call(iam, { Marker: "100" })), name).toMatchObject({
        code: "ValidationError",
        message: "Invalid Marker.",
      });
    }
  });
});
