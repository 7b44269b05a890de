import {
  ChangePasswordCommand,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeleteAccountPasswordPolicyCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  GenerateCredentialReportCommand,
  GetAccountPasswordPolicyCommand,
  GetCredentialReportCommand,
  GetLoginProfileCommand,
  PutUserPolicyCommand,
  type IAMClient,
  UpdateAccountPasswordPolicyCommand,
  UpdateLoginProfileCommand,
} from "@aws-sdk/client-iam";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, refusal, startCloud, tempFolder } from "./support.ts";

const ci = { UserName: "ci" };
const Password = ["Correct", "horse", "7"].join("-");

async function withUser(): Promise<IAMClient> {
  const iam = iamClient(await startCloud());
  await iam.send(new CreateUserCommand(ci));
  return iam;
}

describe("a login profile", () => {
  it("is made, changed, told in the credential report, and stands in the way of the user's end", async () => {
    const iam = await withUser();
    expect((await iam.send(new CreateLoginProfileCommand({ ...ci, Password }))).LoginProfile).toEqual({
      ...ci,
      CreateDate: expect.any(Date) as Date,
      PasswordResetRequired: false,
    });
    expect(await refusal(iam.send(new CreateLoginProfileCommand({ ...ci, Password })))).toEqual({
      code: "EntityAlreadyExists",
      status: 409,
      message: "Login Profile for user ci already exists.",
    });
    await iam.send(new UpdateLoginProfileCommand({ ...ci, PasswordResetRequired: true }));
    expect((await iam.send(new GetLoginProfileCommand(ci))).LoginProfile).toMatchObject({
      PasswordResetRequired: true,
    });
    await iam.send(new GenerateCredentialReportCommand({}));
    const { Content: content } = await iam.send(new GetCredentialReportCommand({}));
    expect(Buffer.from(content ?? []).toString()).toMatch(/^ci,[^,]+,[^,]+,true,no_information,20/m);
    expect(await refusal(iam.send(new DeleteUserCommand(ci)))).toMatchObject({
      code: "DeleteConflict",
      message: "Cannot delete entity, must delete login profile first.",
    });
    await iam.send(new DeleteLoginProfileCommand(ci));
    expect(await refusal(iam.send(new DeleteLoginProfileCommand(ci)))).toMatchObject({
      code: "NoSuchEntity",
      message: "Login Profile for User ci cannot be found.",
    });
    await iam.send(new DeleteUserCommand(ci));
  });

  it("has its password changed by its user, who has to know it, and keeps none that could be read", async () => {
    const state = join(tempFolder(), "state.json");
    const cloud = await startCloud({ state });
    const iam = iamClient(cloud);
    await iam.send(new CreateUserCommand(ci));
    const PolicyDocument =
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"*"}}';
    await iam.send(new PutUserPolicyCommand({ ...ci, PolicyName: "self", PolicyDocument }));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand(ci));
    const self = iamClient(cloud, {
      accessKeyId: key?.AccessKeyId ?? "",
      secretAccessKey: key?.SecretAccessKey ?? "",
    });
    const NewPassword = `${Password}-and-more`;
    const change = (OldPassword: string) => self.send(new ChangePasswordCommand({ OldPassword, NewPassword }));
    expect(await refusal(change(Password))).toMatchObject({
      code: "NoSuchEntity",
      message: "Login Profile for User ci cannot be found.",
    });
    await iam.send(new CreateLoginProfileCommand({ ...ci, Password, PasswordResetRequired: true }));
    expect(await refusal(change("another"))).toMatchObject({ code: "AccessDenied", status: 403 });
    await change(Password);
    expect((await iam.send(new GetLoginProfileCommand(ci))).LoginProfile?.PasswordResetRequired).toBe(false);
    expect(await refusal(change(Password))).toMatchObject({ code: "AccessDenied" });
    await change(NewPassword);
    expect(readFileSync(state, "utf8")).not.toContain(Password);
  });

  it("is refused a password that the account's policy does not want, without telling it", async () => {
    const iam = await withUser();
    const create = (password: string): Promise<unknown> =>
      iam.send(new CreateLoginProfileCommand({ ...ci, Password: password }));
    // As it was met at AWS: redhat-cop/agnosticd#6594.
    expect(await refusal(create("weakpassword1"))).toEqual({
      code: "PasswordPolicyViolation",
      status: 400,
      message:
        "Password should meet 1 more of the following requirements: Password should have at least one uppercase letter, Password should have at least one symbol",
    });
    const weak = await refusal(create("weak"));
    expect(weak.message).toMatch(/minimum length of 8, Password should meet 2 more/);
    expect(weak.message).not.toContain("weak");
    await iam.send(new UpdateAccountPasswordPolicyCommand({ RequireSymbols: true }));
    expect(await refusal(create("weakpassword"))).toMatchObject({
      message: "Password should have at least one symbol",
    });
    await create("weak-password");
  });
});

describe("the account's password policy", () => {
  it("is not there at first, keeps what was given, and takes defaults for the rest", async () => {
    const iam = await withUser();
    const get = (): Promise<unknown> => iam.send(new GetAccountPasswordPolicyCommand({}));
    const missing = {
      code: "NoSuchEntity",
      status: 404,
      message: `The Password Policy with domain name ${ACCOUNT} cannot be found.`,
    };
    expect(await refusal(get())).toEqual(missing);
    await iam.send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 14, RequireNumbers: true }));
    await iam.send(new UpdateAccountPasswordPolicyCommand({ MaxPasswordAge: 90, HardExpiry: true }));
    expect(await get()).toMatchObject({
      PasswordPolicy: {
        MinimumPasswordLength: 6,
        RequireNumbers: false,
        ExpirePasswords: true,
        MaxPasswordAge: 90,
        HardExpiry: true,
      },
    });
    await iam.send(new DeleteAccountPasswordPolicyCommand({}));
    expect(await refusal(get())).toEqual(missing);
    expect(await refusal(iam.send(new DeleteAccountPasswordPolicyCommand({})))).toEqual({
      ...missing,
      message: "The account policy with name PasswordPolicy cannot be found.",
    });
    expect(
      await refusal(iam.send(new UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 129 }))),
    ).toMatchObject({
      code: "ValidationError",
      message: expect.stringContaining("less than or equal to 128") as string,
    });
  });
});
