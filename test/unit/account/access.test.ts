import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { accessChange } from "../../../src/account/access.ts";
import { desiredState } from "../../../src/account/desired.ts";
import { ACCOUNT, config } from "./example.ts";

const GITLAB = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`;
const BEHIND = "(gitlab.com, audience https://shop.test)";

/** The trust policy of a file whose role has these entries of `allow`. */
function trust(...allow: readonly string[]): string {
  const { roles } = desiredState(config(allow), { account: ACCOUNT, partition: "aws" });
  return JSON.stringify(roles[0]?.trust);
}

function statement(condition: object, more: object = {}): object {
  const federated = { Principal: { Federated: GITLAB }, Action: "sts:AssumeRoleWithWebIdentity" };
  return { Effect: "Allow", ...federated, Condition: condition, ...more };
}

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

const MAIN = "{ project: acme/shop, branch: main }";
const ANY = '{ project: acme/shop, branch: "*" }';
const RELEASE = '{ project: acme/shop, branch: "release/*" }';
const TAGS = '{ project: acme/shop, tag: "v*" }';

describe("access that a change gives and takes", () => {
  it.each<[string, string, string, readonly string[], readonly string[]]>([
    ["a branch more", trust(MAIN), trust(MAIN, TAGS), [`tags v* of acme/shop ${BEHIND}`], []],
    ["a branch less", trust(MAIN, TAGS), trust(TAGS), [], [`branch main of acme/shop ${BEHIND}`]],
    ["one branch for any", trust(MAIN), trust(ANY), [`any branch of acme/shop ${BEHIND}`], []],
    ["any branch for one", trust(ANY), trust(MAIN), [], [`any branch of acme/shop ${BEHIND}`]],
    [
      "some branches for others",
      trust(MAIN),
      trust(RELEASE),
      [`branches release/* of acme/shop ${BEHIND}`],
      [`branch main of acme/shop ${BEHIND}`],
    ],
    ["one that any had included", trust(ANY), trust(ANY, MAIN), [], []],
    ["the same in another order", trust(MAIN, TAGS), trust(TAGS, MAIN), [], []],
    [
      "another project",
      trust(MAIN),
      trust("{ project: acme/blog, branch: main }"),
      [`branch main of acme/blog ${BEHIND}`],
      [`branch main of acme/shop ${BEHIND}`],
    ],
    [
      "a hand-made policy of a whole group",
      policy(statement({ StringLike: { "gitlab.com:sub": "project_path:acme/*" } })),
      trust(MAIN),
      [],
      ["subject project_path:acme/* (gitlab.com, any audience)"],
    ],
    [
      "a policy without conditions",
      policy(statement({})),
      trust(MAIN),
      [],
      ["every token of the issuer (gitlab.com, any audience)"],
    ],
    [
      "an account's users",
      policy({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::999999999999:root" }, Action: "sts:AssumeRole" }),
      trust(MAIN),
      [`branch main of acme/shop ${BEHIND}`],
      ["AWS arn:aws:iam::999999999999:root, by sts:AssumeRole"],
    ],
  ])("%s", (_, before, after, gains, loses) => {
    expect(accessChange(before, after)).toEqual({ gains, loses, widens: gains.length > 0 });
  });

  it("sees that a Deny or a condition was all that kept somebody out", () => {
    const sub = { "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:*" };
    const open = policy(statement({ StringLike: sub }));
    const deny = statement({ StringLike: { "gitlab.com:sub": "*:ref:dev" } }, { Effect: "Deny" });
    const denied = policy(statement({ StringLike: sub }), deny);
    const limited = policy(statement({ StringLike: sub, StringEquals: { "gitlab.com:project_id": "7" } }));
    const negated = policy(statement({ StringLike: sub, StringNotEquals: { "gitlab.com:user_login": "mallory" } }));
    for (const narrow of [denied, limited, negated]) {
      expect(accessChange(narrow, open)).toMatchObject({ widens: true });
      expect(accessChange(open, narrow)).toMatchObject({ widens: false });
      expect(accessChange(open, narrow).loses).toHaveLength(1);
      expect(accessChange(narrow, narrow)).toEqual({ gains: [], loses: [], widens: false });
    }
  });

  it("names what else is asked of a token", () => {
    const narrow = statement({
      StringEquals: {
        "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:main",
        "gitlab.com:project_id": "7",
      },
      IpAddress: { "aws:SourceIp": "10.0.0.0/8" },
    });
    expect(accessChange(null, policy(narrow)).gains).toEqual([
      "branch main of acme/shop (gitlab.com, any audience), if project_id is 7 and aws:SourceIp IpAddress 10.0.0.0/8",
    ]);
  });

  it("of a new role widens nothing that was, and a policy that cannot be read admits nobody", () => {
    expect(accessChange(null, trust(MAIN))).toMatchObject({ widens: false, loses: [] });
    expect(accessChange("{", trust(MAIN))).toMatchObject({ widens: true });
    expect(accessChange(trust(MAIN), null)).toEqual({
      gains: [],
      loses: [`branch main of acme/shop ${BEHIND}`],
      widens: false,
    });
  });

  it("is none exactly where one pattern covers the other", () => {
    const pattern = fc.stringMatching(/^[ab*?]{1,4}$/);
    const subject = (ref: string): string => policy(statement({ StringLike: { "gitlab.com:sub": ref } }));
    const regex = (glob: string): RegExp => new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`);
    const words = allWords(["a", "b", "c"], 5);
    fc.assert(
      fc.property(pattern, pattern, (left, right) => {
        const covered = words.filter((word) => regex(right).test(word)).every((word) => regex(left).test(word));
        expect(accessChange(subject(left), subject(right)).widens).toBe(!covered);
      }),
      { numRuns: 500 },
    );
  });
});

/** Every text of these letters up to a length. */
function allWords(letters: readonly string[], length: number): readonly string[] {
  if (length === 0) return [""];
  return ["", ...letters.flatMap((letter) => allWords(letters, length - 1).map((rest) => letter + rest))];
}
