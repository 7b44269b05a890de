import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { findAccount } from "../../../src/account/account-config.ts";
import { type Config, parseConfig, readConfig } from "../../../src/account/config.ts";
import { accountsOf, desiredState, type Target } from "../../../src/account/desired.ts";
import { noteLines } from "../../../src/account/problem.ts";
import { isRolecallError } from "../../../src/core/errors.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { ACCOUNT } from "./example.ts";

const AWS: Target = { account: ACCOUNT, partition: "aws" };

const ROLE = ["    ci: gitlab", "    allow: [{ project: acme/shop, branch: main, project_id: 20 }]"];

function file(head: readonly string[], role: readonly string[] = []): string {
  return ["version: 1", ...head, "roles:", "  shop:", ...ROLE, ...role].join("\n");
}

function parse(head: readonly string[], role: readonly string[] = []): Config {
  return parseConfig(file(head, role), "rolecall.yaml");
}

/** Message, details and hints of what is refused. */
function told(text: string): readonly string[] {
  try {
    parseConfig(text, "rolecall.yaml");
  } catch (error) {
    if (isRolecallError(error)) return [error.message, ...error.details, ...error.hints.map((hint) => `-> ${hint}`)];
    throw error;
  }
  return [];
}

describe("an audience", () => {
  it("is made of project and role when the file has none, so that no two roles share one", () => {
    const config = parseConfig(`${file([])}\n  shop-2:\n${ROLE.join("\n")}`, "rolecall.yaml");
    expect(config.roles.map(({ audience }) => audience)).toEqual(["acme/shop/shop", "acme/shop/shop-2"]);
  });

  it.each([
    ["jenkins", "job: my job/ü", "my%20job/%C3%BC/shop"],
    ["bitbucket", 'project: "{aaaaaaaa-2222-4333-8444-555555555555}"', "aaaaaaaa-2222-4333-8444-555555555555/shop"],
    ["github", "project: o@65/r@74, branch: main", "o/r/shop"],
    ["azure", "pipeline: acme/shop/deploy", "api://AzureADTokenExchange"],
  ])("of %s is one that IAM takes: %s", (ci, allow, audience) => {
    const text = `version: 1\nroles:\n  shop:\n    ci: ${ci}\n    issuer: https://ci.example.com\n    allow: [{ ${allow} }]`;
    expect(parseConfig(text, "rolecall.yaml").roles[0]?.audience).toBe(audience);
  });

  it("must be written where it would be longer than IAM takes", () => {
    const text = `version: 1\nroles:\n  shop:\n    ci: custom\n    issuer: https://ci.example.com\n    allow: [{ subject: ${"x".repeat(300)} }]`;
    expect(told(text)[0]).toMatch(/^rolecall\.yaml:3:3: roles\.shop: expected an audience of your own/);
  });
});

describe("defaults", () => {
  it("are what a role has that says nothing else; tags are joined", () => {
    const head = ["defaults:", "  session: 30m", "  path: /ci/", "  tags: { team: shop, part: x }"];
    expect(parse(head, ["    path: /own/", "    tags: { part: y }"]).roles[0]).toMatchObject({
      session: 1800,
      path: "/own/",
      tags: { team: "shop", part: "y" },
    });
  });

  it("are told of once, where they stand, however many roles have them", () => {
    const text = `${file(["defaults:", "  session: 5m", "  tags: { cost: 1 }"])}\n  shop-2:\n${ROLE.join("\n")}`;
    expect(told(text)).toEqual([
      "rolecall.yaml:3:12: defaults.session: expected a duration from 15m to 12h, as 15m or as seconds, got 5m",
      "rolecall.yaml:4:17: defaults.tags.cost: expected a text of at most 256 letters, digits, spaces and _ . : / = + - @, got 1",
      "-> line 3: STS gives no session under 15m",
      '-> line 4: quote it: "1"',
    ]);
  });

  it("that no role uses are looked at too", () => {
    expect(told(file(["defaults: { path: ci }"], ["    path: /own/"]))[0]).toMatch(
      /^rolecall\.yaml:2:19: defaults\.path/,
    );
  });
});

