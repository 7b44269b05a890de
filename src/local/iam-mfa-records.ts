import { type MfaAssignment, type MfaRecord, type UserRecord, withEntry, withoutEntry } from "./records.ts";
import { findStep, stepOf } from "./totp.ts";
import type { World } from "./world.ts";

/**
 * What IAM and STS share about MFA devices: whose they are, and whether a code is good. Of a hardware token that cannot
 * be known: it is enabled by any codes, and shows a good one never.
 */

// Steps of 30 s that a device's clock may be wrong by when it is enabled, and after that.
const WIDEST = 20;
const USUAL = 1;

/** A user's devices. */
export function devicesOf({ id }: UserRecord, { store }: World): readonly MfaRecord[] {
  return [...store.iam.mfaDevices.values()].filter(({ assigned }) => assigned?.userId === id);
}

/** An MFA device of this serial number. */
export function deviceOf(serial: string, { store }: World): MfaRecord | undefined {
  return store.iam.mfaDevices.get(serial);
}

export function putDevice(device: MfaRecord, { store }: World): void {
  store.changeIam((iam) => ({ ...iam, mfaDevices: withEntry(iam.mfaDevices, device.arn, device) }));
}

export function dropDevice({ arn }: MfaRecord, { store }: World): void {
  store.changeIam((iam) => ({ ...iam, mfaDevices: withoutEntry(iam.mfaDevices, arn) }));
}

/** A user's hold on a device whose two codes follow on each other; null when they do not. */
export function assign(
  { seed }: MfaRecord,
  user: UserRecord,
  codes: readonly [string, string],
  now: number,
): MfaAssignment | null {
  if (seed === undefined) return { userId: user.id, since: now, drift: 0, lastStep: 0 };
  const today = stepOf(now);
  for (let from = today - WIDEST; ;) {
    const first = findStep(seed, codes[0], from, today + WIDEST);
    if (first === null) return null;
    if (findStep(seed, codes[1], first + 1, first + 1) !== null) {
      return { userId: user.id, since: now, drift: first + 1 - today, lastStep: first + 1 };
    }
    from = first + 1;
  }
}

/** Whether a device of the user's shows this code now. A good code is used up. */
export function takeCode(user: UserRecord, serial: string, code: string, world: World): "good" | "wrong" | "no device" {
  const device = devicesOf(user, world).find(({ arn }) => arn === serial);
  if (!device?.assigned) return "no device";
  const { assigned, seed } = device;
  if (seed === undefined) return "wrong";
  const expected = stepOf(world.now()) + assigned.drift;
  const step = findStep(seed, code, Math.max(expected - USUAL, assigned.lastStep + 1), expected + USUAL);
  if (step === null) return "wrong";
  putDevice({ ...device, assigned: { ...assigned, lastStep: step } }, world);
  return "good";
}
