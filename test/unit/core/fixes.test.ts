import { describe, expect, it } from "vitest";
import { decide, type Question } from "../../../src/core/decide.ts";
import { decisiveCheck, type Fix, type FixContext, fixesFor } from "../../../src/core/fixes.ts";
import { type Token } from "../../../src/core/token.ts";
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

const DEV = SUBJECT.replace("main", "dev");
const GITHUB = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";

const githubStatement = statement({
  Principal: { Federated: GITHUB },
  Condition: { StringEquals: { "token.actions.githubusercontent.com:sub": "repo:acme/shop:ref:refs/heads/main" } },
});

function decisive(asked: Partial<Question>): ReturnType<typeof decisiveCheck> {
  return decisiveCheck(denied(decide(question(asked))));
}

function fixes(asked: Partial<Question>, more: Partial<FixContext> = {}): readonly Fix[] {
  const whole = question(asked);
  return fixesFor(denied(decide(whole)), {
    token: whole.token,
    provider: whole.provider,
    roleName: "shop-deploy",
    account: "123456789012",
    ciFile: ".gitlab-ci.yml",
    allowEntry: "{ project: acme/shop, branch: dev }",
    ...more,
  });
}

function ofToken(changes: Changes): { token: Token } {
  return { token: token(changes) };
}

describe("the check that decided a refusal", () => {
  it("is the one that ended it, where it did not get to the trust policy", () => {
    expect(decisive(ofToken({ aud: "other" }))).toMatchObject({ kind: "audience", got: "other" });
    expect(decisive({ provider: null })).toMatchObject({ kind: "provider" });
    expect(decisive({ role: null })).toMatchObject({ kind: "role" });
    expect(decisive({ request: { roleArn: ROLE_ARN, sessionName: "a", duration: 9999 } })).toMatchObject({
      kind: "duration",
    });
  });

  it("is the condition that failed", () => {
    expect(decisive(ofToken({ sub: DEV }))).toMatchObject({ kind: "condition", subject: "gitlab.com:sub", got: DEV });
  });

  it("is that of the statement in which the fewest conditions failed", () => {
    const far = statement({ Condition: { StringEquals: { "gitlab.com:sub": "x", "sts:RoleSessionName": "y" } } });
    const near = statement({ Condition: { StringEquals: { "gitlab.com:sub": SUBJECT } } });
    expect(decisive({ ...ofToken({ sub: DEV }), role: role(trust(far, near)) })).toMatchObject({
      statement: 1,
      wanted: `StringEquals ${SUBJECT}`,
    });
  });

  it("is never that of a statement about another provider, where one is about this", () => {
    const two = statement({
      Condition: { StringEquals: { "gitlab.com:sub": SUBJECT, "gitlab.com:project_id": "20" } },
    });
    expect(decisive({ ...ofToken({ sub: DEV }), role: role(trust(githubStatement, statement())) })).toMatchObject({
      kind: "condition",
      statement: 1,
    });
    expect(decisive({ ...ofToken({ sub: DEV }), role: role(trust(githubStatement, two)) })).toMatchObject({
      kind: "condition",
      statement: 1,
    });
  });

  it("is never that of a statement about another action, where one is about this", () => {
    const tagging = statement({ Action: "sts:TagSession" });
    expect(decisive({ ...ofToken({ sub: DEV }), role: role(trust(tagging, statement())) })).toMatchObject({
      kind: "condition",
      statement: 1,
    });
  });

  it("is never that of a Deny which did not apply", () => {
    const deny = statement({ Effect: "Deny", Condition: { StringLike: { "gitlab.com:sub": "*:ref:hotfix" } } });
    expect(decisive({ ...ofToken({ sub: DEV }), role: role(trust(deny, statement())) })).toMatchObject({
      kind: "condition",
      statement: 1,
      wanted: `StringEquals ${SUBJECT}`,
    });
  });

  it("is the principal, when the role trusts other providers only", () => {
    expect(decisive({ role: role(trust(githubStatement)) })).toMatchObject({
      kind: "principal",
      wanted: GITHUB,
      got: PROVIDER.arn,
    });
  });

  it("is the whole policy, when a Deny applied or nobody is allowed at all", () => {
    const deny = statement({ Effect: "Deny", Condition: { StringLike: { "gitlab.com:sub": "*:ref:main" } } });
    expect(decisive({ role: role(trust(statement(), deny)) })).toMatchObject({
      kind: "trust",
      got: "statement 2 denies",
    });
    const other = statement({ Effect: "Deny", Condition: { StringLike: { "gitlab.com:sub": "*:ref:x" } } });
    expect(decisive({ role: role(trust(other)) })).toMatchObject({ kind: "trust", got: "no statement allows" });
  });

  it("is the action of session tags that the policy does not allow", () => {
    const tags = { "https://aws.amazon.com/tags": { principal_tags: { Team: ["shop"] } } };
    expect(decisive(ofToken(tags))).toMatchObject({ kind: "action", got: "sts:TagSession" });
  });
});