describe("variables", () => {
  it("stand anywhere in a text", () => {
    const text = file(["variables: { group: acme, env: prod }"], ["    description: for $(env) of $(group)"]);
    expect(parseConfig(text.replace("acme/shop", "$(group)/shop"), "rolecall.yaml").roles[0]).toMatchObject({
      description: "for prod of acme",
      allow: [{ project: "acme/shop" }],
    });
  });

  it("are not guessed", () => {
    expect(told(file(["variables: { group: acme }"], ["    description: for $(grop)"]))).toEqual([
      "rolecall.yaml:7:18: expected a name from variables: in $(…), got $(grop)",
      "-> did you mean group?",
    ]);
  });

  it("do not get a wildcard or a colon past a rule", () => {
    const text = file(["variables: { group: '*' }"]).replace("acme/shop", "$(group)/shop");
    expect(told(text)[0]).toMatch(/^rolecall\.yaml:6:24: .* got \$\(group\)\/shop, which is \*\/shop$/);
  });

  it("of the account are known in permissions and boundary alone", () => {
    expect(told(file([], ["    description: of $(account)"]))[0]).toMatch(
      /^rolecall\.yaml:6:18: \$\(account\) is known in permissions and boundary alone, got of \$\(account\)$/,
    );
    const config = parse([], ["    boundary: arn:$(partition):iam::$(account):policy/b"]);
    expect(desiredState(config, AWS).roles[0]?.boundary).toBe(`arn:aws:iam::${ACCOUNT}:policy/b`);
  });
});

describe("accounts", () => {
  const HEAD = [
    "accounts:",
    '  dev: "111111111111"',
    "  prod: { id: 222222222222, role: Admin }",
    '  china: { id: "333333333333", partition: aws-cn, role: arn:aws-cn:iam::333333333333:role/ci/Admin }',
  ];

  it("are read with their partitions and the roles to assume there", () => {
    expect(parse(HEAD).accounts.map(({ name, id, partition, assume }) => ({ name, id, partition, assume }))).toEqual([
      { name: "dev", id: "111111111111", partition: "aws", assume: null },
      { name: "prod", id: "222222222222", partition: "aws", assume: "arn:aws:iam::222222222222:role/Admin" },
      { name: "china", id: "333333333333", partition: "aws-cn", assume: "arn:aws-cn:iam::333333333333:role/ci/Admin" },
    ]);
  });

  it("have the roles that name them, and those that name none", () => {
    const config = parseConfig(`${file(HEAD, ["    accounts: [prod]"])}\n  all:\n${ROLE.join("\n")}`, "rolecall.yaml");
    const names = (target: Target): readonly string[] => desiredState(config, target).roles.map(({ name }) => name);
    expect(names({ account: "111111111111", partition: "aws" })).toEqual(["all"]);
    expect(names({ account: "222222222222", partition: "aws" })).toEqual(["shop", "all"]);
    // The local cloud's.
    expect(names(AWS)).toEqual(["shop", "all"]);
    expect(accountsOf(config).map(({ name }) => name)).toEqual(["dev", "prod", "china"]);
    expect(accountsOf(parse(HEAD, ["    accounts: [prod]"])).map(({ name }) => name)).toEqual(["prod"]);
  });

  it("are found by name and by digits, and a typing mistake is told", () => {
    const { accounts } = parse(HEAD);
    expect(findAccount(accounts, "prod").id).toBe("222222222222");
    expect(findAccount(accounts, "111111111111").name).toBe("dev");
    expect(() => findAccount(accounts, "prd")).toThrowWithCode(
      "usage",
      /expected an account of the file \(dev, prod, china\), got prd/,
    );
  });

  it.each([
    ["a name that is not there", ["    accounts: [dev, prd]"], HEAD, "10:21", "did you mean prod?"],
    ["a name where there are none", ["    accounts: [dev]"], [], "6:16", null],
    ["11 digits", [], ['accounts: { dev: "12345678901" }'], "2:18", "it has 11 digits"],
    ["hyphens", [], ["accounts: { dev: 1234-5678-9012 }"], "2:18", 'without spaces and hyphens: "123456789012"'],
    ["digits that YAML would change", [], ["accounts: { dev: 012345678901 }"], "2:18", 'quote it: "012345678901"'],
    [
      "a partition that there is not",
      [],
      ['accounts: { dev: { id: "123456789012", partition: aws-china } }'],
      "2:51",
      "did you mean aws-cn?",
    ],
    [
      "a role of another account",
      [],
      ['accounts: { dev: { id: "123456789012", role: arn:aws:iam::111111111111:role/Admin } }'],
      "2:46",
      "arn:aws:iam::123456789012:role/Admin",
    ],
    ["one account twice", [], ['accounts: { dev: "123456789012", prod: "123456789012" }'], "2:34", null],
  ])("are refused with one clear error: %s", (_, role, head, place, hint) => {
    const [message, ...others] = told(file(head, role));
    expect(message).toMatch(new RegExp(`^rolecall\\.yaml:${place}: `));
    expect(others).toEqual(hint === null ? [] : [`-> ${hint}`]);
  });
});

