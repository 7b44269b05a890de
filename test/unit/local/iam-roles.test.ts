import {
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  GetRoleCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  paginateListRoles,
  PutRolePermissionsBoundaryCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, PROVIDER, refusal, ROLE, startCloud, trustPolicy } from "./support.ts";

const deploy = { RoleName: "deploy" };
const plain = { ...deploy, AssumeRolePolicyDocument: trustPolicy() };
const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";

describe("a role", () => {
  it("is answered as AWS was recorded to answer it", async () => {
    const iam = iamClient(await startCloud());
    const trust = `${trustPolicy({ Sid: "a'b(c)*!~ü" })}\n`;
    const made = await iam.send(
      new CreateRoleCommand({
        ...deploy,
        Path: "/ci/",
        AssumeRolePolicyDocument: trust,
        Description: "kept, and not answered here",
        Tags: [{ Key: "k", Value: "v" }],
      }),
    );
    const Arn = `arn:aws:iam::${ACCOUNT}:role/ci/deploy`;
    expect(made.Role).toMatchObject({ Arn, Path: "/ci/", RoleName: "deploy", Tags: [{ Key: "k", Value: "v" }] });
    expect(made.Role?.RoleId).toMatch(/^AROA[A-Z0-9]{17}$/);
    for (const absent of ["MaxSessionDuration", "RoleLastUsed", "Description"])
      expect(made.Role).not.toHaveProperty(absent);
    expect(decodeURIComponent(made.Role?.AssumeRolePolicyDocument ?? "")).toBe(trust);
    expect(made.Role?.AssumeRolePolicyDocument).not.toMatch(/[{}"'()*! ü]/);

    const got = await iam.send(new GetRoleCommand(deploy));
    expect(got.Role).toMatchObject({
      Arn,
      Description: "kept, and not answered here",
      MaxSessionDuration: 3600,
      RoleLastUsed: {},
      Tags: [{ Key: "k", Value: "v" }],
    });

    const { Roles: [listed] = [] } = await iam.send(new ListRolesCommand({}));
    expect(listed).toMatchObject({ Arn, MaxSessionDuration: 3600 });
    for (const absent of ["Tags", "RoleLastUsed", "PermissionsBoundary"]) expect(listed).not.toHaveProperty(absent);
  });

  it.each<[string, Partial<CreateRoleCommandInput>, object]>([
    [
      "a name of 65 letters",
      { RoleName: "a".repeat(65) },
      {
        code: "ValidationError",
        message:
          "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64",
      },
    ],
    [
      "a name with a space",
      { RoleName: "a b" },
      {
        code: "ValidationError",
        message:
          "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
      },
    ],
    [
      "a name that is too long, whatever else is wrong with it",
      { RoleName: "a ".repeat(33), Path: "ci" },
      {
        code: "ValidationError",
        message:
          "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64",
      },
    ],
    [
      "an empty name",
      { RoleName: "" },
      { code: "ValidationError", message: expect.stringMatching(/^The specified value for roleName/) as string },
    ],
    ...["ci", "/ci", "ci/"].map((Path): [string, Partial<CreateRoleCommandInput>, object] => [
      `the path ${Path}`,
      { Path },
      {
        code: "ValidationError",
        message:
          "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
      },
    ]),
    ...["sts:BadAssumeRole", "sts:?", "sts:", "iam:PassRole"].map(
      (Action): [string, Partial<CreateRoleCommandInput>, object] => [
        `a trust policy for ${Action}`,
        { AssumeRolePolicyDocument: trustPolicy({ Action }) },
        {
          code: "MalformedPolicyDocument",
          message: "AssumeRole policy may only specify STS AssumeRole actions.",
        },
      ],
    ),
    [
      "a document with an emoji",
      { AssumeRolePolicyDocument: "😀" },
      {
        code: "ValidationError",
        message:
          "The specified value for assumeRolePolicyDocument is invalid. It must contain only printable ASCII characters.",
      },
    ],
    [
      "sessions of half an hour",
      { MaxSessionDuration: 1800 },
      {
        code: "ValidationError",
        message:
          "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
      },
    ],
    [
      "a trust policy that is no JSON",
      { AssumeRolePolicyDocument: "{" },
      { code: "MalformedPolicyDocument", status: 400, message: "This policy contains invalid Json" },
    ],
    [
      "a resource in its trust policy",
      { AssumeRolePolicyDocument: trustPolicy({ Resource: "*" }) },
      { code: "MalformedPolicyDocument" },
    ],
    [
      "a trust policy that is open to all of gitlab.com",
      { AssumeRolePolicyDocument: trustPolicy({ Condition: { StringLike: { "gitlab.com:sub": "*" } } }) },
      {
        code: "MalformedPolicyDocument",
        message: `Trust policy with trusted principal ${PROVIDER} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, gitlab.com:sub which is not scoped to all.`,
      },
    ],
    [
      "a trust policy over the quota",
      { AssumeRolePolicyDocument: trustPolicy({ Sid: "x".repeat(2048) }) },
      { code: "LimitExceeded", status: 409, message: "Cannot exceed quota for ACLSizePerRole: 2048" },
    ],
    [
      "tags that differ only in case",
      {
        Tags: [
          { Key: "a", Value: "" },
          { Key: "A", Value: "" },
        ],
      },
      { code: "InvalidInput", message: "Duplicate tag keys found. Please note that Tag keys are case insensitive." },
    ],
    [
      "an empty tag key",
      { Tags: [{ Key: "", Value: "" }] },
      {
        code: "ValidationError",
        message:
          "2 validation errors detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
          String.raw`Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`,
      },
    ],
    [
      "51 tags",
      { Tags: Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: "" })) },
      {
        code: "ValidationError",
        message:
          "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
      },
    ],
    [
      "a boundary that is not there",
      { PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/none` },
      { code: "NoSuchEntity", status: 404 },
    ],
    [
      "a boundary that is no policy",
      { PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:not_a_policy/p` },
      { code: "InvalidInput", status: 400, message: `ARN arn:aws:iam::${ACCOUNT}:not_a_policy/p is not valid.` },
    ],
  ])("is not made with %s", async (_, input, answer) => {
    const iam = iamClient(await startCloud());
    expect(await refusal(iam.send(new CreateRoleCommand({ ...plain, ...input })))).toMatchObject(answer);
  });

  it.each(["sts:*", "sts:tagsession", "sts:Assume*", "sts:SetSourceIdentity", "sts:GetCallerIdentity"])(
    "is made with a trust policy for %s",
    async (Action) => {
      const iam = iamClient(await startCloud());
      const trust = trustPolicy({ Action: ["sts:AssumeRoleWithWebIdentity", Action] });
      expect((await iam.send(new CreateRoleCommand({ ...deploy, AssumeRolePolicyDocument: trust }))).Role?.Arn).toBe(
        ROLE,
      );
    },
  );

  it("has a name that no other has, case aside", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateRoleCommand(plain));
    expect(await refusal(iam.send(new CreateRoleCommand({ ...plain, RoleName: "Deploy", Path: "/x/" })))).toMatchObject(
      {
        code: "EntityAlreadyExists",
        status: 409,
        message: "Role with name Deploy already exists.",
      },
    );
  });

  it("that is not there is missed by name", async () => {
    const iam = iamClient(await startCloud());
    expect(await refusal(iam.send(new GetRoleCommand(deploy)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: "The role with name deploy cannot be found.",
    });
    expect(await refusal(iam.send(new DeleteRoleCommand(deploy)))).toMatchObject({ code: "NoSuchEntity", status: 404 });
  });

  it("is changed in description, duration, trust and boundary", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateRoleCommand({ ...plain, Description: "one" }));
    expect(await iam.send(new UpdateRoleCommand({ ...deploy, MaxSessionDuration: 7200 }))).toBeDefined();
    await iam.send(new UpdateAssumeRolePolicyCommand({ ...deploy, PolicyDocument: trustPolicy({ Sid: "Two" }) }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ ...deploy, PermissionsBoundary: ADMINISTRATOR }));
    const { Role } = await iam.send(new GetRoleCommand(deploy));
    expect(Role).toMatchObject({
      Description: "one",
      MaxSessionDuration: 7200,
      PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: ADMINISTRATOR },
    });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toContain("Two");
    await iam.send(new DeleteRolePermissionsBoundaryCommand(deploy));
    const described = await iam.send(new UpdateRoleDescriptionCommand({ ...deploy, Description: "" }));
    expect(described.Role).toMatchObject({ Arn: ROLE, Description: "" });
    // Recorded, 2026-02: it answers nothing else of what GetRole does.
    for (const member of ["PermissionsBoundary", "MaxSessionDuration", "RoleLastUsed"])
      expect(described.Role).not.toHaveProperty(member);
    expect(
      await refusal(iam.send(new UpdateAssumeRolePolicyCommand({ ...deploy, PolicyDocument: "[]" }))),
    ).toMatchObject({ code: "MalformedPolicyDocument" });
  });

  it("is tagged without regard to case, the newer writing of a key counts", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(
      new CreateRoleCommand({
        ...plain,
        Tags: [
          { Key: "Team", Value: "a" },
          { Key: "x", Value: "" },
        ],
      }),
    );
    await iam.send(new TagRoleCommand({ ...deploy, Tags: [{ Key: "team", Value: "b" }] }));
    expect((await iam.send(new ListRoleTagsCommand(deploy))).Tags).toEqual([
      { Key: "team", Value: "b" },
      { Key: "x", Value: "" },
    ]);
    await iam.send(new UntagRoleCommand({ ...deploy, TagKeys: ["TEAM"] }));
    expect((await iam.send(new ListRoleTagsCommand(deploy))).Tags).toEqual([{ Key: "x", Value: "" }]);
    const Tags = Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: "" }));
    expect(await refusal(iam.send(new TagRoleCommand({ ...deploy, Tags })))).toMatchObject({
      code: "LimitExceeded",
      status: 409,
    });
  });

  it("is one of many, answered in pages, by path", async () => {
    const iam = iamClient(await startCloud());
    const names = Array.from({ length: 23 }, (_, at) => `role-${String(at).padStart(2, "0")}`);
    for (const [at, RoleName] of names.toReversed().entries())
      await iam.send(new CreateRoleCommand({ ...plain, RoleName, Path: at % 2 ? "/ci/x/" : "/" }));
    const pages: (string | undefined)[][] = [];
    for await (const { Roles = [], IsTruncated } of paginateListRoles({ client: iam, pageSize: 10 }, {})) {
      pages.push(Roles.map(({ RoleName }) => RoleName));
      expect(IsTruncated).toBe(pages.length < 3);
    }
    expect(pages.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(pages.flat()).toEqual(names);
    expect((await iam.send(new ListRolesCommand({ PathPrefix: "/ci/" }))).Roles).toHaveLength(11);
    expect(await refusal(iam.send(new ListRolesCommand({ Marker: "nonsense" })))).toMatchObject({
      code: "ValidationError",
      message: "Invalid Marker.",
    });
  });
});
