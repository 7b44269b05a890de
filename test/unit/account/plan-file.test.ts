import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { packPlan, unpackPlan } from "../../../src/account/packed-plan.ts";
import { planAccount } from "../../../src/account/plan.ts";
import { readPlan, type SavedPlan, writePlan } from "../../../src/account/plan-file.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { ACCOUNT, desired, EXAMPLE } from "./example.ts";
import { FakeIam } from "./fake-iam.ts";

const TARGET = { account: ACCOUNT, partition: "aws", via: null } as const;

async function saved(): Promise<SavedPlan> {
  const one = await planAccount(new FakeIam(), TARGET, desired(EXAMPLE));
  // Text in which lines and JSON's own characters must not end anything.
  const evil = {
    ...one,
    account: "222222222222",
    changes: one.changes.map((c) => ({ ...c, notes: ['\n],"x"\u2028'] })),
  };
  return { kind: "apply", config: "rolecall", options: { adopt: true }, accounts: [packPlan(one), packPlan(evil)] };
}

describe("a plan that is put away", () => {
  it("comes out as it was", async () => {
    const plan = await planAccount(new FakeIam(), TARGET, desired(EXAMPLE));
    expect(unpackPlan(packPlan(plan))).toEqual(plan);
    expect(packPlan(plan)).toMatchObject({ counts: { add: 2, change: 0, destroy: 0 }, pending: true });
  });
});

describe("a plan's file", () => {
  it("is one JSON document of mode 0600, and is read as what was written", async () => {
    const file = join(tempDir(), "plan.json");
    const plan = await saved();
    await writePlan(file, plan);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      config: "rolecall",
      accounts: [{ account: ACCOUNT }, { account: "222222222222" }],
    });
    expect(await readPlan(file)).toEqual(plan);
  });

  it("is refused when anything in it was altered", async () => {
    const file = join(tempDir(), "plan.json");
    await writePlan(file, await saved());
    const text = readFileSync(file, "utf8");
    const lines = text.split("\n");
    const changed = [
      text.replace('"config":"rolecall"', '"config":"other"'),
      text.replace('"adopt":true', '"adopt":false'),
      text.replace("shop-deploy", "shop-destroy"),
      text.replace(/"checksum":"./, '"checksum":"x'),
      `${text}more`,
      [...lines.slice(0, 2), ...lines.slice(3)].join("\n"),
      lines.slice(0, 2).join("\n"),
      text.slice(0, text.length / 2),
    ];
    for (const [index, one] of changed.entries()) {
      writeFileSync(file, one);
      await expect(readPlan(file), String(index)).rejects.toThrow(/was altered after rolecall plan wrote it/);
    }
  });

  it.each(["", "{}", "version: 1\n", '{"format":"rolecall-plan-1","plan":{}}\n'])("is not %j", async (text) => {
    const file = join(tempDir(), "plan.json");
    writeFileSync(file, text);
    await expect(readPlan(file)).rejects.toThrow(/is no plan: expected a file that rolecall plan --out wrote/);
  });

  it("is told of when it cannot be read", async () => {
    const folder = tempDir();
    await expect(readPlan(join(folder, "none.json"))).rejects.toThrow(/none.json cannot be read: ENOENT/);
    await expect(readPlan(folder)).rejects.toThrow(/cannot be read: EISDIR/);
  });
});