describe("a file with a policy", () => {
  const DOCUMENT = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "*" } };

  async function read(policy: string | Uint8Array, name = "policy.json"): Promise<Config> {
    const folder = tempDir();
    await writeFile(join(folder, "policy.json"), policy);
    await writeFile(join(folder, "rolecall.yaml"), file([], ["    permissions:", `      - { file: ${name} }`]));
    return readConfig(join(folder, "rolecall.yaml"));
  }

  it("is read from the folder of rolecall.yaml", async () => {
    const [role] = desiredState(await read(JSON.stringify(DOCUMENT)), AWS).roles;
    expect(role?.inlinePolicies).toEqual({ "rolecall-1": DOCUMENT });
  });

  it.each([
    ["is missing", "{}", "other.json", /rolecall\.yaml:7:9: other\.json cannot be read: ENOENT$/],
    [
      "is no document that IAM takes",
      '{"Statement": []}',
      "policy.json",
      /:7:9: policy\.json: expected a policy document that IAM takes$/,
    ],
    ["is not JSON", '{"Statement": [', "policy.json", /:7:9: policy\.json:1:16: not YAML/],
    ["is not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "policy.json", /:7:9: policy\.json cannot be read: /],
  ])("is told where it is named, when it %s", async (_, policy, name, message) => {
    await expect(read(policy, name)).rejects.toThrowWithCode("config", message);
  });
});

describe("a long list of allow", () => {
  const entries = Array.from(
    { length: 40 },
    (_, index) => `      - { project: acme/shop, branch: release-${index + 1}, project_id: 20 }`,
  );
  const text = (more: string): string =>
    ["version: 1", "roles:", "  shop:", "    ci: gitlab", `    ${more}`, "    allow:", ...entries].join("\n");

  it("becomes several roles when it may, each within the quota and none of the entries lost", () => {
    const desired = desiredState(parseConfig(text("split: true"), "rolecall.yaml"), AWS);
    expect(desired.roles.map(({ name }) => name)).toEqual(["shop", "shop-2"]);
    expect(desired.roles.flatMap(({ source }) => source.allow.map(({ branch }) => branch))).toEqual(
      Array.from({ length: 40 }, (_, index) => `release-${index + 1}`),
    );
    for (const { trust } of desired.roles) expect(JSON.stringify(trust).length).toBeLessThanOrEqual(2048);
    expect(noteLines("rolecall.yaml", desired.notes)[0]).toMatch(
      /^rolecall\.yaml:3:3: roles\.shop: becomes shop, shop-2, since one trust policy of \d{4} characters is more than the 2048 that IAM takes/,
    );
  });

  it("is refused otherwise, with how many it would become", () => {
    const config = parseConfig(text("split: false"), "rolecall.yaml");
    try {
      desiredState(config, AWS);
      expect.unreachable();
    } catch (error) {
      expect(isRolecallError(error) && error.hints[0]).toMatch(
        /^split: true makes 2 roles of it \(shop for the first \d+ entries, shop-2, …\)/,
      );
    }
  });

  it("is not split onto a name that is taken", () => {
    const config = parseConfig(`${text("split: true")}\n  SHOP-2:\n${ROLE.join("\n")}`, "rolecall.yaml");
    expect(() => desiredState(config, AWS)).toThrowWithCode("config", /expected a free name .* got shop-2$/);
  });
});

