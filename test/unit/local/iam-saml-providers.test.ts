import {
  CreateSAMLProviderCommand,
  DeleteSAMLProviderCommand,
  GetSAMLProviderCommand,
  ListSAMLProvidersCommand,
  ListSAMLProviderTagsCommand,
  TagSAMLProviderCommand,
  UntagSAMLProviderCommand,
  UpdateSAMLProviderCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, refusal, startCloud } from "./support.ts";

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
    expect((await iam.send(new ListSAMLProvidersCommand({}))).SAMLProviderList).toMatchObject([
      { Arn: SAMLProviderArn },
    ]);
    await iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn }));
    expect(await refusal(iam.send(new GetSAMLProviderCommand({ SAMLProviderArn })))).toMatchObject({
      code: "NoSuchEntity",
      status: 404,
    });
  });

  it("is refused a document that is not metadata", async () => {
    const iam = iamClient(await startCloud());
    const call = iam.send(new CreateSAMLProviderCommand({ Name: "idp", SAMLMetadataDocument: "a".repeat(1024) }));
    expect(await refusal(call)).toEqual({ code: "InvalidInput", status: 400, message: "Could not parse metadata" });
  });
});
