import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { parseConfig, readConfig } from "../../../src/account/config.ts";
import { CIS } from "../../../src/ci/index.ts";
import { isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import { EXAMPLE } from "./example.ts";

/** Without the comments, so that columns are easy to count. */
const PLAIN = EXAMPLE.replaceAll(/^#.*\n/gm, "").replaceAll(/ +# .*$/gm, "");

function errorOf(text: string): RolecallError {
  try {
    parseConfig(text, "rolecall.yaml");
  } catch (error) {
    if (isRolecallError(error)) return error;
    throw error;
  }
  throw new Error("the configuration was taken");
}

/** Message, details and hints on lines of their own, hints with an arrow. */
function told(text: string): string[] {
  const { message, details, hints } = errorOf(text);
  return [message, ...details, ...hints.map((hint) => `-> ${hint}`)];
}

function change(from: string, to: string): string {
  if (!PLAIN.includes(from)) throw new Error(`the example does not have ${from}`);
  return PLAIN.replace(from, to);
}

describe("a right configuration", () => {
  it("is read with its defaults filled in", () => {
    expect(parseConfig(EXAMPLE, "rolecall.yaml")).toEqual({
      file: "rolecall.yaml",
      name: "rolecall",
      accounts: [],
      roles: [
        {
          name: "shop-deploy",
          position: { line: 5, column: 3 },
          ci: "gitlab",
          issuer: "https://gitlab.com",
          audience: "https://shop-deploy.test",
          allow: [
            { project: "acme/shop", branch: "main" },
            { project: "acme/shop", tag: "v*" },
          ],
          allowPositions: [
            { line: 9, column: 9 },
            { line: 10, column: 9 },
          ],
          permissions: [{ kind: "managed", arn: "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess" }],
          session: 900,
          maxSession: 3600,
          path: "/",
          description: "Assumed by CI jobs with an ID token. Managed by rolecall.",
          boundary: null,
          tags: {},
          accounts: null,
          split: false,
        },
      ],
    });
  });

  it("may say everything that there is to say", () => {
    const text = [
      "version: 1",
      "name: shop",
      "roles:",
      "  shop:",
      "    ci: gitlab",
      "    issuer: https://gitlab.example.com/gitlab",
      "    audience: shop",
      "    allow: [{ project: acme/team/shop, branch: release/* }]",
      "    permissions:",
      "      - Statement: [{ Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::shop/*' }]",
      "    session: 1h30m",
      "    max_session: 2h",
      "    path: /ci/",
      "    description: Deploys the shop",
      "    boundary: arn:aws:iam::123456789012:policy/boundary",
      "    tags: { team: shop, on: yes }",
    ].join("\n");
    expect(parseConfig(text, "rolecall.yaml")).toMatchObject({
      name: "shop",
      roles: [
        {
          issuer: "https://gitlab.example.com/gitlab",
          allow: [{ project: "acme/team/shop", branch: "release/*" }],
          permissions: [
            {
              kind: "inline",
              document: { Version: "2012-10-17", Statement: [{ Action: "s3:GetObject" }] },
            },
          ],
          session: 5400,
          maxSession: 7200,
          path: "/ci/",
          description: "Deploys the shop",
          boundary: "arn:aws:iam::123456789012:policy/boundary",
          // YAML 1.2: `on` and `yes` are texts.
          tags: { team: "shop", on: "yes" },
        },
      ],
    });
  });

  it.each([
    ["900", 900],
    ["15m", 900],
    ["'3600'", 3600],
    ["1h", 3600],
    ["12h", 43_200],
  ])("reads the session %s", (written, seconds) => {
    expect(parseConfig(change("15m", written), "rolecall.yaml").roles[0]?.session).toBe(seconds);
  });

  it("lets the role's maximum follow a session longer than an hour", () => {
    expect(parseConfig(change("15m", "2h"), "rolecall.yaml").roles[0]?.maxSession).toBe(7200);
  });

  it("may name a role like a property of JavaScript objects", () => {
    expect(parseConfig(change("shop-deploy:", "constructor:"), "rolecall.yaml").roles[0]?.name).toBe("constructor");
  });
});

describe("a wrong configuration", () => {
  it("is told at its line and column, with what was expected and got", () => {
    expect(told(change("acme/shop, branch", "shop, branch"))).toEqual([
      "rolecall.yaml:7:20: roles.shop-deploy.allow[0].project: expected a project with its group and without wildcards, such as acme/shop, got shop",
      "-> with its group: <group>/shop",
    ]);
  });

  it("is told a misspelt key once, with the key that was meant", () => {
    expect(told(change("audience:", "audeince:"))).toEqual([
      "rolecall.yaml:5:5: roles.shop-deploy: expected one of ci, issuer, audience, allow, permissions, session, max_session, path, description, boundary, tags, accounts, split, got the unknown key audeince",
      "-> audeince: did you mean audience?",
    ]);
  });

  it("is told a missing key where it is missing", () => {
    expect(told(change("    ci: gitlab\n", ""))).toEqual([
      "rolecall.yaml:3:3: roles.shop-deploy: expected the key ci, got nothing",
      "-> add ci: gitlab",
    ]);
  });

  it("is told all at once, in the file's order, each hint with its line", () => {
    const text = change("ci: gitlab", "ci: gitlub").replace("branch: main", "branch: refs/heads/main");
    expect(told(text.replace("15m", "5m"))).toEqual([
      `rolecall.yaml:4:9: roles.shop-deploy.ci: expected a CI that rolecall knows: ${CIS.map(({ id }) => id).join(", ")}, got gitlub`,
      "rolecall.yaml:7:39: roles.shop-deploy.allow[0].branch: expected the name of a branch, in which * and ? are wildcards, got refs/heads/main",
      "rolecall.yaml:11:14: roles.shop-deploy.session: expected a duration from 15m to 12h, as 15m or as seconds, got 5m",
      "-> line 4: did you mean gitlab?",
      "-> line 7: without refs/heads/ or refs/tags/: main",
      "-> line 11: STS gives no session under 15m",
    ]);
  });

  it("never quotes a long text in full", () => {
    const { message } = errorOf(change("https://shop-deploy.test", `"${"a ".repeat(500)}"`));
    expect(message.length).toBeLessThan(250);
  });

  it.each([
    ["the whole of GitLab as project", "acme/shop, branch", '"*", branch', "7:20"],
    ["every project of a group", "acme/shop, branch", '"acme/*", branch', "7:20"],
    ["a project that goes on with the subject", "acme/shop, branch", "'a/b:ref_type:branch:ref:*', branch", "7:20"],
    ["a project as an address", "acme/shop, branch", "https://gitlab.com/acme/shop, branch", "7:20"],
    ["a branch and a tag in one entry", "branch: main", "branch: main, tag: v1", "7:9"],
    ["neither branch nor tag", ", branch: main", "", "7:9"],
    ["a branch that no git has", "branch: main", "branch: 'a:b'", "7:39"],
    ["a branch that IAM cannot hold", "branch: main", "branch: 배포", "7:39"],
    ["a number as branch", "branch: main", "branch: 1", "7:39"],
    ["an audience with a space", "https://shop-deploy.test", "shop deploy", "5:15"],
    ["an audience with a wildcard", "https://shop-deploy.test", "https://*.test", "5:15"],
    ["no audience behind its key", "https://shop-deploy.test", "", "5:15"],
    ["a role name with a space", "shop-deploy:", "shop deploy:", "3:3"],
    ["a role name of 65 letters", "shop-deploy:", `${"a".repeat(65)}:`, "3:3"],
    ["a policy by its name alone", "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess", "ReadOnlyAccess", "10:9"],
    ["a role as permission", "arn:aws:iam::aws:policy/", "arn:aws:iam::123456789012:role/", "10:9"],
    ["a document that IAM would refuse", "- arn:aws:iam", "- Statement: []\n      - arn:aws:iam", "10:9"],
    ["a session of 5 minutes", "15m", "5m", "11:14"],
    ["a session of 13 hours", "15m", "13h", "11:14"],
    ["a session of text", "15m", "long", "11:14"],
    ["a session longer than the maximum", "15m", "2h\n    max_session: 1h", "11:14"],
    ["a maximum under an hour", "session: 15m", "max_session: 15m", "11:18"],
    ["an issuer with a slash at its end", "ci: gitlab", "ci: gitlab\n    issuer: https://gitlab.example.com/", "5:13"],
    ["an issuer over plain http", "ci: gitlab", "ci: gitlab\n    issuer: http://gitlab.example.com", "5:13"],
    ["a path without slashes", "session: 15m", "path: ci", "11:11"],
    ["a description that IAM cannot hold", "session: 15m", "description: 배포", "11:18"],
    ["a tag of ours", "session: 15m", "tags: { rolecall:managed: x }", "11:13"],
    ["a tag value that is a number", "session: 15m", "tags: { cost: 1 }", "11:19"],
    ["another version", "version: 1", "version: 2", "1:10"],
    ["a version in quotes", "version: 1", 'version: "1"', "1:10"],
    ["two roles with one name", "    session: 15m", "  shop-deploy:\n    ci: gitlab", "11:3"],
    ["a line indented by too little", "    session", "   session", "11:1"],
    ["a line indented by a tab", "    session", "\tsession", "11:1"],
    ["a branch * without quotes", "branch: main", "branch: *", "7:39"],
    ["a branch that begins with * without quotes", "branch: main", "branch: *main", "7:39"],
    ["a merge key", "    session: 15m", "    <<: { session: 15m }", "11:5"],
    ["an alias", "version: 1", "version: &one 1\nname: *one", "2:7"],
    ["a tag of YAML's", "ci: gitlab", "ci: !text gitlab", "4:9"],
    ["a second document", "    session: 15m", "---\nversion: 1", "11:1"],
    ["a number that would lose its zeros", "session: 15m", "tags: { account: 012345678901 }", "11:22"],
  ])("is refused with one clear error: %s", (_, from, to, place) => {
    const { code, message, details } = errorOf(change(from, to));
    expect(message).toMatch(new RegExp(`^rolecall\\.yaml:${place}: `));
    expect({ code, details }).toEqual({ code: "config", details: [] });
  });

  it.each([
    ["nothing", ""],
    ["a number", "42"],
    ["a list", "- a"],
    ["no roles", "version: 1\nroles: {}"],
    ["no allowed job", PLAIN.replace(/allow:\n.*\n.*\n/, "allow: []\n")],
    ["a document that is not YAML", '"'],
    ["ten thousand brackets", `version: ${"[".repeat(10_000)}`],
    ["a megabyte", `# ${"x".repeat(1024 * 1024)}`],
  ])("is refused with one clear error: %s", (_, text) => {
    const { code, message, details } = errorOf(text);
    expect(message).toMatch(/^rolecall\.yaml:\d+:\d+: /);
    expect(code).toBe("config");
    expect(details.length).toBeLessThan(2);
  });

  it("is told that two role names differ in case only, where the second stands", () => {
    const twice = PLAIN + PLAIN.slice(PLAIN.indexOf("  shop-deploy")).replace("shop", "SHOP");
    expect(told(twice)).toEqual([
      "rolecall.yaml:12:3: roles: expected each role once; IAM does not tell names apart by upper and lower case, got SHOP-deploy",
    ]);
  });

  it("is told the nearest thing that IAM can hold", () => {
    expect(told(change("branch: main", "branch: 배포/*"))).toContain(
      '-> IAM takes no such letters in a trust policy; nearest, but wider: "??/*"',
    );
  });
});

describe("a configuration file", () => {
  it("is read from disk under the name that was given", async () => {
    const file = "examples/gitlab/rolecall.yaml";
    expect(await readConfig(file)).toMatchObject({ file, roles: [{ name: "shop-deploy" }] });
  });

  it("is said to be missing when it is", async () => {
    const file = join("no", "such", "rolecall.yaml");
    await expect(readConfig(file)).rejects.toThrowWithCode("config", `${file} cannot be read: ENOENT`);
  });
});
