import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { createLocalCloud, type LocalCloud } from "../../../../src/local/index.ts";
import { advance, type Progress, rollBack } from "../../../../src/migrate/keys/advance.ts";
import type { Retirement, StepName } from "../../../../src/migrate/keys/retirement.ts";
import { readRetirement, writeRetirement } from "../../../../src/migrate/keys/state-file.ts";
import type { Outside, RetireCalls } from "../../../../src/migrate/keys/steps.ts";
import { type AwsKeys, connectIam } from "../../../../src/wire/aws-sdk.ts";
import { connectUsers, type UserCalls } from "../../../../src/wire/aws-sdk/user-calls.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { adminOf, makeRole, makeUser, roleOf, useKey, useRole } from "./account.ts";

// The local AWS through the real SDK, with the clock of all of it moved by hand.

const START = Date.UTC(2026, 10, 2, 9);
const DAY = 24 * 3600 * 1000;
const USER = "ci";

let cloud: LocalCloud;
let aws: UserCalls;
let file = "";
let key: AwsKeys;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  cloud = await createLocalCloud();
  aws = await connectUsers(adminOf(cloud));
});
afterAll(async () => {
  await cloud.close();
  vi.useRealTimers();
});
beforeEach(() => {
  file = `${tempDir(afterEach)}/keys-ci.json`;
});

/** The account at the beginning, and a retirement that nothing was done of. */
async function begin(): Promise<void> {
  vi.setSystemTime(START);
  await cloud.reset();
  await makeRole(cloud);
  key = await makeUser(cloud, USER);
  const { account } = cloud;
  const about = { account, user: USER, key: key.accessKeyId, role: roleOf(cloud), begun: START };
  await writeRetirement(file, { ...about, quietDays: 7, waitDays: 7, done: {} });
}

function pass(days: number): void {
  vi.setSystemTime(Date.now() + days * DAY);
}

async function kept(): Promise<Retirement> {
  const retirement = await readRetirement(file);
  if (!retirement) throw new Error("no retirement was kept");
  return retirement;
}

const YES = (): Promise<boolean> => Promise.resolve(true);

function outside(more: Partial<Outside> = {}): Outside {
  return {
    aws,
    now: () => Date.now(),
    agree: YES,
    namesLeft: null,
    exchanged: () => Promise.resolve(null),
    save: (retirement) => writeRetirement(file, retirement),
    ...more,
  };
}

async function retire(more: Partial<Outside> = {}): Promise<Progress> {
  return await advance(await kept(), outside(more));
}

async function statusOfKey(): Promise<string> {
  const found = (await aws.listKeys(USER))?.find(({ id }) => id === key.accessKeyId);
  return found === undefined ? "deleted" : found.active ? "active" : "inactive";
}

/** A retirement whose key has been quiet for so many days. */
async function quietFor(days: number): Promise<void> {
  await begin();
  await useKey(cloud, key);
  await useRole(cloud);
  pass(0.1);
  await retire();
  pass(days);
}

