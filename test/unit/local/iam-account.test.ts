import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  DeleteAccountAliasCommand,
  GenerateCredentialReportCommand,
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsResponse,
  GetAccountSummaryCommand,
  GetCredentialReportCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import type { LocalCloud } from "../../../src/local/index.ts";
import { ACCOUNT, iamClient, refusal, ROLE, setUp, startCloud, trustPolicy } from "./support.ts";

const DATE: unknown = expect.any(Date);
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const POLICY = `arn:aws:iam::${ACCOUNT}:policy/p`;
const DOCUMENT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';

/** A role, a user with a key and a policy, beside the admin. */
async function fill(cloud: LocalCloud): Promise<IAMClient> {
  const iam = await setUp(cloud);
  await iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: DOCUMENT }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn: POLICY }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "i", PolicyDocument: DOCUMENT }));
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "deploy", PermissionsBoundary: POLICY }));
  await iam.send(new CreateUserCommand({ UserName: "ci" }));
  await iam.send(new PutUserPolicyCommand({ UserName: "ci", PolicyName: "i", PolicyDocument: DOCUMENT }));
  await iam.send(new CreateAccessKeyCommand({ UserName: "ci" }));
  return iam;
}

describe("the authorization details of an account", () => {
  it("tell all that an audit asks for, documents percent-encoded", async () => {
    const iam = await fill(await startCloud());
    const details = await iam.send(new GetAccountAuthorizationDetailsCommand({}));
    const encoded = encodeURIComponent(DOCUMENT).replaceAll("*", "%2A");
    const boundary = { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: POLICY };
    expect(details.RoleDetailList).toEqual([
      {
        Arn: ROLE,
        RoleName: "deploy",
        RoleId: like(/^AROA/),
        Path: "/",
        CreateDate: DATE,
        AssumeRolePolicyDocument: encodeURIComponent(trustPolicy()),
        InstanceProfileList: [],
        RolePolicyList: [{ PolicyName: "i", PolicyDocument: encoded }],
        AttachedManagedPolicies: [{ PolicyName: "p", PolicyArn: POLICY }],
        PermissionsBoundary: boundary,
        Tags: [],
        RoleLastUsed: {},
      },
    ]);
    expect(details.UserDetailList).toMatchObject([
      { UserName: "admin", AttachedManagedPolicies: [{ PolicyName: "AdministratorAccess" }], GroupList: [] },
      { UserName: "ci", UserPolicyList: [{ PolicyName: "i", PolicyDocument: encoded }] },
    ]);
    // Recorded from AWS: a user without inline policies has no list of them.
    expect(details.UserDetailList?.[0]).not.toHaveProperty("UserPolicyList");
    expect(details.GroupDetailList).toEqual([]);
    expect(details.Policies).toMatchObject([
      {
        Arn: POLICY,
        AttachmentCount: 1,
        PermissionsBoundaryUsageCount: 1,
        PolicyVersionList: [{ VersionId: "v1", IsDefaultVersion: true, Document: encoded }],
      },
      { PolicyName: "AdministratorAccess" },
    ]);
    expect(details.IsTruncated).toBe(false);
  });

  it("can be asked for in parts", async () => {
    const iam = await fill(await startCloud());
    const ask = new GetAccountAuthorizationDetailsCommand({ Filter: ["Role", "LocalManagedPolicy"] });
    const details = await iam.send(ask);
    expect(details).toMatchObject({ UserDetailList: [], RoleDetailList: [{}], Policies: [{ Arn: POLICY }] });
    const odd = new GetAccountAuthorizationDetailsCommand({ Filter: ["Roles" as "Role"] });
    expect(await refusal(iam.send(odd))).toMatchObject({ code: "ValidationError" });
  });

  it("come in pages that run over all lists", async () => {
    const iam = await fill(await startCloud());
    const pages: GetAccountAuthorizationDetailsResponse[] = [];
    for (let Marker: string | undefined; ;) {
      const page = await iam.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 2, Marker }));
      pages.push(page);
      Marker = page.Marker;
      if (page.IsTruncated !== true) break;
    }
    const sizes = pages.map((page) =>
      [page.UserDetailList, page.RoleDetailList, page.Policies].map((one) => one?.length),
    );
    expect(sizes).toEqual([
      [2, 0, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });
});