describe("notes", () => {
  it.each([
    ["github", "project: o/r, branch: main", "repository_id: …, repository_owner_id: …"],
    ["github", "project: o/r, branch: main, repository_id: 74", "repository_owner_id: …"],
    ["gitlab", "project: a/b, branch: main", "project_id: …, namespace_id: …"],
  ])("tell of %s { %s } that ids could be tested", (ci, allow, missing) => {
    const config = parseConfig(
      `version: 1\nroles:\n  shop:\n    ci: ${ci}\n    allow: [{ ${allow} }]`,
      "rolecall.yaml",
    );
    const lines = noteLines("rolecall.yaml", desiredState(config, AWS).notes);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("rolecall.yaml:5:13: roles.shop.allow[0]: ");
    expect(lines[0]).toContain(`add ${missing};`);
  });

  it.each([
    ["github", "project: o@65/r@74, branch: main", ""],
    ["github", "project: o/r, branch: main", "https://ghes.example.com/_services/token"],
    ["gitlab", "project: a/b, branch: main, project_id: 20", ""],
    ["gitlab", "project: a/b, branch: main", "https://gitlab.example.com"],
    ["jenkins", "job: a", "https://jenkins.example.com/oidc"],
  ])("say nothing of %s { %s } %s", (ci, allow, issuer) => {
    const more = issuer === "" ? "" : `\n    issuer: ${issuer}`;
    const config = parseConfig(
      `version: 1\nroles:\n  shop:\n    ci: ${ci}${more}\n    allow: [{ ${allow} }]`,
      "rolecall.yaml",
    );
    expect(desiredState(config, AWS).notes).toEqual([]);
  });
});

describe("a role with more policies than IAM takes", () => {
  it("is refused", () => {
    const many = Array.from({ length: 21 }, (_, index) => `      - arn:aws:iam::aws:policy/P${index}`);
    expect(() => desiredState(parse([], ["    permissions:", ...many]), AWS)).toThrowWithCode(
      "config",
      /expected at most 20 managed policies, got 21/,
    );
    const long = `      - Statement: { Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::${"x".repeat(10_300)}" }`;
    expect(() => desiredState(parse([], ["    permissions:", long]), AWS)).toThrowWithCode(
      "config",
      /expected inline policies of at most 10240 characters together, got 10\d{3}/,
    );
  });
});

describe("a file in another encoding", () => {
  it.each([
    ["Latin-1", new Uint8Array([...new TextEncoder().encode("version: 1\nname: caf"), 0xe9]), "2:10"],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x76, 0]), "1:1"],
  ])("is refused where its first strange byte stands: %s", async (_, bytes, place) => {
    const path = join(tempDir(), "rolecall.yaml");
    await writeFile(path, bytes);
    await expect(readConfig(path)).rejects.toThrowWithCode(
      "config",
      new RegExp(`rolecall\\.yaml:${place}: expected UTF-8, got other bytes$`),
    );
  });
});
