import { beforeEach, describe, expect, it } from "vitest";

import { apply } from "../../../src/account/apply.ts";
import { audienceTag } from "../../../src/account/tags.ts";
import { isRolecallError } from "../../../src/core/errors.ts";
import { desired, EXAMPLE } from "./example.ts";
import { FakeIam } from "./fake-iam.ts";

const GITLAB = "arn:aws:iam::123456789012:oidc-provider/gitlab.com";
const OURS = audienceTag("https://shop-deploy.test");

let iam: FakeIam;
beforeEach(() => {
  iam = new FakeIam();
});

async function done(text = EXAMPLE, options = {}): Promise<string[]> {
  const changes = await apply(iam, desired(text), options);
  return changes.map(({ action, kind, name, what }) => [`${action} ${kind} ${name}`, ...what].join("; "));
}

function trust(sub: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: GITLAB },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringLike: { "gitlab.com:sub": sub } },
    },
  });
}

async function handMade(tags = {}): Promise<void> {
  await iam.createRole({
    name: "shop-deploy",
    path: "/",
    trust: trust("project_path:acme/*"),
    maxSessionDuration: 43_200,
    description: "",
    boundary: "arn:aws:iam::123456789012:policy/limit",
    tags,
  });
  await iam.attachPolicy("shop-deploy", "arn:aws:iam::aws:policy/AdministratorAccess");
  await iam.putInlinePolicy("shop-deploy", "old", "{}");
  iam.calls.length = 0;
}

describe("an empty account", () => {
  it("gets the provider, then the role with its policies", async () => {
    expect(await done()).toEqual([
      "create provider https://gitlab.com; audience https://shop-deploy.test",
      "create role shop-deploy; trust policy; policy arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess",
    ]);
    expect(iam.calls).toEqual(["createProvider", "createRole", "attachPolicy"]);
    expect(iam.providers.get(GITLAB)?.tags).toEqual({ "rolecall:managed": "rolecall", [OURS]: "rolecall" });
    expect(iam.roles.get("shop-deploy")).toMatchObject({
      tags: { "rolecall:managed": "rolecall" },
      attached: ["arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"],
      maxSessionDuration: 3600,
    });
  });

  it("is left alone the second time", async () => {
    await done();
    iam.calls.length = 0;
    expect(await done()).toEqual(["keep provider https://gitlab.com", "keep role shop-deploy"]);
    expect(iam.calls).toEqual([]);
  });

  const rich = `${EXAMPLE}    boundary: arn:aws:iam::123456789012:policy/limit
    tags: { team: shop }
  other:
    ci: gitlab
    audience: other
    allow: [{ project: acme/shop, branch: main }]
    permissions:
      - Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "*" }
`;

  it.each([0, 1, 2, 3, 4])("is finished by the next run when only %i of 5 calls work", async (budget) => {
    const whole = new FakeIam();
    await apply(whole, desired(rich));
    iam.budget = budget;
    expect(whole.calls).toHaveLength(5);
    await expect(done(rich)).rejects.toThrowWithCode("unavailable");
    iam.budget = Infinity;
    await done(rich);
    expect([iam.providers, iam.roles]).toEqual([whole.providers, whole.roles]);
  });

  it("is said to hold what was done before a failure, and what was not", async () => {
    iam.budget = 2;
    const error: unknown = await done(rich).catch((reason: unknown) => reason);
    expect(isRolecallError(error) && error.details).toEqual([
      "done: create provider https://gitlab.com",
      "not finished: create role shop-deploy",
      "not begun: create role other",
    ]);
  });
});

describe("a provider that is there", () => {
  beforeEach(() => {
    iam.providers.set(GITLAB, { url: "gitlab.com", audiences: ["theirs"], thumbprints: ["a".repeat(40)], tags: {} });
  });

  it("gets our audience beside the others, marked as ours before it is added", async () => {
    expect(await done()).toContain("add-audience provider https://gitlab.com; audience https://shop-deploy.test");
    expect(iam.calls.slice(0, 2)).toEqual(["tagProvider", "addAudience"]);
    expect(iam.providers.get(GITLAB)).toEqual({
      url: "gitlab.com",
      audiences: ["theirs", "https://shop-deploy.test"],
      thumbprints: ["a".repeat(40)],
      tags: { [OURS]: "rolecall" },
    });
  });

  it("is kept, and our audience not called ours, when it has that already", async () => {
    await iam.addAudience(GITLAB, "https://shop-deploy.test");
    expect(await done()).toContain("keep provider https://gitlab.com");
    expect(iam.providers.get(GITLAB)?.tags).toEqual({});
  });

  it("gets the audience without a mark when it has no room for tags", async () => {
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`tag${index}`, ""]));
    await iam.tagProvider(GITLAB, tags);
    await done();
    expect(iam.providers.get(GITLAB)).toMatchObject({ audiences: ["theirs", "https://shop-deploy.test"], tags });
  });
});

