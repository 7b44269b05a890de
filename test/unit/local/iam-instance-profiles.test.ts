import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetInstanceProfileCommand,
  ListInstanceProfilesForRoleCommand,
  ListInstanceProfileTagsCommand,
  paginateListInstanceProfiles,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  UntagInstanceProfileCommand,
  waitUntilInstanceProfileExists,
} from "@aws-sdk/client-iam";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, refusal, ROLE, setUp, startCloud, tempFolder } from "./support.ts";

const web = { InstanceProfileName: "web" };
const member = { ...web, RoleName: "deploy" };

describe("an instance profile", () => {
  it("is made, found by its waiter, holds one role and is deleted when it holds none", async () => {
    const iam = await setUp(await startCloud());
    expect((await iam.send(new CreateInstanceProfileCommand({ ...web, Path: "/x/" }))).InstanceProfile).toEqual({
      ...web,
      Path: "/x/",
      InstanceProfileId: expect.stringMatching(/^AIPA[A-Z2-7]{17}$/) as string,
      Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/x/web`,
      CreateDate: expect.any(Date) as Date,
      Roles: [],
    });
    const found = await waitUntilInstanceProfileExists({ client: iam, maxWaitTime: 5 }, web);
    expect(found.state).toBe("SUCCESS");
    await iam.send(new AddRoleToInstanceProfileCommand(member));
    expect(await iam.send(new GetInstanceProfileCommand(web))).toMatchObject({
      InstanceProfile: {
        Roles: [{ Arn: ROLE, AssumeRolePolicyDocument: expect.stringMatching(/^%7B/) as string }],
        Tags: [],
      },
    });
    expect(await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: "deploy" }))).toMatchObject({
      InstanceProfiles: [web],
      IsTruncated: false,
    });
    const conflict = {
      code: "DeleteConflict",
      status: 409,
      message: "Cannot delete entity, must remove roles from instance profile first.",
    };
    expect(await refusal(iam.send(new DeleteInstanceProfileCommand(web)))).toEqual(conflict);
    expect(await refusal(iam.send(new DeleteRoleCommand({ RoleName: "deploy" })))).toEqual(conflict);
    await iam.send(new RemoveRoleFromInstanceProfileCommand(member));
    // Recorded, 2026-02.
    expect(await refusal(iam.send(new RemoveRoleFromInstanceProfileCommand(member)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: `Role ${member.RoleName} in Instance Profile web cannot be found.`,
    });
    await iam.send(new DeleteInstanceProfileCommand(web));
    expect(await refusal(iam.send(new GetInstanceProfileCommand(web)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: "Instance Profile web cannot be found.",
    });
    await iam.send(new DeleteRoleCommand({ RoleName: "deploy" }));
  });

  it("is refused a second role, a role that is not there, and a name that is taken", async () => {
    const iam = await setUp(await startCloud());
    await iam.send(new CreateInstanceProfileCommand(web));
    const add = (RoleName: string): Promise<unknown> =>
      iam.send(new AddRoleToInstanceProfileCommand({ ...web, RoleName }));
    expect(await refusal(add("none"))).toMatchObject({ code: "NoSuchEntity" });
    await add("deploy");
    expect(await refusal(add("deploy"))).toMatchObject({
      code: "LimitExceeded",
      message: "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
    });
    expect(await refusal(iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "WEB" })))).toMatchObject({
      code: "EntityAlreadyExists",
      message: "Instance Profile WEB already exists.",
    });
  });

  it("has tags, is listed in pages and told in the account's lists", async () => {
    const iam = await setUp(await startCloud());
    for (const name of ["c", "a", "b"])
      await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name, Path: "/p/" }));
    await iam.send(new CreateInstanceProfileCommand({ ...web, Tags: [{ Key: "k", Value: "1" }] }));
    await iam.send(new TagInstanceProfileCommand({ ...web, Tags: [{ Key: "l", Value: "2" }] }));
    await iam.send(new UntagInstanceProfileCommand({ ...web, TagKeys: ["k"] }));
    expect((await iam.send(new ListInstanceProfileTagsCommand(web))).Tags).toEqual([{ Key: "l", Value: "2" }]);
    const pages: string[][] = [];
    for await (const page of paginateListInstanceProfiles({ client: iam, pageSize: 2 }, { PathPrefix: "/p/" }))
      pages.push((page.InstanceProfiles ?? []).map(({ InstanceProfileName: name }) => name ?? ""));
    expect(pages).toEqual([["a", "b"], ["c"]]);
    await iam.send(new AddRoleToInstanceProfileCommand(member));
    expect((await iam.send(new GetAccountSummaryCommand({}))).SummaryMap).toMatchObject({ InstanceProfiles: 4 });
    const details = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ["Role"] }));
    expect(details.RoleDetailList).toMatchObject([
      { InstanceProfileList: [{ ...web, Roles: [{ RoleName: "deploy" }] }] },
    ]);
  });

  it("is kept in the state file with its role", async () => {
    const state = join(tempFolder(), "state.json");
    const before = await startCloud({ state });
    const iam = await setUp(before);
    await iam.send(new CreateInstanceProfileCommand(web));
    await iam.send(new AddRoleToInstanceProfileCommand(member));
    await before.close();
    const after = iamClient(await startCloud({ state }));
    expect(await after.send(new GetInstanceProfileCommand(web))).toMatchObject({
      InstanceProfile: { Roles: [{ RoleName: "deploy" }] },
    });
  });
});
