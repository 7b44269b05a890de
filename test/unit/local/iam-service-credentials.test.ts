import {
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteUserCommand,
  ListServiceSpecificCredentialsCommand,
  ResetServiceSpecificCredentialCommand,
  UpdateServiceSpecificCredentialCommand,
} from "@aws-sdk/client-iam";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, refusal, startCloud, tempFolder } from "./support.ts";

const ci = { UserName: "ci" };
const ServiceName = "codecommit.amazonaws.com";

describe("a service-specific credential", () => {
  it("is made, put out of use, given a new password and deleted before its user", async () => {
    const state = join(tempFolder(), "state.json");
    const iam = iamClient(await startCloud({ state }));
    await iam.send(new CreateUserCommand(ci));
    const made = await iam.send(new CreateServiceSpecificCredentialCommand({ ...ci, ServiceName }));
    const {
      ServicePassword: password = "",
      ServiceSpecificCredentialId = "",
      ...told
    } = made.ServiceSpecificCredential ?? ({} as Partial<NonNullable<typeof made.ServiceSpecificCredential>>);
    const id = { ServiceSpecificCredentialId };
    expect(told).toEqual({
      ...ci,
      ServiceName,
      ServiceUserName: `ci-at-${ACCOUNT}`,
      CreateDate: expect.any(Date) as Date,
      Status: "Active",
    });
    expect(ServiceSpecificCredentialId).toMatch(/^ACCA[A-Z2-7]{17}$/);
    expect(password).not.toBe("");
    expect(readFileSync(state, "utf8")).not.toContain(password);
    await iam.send(new UpdateServiceSpecificCredentialCommand({ ...ci, ...id, Status: "Inactive" }));
    const listed = await iam.send(new ListServiceSpecificCredentialsCommand({ ...ci, ServiceName }));
    expect(listed.ServiceSpecificCredentials).toEqual([{ ...told, ...id, Status: "Inactive" }]);
    const other = { ...ci, ServiceName: "cassandra.amazonaws.com" };
    expect((await iam.send(new ListServiceSpecificCredentialsCommand(other))).ServiceSpecificCredentials).toEqual([]);
    const again = await iam.send(new ResetServiceSpecificCredentialCommand({ ...ci, ...id }));
    expect(again.ServiceSpecificCredential).toMatchObject({ ...id, Status: "Inactive" });
    expect(again.ServiceSpecificCredential?.ServicePassword).not.toBe(password);
    expect(await refusal(iam.send(new DeleteUserCommand(ci)))).toEqual({
      code: "DeleteConflict",
      status: 409,
      message: "Cannot delete entity, must remove referenced objects first.",
    });
    await iam.send(new DeleteServiceSpecificCredentialCommand({ ...ci, ...id }));
    expect(await refusal(iam.send(new DeleteServiceSpecificCredentialCommand({ ...ci, ...id })))).toMatchObject({
      code: "NoSuchEntity",
    });
    await iam.send(new DeleteUserCommand(ci));
  });

  it.each([
    [
      "a service that has none",
      { ...ci, ServiceName: "lambda.amazonaws.com" },
      "No such service lambda.amazonaws.com is supported for Service Specific Credentials",
    ],
    ["a user who is not there", { UserName: "none", ServiceName: "x" }, "The user with name none cannot be found."],
  ])("is refused for %s", async (_, input, message) => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ci));
    const call = iam.send(new CreateServiceSpecificCredentialCommand(input));
    expect(await refusal(call)).toEqual({ code: "NoSuchEntity", status: 404, message });
  });

  it("that is an API key is told in members of its own, and ends when it was to", async () => {
    let now = Date.now();
    const iam = iamClient(await startCloud({ now: () => now }));
    await iam.send(new CreateUserCommand(ci));
    const bedrock = { ...ci, ServiceName: "bedrock.amazonaws.com" };
    const made = await iam.send(new CreateServiceSpecificCredentialCommand({ ...bedrock, CredentialAgeDays: 1 }));
    const { ServiceCredentialSecret: secret, ...told } =
      made.ServiceSpecificCredential ?? ({} as Partial<NonNullable<typeof made.ServiceSpecificCredential>>);
    expect(secret).not.toBe("");
    expect(told).toMatchObject({ ServiceCredentialAlias: `ci-at-${ACCOUNT}`, Status: "Active" });
    expect(told).not.toHaveProperty("ServicePassword");
    expect(Number(told.ExpirationDate) - Number(told.CreateDate)).toBe(24 * 60 * 60 * 1000);
    now += 24 * 60 * 60 * 1000;
    const list = () => iam.send(new ListServiceSpecificCredentialsCommand(bedrock));
    // The client has yet to learn of the other clock.
    const listed = await list().catch(list);
    expect(listed.ServiceSpecificCredentials).toMatchObject([{ Status: "Expired" }]);
  });

  it("is listed in pages, of all users when that is asked", async () => {
    const iam = iamClient(await startCloud());
    for (const UserName of ["ci", "cd"]) {
      await iam.send(new CreateUserCommand({ UserName }));
      await iam.send(new CreateServiceSpecificCredentialCommand({ UserName, ServiceName }));
    }
    const list = (page: { readonly MaxItems?: number; readonly Marker?: string | undefined }) =>
      iam.send(new ListServiceSpecificCredentialsCommand({ AllUsers: true, ...page }));
    const whole = await list({});
    expect(whole.IsTruncated).toBe(false);
    expect(new Set(whole.ServiceSpecificCredentials?.map(({ UserName }) => UserName))).toEqual(new Set(["ci", "cd"]));
    const first = await list({ MaxItems: 1 });
    expect(first.IsTruncated).toBe(true);
    const rest = await list({ Marker: first.Marker });
    expect([...(first.ServiceSpecificCredentials ?? []), ...(rest.ServiceSpecificCredentials ?? [])]).toEqual(
      whole.ServiceSpecificCredentials,
    );
  });

  it("is refused an id of another form and a status that there is not", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ci));
    const update = (id: string, Status: string): Promise<unknown> =>
      iam.send(
        new UpdateServiceSpecificCredentialCommand({
          ...ci,
          ServiceSpecificCredentialId: id,
          Status: Status as "Active",
        }),
      );
    expect(await refusal(update("not-of-that-form-at-all", "Active"))).toMatchObject({
      code: "ValidationError",
      message:
        "1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]+",
    });
    expect(await refusal(update("ACCA".padEnd(21, "A"), "Invalid"))).toMatchObject({
      message:
        "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set",
    });
  });
});