describe("each step waits", () => {
  it("for a role, and for an OIDC provider that it trusts", async () => {
    await begin();
    const iam = await connectIam(adminOf(cloud));
    await iam.deleteProvider(`arn:aws:iam::${cloud.account}:oidc-provider/gitlab.com`);
    expect((await retire()).stop).toMatchObject({
      step: "role",
      why: expect.stringContaining("no OIDC provider") as string,
    });
    const trust = {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${cloud.account}:root` },
        Action: "sts:AssumeRole",
      },
    };
    await iam.setTrust("shop-deploy", JSON.stringify(trust));
    expect((await retire()).stop).toMatchObject({
      step: "role",
      why: expect.stringContaining("admits no token") as string,
    });
    await iam.deleteRole("shop-deploy");
    expect((await retire()).stop).toMatchObject({ step: "role", why: `there is no role ${roleOf(cloud)}` });
    expect((await kept()).done).toEqual({});
  });

  it("for a run with the role after the beginning; an exchange in CloudTrail is one too", async () => {
    await begin();
    await useRole(cloud);
    pass(1);
    await writeRetirement(file, { ...(await kept()), begun: Date.now() });
    expect((await retire()).stop).toMatchObject({
      step: "green",
      why: expect.stringContaining("last used on 2026-11-02") as string,
    });
    expect((await retire({ exchanged: () => Promise.resolve(Date.now() - DAY) })).stop).toMatchObject({
      step: "green",
    });
    expect(
      (await retire({ exchanged: () => Promise.resolve(Date.now() + 1), agree: () => Promise.resolve(false) })).stop,
    ).toMatchObject({
      step: "removed",
    });
  });

  it("for a yes, or for a check that finds the names gone", async () => {
    await begin();
    await useRole(cloud);
    const asked: StepName[] = [];
    const no = (step: StepName): Promise<boolean> => {
      asked.push(step);
      return Promise.resolve(false);
    };
    expect((await retire({ agree: no })).stop).toMatchObject({ step: "removed" });
    expect((await retire({ agree: no, namesLeft: () => Promise.resolve("they are still there") })).stop).toMatchObject({
      step: "removed",
    });
    expect((await retire({ agree: no, namesLeft: () => Promise.resolve(null) })).stop).toMatchObject({ step: "quiet" });
    pass(7);
    expect((await retire({ agree: no })).stop).toMatchObject({ step: "deactivate" });
    expect(await statusOfKey()).toBe("active");
    await retire();
    pass(7);
    expect((await retire({ agree: no })).stop).toMatchObject({ step: "delete" });
    expect(await statusOfKey()).toBe("inactive");
    expect(asked).toEqual(["removed", "deactivate", "delete"]);
  });

  it("for seven quiet days, and for seven inactive ones", async () => {
    await quietFor(6.9);
    expect((await retire()).stop).toMatchObject({ step: "quiet", why: "3 hours of 7 days are left" });
    pass(0.1);
    expect((await retire()).stop).toMatchObject({ step: "wait", why: "7 of 7 days are left" });
    expect(await statusOfKey()).toBe("inactive");
    pass(6.9);
    expect((await retire()).stop).toMatchObject({ step: "wait" });
    expect(await statusOfKey()).toBe("inactive");
    pass(0.1);
    expect(await retire()).toMatchObject({ stop: null, gone: false });
    expect(await statusOfKey()).toBe("deleted");
  });
});

describe("a key that is still needed", () => {
  it("goes back to where it is sought, with what used it, at the quiet period", async () => {
    await quietFor(3);
    await useKey(cloud, key, "ap-northeast-2");
    pass(5);
    const { stop } = await retire();
    expect(stop).toMatchObject({
      step: "quiet",
      why: expect.stringMatching(/used on 2026-11-05T.*service sts, region ap-northeast-2/) as string,
    });
    expect(Object.keys((await kept()).done)).toEqual(["role", "green"]);
    // The quiet period begins anew.
    expect((await retire()).stop).toMatchObject({ step: "quiet", why: "7 of 7 days are left" });
  });

  it("is not deactivated when it was used after the quiet period", async () => {
    await quietFor(7);
    await retire({ agree: () => Promise.resolve(false) });
    expect((await kept()).done.quiet).toBeDefined();
    await useKey(cloud, key);
    expect((await retire()).stop).toMatchObject({
      step: "deactivate",
      why: expect.stringContaining("service sts") as string,
    });
    expect(await statusOfKey()).toBe("active");
  });

  it("is left alone when it was needed while a person thought about the answer", async () => {
    await quietFor(7);
    const slowly = (act: () => Promise<void>) => async (): Promise<boolean> => {
      await act();
      return true;
    };
    const used = await retire({ agree: slowly(() => useKey(cloud, key)) });
    expect(used.stop).toMatchObject({ step: "deactivate", why: expect.stringContaining("service sts") as string });
    expect(await statusOfKey()).toBe("active");
    pass(1);
    await retire();
    pass(7);
    await retire();
    pass(7);
    const missed = await retire({ agree: slowly(() => aws.setKeyActive(USER, key.accessKeyId, true)) });
    expect(missed.stop).toMatchObject({ step: "delete", why: expect.stringContaining("active again") as string });
    expect(await statusOfKey()).toBe("active");
  });

  it("is not deleted when somebody made it active again", async () => {
    await quietFor(7);
    await retire();
    await aws.setKeyActive(USER, key.accessKeyId, true);
    pass(8);
    expect((await retire()).stop).toMatchObject({
      step: "wait",
      why: expect.stringContaining("active again") as string,
    });
    expect(await statusOfKey()).toBe("active");
    expect((await retire()).stop).toMatchObject({ step: "quiet" });
  });

  it("is not touched when the role has gone", async () => {
    await quietFor(8);
    const iam = await connectIam(adminOf(cloud));
    await iam.deleteRole("shop-deploy");
    expect((await retire()).stop).toMatchObject({ step: "role" });
    expect(await statusOfKey()).toBe("active");
    await makeRole(cloud);
    expect((await retire()).stop).toMatchObject({ step: "wait" });
  });

  it("is rolled back, until it is deleted", async () => {
    await quietFor(7);
    await retire();
    expect(await statusOfKey()).toBe("inactive");
    await expect(useKey(cloud, key)).rejects.toThrowWithCode("refused", /InvalidClientTokenId/);
    expect(await rollBack(await kept(), aws, outside().save)).toBe(true);
    await useKey(cloud, key);
    expect(Object.keys((await kept()).done)).toEqual(["role", "green"]);
    pass(1);
    await retire();
    pass(7);
    await retire();
    pass(7);
    await retire();
    expect(await statusOfKey()).toBe("deleted");
    expect(await rollBack(await kept(), aws, outside().save)).toBe(false);
  });

  it("is finished when somebody else deleted it", async () => {
    await quietFor(1);
    await aws.deleteKey(USER, key.accessKeyId);
    expect(await retire()).toMatchObject({ stop: null, gone: true });
    expect((await kept()).done.delete).toBe(Date.now());
  });
});

class Killed extends Error {}

/** Lets so many calls through; the next dies before it does anything, or, where it changes something, after it did. */
function killing(point: number): { readonly outside: Outside; readonly points: () => number } {
  let points = 0;
  const maybe = (): void => {
    points += 1;
    if (points === point) throw new Killed();
  };
  const guarded =
    <Args extends readonly unknown[], Answer>(run: (...args: Args) => Promise<Answer>, changes: boolean) =>
    async (...args: Args): Promise<Answer> => {
      maybe();
      const answer = await run(...args);
      if (changes) maybe();
      return answer;
    };
  const calls: RetireCalls = {
    listKeys: guarded((user: string) => aws.listKeys(user), false),
    keyLastUse: guarded((id: string) => aws.keyLastUse(id), false),
    roleUse: guarded((role: string) => aws.roleUse(role), false),
    providerAudiences: guarded((arn: string) => aws.providerAudiences(arn), false),
    setKeyActive: guarded((user: string, id: string, active: boolean) => aws.setKeyActive(user, id, active), true),
    deleteKey: guarded((user: string, id: string) => aws.deleteKey(user, id), true),
  };
  const save = guarded((retirement: Retirement) => writeRetirement(file, retirement), true);
  return { outside: outside({ aws: calls, save }), points: () => points };
}

describe("a retirement that is killed at any point", () => {
  /** Every eight days the pipeline runs and then the retirement goes on; `killed` when it was on the way. */
  async function whole(
    point: number,
  ): Promise<{ readonly killed: boolean; readonly times: Readonly<Record<string, number>> }> {
    await begin();
    let hasKeys = true;
    let killed = false;
    const times: Record<string, number> = {};
    const { outside: deadly } = killing(point);
    const watched: Outside = {
      ...deadly,
      agree: (step) => {
        // The names are taken out before a person says so.
        if (step === "removed") hasKeys = false;
        return Promise.resolve(true);
      },
    };
    for (let visit = 0; visit < 8 && (await statusOfKey()) !== "deleted"; visit += 1) {
      const before = await statusOfKey();
      // While the keys are in the CI both ways are there; the job that has only one must have one that works.
      if (hasKeys) await useKey(cloud, key);
      await useRole(cloud);
      pass(0.01);
      try {
        await advance(await kept(), watched);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        killed = true;
        if (hasKeys) await useKey(cloud, key);
        await useRole(cloud);
        pass(0.01);
        await advance(await kept(), watched);
      }
      const after = await statusOfKey();
      if (hasKeys && after !== "active") throw new Error("the pipeline had no key");
      if (after !== before) times[after] = Date.now();
      if (!hasKeys) times["removed"] ??= Date.now();
      pass(8);
    }
    return { killed, times };
  }

  it("ends the same, and never leaves the pipeline without credentials", async () => {
    let point = 1;
    for (; ; point += 1) {
      const { killed, times } = await whole(point);
      const { removed = NaN, inactive = NaN, deleted = NaN } = times;
      expect([point, inactive - removed >= 7 * DAY, deleted - inactive >= 7 * DAY]).toEqual([point, true, true]);
      expect([point, Object.keys((await kept()).done)]).toEqual([
        point,
        ["role", "green", "removed", "quiet", "deactivate", "wait", "delete"],
      ]);
      if (!killed) break;
    }
    expect(point).toBeGreaterThan(30);
  }, 120_000);
});
