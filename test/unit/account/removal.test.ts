import { beforeEach, describe, expect, it } from "vitest";

import { apply, makeChanges } from "../../../src/account/apply.ts";
import { nothing, planAccount } from "../../../src/account/plan.ts";
import { audienceTag } from "../../../src/account/tags.ts";
import { ACCOUNT, desired, EXAMPLE } from "./example.ts";
import { FakeIam } from "./fake-iam.ts";

const TARGET = { account: ACCOUNT, partition: "aws" } as const;
const GITLAB = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`;
const OURS = "https://shop-deploy.test";

let iam: FakeIam;
beforeEach(() => {
  iam = new FakeIam();
});

async function destroy(): Promise<string[]> {
  const { changes } = await planAccount(iam, { ...TARGET, via: null }, nothing("rolecall", TARGET));
  await makeChanges(iam, changes);
  return changes.map(({ action, kind, name, notes }) => [`${action} ${kind} ${name}`, ...notes].join("; "));
}

async function stranger(condition: object, tags = {}): Promise<void> {
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: GITLAB },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: condition,
    },
  });
  await iam.createRole({
    name: "theirs",
    path: "/",
    trust,
    maxSessionDuration: 3600,
    description: "",
    boundary: null,
    tags,
  });
}

describe("taking everything away", () => {
  it("leaves nothing of what was made, policies and roles before the provider", async () => {
    await apply(iam, desired());
    iam.calls.length = 0;
    expect(await destroy()).toEqual(["delete role shop-deploy", "delete provider https://gitlab.com"]);
    expect(iam.calls).toEqual(["detachPolicy", "deleteRole", "deleteProvider"]);
    expect([iam.roles.size, iam.providers.size]).toEqual([0, 0]);
    expect(await destroy()).toEqual([]);
  });

  it("keeps a provider that somebody else's role trusts, and the audience that it needs", async () => {
    await apply(iam, desired());
    await stranger({ StringEquals: { "gitlab.com:aud": OURS } });
    expect(await destroy()).toEqual([
      "delete role shop-deploy",
      `keep provider https://gitlab.com; audience ${OURS} stays: role theirs needs it; the provider stays: role theirs trusts it`,
    ]);
    iam.roles.delete("theirs");
    expect(await destroy()).toEqual(["delete provider https://gitlab.com"]);
  });

  it.each<[string, object, boolean]>([
    ["tests another audience", { StringEquals: { "gitlab.com:aud": "other" } }, false],
    ["tests ours by a pattern", { StringLike: { "gitlab.com:aud": "https://shop-*" } }, true],
    ["tests no audience", { StringLike: { "gitlab.com:sub": "x" } }, true],
    ["tests what it must not be", { StringNotEquals: { "gitlab.com:aud": "x" } }, true],
    ["tests it in capitals", { StringEqualsIgnoreCase: { "GITLAB.COM:AUD": OURS.toUpperCase() } }, true],
  ])("of an audience that we added asks whether a role that %s needs it", async (_, condition, stays) => {
    iam.providers.set(GITLAB, { url: "gitlab.com", audiences: ["theirs"], thumbprints: [], tags: {} });
    await apply(iam, desired());
    await stranger(condition);
    await destroy();
    expect(iam.providers.get(GITLAB)?.audiences).toEqual(stays ? ["theirs", OURS] : ["theirs"]);
  });

  it("leaves audiences that others added to our provider, and so the provider", async () => {
    await apply(iam, desired());
    await iam.addAudience(GITLAB, "theirs");
    expect((await destroy())[1]).toContain("the provider stays: others added the audience theirs");
    expect(iam.providers.get(GITLAB)).toMatchObject({
      audiences: ["theirs"],
      tags: { "rolecall:managed": "rolecall" },
    });
  });

  it("does not take an audience that was there before us", async () => {
    iam.providers.set(GITLAB, { url: "gitlab.com", audiences: [OURS], thumbprints: [], tags: {} });
    await apply(iam, desired());
    await destroy();
    expect(iam.providers.get(GITLAB)).toEqual({ url: "gitlab.com", audiences: [OURS], thumbprints: [], tags: {} });
  });

  it("releases a role that was taken over", async () => {
    await stranger({}, { team: "them" });
    iam.roles.set("shop-deploy", { ...iam.roles.get("theirs"), name: "shop-deploy" } as never);
    await apply(iam, desired(), { adopt: true });
    expect(await destroy()).toContain(
      "release role shop-deploy; it was there before rolecall took it over, so it stays as it is",
    );
    expect(iam.roles.get("shop-deploy")?.tags).toEqual({ team: "them" });
  });

  it("takes a mark away whose audience is gone", async () => {
    const tags = { [audienceTag(OURS)]: "rolecall", owner: "them" };
    iam.providers.set(GITLAB, { url: "gitlab.com", audiences: ["theirs"], thumbprints: [], tags });
    await destroy();
    expect(iam.providers.get(GITLAB)?.tags).toEqual({ owner: "them" });
  });

  it("does not touch what another configuration made", async () => {
    await apply(iam, desired(EXAMPLE.replace("version: 1", "version: 1\nname: web")));
    const before = [new Map(iam.providers), new Map(iam.roles)];
    expect(await destroy()).toEqual([]);
    expect([iam.providers, iam.roles]).toEqual(before);
  });
});

