import { createPublicKey, generateKeyPairSync } from "node:crypto";

import {
  CreateUserCommand,
  DeleteSSHPublicKeyCommand,
  DeleteUserCommand,
  type EncodingType,
  GetSSHPublicKeyCommand,
  ListSSHPublicKeysCommand,
  UpdateSSHPublicKeyCommand,
  UploadSSHPublicKeyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { iamClient, refusal, startCloud } from "./support.ts";

const ann = { UserName: "ann" };

// A key and what ssh-keygen -E md5 -lf says of it.
const SSH =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDYY74F/dSbW3nCl8lDLT3DfokxB26a4v0QaPX1ojhItdncEl76yuvLsJQ1QEqH45NILnvCOpjOM2rcN363YeBwON8riIBrsiQBitYI2icrfVzZuKSBBsLlPmyMx+FZ0NzyRuXTub4g//VWcURYtQ89+moTyg85LD6jmuJ6cXg54Q==";
const FINGERPRINT = "20:1b:42:db:83:20:7c:cb:fd:83:77:a4:b9:ec:46:df";

describe("an SSH public key", () => {
  it("is uploaded, told of in both encodings, put out of use and deleted before its user", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ann));
    const body = `${SSH} ann@example.com`;
    const made = await iam.send(new UploadSSHPublicKeyCommand({ ...ann, SSHPublicKeyBody: body }));
    const { SSHPublicKeyId = "" } = made.SSHPublicKey ?? {};
    expect(SSHPublicKeyId).toMatch(/^APKA[A-Z2-7]{16}$/);
    expect(made.SSHPublicKey).toEqual({
      ...ann,
      SSHPublicKeyId,
      SSHPublicKeyBody: body,
      Fingerprint: FINGERPRINT,
      Status: "Active",
      UploadDate: expect.any(Date) as Date,
    });
    const named = { ...ann, SSHPublicKeyId };
    const bodyIn = async (Encoding: EncodingType) =>
      (await iam.send(new GetSSHPublicKeyCommand({ ...named, Encoding }))).SSHPublicKey?.SSHPublicKeyBody ?? "";
    expect(await bodyIn("SSH")).toBe(body);
    expect(await refusal(bodyIn(undefined as unknown as EncodingType))).toMatchObject({
      code: "ValidationError",
      message: "1 validation error detected: Value at 'encoding' failed to satisfy constraint: Member must not be null",
    });
    const pem = await bodyIn("PEM");
    expect(createPublicKey(pem).asymmetricKeyType).toBe("rsa");
    expect(await refusal(iam.send(new UploadSSHPublicKeyCommand({ ...ann, SSHPublicKeyBody: pem })))).toMatchObject({
      code: "DuplicateSSHPublicKey",
      status: 400,
    });
    await iam.send(new UpdateSSHPublicKeyCommand({ ...named, Status: "Inactive" }));
    const { SSHPublicKeys: all } = await iam.send(new ListSSHPublicKeysCommand(ann));
    expect(all).toEqual([{ ...named, Status: "Inactive", UploadDate: expect.any(Date) as Date }]);
    // rebuy-de/aws-nuke#522.
    expect(await refusal(iam.send(new DeleteUserCommand(ann)))).toMatchObject({
      code: "DeleteConflict",
      message: "Cannot delete entity, must remove referenced objects first.",
    });
    await iam.send(new DeleteSSHPublicKeyCommand(named));
    expect(await refusal(iam.send(new DeleteSSHPublicKeyCommand(named)))).toMatchObject({
      code: "NoSuchEntity",
      status: 404,
    });
    await iam.send(new DeleteUserCommand(ann));
  });

  it("that was sent as PEM is told as ssh-rsa too, and five are the most", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ann));
    const pems = Array.from({ length: 6 }, () =>
      generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "spki", format: "pem" }).toString(),
    );
    const upload = (SSHPublicKeyBody: string) => iam.send(new UploadSSHPublicKeyCommand({ ...ann, SSHPublicKeyBody }));
    const { SSHPublicKey: made } = await upload(pems[0] ?? "");
    const { SSHPublicKeyId } = made ?? {};
    const told = await iam.send(new GetSSHPublicKeyCommand({ ...ann, SSHPublicKeyId, Encoding: "SSH" }));
    const ssh = told.SSHPublicKey?.SSHPublicKeyBody ?? "";
    expect(ssh).toMatch(/^ssh-rsa AAAAB3NzaC1yc2E[A-Za-z0-9+/=]+$/);
    await iam.send(new DeleteSSHPublicKeyCommand({ ...ann, SSHPublicKeyId }));
    const again = await upload(ssh);
    expect(again.SSHPublicKey?.Fingerprint).toBe(made?.Fingerprint);
    for (const pem of pems.slice(1, 5)) await upload(pem);
    expect(await refusal(upload(pems[5] ?? ""))).toMatchObject({ code: "LimitExceeded", status: 409 });
    const page = await iam.send(new ListSSHPublicKeysCommand({ ...ann, MaxItems: 3 }));
    const rest = await iam.send(new ListSSHPublicKeysCommand({ ...ann, Marker: page.Marker }));
    const ids = [...(page.SSHPublicKeys ?? []), ...(rest.SSHPublicKeys ?? [])].map(({ SSHPublicKeyId: id }) => id);
    expect(new Set(ids).size).toBe(5);
  });

  it.each([
    [
      "UnrecognizedPublicKeyEncoding",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk7jZk1aHq4yBZpkTn9OAlEQ9S0GdH5kz8K1gXWcR5a",
    ],
    ["UnrecognizedPublicKeyEncoding", "no key at all"],
    ["InvalidPublicKey", "ssh-rsa AAAA"],
    ["InvalidPublicKey", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"],
  ])("is %s for %j", async (code, SSHPublicKeyBody) => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ann));
    expect(await refusal(iam.send(new UploadSSHPublicKeyCommand({ ...ann, SSHPublicKeyBody })))).toEqual({
      code,
      status: 400,
      message: "Invalid public key uploaded.",
    });
  });
});
