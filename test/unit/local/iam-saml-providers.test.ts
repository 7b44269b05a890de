import {
  CreateSAMLProviderCommand,
  DeleteSAMLProviderCommand,
  GetSAMLProviderCommand,
  ListSAMLProvidersCommand,
  ListSAMLProviderTagsCommand,
  TagSAMLProviderCommand,
  UntagSAMLProviderCommand,
  UpdateSAMLProviderCommand,
  type UpdateSAMLProviderCommandInput,
} from "@aws-sdk/client-iam";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, refusal, startCloud, tempFolder } from "./support.ts";

const SAMLProviderArn = `arn:aws:iam::${ACCOUNT}:saml-provider/idp`;

function metadata(entity: string): string {
  return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entity}">${"<x/>".repeat(250)}</EntityDescriptor>`;
}

describe("a SAML provider", () => {
  it("is made, read, changed, tagged and deleted", async () => {
    const iam = iamClient(await startCloud());
    const create = { Name: "idp", SAMLMetadataDocument: metadata("https://a.test"), Tags: [{ Key: "k", Value: "1" }] };
    expect(await iam.send(new CreateSAMLProviderCommand(create))).toMatchObject({ SAMLProviderArn, Tags: create.Tags });
    expect(await refusal(iam.send(new CreateSAMLProviderCommand(create)))).toMatchObject({
      code: "EntityAlreadyExists",
    });
    const changed = metadata("https://b.test");
    await iam.send(new UpdateSAMLProviderCommand({ SAMLProviderArn, SAMLMetadataDocument: changed }));
    await iam.send(new TagSAMLProviderCommand({ SAMLProviderArn, Tags: [{ Key: "l", Value: "2" }] }));
    await iam.send(new UntagSAMLProviderCommand({ SAMLProviderArn, TagKeys: ["k"] }));
    expect((await iam.send(new ListSAMLProviderTagsCommand({ SAMLProviderArn }))).Tags).toEqual([
      { Key: "l", Value: "2" },
    ]);
    expect(await iam.send(new GetSAMLProviderCommand({ SAMLProviderArn }))).toMatchObject({
      SAMLMetadataDocument: changed,
      CreateDate: expect.any(Date) as Date,
      ValidUntil: expect.any(Date) as Date,
    });
    // Recorded, 2026-02: also of a provider for which nothing of it was said.
    expect(await iam.send(new GetSAMLProviderCommand({ SAMLProviderArn }))).toMatchObject({
      AssertionEncryptionMode: "Allowed",
      PrivateKeyList: [],
    });
    expect((await iam.send(new ListSAMLProvidersCommand({}))).SAMLProviderList).toMatchObject([
      { Arn: SAMLProviderArn },
    ]);
    await iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn }));
    expect(await refusal(iam.send(new GetSAMLProviderCommand({ SAMLProviderArn })))).toMatchObject({
      code: "NoSuchEntity",
      status: 404,
    });
  });

  it("keeps of its private keys that they are there, two at most, and whether assertions are encrypted", async () => {
    const state = join(tempFolder(), "state.json");
    const iam = iamClient(await startCloud({ state }));
    const privateKey = (): string =>
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const keys = [privateKey(), privateKey(), privateKey()];
    const get = () => iam.send(new GetSAMLProviderCommand({ SAMLProviderArn }));
    const change = (more: Partial<UpdateSAMLProviderCommandInput>) =>
      iam.send(new UpdateSAMLProviderCommand({ SAMLProviderArn, ...more }));
    const SAMLMetadataDocument = metadata("https://a.test");
    const encrypted = { AssertionEncryptionMode: "Required", AddPrivateKey: keys[0] } as const;
    await iam.send(new CreateSAMLProviderCommand({ Name: "idp", SAMLMetadataDocument, ...encrypted }));
    const { PrivateKeyList: [first] = [], SAMLProviderUUID } = await get();
    expect([SAMLProviderUUID, first?.KeyId].every((id) => /^[A-Z0-9]{22,64}$/.test(id ?? ""))).toBe(true);
    await change({ AssertionEncryptionMode: "Allowed", AddPrivateKey: keys[1] });
    expect(await refusal(change({ AddPrivateKey: keys[2] }))).toMatchObject({ code: "LimitExceeded", status: 409 });
    expect(await refusal(change({ AddPrivateKey: "no key" }))).toMatchObject({ code: "InvalidInput" });
    await change({ AddPrivateKey: keys[2], RemovePrivateKey: first?.KeyId });
    const after = await get();
    expect(after).toMatchObject({ AssertionEncryptionMode: "Allowed", SAMLMetadataDocument, SAMLProviderUUID });
    expect(after.PrivateKeyList?.map(({ KeyId }) => KeyId === first?.KeyId)).toEqual([false, false]);
    expect(await refusal(change({ RemovePrivateKey: first?.KeyId }))).toMatchObject({ code: "NoSuchEntity" });
    const kept = readFileSync(state, "utf8");
    for (const key of keys) expect(kept).not.toContain(key.split("\n")[1]);
  });

  it("is refused a document that is not metadata", async () => {
    const iam = iamClient(await startCloud());
    const call = iam.send(new CreateSAMLProviderCommand({ Name: "idp", SAMLMetadataDocument: "a".repeat(1024) }));
    expect(await refusal(call)).toEqual({ code: "InvalidInput", status: 400, message: "Could not parse metadata" });
  });
});