describe("how to mend", () => {
  it("a wrong audience: in the CI file, or at the provider", () => {
    expect(fixes(ofToken({ aud: "other" }))).toEqual([
      { where: ".gitlab-ci.yml", text: `aud: ${AUDIENCE}` },
      {
        where: "command",
        text: `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${PROVIDER.arn} --client-id other`,
      },
    ]);
  });

  it("a wrong azp: at the provider, for aud is not what is compared", () => {
    const list = fixes(ofToken({ azp: "party" }));
    expect(list).toEqual([{ where: "command", text: expect.stringMatching(/--client-id party$/) as string }]);
  });

  it("an audience that is missing altogether: by none of the provider's commands", () => {
    expect(fixes({ ...ofToken({ aud: "" }), provider: { ...PROVIDER, audiences: [] } })).toEqual([]);
  });

  it("no provider: by making one in the role's account", () => {
    expect(fixes({ provider: null })).toEqual([
      {
        where: "command",
        text: `aws iam create-open-id-connect-provider --url https://gitlab.com --client-id-list '["${AUDIENCE}"]' --thumbprint-list ${"f".repeat(40)}   # in account 123456789012`,
      },
    ]);
  });

  it("a branch that is not trusted: in rolecall.yaml, or in the trust policy", () => {
    expect(fixes(ofToken({ sub: DEV }))).toEqual([
      { where: "rolecall.yaml", text: "under roles.shop-deploy.allow:  - { project: acme/shop, branch: dev }" },
      { where: "trust policy", text: `"StringEquals": { "gitlab.com:sub": "${DEV}" }` },
    ]);
  });

  it("a subject that rolecall.yaml cannot say: in the trust policy alone", () => {
    expect(fixes(ofToken({ sub: 'a"b' }), { allowEntry: null })).toEqual([
      { where: "trust policy", text: String.raw`"StringEquals": { "gitlab.com:sub": "a\"b" }` },
    ]);
  });

  it("another condition: with the value that the token has", () => {
    const policy = trust(
      statement({ Condition: { StringEquals: { "gitlab.com:sub": SUBJECT, "gitlab.com:project_id": "20" } } }),
    );
    expect(fixes({ ...ofToken({ project_id: "21" }), role: role(policy) })).toEqual([
      { where: "trust policy", text: '"StringEquals": { "gitlab.com:project_id": "21" }' },
    ]);
  });

  it("a condition on a claim that AWS never sees: with sub, and never with a value that is not there", () => {
    const condition = { StringEquals: { "gitlab.com:sub": SUBJECT, "gitlab.com:ref": "main" } };
    const list = fixes({ role: role(trust(statement({ Condition: condition }))) });
    expect(list).toEqual([
      { where: "trust policy", text: `instead of gitlab.com:ref: "StringEquals": { "gitlab.com:sub": "${SUBJECT}" }` },
    ]);
  });

  it("a token past its end, and a clock that differs, each in its way", () => {
    expect(fixes(ofToken({ exp: SECONDS - 999 }))[0]?.text).toContain("timeout:");
    expect(fixes(ofToken({ iat: SECONDS + 999 }))[0]?.text).toContain("by NTP");
    expect(fixes(ofToken({ nbf: SECONDS + 999 }))[0]?.text).toContain("by NTP");
  });

  it("too long a session: with the longest that the role gives", () => {
    const request = { roleArn: ROLE_ARN, sessionName: "a", duration: 43_200 };
    expect(fixes({ request, role: role(undefined, 7200) })).toEqual([
      { where: "command", text: "ask for less: --duration 7200" },
    ]);
  });

  it("what only AWS or the issuer can mend: by nothing", () => {
    expect(fixes({ signature: "unreachable" })).toEqual([]);
    expect(fixes({ role: null })).toEqual([]);
  });
});
