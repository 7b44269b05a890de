import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  type CreateOpenIDConnectProviderCommandInput,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListOpenIDConnectProviderTagsCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  TagOpenIDConnectProviderCommand,
  UntagOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, PROVIDER, refusal, startCloud } from "./support.ts";

const THUMBPRINT = "AbCdEf0123456789aBcDeF0123456789abcdefZZ";
const target = { OpenIDConnectProviderArn: PROVIDER };

describe("an OIDC provider", () => {
  it("is found as it was made", async () => {
    const iam = iamClient(await startCloud());
    const made = await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: "https://gitlab.com",
        ClientIDList: ["b", "a", "b"],
        ThumbprintList: [THUMBPRINT, THUMBPRINT],
        Tags: [
          { Key: "z", Value: "1" },
          { Key: "a", Value: "" },
          { Key: "A", Value: "2" },
        ],
      }),
    );
    expect(made).toMatchObject({ ...target, Tags: [{ Key: "z" }, { Key: "a" }, { Key: "A" }] });
    const got = await iam.send(new GetOpenIDConnectProviderCommand(target));
    expect(got).toMatchObject({
      Url: "gitlab.com",
      ClientIDList: ["b", "a"],
      ThumbprintList: [THUMBPRINT.toLowerCase(), THUMBPRINT.toLowerCase()],
      Tags: [{ Key: "A" }, { Key: "a" }, { Key: "z" }],
    });
    expect(got.CreateDate).toBeInstanceOf(Date);
    const list = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    expect(list.OpenIDConnectProviderList).toEqual([{ Arn: PROVIDER }]);
  });

  it.each([
    ["https://Example.com/Path/", "Example.com/Path/"],
    ["https://example.com:443", "example.com"],
    ["https://example.com:443/x", "example.com/x"],
    ["https://example.com:8443/x", "example.com:8443/x"],
    ["http://127.0.0.1:8080/realm", "127.0.0.1:8080/realm"],
  ])("for %s is named %s", async (Url, name) => {
    const iam = iamClient(await startCloud());
    const { OpenIDConnectProviderArn } = await iam.send(new CreateOpenIDConnectProviderCommand({ Url }));
    expect(OpenIDConnectProviderArn).toBe(`arn:aws:iam::${ACCOUNT}:oidc-provider/${name}`);
  });

  it("without tags has an empty list of them", async () => {
    const iam = iamClient(await startCloud());
    const made = await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com" }));
    expect(made).not.toHaveProperty("Tags");
    expect((await iam.send(new GetOpenIDConnectProviderCommand(target))).Tags).toEqual([]);
  });

  it("with a slash more is another one", async () => {
    const iam = iamClient(await startCloud());
    for (const Url of ["https://a.example/x", "https://a.example/x/"])
      await iam.send(new CreateOpenIDConnectProviderCommand({ Url }));
    const { OpenIDConnectProviderList = [] } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    expect(OpenIDConnectProviderList).toHaveLength(2);
  });

  it.each<[string, Omit<CreateOpenIDConnectProviderCommandInput, "Url"> & { Url?: string }, object]>([
    ["a query in its URL", { Url: "https://a.example?x" }, { code: "InvalidInput", status: 400, message: "Unknown" }],
    [
      "a fragment in its URL",
      { Url: "https://a.example/#x" },
      { code: "InvalidInput", status: 400, message: "Unknown" },
    ],
    ["plain http", { Url: "http://a.example" }, { code: "ValidationError", status: 400 }],
    ["no URL", { Url: "gitlab.com" }, { code: "ValidationError", status: 400 }],
    [
      "six thumbprints",
      { ThumbprintList: Array<string>(6).fill(THUMBPRINT) },
      { code: "InvalidInput", message: "Thumbprint list must contain fewer than 5 entries." },
    ],
    [
      "a short thumbprint",
      { ThumbprintList: ["abc"] },
      {
        code: "ValidationError",
        message:
          "1 validation error detected: Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: " +
          "[Member must have length less than or equal to 40, Member must have length greater than or equal to 40]",
      },
    ],
    [
      "a long audience and a long URL",
      { ClientIDList: ["a".repeat(256)], Url: `https://a.example/${"x".repeat(250)}` },
      {
        code: "ValidationError",
        message:
          "2 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: " +
          "[Member must have length less than or equal to 255, Member must have length greater than or equal to 1]; " +
          "Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255",
      },
    ],
    [
      "101 audiences",
      { ClientIDList: Array.from({ length: 101 }, (_, at) => `a${at}`) },
      { code: "LimitExceeded", status: 409 },
    ],
    [
      "a reserved tag",
      { Tags: [{ Key: "aws:x", Value: "" }] },
      { code: "InvalidInput", message: "Tag keys beginning with aws: are reserved for system use." },
    ],
    [
      "one tag twice",
      {
        Tags: [
          { Key: "x", Value: "" },
          { Key: "x", Value: "" },
        ],
      },
      { code: "InvalidInput", message: "Duplicate tag keys found." },
    ],
  ])("is not made with %s", async (_, input, answer) => {
    const iam = iamClient(await startCloud());
    expect(
      await refusal(iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://a.example", ...input }))),
    ).toMatchObject(answer);
  });

  it("is made once, and five thumbprints are fine", async () => {
    const iam = iamClient(await startCloud());
    const make = (): Promise<unknown> =>
      iam.send(
        new CreateOpenIDConnectProviderCommand({
          Url: "https://gitlab.com",
          ThumbprintList: Array<string>(5).fill(THUMBPRINT),
        }),
      );
    await make();
    expect(await refusal(make())).toMatchObject({
      code: "EntityAlreadyExists",
      status: 409,
      message: "Provider with url https://gitlab.com already exists.",
    });
  });

  it("has audiences added and removed, again and again without complaint", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", ClientIDList: [] }));
    for (const ClientID of ["a", "b", "a"])
      await iam.send(new AddClientIDToOpenIDConnectProviderCommand({ ...target, ClientID }));
    for (const ClientID of ["b", "b", "never"])
      await iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand({ ...target, ClientID }));
    expect(await iam.send(new GetOpenIDConnectProviderCommand(target))).toMatchObject({ ClientIDList: ["a"] });
  });

  it("has its thumbprints replaced, but not by none", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com" }));
    await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand({ ...target, ThumbprintList: [THUMBPRINT] }));
    expect(await iam.send(new GetOpenIDConnectProviderCommand(target))).toMatchObject({
      ThumbprintList: [THUMBPRINT.toLowerCase()],
    });
    expect(
      await refusal(iam.send(new UpdateOpenIDConnectProviderThumbprintCommand({ ...target, ThumbprintList: [] }))),
    ).toMatchObject({
      code: "InvalidInput",
      message: "Thumbprint list must contain at least one entry.",
    });
  });

  it("is tagged and untagged, case by case", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", Tags: [{ Key: "team", Value: "a" }] }),
    );
    const Tags = [
      { Key: "Team", Value: "b" },
      { Key: "team", Value: "c" },
    ];
    await iam.send(new TagOpenIDConnectProviderCommand({ ...target, Tags }));
    expect((await iam.send(new ListOpenIDConnectProviderTagsCommand(target))).Tags).toEqual(Tags);
    await iam.send(new UntagOpenIDConnectProviderCommand({ ...target, TagKeys: ["Team", "never"] }));
    expect(await iam.send(new ListOpenIDConnectProviderTagsCommand(target))).toMatchObject({
      Tags: [{ Key: "team", Value: "c" }],
      IsTruncated: false,
    });
  });

  it("that is not there is missed in two different texts", async () => {
    const iam = iamClient(await startCloud());
    expect(await refusal(iam.send(new GetOpenIDConnectProviderCommand(target)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: `OpenIDConnect Provider not found for arn ${PROVIDER}`,
    });
    expect(await refusal(iam.send(new DeleteOpenIDConnectProviderCommand(target)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: `OpenId connect Provider ${PROVIDER} cannot be found.`,
    });
    expect(
      await refusal(iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: "x".repeat(20) }))),
    ).toMatchObject({
      code: "ValidationError",
      message: "Invalid ARN:  Could not be parsed!",
    });
  });
});
