import { describe, expect, it } from "vitest";
import { decide, type Question } from "../../../src/core/decide.ts";
import { type FailureName, nameFailure } from "../../../src/core/name-failure.ts";
import type { Json } from "../../../src/core/token.ts";
import {
  AUDIENCE,
  type Changes,
  denied,
  PROVIDER,
  question,
  role,
  ROLE_ARN,
  SECONDS,
  statement,
  SUBJECT,
  token,
  trust,
} from "./example.ts";

const SUB = "gitlab.com:sub";
const GITHUB = "token.actions.githubusercontent.com";
const ID = "arn:aws:iam::123456789012:oidc-provider";

/** A refusal: what the token says otherwise, what the trust policy does, and the rest of the question. */
interface Staged {
  readonly claims?: Changes;
  readonly condition?: Json;
  readonly element?: { readonly [name: string]: Json };
  readonly more?: Partial<Question>;
  readonly github?: true;
}

function stage({ claims, condition, element, more, github }: Staged): Question {
  const provider = github ? { ...PROVIDER, arn: `${ID}/${GITHUB}`, url: GITHUB } : PROVIDER;
  const issuer = github ? { iss: `https://${GITHUB}`, project_path: undefined } : {};
  const elements = {
    ...(condition === undefined ? {} : { Condition: condition }),
    ...(github ? { Principal: { Federated: provider.arn } } : {}),
    ...element,
  };
  return question({
    token: token({ ...issuer, ...claims }),
    provider,
    role: role(trust(statement(elements))),
    ...more,
  });
}

const hub = (operator: string, ...subjects: string[]): Json => ({ [operator]: { [`${GITHUB}:sub`]: subjects } });
const lab = (operator: string, ...subjects: string[]): Json => ({ [operator]: { [SUB]: subjects } });

