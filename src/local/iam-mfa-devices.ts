import { encode } from "uqr";

import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { findHolder, isRefusal, USERS } from "./iam-holders.ts";
import { assign, deviceOf, devicesOf, dropDevice, putDevice } from "./iam-mfa-records.ts";
import { resourceTagOperations } from "./iam-resource-tags.ts";
import { existingUserName, iamName, oneOf, paging, path, tagList, userName } from "./iam-shapes.ts";
import { mergeTags, tagsXml } from "./iam-tags.ts";
import { findUserOrSelf, userArnOf, wholeUserXml } from "./iam-users.ts";
import { newMfaSeed } from "./ids.ts";
import { type Answer, type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional, text } from "./parameters.ts";
import { renderPng } from "./png.ts";
import type { MfaRecord, UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * MFA devices. The codes of virtual ones are real (RFC 6238): who enables one has to know its seed. Answers and texts:
 * recorded from AWS, 2026-02 (localstack#13783), unless said otherwise.
 */

const serialNumber = text({ min: 9, max: 256, pattern: String.raw`[\w+=/:,.@-]+` });
const code = text({ min: 6, max: 6, pattern: String.raw`[\d]+` });

// IAM quotas.
const MOST_PER_USER = 8;

function arnFor(at: string, name: string, { store }: World): string {
  return `arn:aws:iam::${store.identity.account}:mfa${at}${name}`;
}

function missing(serial: string): Refusal {
  return iamError("NoSuchEntity", `MFA Device with serial number ${serial} does not exist.`);
}

/** The virtual device of a serial number. */
function find(serial: string, world: World): MfaRecord | Refusal {
  const device = deviceOf(serial, world);
  return device?.seed === undefined ? missing(serial) : device;
}

/** The device that is to be enabled: a virtual one that was made, or a hardware token, which nobody makes here. */
function findOrTake(serial: string, world: World): MfaRecord | Refusal {
  const device = deviceOf(serial, world);
  if (device) return device;
  return serial.startsWith("arn:") ? missing(serial) : { arn: serial, tags: [], created: world.now() };
}

function ownerOf({ assigned }: MfaRecord, { store }: World): UserRecord | undefined {
  return [...store.iam.users.values()].find(({ id }) => id === assigned?.userId);
}

const create = operation({
  parameters: { Path: optional(path), VirtualMFADeviceName: iamName(226), Tags: optional(tagList) },
  access: ({ Path: at = "/", VirtualMFADeviceName: name }, world) => arnFor(at, name, world),
  run: ({ values, world }) => {
    const { Path: at = "/", VirtualMFADeviceName: name } = values;
    const serial = arnFor(at, name, world);
    const tags = mergeTags([], values.Tags ?? [], "exact");
    if (tags.kind === "refused") return tags;
    if (world.store.iam.mfaDevices.has(serial)) return iamError("EntityAlreadyExists", "MFA device already exists.");
    const seed = newMfaSeed();
    const device: MfaRecord = { arn: serial, seed, tags: tags.tags, created: world.now() };
    putDevice(device, world);
    return result({
      VirtualMFADevice: {
        SerialNumber: serial,
        // Base32, and base64 on the wire. IAM API reference, VirtualMFADevice.
        Base32StringSeed: Buffer.from(seed).toString("base64"),
        QRCodePNG: pictureOf(name, seed, world).toString("base64"),
        Tags: device.tags.length > 0 ? tagsXml(device.tags) : undefined,
      },
    });
  },
});

// What authenticator apps read. IAM API reference, VirtualMFADevice: the scheme, the name before the account, the seed.
function pictureOf(name: string, seed: string, { store }: World): Buffer {
  const link = `otpauth://totp/${name}@${store.identity.account}?secret=${seed}`;
  return renderPng(encode(link, { border: 0 }).data, 4);
}

const remove = operation({
  parameters: { SerialNumber: serialNumber },
  access: ({ SerialNumber: serial }) => serial,
  run: ({ values: { SerialNumber: serial }, world }) => {
    const device = find(serial, world);
    if (isRefusal(device)) return device;
    // Not verified.
    if (device.assigned) return iamError("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.");
    dropDevice(device, world);
    return result();
  },
});

const pair = {
  UserName: existingUserName,
  SerialNumber: serialNumber,
  AuthenticationCode1: code,
  AuthenticationCode2: code,
};

interface NamesPair {
  readonly UserName: string;
  readonly SerialNumber: string;
  readonly AuthenticationCode1: string;
  readonly AuthenticationCode2: string;
}

/** Gives a device to a user who shows two of its codes. */
function give({ values, world }: Call<NamesPair>, device: MfaRecord, user: UserRecord): Answer {
  const assigned = assign(device, user, [values.AuthenticationCode1, values.AuthenticationCode2], world.now());
  if (!assigned) return iamError("InvalidAuthenticationCode", "Authentication code for device is not valid.");
  putDevice({ ...device, assigned: { ...assigned, since: device.assigned?.since ?? assigned.since } }, world);
  return result();
}

const enable = operation({
  parameters: pair,
  access: userArnOf,
  run: (call) => {
    const { values, world } = call;
    const user = findHolder(USERS, { values, world });
    if (isRefusal(user)) return user;
    const device = findOrTake(values.SerialNumber, world);
    if (isRefusal(device)) return device;
    if (device.assigned) return iamError("EntityAlreadyExists", "MFA Device is already in use.");
    if (devicesOf(user, world).length >= MOST_PER_USER)
      return iamError("LimitExceeded", `Cannot exceed quota for MFADevicesPerUser: ${MOST_PER_USER}`);
    return give(call, device, user);
  },
});

/** The user that a call names, or who calls, and the device of theirs that it names. */
function findOwn(
  call: Call<{ readonly UserName: string | undefined; readonly SerialNumber: string }>,
): { readonly user: UserRecord; readonly device: MfaRecord } | Refusal {
  const user = findUserOrSelf(call);
  if (isRefusal(user)) return user;
  const { SerialNumber: serial } = call.values;
  const device = deviceOf(serial, call.world);
  if (!device) return missing(serial);
  // The text is that of servers modelled on AWS.
  return device.assigned?.userId === user.id
    ? { user, device }
    : iamError("NoSuchEntity", "MFA Device invalid for user.");
}

const resync = operation({
  parameters: pair,
  access: userArnOf,
  run: (call) => {
    const own = findOwn(call);
    return isRefusal(own) ? own : give(call, own.device, own.user);
  },
});

const deactivate = operation({
  parameters: { UserName: optional(existingUserName), SerialNumber: serialNumber },
  access: userArnOf,
  run: (call) => {
    const own = findOwn(call);
    if (isRefusal(own)) return own;
    if (own.device.seed === undefined) dropDevice(own.device, call.world);
    else putDevice({ ...own.device, assigned: undefined }, call.world);
    return result();
  },
});

function enableDate({ assigned }: MfaRecord): string | undefined {
  return assigned && isoSeconds(assigned.since / 1000);
}

const get = operation({
  parameters: { SerialNumber: serialNumber, UserName: optional(userName) },
  access: userArnOf,
  run: (call) => {
    const own = findOwn(call);
    if (isRefusal(own)) return own;
    const { user, device } = own;
    return result({ UserName: user.name, SerialNumber: device.arn, EnableDate: enableDate(device) });
  },
});

const listOfUser = operation({
  parameters: { UserName: optional(existingUserName), ...paging },
  access: userArnOf,
  run: (call) => {
    const user = findUserOrSelf(call);
    if (isRefusal(user)) return user;
    const page = paginate(devicesOf(user, call.world), ({ arn }) => arn, call.values);
    if (page.kind === "refused") return page;
    const devices = page.items.map((one) => ({
      UserName: user.name,
      SerialNumber: one.arn,
      EnableDate: enableDate(one),
    }));
    return result({ MFADevices: devices, ...page.tail });
  },
});

// The seed is told once, when the device is made.
function deviceXml(device: MfaRecord, world: World): XmlFields {
  const user = ownerOf(device, world);
  return { SerialNumber: device.arn, User: user && wholeUserXml(user), EnableDate: enableDate(device) };
}

const list = operation({
  parameters: { AssignmentStatus: optional(oneOf("Assigned", "Unassigned", "Any")), ...paging },
  access: () => "*",
  run: ({ values, world }) => {
    // Any, when nothing is said. IAM API reference, ListVirtualMFADevices.
    const { AssignmentStatus: status = "Any" } = values;
    const wanted = [...world.store.iam.mfaDevices.values()].filter(
      ({ assigned, seed }) =>
        seed !== undefined && (status === "Any" || (assigned !== undefined) === (status === "Assigned")),
    );
    const page = paginate(wanted, ({ arn }) => arn, values);
    if (page.kind === "refused") return page;
    return result({ VirtualMFADevices: page.items.map((one) => deviceXml(one, world)), ...page.tail });
  },
});

export const MFA_OPERATIONS: Operations = {
  CreateVirtualMFADevice: create,
  DeleteVirtualMFADevice: remove,
  ListVirtualMFADevices: list,
  EnableMFADevice: enable,
  ResyncMFADevice: resync,
  DeactivateMFADevice: deactivate,
  GetMFADevice: get,
  ListMFADevices: listOfUser,
  ...resourceTagOperations<MfaRecord>({
    title: "MFADevice",
    parameter: "SerialNumber",
    shape: serialNumber,
    arnOf: (serial) => serial,
    find,
    put: putDevice,
  }),
};
