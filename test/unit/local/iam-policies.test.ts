import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { GetAccessKeyInfoCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import { awsPolicies } from "../../../src/local/managed-policy-table.ts";
import type { QueryInputFields } from "../../../src/wire/query.ts";
import {
  ACCOUNT,
  exchange,
  iamClient,
  keysOf,
  mint,
  refusal,
  ROLE,
  setUp,
  startCloud,
  stsClient,
  trustPolicy,
} from "./support.ts";

const deploy = { RoleName: "deploy" };
const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/job-1`;

function policy(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: "*", ...statement }] });
}

async function roleIn(iam: IAMClient): Promise<void> {
  await iam.send(new CreateRoleCommand({ ...deploy, AssumeRolePolicyDocument: trustPolicy() }));
}

describe("an inline policy", () => {
  it("is kept to the letter, listed and deleted", async () => {
    const iam = iamClient(await startCloud());
    await roleIn(iam);
    const document = `${policy({ Action: "s3:Get*", Resource: "arn:aws:s3:::a%2Fb/*" })} `;
    for (const PolicyName of ["b", "a"])
      await iam.send(new PutRolePolicyCommand({ ...deploy, PolicyName, PolicyDocument: document }));
    const got = await iam.send(new GetRolePolicyCommand({ ...deploy, PolicyName: "a" }));
    expect(got).toMatchObject({ RoleName: "deploy", PolicyName: "a" });
    expect(decodeURIComponent(got.PolicyDocument ?? "")).toBe(document);
    expect(await iam.send(new ListRolePoliciesCommand({ ...deploy, MaxItems: 1 }))).toMatchObject({
      PolicyNames: ["a"],
      IsTruncated: true,
    });
    expect(await refusal(iam.send(new DeleteRoleCommand(deploy)))).toEqual({
      code: "DeleteConflict",
      status: 409,
      message: "Cannot delete entity, must delete policies first.",
    });
    for (const PolicyName of ["b", "a"]) await iam.send(new DeleteRolePolicyCommand({ ...deploy, PolicyName }));
    await iam.send(new DeleteRoleCommand(deploy));
  });

  it("that is not there is missed by name", async () => {
    const iam = iamClient(await startCloud());
    await roleIn(iam);
    const answer = {
      code: "NoSuchEntity",
      status: 404,
      message: "The role policy with name toString cannot be found.",
    };
    expect(await refusal(iam.send(new GetRolePolicyCommand({ ...deploy, PolicyName: "toString" })))).toEqual(answer);
    expect(await refusal(iam.send(new DeleteRolePolicyCommand({ ...deploy, PolicyName: "toString" })))).toEqual(answer);
  });

  it("is refused when IAM would not save it, or when it is too long", async () => {
    const iam = iamClient(await startCloud());
    await roleIn(iam);
    const put = (PolicyDocument: string): Promise<unknown> =>
      iam.send(new PutRolePolicyCommand({ ...deploy, PolicyName: "p", PolicyDocument }));
    expect(await refusal(put("no"))).toMatchObject({
      code: "MalformedPolicyDocument",
      status: 400,
      message: "Syntax errors in policy.",
    });
    expect(await refusal(put(policy({ Action: "s3:*", Principal: "*" })))).toMatchObject({
      code: "MalformedPolicyDocument",
    });
    expect(await refusal(put(policy({ Action: "s3:*", Sid: "x".repeat(10_240) })))).toEqual({
      code: "LimitExceeded",
      status: 409,
      message: "Maximum policy size of 10240 bytes exceeded for role deploy",
    });
  });
});

describe("a managed policy", () => {
  it("is attached once, listed by name and path, and detached", async () => {
    const iam = iamClient(await startCloud());
    await roleIn(iam);
    const job = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess";
    for (const PolicyArn of [job, READ_ONLY, READ_ONLY])
      await iam.send(new AttachRolePolicyCommand({ ...deploy, PolicyArn }));
    expect(await iam.send(new ListAttachedRolePoliciesCommand(deploy))).toMatchObject({
      AttachedPolicies: [
        { PolicyName: "ReadOnlyAccess", PolicyArn: READ_ONLY },
        { PolicyName: "ViewOnlyAccess", PolicyArn: job },
      ],
      IsTruncated: false,
    });
    expect(
      (await iam.send(new ListAttachedRolePoliciesCommand({ ...deploy, PathPrefix: "/job-function/" })))
        .AttachedPolicies,
    ).toHaveLength(1);
    expect(await refusal(iam.send(new DeleteRoleCommand(deploy)))).toMatchObject({
      code: "DeleteConflict",
      message: "Cannot delete entity, must detach all policies first.",
    });
    await iam.send(new DetachRolePolicyCommand({ ...deploy, PolicyArn: job }));
    expect(await refusal(iam.send(new DetachRolePolicyCommand({ ...deploy, PolicyArn: job })))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: `Policy ${job} was not found.`,
    });
  });

  it.each([
    [
      "an ARN that is none",
      "x".repeat(25),
      { code: "ValidationError", status: 400, message: `ARN ${"x".repeat(25)} is not valid.` },
    ],
    [
      "a policy of the account's that is not there",
      `arn:aws:iam::${ACCOUNT}:policy/p`,
      {
        code: "NoSuchEntity",
        status: 404,
        message: `Policy arn:aws:iam::${ACCOUNT}:policy/p does not exist or is not attachable.`,
      },
    ],
  ])("is not attached: %s", async (_, PolicyArn, answer) => {
    const iam = iamClient(await startCloud());
    await roleIn(iam);
    expect(await refusal(iam.send(new AttachRolePolicyCommand({ ...deploy, PolicyArn })))).toEqual(answer);
  });

  it("is the eleventh that does not fit", async () => {
    const iam = iamClient(await startCloud());
    await roleIn(iam);
    const arns = awsPolicies().map(({ arn }) => arn);
    for (const PolicyArn of arns.slice(0, 10)) await iam.send(new AttachRolePolicyCommand({ ...deploy, PolicyArn }));
    expect(await refusal(iam.send(new AttachRolePolicyCommand({ ...deploy, PolicyArn: arns[10] })))).toEqual({
      code: "LimitExceeded",
      status: 409,
      message: "Cannot exceed quota for PoliciesPerRole: 10",
    });
  });
});

describe("a role session", () => {
  /** The role's own policies are set by the admin; the session may be limited further. */
  async function session(
    own: (iam: IAMClient) => Promise<unknown>,
    limits: QueryInputFields = {},
  ): Promise<{ iam: IAMClient; sts: ReturnType<typeof stsClient> }> {
    const cloud = await startCloud();
    await own(await setUp(cloud));
    const keys = keysOf(await exchange(cloud, await mint(cloud), limits));
    return { iam: iamClient(cloud, keys), sts: stsClient(cloud, keys) };
  }

  const inline = (statement: object) => (iam: IAMClient) =>
    iam.send(new PutRolePolicyCommand({ ...deploy, PolicyName: "p", PolicyDocument: policy(statement) }));
  const attached = (name: string) => (iam: IAMClient) =>
    iam.send(new AttachRolePolicyCommand({ ...deploy, PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
  const denied = (why: string): object => ({
    code: "AccessDenied",
    status: 403,
    message: `User: ${SESSION} is not authorized to perform: iam:GetRole on resource: ${ROLE} ${why}`,
  });

  it("without policies may do nothing but say who it is", async () => {
    const { iam, sts } = await session(() => Promise.resolve());
    expect(await refusal(iam.send(new GetRoleCommand(deploy)))).toEqual(
      denied("because no identity-based policy allows the iam:GetRole action"),
    );
    expect(await refusal(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" })))).toMatchObject(
      { code: "AccessDenied" },
    );
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: SESSION });
  });

  it("may do what its role's inline policy allows, where it allows it", async () => {
    const { iam } = await session(inline({ Action: "iam:GetRole", Resource: ROLE }));
    expect(await iam.send(new GetRoleCommand(deploy))).toMatchObject({ Role: { Arn: ROLE } });
    expect(await refusal(iam.send(new GetRoleCommand({ RoleName: "other" })))).toMatchObject({ code: "AccessDenied" });
  });

  it.each(["AdministratorAccess", "IAMFullAccess", "IAMReadOnlyAccess", "ReadOnlyAccess"])(
    "may read with %s",
    async (name) => {
      const { iam } = await session(attached(name));
      expect(await iam.send(new GetRoleCommand(deploy))).toMatchObject({ Role: { Arn: ROLE } });
    },
  );

  it.each(["PowerUserAccess", "AmazonS3FullAccess"])("may not read roles with %s", async (name) => {
    const { iam } = await session(attached(name));
    expect(await refusal(iam.send(new GetRoleCommand(deploy)))).toEqual(
      denied("because no identity-based policy allows the iam:GetRole action"),
    );
  });

  it("may not write with ReadOnlyAccess", async () => {
    const { iam } = await session(attached("ReadOnlyAccess"));
    expect(await refusal(iam.send(new DeleteRoleCommand(deploy)))).toMatchObject({ code: "AccessDenied" });
  });

  it("is stopped by a Deny whatever else allows", async () => {
    const { iam } = await session(async (admin) => {
      await attached("AdministratorAccess")(admin);
      await inline({ Effect: "Deny", Action: "iam:Get*" })(admin);
    });
    expect(await refusal(iam.send(new GetRoleCommand(deploy)))).toEqual(
      denied("with an explicit deny in an identity-based policy"),
    );
  });

  it("is limited by its boundary", async () => {
    const { iam } = await session(async (admin) => {
      await attached("AdministratorAccess")(admin);
      await admin.send(
        new PutRolePermissionsBoundaryCommand({
          ...deploy,
          PermissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess",
        }),
      );
    });
    expect(await refusal(iam.send(new GetRoleCommand(deploy)))).toEqual(
      denied("because no permissions boundary allows the iam:GetRole action"),
    );
  });

  it("is limited by the policy it was asked for with", async () => {
    const { iam } = await session(attached("AdministratorAccess"), { Policy: policy({ Action: "s3:*" }) });
    expect(await refusal(iam.send(new GetRoleCommand(deploy)))).toEqual(
      denied("because no session policy allows the iam:GetRole action"),
    );
  });

  it("may do what one of its session policies allows", async () => {
    const { iam } = await session(attached("AdministratorAccess"), {
      Policy: policy({ Action: "s3:*" }),
      PolicyArns: [{ arn: READ_ONLY }],
    });
    expect(await iam.send(new GetRoleCommand(deploy))).toMatchObject({ Role: { Arn: ROLE } });
  });

  it("carries its token's subject and tags into conditions", async () => {
    const { iam } = await session(
      inline({
        Action: "iam:*",
        Condition: {
          StringEquals: { "gitlab.com:aud": "https://gitlab.com" },
          StringLike: { "gitlab.com:sub": "project_path:acme/*" },
        },
      }),
    );
    expect(await iam.send(new GetRoleCommand(deploy))).toMatchObject({ Role: { Arn: ROLE } });
  });
});