/** The catalogue's entry, how it comes about, and the refusal. */
const STAGED: readonly (readonly [FailureName, string, Staged])[] = [
  [
    "F06",
    "keys of the issuer with a slash at its end",
    { condition: { StringEquals: { [SUB]: SUBJECT, "gitlab.com/:sub": SUBJECT } } },
  ],
  [
    "F08",
    "the provider of GitHub's old issuer",
    {
      github: true,
      claims: { sub: "repo:o/r:ref:refs/heads/main" },
      element: {
        Principal: { Federated: `${ID}/vs${GITHUB}` },
        Condition: { StringLike: { [`vs${GITHUB}:sub`]: "repo:o/r:*" } },
      },
    },
  ],
  [
    "F14",
    "the branch of a merge queue",
    {
      github: true,
      claims: { sub: "repo:o/r:ref:refs/heads/gh-readonly-queue/main/pr-1" },
      condition: hub("StringEquals", "repo:o/r:ref:refs/heads/main"),
    },
  ],
  [
    "F16",
    "another name with the number that the policy wants",
    {
      claims: { sub: SUBJECT.replace("acme", "ajax"), project_id: "20" },
      condition: { StringEquals: { [SUB]: SUBJECT, "gitlab.com:project_id": "20" } },
    },
  ],
  [
    "F25",
    "another name with another number",
    {
      claims: { sub: SUBJECT.replace("acme", "ajax"), project_id: "21" },
      condition: { StringEquals: { [SUB]: SUBJECT, "gitlab.com:project_id": "20" } },
    },
  ],

  ["F01", "an audience that the provider does not have", { claims: { aud: "sts.amazonaws.com" } }],
  ["F02", "the audience with a slash at its end", { claims: { aud: `${AUDIENCE}/` } }],
  ["F02", "the audience without https://", { claims: { aud: AUDIENCE.slice(8) } }],
  [
    "F03",
    "another audience in the trust policy",
    { condition: { StringEquals: { [SUB]: SUBJECT, "gitlab.com:aud": "x" } } },
  ],
  ["F04", "a token without aud", { claims: { aud: undefined } }],
  [
    "F05",
    "no provider for GitHub's issuer",
    { github: true, condition: hub("StringLike", "repo:o/r:*"), more: { provider: null } },
  ],
  [
    "F07",
    "a key of an issuer whose path was left out",
    { condition: { StringEquals: { [SUB]: SUBJECT, "example.com:sub": SUBJECT } } },
  ],
  [
    "F09",
    "no provider for a self-managed GitLab",
    { claims: { iss: "https://gitlab.example.com" }, more: { provider: null } },
  ],
  [
    "F10",
    "an environment where the policy has a branch",
    {
      github: true,
      claims: { sub: "repo:o/r:environment:production" },
      condition: hub("StringEquals", "repo:o/r:ref:refs/heads/main"),
    },
  ],
  [
    "F11",
    "a pull request where the policy has a branch",
    {
      github: true,
      claims: { sub: "repo:o/r:pull_request" },
      condition: hub("StringEquals", "repo:o/r:ref:refs/heads/main"),
    },
  ],
  ["F12", "a tag where the policy has branches", { claims: { sub: SUBJECT.replace("branch:ref:main", "tag:ref:v1") } }],
  [
    "F13",
    "GitLab's short ref in a policy for GitHub",
    {
      github: true,
      claims: { sub: "repo:o/r:ref:refs/heads/main" },
      condition: hub("StringEquals", "repo:o/r:ref:main"),
    },
  ],
  [
    "F15",
    "GitHub's subject with ids",
    { github: true, claims: { sub: "repo:o@1/r@2:ref:refs/heads/main" }, condition: hub("StringLike", "repo:o/r:*") },
  ],
  ["F17", "capital letters", { condition: lab("StringEquals", SUBJECT.replace("acme", "Acme")) }],
  ["F18", "a star under StringEquals", { condition: lab("StringEquals", "project_path:acme/shop:*") }],
  [
    "F19",
    "a host behind repo:",
    {
      github: true,
      claims: { sub: "repo:o/r:ref:refs/heads/main" },
      condition: hub("StringLike", "repo:github.com/o/r:*"),
    },
  ],
  ["F25", "another branch", { claims: { sub: SUBJECT.replace("main", "dev") } }],
  [
    "F26",
    "a claim that AWS never shows",
    { condition: { StringEquals: { [SUB]: SUBJECT, "gitlab.com:ref": "main" } } },
  ],
  [
    "F28",
    "ref_type:mr, which no token has",
    { condition: lab("StringLike", "project_path:acme/shop:ref_type:mr:ref:*") },
  ],
  [
    "F30",
    "a fork",
    { claims: { sub: SUBJECT.replace("acme", "eve"), project_path: "eve/shop", job_project_path: "acme/shop" } },
  ],
  ["F33", "another action", { element: { Action: "sts:AssumeRole" } }],
  ["F33", "another provider", { element: { Principal: { Federated: `${ID}/gitlab.example.com` } } }],
  ["F36", "no such role", { more: { role: null } }],
  ["F40", "a token that has ended", { claims: { iat: SECONDS - 900, exp: SECONDS - 600 } }],
  [
    "F43",
    "a duration above the role's",
    { more: { request: { roleArn: ROLE_ARN, sessionName: "s1", duration: 7200 } } },
  ],
  ["F48", "a key that is not published", { more: { signature: "unknown-key" } }],
  ["F53", "a token of the future", { claims: { iat: SECONDS + 600, nbf: SECONDS + 600 } }],
  [
    "F56",
    "session tags that are not allowed",
    { claims: { "https://aws.amazon.com/tags": { principal_tags: { team: ["shop"] }, transitive_tag_keys: [] } } },
  ],
  [
    "F60",
    "the worldwide audience in China",
    {
      claims: { aud: "sts.amazonaws.com" },
      more: { request: { roleArn: "arn:aws-cn:iam::123456789012:role/shop-deploy", sessionName: "s1" } },
    },
  ],
];

describe("the name of a refusal", () => {
  it.for(STAGED)("is %s for %s", ([id, , staged]) => {
    const asked = stage(staged);
    expect(nameFailure(denied(decide(asked)), asked)).toBe(id);
  });

  it("is that of the nearest statement, not of one about somebody else", () => {
    const other = statement({
      Principal: { Federated: `${ID}/${GITHUB}` },
      Condition: hub("StringLike", "repo:o/r:*"),
    });
    const asked = question({ role: role(trust(other, statement({ Condition: lab("StringEquals", `${SUBJECT}*`) }))) });
    expect(nameFailure(denied(decide(asked)), asked)).toBe("F18");
  });
});
