import { join } from "node:path";

import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  DeactivateMFADeviceCommand,
  DeleteUserCommand,
  DeleteVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  GenerateCredentialReportCommand,
  GetAccountSummaryCommand,
  GetCredentialReportCommand,
  GetMFADeviceCommand,
  GetUserCommand,
  type IAMClient,
  ListMFADevicesCommand,
  ListMFADeviceTagsCommand,
  ListVirtualMFADevicesCommand,
  PutUserPolicyCommand,
  ResyncMFADeviceCommand,
  TagMFADeviceCommand,
  UntagMFADeviceCommand,
} from "@aws-sdk/client-iam";
import { GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { encode } from "uqr";
import { describe, expect, it } from "vitest";

import type { LocalCloud } from "../../../src/local/index.ts";
import { renderPng } from "../../../src/local/png.ts";
import { codeOf } from "../../../src/local/totp.ts";
import { ACCOUNT, iamClient, refusal, startCloud, stsClient, tempFolder } from "./support.ts";

const ann = { UserName: "ann" };
const SERIAL = `arn:aws:iam::${ACCOUNT}:mfa/phone`;
const device = { SerialNumber: SERIAL };
const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const STEP = 30_000;

interface Phone {
  readonly iam: IAMClient;
  readonly cloud: LocalCloud;
  /** The code of the step so many steps from the clock's first. */
  readonly code: (step: number) => string;
  readonly setClock: (steps: number) => void;
  readonly enable: (first: number, second: number) => Promise<unknown>;
}

async function withPhone(state?: string): Promise<Phone> {
  let now = START;
  const cloud = await startCloud({ now: () => now, ...(state === undefined ? {} : { state }) });
  const iam = iamClient(cloud);
  // The client's clock is the machine's; it learns the cloud's from the first answer.
  await iam.send(new GetAccountSummaryCommand({})).catch(() => undefined);
  await iam.send(new CreateUserCommand(ann));
  const made = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "phone" }));
  const seed = Buffer.from(made.VirtualMFADevice?.Base32StringSeed ?? []).toString();
  expect(seed).toMatch(/^[A-Z2-7]{64}$/);
  const link = `otpauth://totp/phone@${ACCOUNT}?secret=${seed}`;
  expect(made.VirtualMFADevice?.QRCodePNG).toEqual(new Uint8Array(renderPng(encode(link, { border: 0 }).data, 4)));
  const code = (step: number): string => codeOf(seed, Math.floor(START / STEP) + step);
  return {
    iam,
    cloud,
    code,
    setClock: (steps) => {
      now = START + steps * STEP;
    },
    enable: (first, second) =>
      iam.send(
        new EnableMFADeviceCommand({
          ...ann,
          ...device,
          AuthenticationCode1: code(first),
          AuthenticationCode2: code(second),
        }),
      ),
  };
}