describe("the summary of an account", () => {
  it("counts what there is", async () => {
    const iam = await fill(await startCloud());
    const { SummaryMap: summary } = await iam.send(new GetAccountSummaryCommand({}));
    expect(summary).toMatchObject({ Users: 2, Roles: 1, Policies: 1, Providers: 1, AccessKeysPerUserQuota: 2 });
  });
});

describe("the credential report", () => {
  it("is not there before it was asked for", async () => {
    const iam = iamClient(await startCloud());
    const early = await refusal(iam.send(new GetCredentialReportCommand({})));
    expect(early).toMatchObject({ code: "ReportNotPresent", status: 410 });
    expect((await iam.send(new GenerateCredentialReportCommand({}))).State).toBe("STARTED");
    expect((await iam.send(new GenerateCredentialReportCommand({}))).State).toBe("COMPLETE");
  });

  it("tells of every user's keys in AWS's columns", async () => {
    const cloud = await startCloud();
    const iam = await fill(cloud);
    const [first] = (await iam.send(new ListAccessKeysCommand({ UserName: "ci" }))).AccessKeyMetadata ?? [];
    await iam.send(new CreateAccessKeyCommand({ UserName: "ci" }));
    // Recorded from AWS: the first key that was put out of use stands after the second.
    const off = { UserName: "ci", AccessKeyId: first?.AccessKeyId, Status: "Inactive" } as const;
    await iam.send(new UpdateAccessKeyCommand(off));
    await iam.send(new GenerateCredentialReportCommand({}));
    const { Content: content, ReportFormat: format } = await iam.send(new GetCredentialReportCommand({}));
    expect(format).toBe("text/csv");
    const [head = [], ...rows] = Buffer.from(content ?? [])
      .toString()
      .split("\n")
      .map((line) => line.split(","));
    expect(head.join(",")).toBe(
      "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
        "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
        "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
        "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated",
    );
    const users = rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]])));
    const date = like(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(users).toMatchObject([
      { user: "<root_account>", arn: `arn:aws:iam::${ACCOUNT}:root`, password_enabled: "not_supported" },
      {
        user: "admin",
        access_key_1_active: "true",
        access_key_1_last_used_date: date,
        access_key_1_last_used_region: "us-east-1",
        access_key_1_last_used_service: "iam",
      },
      {
        user: "ci",
        access_key_1_active: "true",
        access_key_1_last_rotated: date,
        access_key_1_last_used_date: "N/A",
        access_key_2_active: "false",
        access_key_2_last_rotated: date,
      },
    ]);
  });
});

describe("the alias of an account", () => {
  it("is one or none", async () => {
    const iam = iamClient(await startCloud());
    const aliases = async (): Promise<unknown> => (await iam.send(new ListAccountAliasesCommand({}))).AccountAliases;
    expect(await aliases()).toEqual([]);
    for (const AccountAlias of ["acme", "acme-shop"]) await iam.send(new CreateAccountAliasCommand({ AccountAlias }));
    expect(await aliases()).toEqual(["acme-shop"]);
    expect(await refusal(iam.send(new CreateAccountAliasCommand({ AccountAlias: "acme-shop" })))).toEqual({
      code: "EntityAlreadyExists",
      status: 409,
      message: "The account alias acme-shop already exists.",
    });
    const gone = { AccountAlias: "acme" };
    expect(await refusal(iam.send(new DeleteAccountAliasCommand(gone)))).toMatchObject({ code: "NoSuchEntity" });
    await iam.send(new DeleteAccountAliasCommand({ AccountAlias: "acme-shop" }));
    expect(await aliases()).toEqual([]);
    const odd = new CreateAccountAliasCommand({ AccountAlias: "Acme" });
    expect(await refusal(iam.send(odd))).toMatchObject({ code: "ValidationError" });
  });
});
