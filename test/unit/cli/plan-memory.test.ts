import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";

import { manyRoles } from "../../../scripts/accounts-front.mjs";
import { parseConfig } from "../../../src/account/config.ts";
import { planAll } from "../../../src/cli/account-run.ts";
import { FakeIam } from "../account/fake-iam.ts";
import { fakeIo } from "./fake-io.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

describe("a plan over many accounts", () => {
  it("holds no more after thirty accounts than after ten, a little for each apart", async () => {
    const ids = Array.from({ length: 31 }, (_, index) => String(200_000_000_000 + index));
    const config = parseConfig(manyRoles(200, ids), "rolecall.yaml");
    const accounts = ids.map((account) => ({
      target: { account, partition: "aws" as const },
      via: null,
      iam: async () => new FakeIam(),
    }));
    const held = new Map<string, number>();
    const err = (text: string): void => {
      const count = /planned \((10|30) of/.exec(text)?.[1];
      if (count === undefined) return;
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      held.set(count, heapUsed + arrayBuffers);
    };
    const io = fakeIo({}, { err });
    const input = { config: undefined, account: [], "endpoint-url": undefined, quiet: false };
    const plans = await planAll({ config, accounts, options: {}, destroy: false }, input, io);
    expect(plans.map(({ counts }) => counts.add)).toEqual(ids.map(() => 201));
    // What twenty accounts ask for is 12 MB. Up to eight are under way when one is told of, and it is chance how far.
    const [few = 0, many = 0] = [held.get("10"), held.get("30")];
    expect(few).toBeGreaterThan(0);
    expect((many - few) / 2 ** 20).toBeLessThan(6);
  }, 120_000);
});
