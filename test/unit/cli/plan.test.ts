import { describe, expect, it } from "vitest";

import type { Change } from "../../../src/account/change.ts";
import { packPlan } from "../../../src/account/packed-plan.ts";
import { type AccountPlan, planAccount } from "../../../src/account/plan.ts";
import { colorsFor } from "../../../src/cli/render/colors.ts";
import { diffLines } from "../../../src/core/diff-lines.ts";
import { planJson, renderPlan } from "../../../src/cli/render/plan.ts";
import { ACCOUNT, desired, EXAMPLE } from "../account/example.ts";
import { FakeIam } from "../account/fake-iam.ts";
import { makeChanges } from "../../../src/account/apply.ts";
import { printable } from "../../../src/cli/report.ts";
import { fakeIo } from "./fake-io.ts";

const COLORS = colorsFor(fakeIo(), { "no-color": true });
const TARGET = { account: ACCOUNT, partition: "aws", via: null } as const;

async function planFor(text: string, iam = new FakeIam()) {
  return await planAccount(iam, TARGET, desired(text));
}

/** What is printed of plans, and what scripts get. */
const words = (...plans: readonly AccountPlan[]): string => [...renderPlan(plans.map(packPlan), COLORS)].join("");
const json = (...plans: readonly AccountPlan[]): string => [...planJson("rolecall", plans.map(packPlan))].join("");

describe("a difference of texts", () => {
  it.each([
    ["a b c", "a x c", " a-b+x c"],
    ["a b", "b c", "-a b+c"],
    ["", "a", "+a"],
    ["a", "", "-a"],
    ["a b", "a b", " a b"],
  ])("of %j and %j", (before, after, expected) => {
    const split = (text: string): string[] => (text === "" ? [] : text.split(" "));
    const lines = diffLines(split(before), split(after));
    expect(lines.map(({ sign, text }) => sign + text).join("")).toBe(expected);
  });
});

describe("a plan in words", () => {
  it("shows what differs with both sides, and the documents line by line", async () => {
    const iam = new FakeIam();
    await makeChanges(iam, (await planFor(EXAMPLE, iam)).changes);
    const text = EXAMPLE.replace("branch: main", "branch: trunk").replace("session: 15m", "session: 2h");
    const lines = words(await planFor(text, iam)).split("\n");
    expect(lines).toContain("      ~ max_session  3600s -> 7200s");
    expect(lines).toContain(
      '          -           "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:main"',
    );
    expect(lines).toContain(
      '          +           "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:trunk"',
    );
    expect(lines).toContain("        + branch trunk of acme/shop (gitlab.com, audience https://shop-deploy.test)");
    expect(lines).toContain("        - branch main of acme/shop (gitlab.com, audience https://shop-deploy.test)");
    expect(lines).toContain("      ! widens access");
    expect(lines.at(-2)).toBe("Plan: 0 to add, 1 to change, 0 to destroy.");
  });

  it("names the accounts where there are several, those without changes too", async () => {
    const plan = await planFor(EXAMPLE);
    const text = words(plan, { ...plan, account: "222222222222", changes: [] });
    expect(text).toContain(`account ${ACCOUNT}\n`);
    expect(text).toContain("account 222222222222: no changes\n");
  });

  it("lets no control character of the account's reach the terminal", async () => {
    const plan = await planFor(EXAMPLE);
    const evil: Change = {
      action: "update",
      kind: "role",
      name: "a\u001b[2Jb",
      arn: "arn",
      what: [],
      fields: [{ name: "trust", before: '"\u001b[2J', after: '{"a":"\u009b2J"}', document: true }],
      access: { gains: ["\u001b]0;x\u0007"], loses: [], widens: true },
      notes: ["\u202e"],
      steps: [{ kind: "delete-role", role: "a" }],
    };
    const text = words({ ...plan, changes: [evil] });
    expect(text.split("\n").join("")).toBe(printable(text.split("\n").join("")));
    expect(text).toContain("\\u001b[2J");
  });
});

describe("a plan for scripts", () => {
  it("has the differences and who gains, but not the calls", async () => {
    const plan = await planFor(EXAMPLE);
    const text = json(plan, { ...plan, account: "222222222222" });
    const value = JSON.parse(text) as { readonly accounts: readonly object[] };
    expect(value).toMatchObject({ version: 1, config: "rolecall", add: 4, change: 0, destroy: 0, widens: false });
    expect(value.accounts).toMatchObject([{ account: ACCOUNT }, { account: "222222222222" }]);
    expect(text).toBe(`${JSON.stringify(value, null, 2)}\n`);
    expect(text).toContain("tags v* of acme/shop");
    expect(text).not.toContain('"steps"');
  });
});
