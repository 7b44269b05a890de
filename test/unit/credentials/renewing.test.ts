import { describe, expect, it } from "vitest";
import type { Credentials } from "../../../src/core/credentials.ts";
import { renewalMargin, renewing } from "../../../src/credentials/renewing.ts";
import { CREDENTIALS } from "./example.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23, 9);

/** Sessions of so many minutes, numbered, from a source that can be made to fail or to wait. */
function source(minutes: number) {
  const state = { clock: START, got: 0, fails: false, hold: null as Promise<void> | null };
  const get = async (): Promise<Credentials> => {
    const number = ++state.got;
    await state.hold;
    if (state.fails) throw new Error("no more");
    return {
      ...CREDENTIALS,
      accessKeyId: `ASIA${number}`,
      expiration: new Date(state.clock + minutes * MINUTE),
    };
  };
  const credentials = renewing({ get, now: () => state.clock, patience: 20 });
  return { state, key: async () => (await credentials()).accessKeyId };
}

describe("credentials that renew themselves", () => {
  it("are got once for as long as they are good", async () => {
    const { state, key } = source(60);
    expect([await key(), await key()]).toEqual(["ASIA1", "ASIA1"]);
    state.clock += 43 * MINUTE;
    expect([await key(), state.got]).toEqual(["ASIA1", 1]);
  });

  it("are got anew with 16 minutes left, since botocore asks on every call when 15 are", async () => {
    const { state, key } = source(60);
    await key();
    state.clock += 44 * MINUTE;
    expect(await key()).toBe("ASIA2");
  });

  it("are got anew half way through a short session", async () => {
    expect([renewalMargin(15 * MINUTE), renewalMargin(60 * MINUTE)]).toEqual([7.5 * MINUTE, 16 * MINUTE]);
    const { state, key } = source(15);
    await key();
    state.clock += 7 * MINUTE;
    expect(await key()).toBe("ASIA1");
    state.clock += MINUTE;
    expect(await key()).toBe("ASIA2");
  });

  it("are got once for many callers at a time", async () => {
    const { state, key } = source(60);
    expect(await Promise.all([key(), key(), key()])).toEqual(["ASIA1", "ASIA1", "ASIA1"]);
    expect(state.got).toBe(1);
  });

  it("are the old ones while getting new ones fails or takes long, and the old ones last", async () => {
    const { state, key } = source(60);
    await key();
    state.clock += 50 * MINUTE;
    state.fails = true;
    expect(await key()).toBe("ASIA1");
    state.fails = false;
    let go = (): void => {};
    state.hold = new Promise((resolve) => (go = resolve));
    expect(await key()).toBe("ASIA1");
    go();
    state.hold = null;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await key()).toBe("ASIA3");
  });

  it("are none when the old ones are over, and why is told; the next caller tries again", async () => {
    const { state, key } = source(60);
    await key();
    state.clock += 59.5 * MINUTE;
    state.fails = true;
    await expect(key()).rejects.toThrow("no more");
    state.fails = false;
    expect(await key()).toBe("ASIA3");
  });

  it("are none when there never were any", async () => {
    const { state, key } = source(60);
    state.fails = true;
    await expect(key()).rejects.toThrow("no more");
  });
});