describe("thumbprints of a private authority", () => {
  const [first, other] = ["a".repeat(40), "b".repeat(40)];
  const thumbprints = { "https://gitlab.com": [first] };

  it("are set where the provider is made, and left to IAM when nobody asks", async () => {
    await done(EXAMPLE, { thumbprints });
    expect(iam.providers.get(GITLAB)?.thumbprints).toEqual([first]);
    iam = new FakeIam();
    await done();
    expect(iam.providers.get(GITLAB)?.thumbprints).toEqual([]);
  });

  it("are added to those that are there, and no more than once", async () => {
    iam.providers.set(GITLAB, { url: "gitlab.com", audiences: [], thumbprints: [other], tags: {} });
    expect(await done(EXAMPLE, { thumbprints })).toContain(
      "add-audience provider https://gitlab.com; audience https://shop-deploy.test; thumbprints",
    );
    expect(iam.providers.get(GITLAB)?.thumbprints).toEqual([first, other]);
    expect(await done(EXAMPLE, { thumbprints })).toContain("keep provider https://gitlab.com");
    expect(await done()).toContain("keep provider https://gitlab.com");
  });
});

describe("a role that is there and not ours", () => {
  it("is refused before anything is changed", async () => {
    await handMade();
    await expect(done()).rejects.toThrowWithCode(
      "config",
      "role shop-deploy is there already and not ours: expected the tag rolecall:managed=rolecall, got no tag rolecall:managed",
    );
    expect(iam.calls).toEqual([]);
  });

  it("is refused when another configuration has it", async () => {
    await handMade({ "rolecall:managed": "web" });
    await expect(done()).rejects.toThrowWithCode("config", "got rolecall:managed=web");
  });

  it("is taken over on demand: marked, stripped, trusted anew, and only then given what the file says", async () => {
    await handMade({ team: "shop" });
    expect(await done(EXAMPLE, { adopt: true })).toContain(
      [
        "update role shop-deploy",
        "tags rolecall:managed, rolecall:adopted",
        "without policy arn:aws:iam::aws:policy/AdministratorAccess",
        "without policy old",
        "maximum session duration",
        "description",
        "trust policy",
        "policy arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess",
        "permissions boundary",
      ].join("; "),
    );
    expect(iam.roles.get("shop-deploy")).toMatchObject({
      tags: { team: "shop", "rolecall:managed": "rolecall", "rolecall:adopted": "true" },
      boundary: null,
      inline: new Map(),
    });
    expect(await done()).toEqual(["keep provider https://gitlab.com", "keep role shop-deploy"]);
  });

  it("is refused when it has another path, adopted or not", async () => {
    await handMade();
    iam.change("move", "shop-deploy", () => ({ path: "/old/" }));
    await expect(done(EXAMPLE, { adopt: true })).rejects.toThrowWithCode(
      "config",
      "role shop-deploy: expected the path /, got /old/, and IAM cannot move a role",
    );
  });
});

describe("a role of ours", () => {
  beforeEach(async () => {
    await done();
    iam.calls.length = 0;
  });

  it.each<[string, Parameters<FakeIam["change"]>[2], string]>([
    ["trust policy", () => ({ trust: trust("project_path:acme/shop:*") }), "trust policy"],
    ["trust policy, when it cannot be read", () => ({ trust: "" }), "trust policy"],
    ["maximum", () => ({ maxSessionDuration: 7200 }), "maximum session duration"],
    ["description", () => ({ description: "" }), "description"],
    ["boundary", () => ({ boundary: "arn:aws:iam::123456789012:policy/x" }), "permissions boundary"],
    ["missing policy", () => ({ attached: [] }), "policy arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"],
    ["added document", () => ({ inline: new Map([["constructor", "{}"]]) }), "without policy constructor"],
  ])("has its %s mended", async (_, drift, what) => {
    const before = iam.roles.get("shop-deploy");
    iam.change("drift", "shop-deploy", drift);
    expect(await done()).toContain(`update role shop-deploy; ${what}`);
    expect(iam.calls).toHaveLength(2);
    expect(iam.roles.get("shop-deploy")).toEqual(before);
  });

  it("keeps a trust policy that says the same in other words, and tags that others gave it", async () => {
    iam.change("drift", "shop-deploy", ({ trust: text, tags }) => ({
      trust: JSON.stringify(JSON.parse(text.replace("GitlabExact", "Main")), null, 2),
      tags: { ...tags, cost: "7" },
    }));
    expect(await done()).toContain("keep role shop-deploy");
    expect(iam.roles.get("shop-deploy")?.tags).toMatchObject({ cost: "7" });
  });

  it("follows the file", async () => {
    const text = EXAMPLE.replace("branch: main", "branch: trunk").replace("session: 15m", "session: 2h");
    expect(await done(text)).toContain("update role shop-deploy; maximum session duration; trust policy");
    expect(iam.roles.get("shop-deploy")?.trust).toContain("ref:trunk");
  });
});