describe("a removal that is cut short", () => {
  const theirs = { url: "gitlab.com", audiences: ["theirs"], thumbprints: [], tags: { owner: "them" } };

  it.each([0, 1, 2, 3])("is finished by the next one when only %i of 4 calls work", async (budget) => {
    iam.providers.set(GITLAB, theirs);
    await apply(iam, desired());
    iam.budget = budget;
    await expect(destroy()).rejects.toThrowWithCode("unavailable");
    iam.budget = Infinity;
    iam.calls.length = 0;
    await destroy();
    expect(iam.calls).toHaveLength(4 - budget);
    expect([...iam.providers.values(), ...iam.roles.values()]).toEqual([theirs]);
  });
});

describe("a file that has become shorter", () => {
  it("loses the role and the audience that only that role had", async () => {
    const more = `${EXAMPLE}  blog:\n    ci: gitlab\n    audience: https://blog.test\n    allow: [{ project: acme/blog, branch: main }]\n`;
    await apply(iam, desired(more));
    const changes = await apply(iam, desired());
    expect(changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`)).toEqual([
      "keep provider https://gitlab.com",
      "keep role shop-deploy",
      "delete role blog",
      "update provider https://gitlab.com",
    ]);
    expect(iam.providers.get(GITLAB)).toMatchObject({ audiences: [OURS] });
    expect(Object.keys(iam.providers.get(GITLAB)?.tags ?? {}).toSorted()).toEqual(
      ["rolecall:managed", audienceTag(OURS)].toSorted(),
    );
  });
});

describe("a provider that differs by a slash", () => {
  it("is told of and left alone", async () => {
    iam.providers.set(`${GITLAB}/`, { url: "gitlab.com/", audiences: [OURS], thumbprints: [], tags: {} });
    const [change] = await apply(iam, desired());
    expect(change).toMatchObject({ action: "create", notes: [expect.stringContaining("by the slash at its end")] });
    expect(iam.providers.get(`${GITLAB}/`)).toMatchObject({ audiences: [OURS], tags: {} });
  });
});

describe("a provider without room", () => {
  it("is refused before anything is changed", async () => {
    const audiences = Array.from({ length: 100 }, (_, index) => `theirs-${index}`);
    iam.providers.set(GITLAB, { url: "gitlab.com", audiences, thumbprints: [], tags: {} });
    await expect(apply(iam, desired())).rejects.toThrowWithCode(
      "config",
      /expected room for 1 more of 100 audiences, got 100/,
    );
    expect(iam.calls).toEqual([]);
  });
});