describe("a code of a device", () => {
  // RFC 6238, appendix B: the SHA-1 rows, of which these are the last six of eight digits.
  it.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("is at %i seconds the one that RFC 6238 has", (seconds, expected) => {
    expect(codeOf("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Math.floor(seconds / 30))).toBe(expected);
  });
});

describe("a virtual MFA device", () => {
  it("is made, enabled, told of, put out of use and deleted", async () => {
    const state = join(tempFolder(), "state.json");
    const { iam, enable } = await withPhone(state);
    const all = async (AssignmentStatus?: "Assigned" | "Unassigned" | "Any") =>
      (await iam.send(new ListVirtualMFADevicesCommand({ AssignmentStatus }))).VirtualMFADevices;
    expect(await all()).toEqual([device]);
    expect(await all("Assigned")).toEqual([]);
    await enable(-1, 0);
    expect(await all("Unassigned")).toEqual([]);
    expect(await all("Assigned")).toMatchObject([{ ...device, User: ann, EnableDate: new Date(START) }]);
    const own = { ...ann, ...device, EnableDate: new Date(START) };
    expect((await iam.send(new ListMFADevicesCommand(ann))).MFADevices).toEqual([own]);
    expect(await iam.send(new GetMFADeviceCommand({ ...ann, ...device }))).toMatchObject(own);
    const { SummaryMap: summary } = await iam.send(new GetAccountSummaryCommand({}));
    expect(summary).toMatchObject({ MFADevices: 1, MFADevicesInUse: 1, AccountMFAEnabled: 0 });
    await iam.send(new GenerateCredentialReportCommand({}));
    const { Content = new Uint8Array() } = await iam.send(new GetCredentialReportCommand({}));
    const [head = "", ...rows] = Buffer.from(Content).toString().split("\n");
    const column = head.split(",").indexOf("mfa_active");
    expect(rows.map((row) => [row.split(",")[0], row.split(",")[column]])).toEqual([
      ["<root_account>", "false"],
      ["admin", "false"],
      ["ann", "true"],
    ]);
    const again = iamClient(await startCloud({ state, now: () => START }));
    await again.send(new GetAccountSummaryCommand({})).catch(() => undefined);
    expect((await again.send(new ListMFADevicesCommand(ann))).MFADevices).toEqual([own]);

    expect(await refusal(iam.send(new DeleteVirtualMFADeviceCommand(device)))).toEqual({
      code: "DeleteConflict",
      status: 409,
      message: "MFA VirtualDevice in use. Must deactivate first.",
    });
    expect(await refusal(iam.send(new DeleteUserCommand(ann)))).toMatchObject({
      code: "DeleteConflict",
      message: "Cannot delete entity, must delete MFA device first.",
    });
    await iam.send(new DeactivateMFADeviceCommand({ ...ann, ...device }));
    expect(await refusal(iam.send(new DeactivateMFADeviceCommand({ ...ann, ...device })))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: "MFA Device invalid for user.",
    });
    await iam.send(new DeleteVirtualMFADeviceCommand(device));
    expect(await refusal(iam.send(new DeleteVirtualMFADeviceCommand(device)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: `MFA Device with serial number ${SERIAL} does not exist.`,
    });
    await iam.send(new DeleteUserCommand(ann));
  });

  it("is one of its name and path", async () => {
    const { iam } = await withPhone();
    const make = (Path?: string) =>
      iam.send(new CreateVirtualMFADeviceCommand({ Path, VirtualMFADeviceName: "phone" }));
    expect(await refusal(make())).toEqual({
      code: "EntityAlreadyExists",
      status: 409,
      message: "MFA device already exists.",
    });
    expect((await make("/team/")).VirtualMFADevice?.SerialNumber).toBe(`arn:aws:iam::${ACCOUNT}:mfa/team/phone`);
    // Recorded from AWS: a part of a path may be empty.
    expect((await make("/z//b/")).VirtualMFADevice?.SerialNumber).toBe(`arn:aws:iam::${ACCOUNT}:mfa/z//b/phone`);
    for (const odd of ["a/", "/a", "a"])
      expect(await refusal(make(odd))).toEqual({
        code: "ValidationError",
        status: 400,
        message:
          "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
      });
    const page = await iam.send(new ListVirtualMFADevicesCommand({ MaxItems: 1 }));
    expect(page).toMatchObject({ VirtualMFADevices: [device], IsTruncated: true });
    const rest = await iam.send(new ListVirtualMFADevicesCommand({ Marker: page.Marker }));
    expect(rest).toMatchObject({ IsTruncated: false });
    expect(rest.VirtualMFADevices).toHaveLength(2);
  });

  it("is enabled by two codes that follow on each other, and no others", async () => {
    const { enable } = await withPhone();
    const wrong = { code: "InvalidAuthenticationCode", status: 403 };
    for (const [first, second] of [
      [0, 0],
      [0, -1],
      [0, 2],
      [-40, -39],
    ] as const)
      expect(await refusal(enable(first, second))).toMatchObject(wrong);
    await enable(3, 4);
    expect(await refusal(enable(4, 5))).toEqual({
      code: "EntityAlreadyExists",
      status: 409,
      message: "MFA Device is already in use.",
    });
  });

  it("is tagged, its keys told apart by case", async () => {
    const { iam } = await withPhone();
    const tags = async () => (await iam.send(new ListMFADeviceTagsCommand(device))).Tags;
    await iam.send(
      new TagMFADeviceCommand({
        ...device,
        Tags: [
          { Key: "team", Value: "a" },
          { Key: "Team", Value: "b" },
        ],
      }),
    );
    expect(await tags()).toHaveLength(2);
    await iam.send(new UntagMFADeviceCommand({ ...device, TagKeys: ["team"] }));
    expect(await tags()).toEqual([{ Key: "Team", Value: "b" }]);
    const twice = ["x", "x"].map((Key) => ({ Key, Value: "" }));
    expect(await refusal(iam.send(new TagMFADeviceCommand({ ...device, Tags: twice })))).toEqual({
      code: "InvalidInput",
      status: 400,
      message: "Duplicate tag keys found.",
    });
  });
});

describe("a hardware token", () => {
  const token = { ...ann, SerialNumber: "GAHT12345678" };
  const codes = { AuthenticationCode1: "123456", AuthenticationCode2: "654321" };

  it("is a user's as long as it is enabled, and no virtual device", async () => {
    const { iam } = await withPhone();
    await iam.send(new EnableMFADeviceCommand({ ...token, ...codes }));
    const own = { ...token, EnableDate: new Date(START) };
    expect((await iam.send(new ListMFADevicesCommand(ann))).MFADevices).toEqual([own]);
    expect((await iam.send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices).toEqual([device]);
    const another = { ...token, ...codes, UserName: "admin" };
    expect(await refusal(iam.send(new EnableMFADeviceCommand(another)))).toMatchObject({ code: "EntityAlreadyExists" });
    for (const SerialNumber of [token.SerialNumber, "GAHT87654321"])
      expect(await refusal(iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber })))).toMatchObject({
        code: "NoSuchEntity",
      });
    await iam.send(new DeactivateMFADeviceCommand(token));
    expect((await iam.send(new ListMFADevicesCommand(ann))).MFADevices).toEqual([]);
    expect(await refusal(iam.send(new DeactivateMFADeviceCommand(token)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: "MFA Device with serial number GAHT12345678 does not exist.",
    });
  });

  it("opens nothing, since nobody here knows its codes", async () => {
    const phone = await withPhone();
    await phone.iam.send(new EnableMFADeviceCommand({ ...token, ...codes }));
    const { AccessKey: key } = await phone.iam.send(new CreateAccessKeyCommand(ann));
    const sts = stsClient(phone.cloud, {
      accessKeyId: key?.AccessKeyId ?? "",
      secretAccessKey: key?.SecretAccessKey ?? "",
    });
    // The first answer tells the client what the cloud's clock says.
    await sts.send(new GetSessionTokenCommand({})).catch(() => undefined);
    for (const TokenCode of ["123456", "654321", codeOf("", Math.floor(START / STEP))])
      expect(
        await refusal(sts.send(new GetSessionTokenCommand({ SerialNumber: token.SerialNumber, TokenCode }))),
      ).toMatchObject({ code: "AccessDenied", status: 403 });
  });
});

describe("a session with MFA", () => {
  async function session(
    phone: Phone,
    step: number,
    serial = SERIAL,
  ): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken: string }> {
    const { AccessKey: key } = await phone.iam.send(new CreateAccessKeyCommand(ann));
    const sts = stsClient(phone.cloud, {
      accessKeyId: key?.AccessKeyId ?? "",
      secretAccessKey: key?.SecretAccessKey ?? "",
    });
    const ask = () => sts.send(new GetSessionTokenCommand({ SerialNumber: serial, TokenCode: phone.code(step) }));
    const answer = await ask().catch((error: Error) =>
      error.message.startsWith("Signature") ? ask() : Promise.reject(error),
    );
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }

  it("may call IAM, and policies see that a code was shown", async () => {
    const phone = await withPhone();
    await phone.enable(-1, 0);
    const needsMfa = {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Action: "iam:GetUser",
        Resource: "*",
        Condition: {
          Bool: { "aws:MultiFactorAuthPresent": "true" },
          NumericLessThan: { "aws:MultiFactorAuthAge": "60" },
        },
      },
    };
    await phone.iam.send(
      new PutUserPolicyCommand({ ...ann, PolicyName: "mfa", PolicyDocument: JSON.stringify(needsMfa) }),
    );
    const keys = await session(phone, 1);
    const iam = iamClient(phone.cloud, keys);
    const get = () => iam.send(new GetUserCommand({}));
    await get().catch(() => undefined);
    expect((await get()).User?.UserName).toBe("ann");
    // Two minutes later the code is too old for the policy.
    phone.setClock(5);
    expect(await refusal(get())).toMatchObject({ code: "AccessDenied" });
  });

  it.each([
    ["a code of another minute", 9, SERIAL, "MultiFactorAuthentication failed with invalid MFA one time pass code. "],
    [
      "a code that was used already",
      0,
      SERIAL,
      "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
    ],
    [
      "a device of somebody else",
      1,
      `arn:aws:iam::${ACCOUNT}:mfa/other`,
      "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    ],
  ])("is refused for %s", async (_, step, serial, message) => {
    const phone = await withPhone();
    await phone.enable(-1, 0);
    expect(await refusal(session(phone, step, serial))).toEqual({ code: "AccessDenied", status: 403, message });
  });

  it("follows a device whose clock is wrong, once it was told", async () => {
    const phone = await withPhone();
    await phone.enable(-1, 0);
    const resync = (first: number) =>
      phone.iam.send(
        new ResyncMFADeviceCommand({
          ...ann,
          ...device,
          AuthenticationCode1: phone.code(first),
          AuthenticationCode2: phone.code(first + 1),
        }),
      );
    await resync(10);
    expect((await session(phone, 12)).sessionToken).not.toBe("");
    expect(await refusal(session(phone, 1))).toMatchObject({ code: "AccessDenied" });
  });
});
