import { describe, expect, it } from "vitest";

import { github } from "../../../../src/ci/github.ts";
import { gitlab } from "../../../../src/ci/gitlab.ts";
import { decide } from "../../../../src/core/decide.ts";
import { readTrustPolicy } from "../../../../src/core/policy.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { type Claims, type Json, showClaim } from "../../../../src/core/token.ts";
import { exported, model, textOf } from "./sample.ts";

const NOW = 1_800_000_000;

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Principal: string;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

function statementsOf(text: string): readonly Statement[] {
  return (JSON.parse(text) as { Statement: readonly Statement[] }).Statement;
}

/**
 * Whether a token passes the policy, at a role that trusts everybody: such a policy denies as a statement of the
 * role's own would, whoever the principal is.
 */
function passes(text: string, claims: Claims): boolean {
  const issuer = showClaim(claims, "iss").replace("https://", "");
  const Federated = `arn:aws:iam::123456789012:oidc-provider/${issuer}`;
  const of = { Principal: { Federated }, Action: "sts:AssumeRoleWithWebIdentity" };
  // The widest that IAM saves.
  const everybody = { ...of, Effect: "Allow", Condition: { StringLike: { [`${issuer}:sub`]: "?*" } } };
  const denies = statementsOf(text).map(({ Effect, Condition }) => ({ ...of, Effect, Condition }));
  const reading = readTrustPolicy({ Version: "2012-10-17", Statement: [everybody, ...denies] });
  if (reading.kind === "malformed") throw new Error(reading.message);
  const arn = "arn:aws:iam::123456789012:role/open";
  return (
    decide({
      token: { raw: new Secret(""), header: { alg: "RS256" }, claims },
      signature: "valid",
      provider: { arn: Federated, url: issuer, audiences: [showClaim(claims, "aud")], thumbprints: [] },
      role: { arn, trust: reading.policy, maxSessionDuration: 3600 },
      request: { roleArn: arn, sessionName: "test" },
      now: NOW * 1000,
    }).outcome === "allowed"
  );
}

const ofGitlab = (project: string): Claims => gitlab.pretend({ project, audience: "a", issuedAt: NOW });
const ofGithub = (project: string, immutable = false): Claims =>
  github.pretend({ project, audience: "a", issuedAt: NOW, branch: "main", immutable });

function file(...roles: readonly string[]): string {
  return `version: 1\nroles:\n${roles.map((role, index) => `  r${index}: { audience: a, ${role} }`).join("\n")}\n`;
}

describe("the resource control policy", () => {
  it("lets the tenants of the file through at any role, and nobody else of these issuers", () => {
    const text = textOf("rcp");
    const passing = ["acme/shop", "acme/other", "acme/sub/deep"].map((project) => passes(text, ofGitlab(project)));
    expect(passing).toEqual([true, true, true]);
    const denied = ["evil/shop", "acme-two/shop", "ACME/shop", "evil/acme/shop"];
    expect(denied.filter((project) => passes(text, ofGitlab(project)))).toEqual([]);
    expect(passes(text, ofGithub("octo/any"))).toBe(true);
    expect(["octo-evil/shop", "evil/octo"].filter((project) => passes(text, ofGithub(project)))).toEqual([]);
  });

  it("takes GitHub's subjects with ids of the same owner, and of one id where the file tells it", () => {
    const told = textOf("rcp", model(file(TOLD)));
    const [{ Condition }] = statementsOf(told) as [Statement];
    expect(Condition["StringNotLikeIfExists"]).toEqual({
      "token.actions.githubusercontent.com:sub": ["repo:octo/*", "repo:octo@65/*"],
    });
    const subject = (sub: string): Claims => ({ ...ofGithub("octo/shop"), sub });
    expect(passes(told, subject("repo:octo@65/any@9:ref:refs/heads/main"))).toBe(true);
    expect(passes(told, subject("repo:octo@66/any@9:ref:refs/heads/main"))).toBe(false);
    const untold = textOf("rcp", model(file(TOLD, "ci: github, allow: [{ project: octo/site, branch: main }]")));
    expect(passes(untold, subject("repo:octo@66/any@9:ref:refs/heads/main"))).toBe(true);
    expect(passes(untold, subject("repo:octo-evil@65/any@9:ref:refs/heads/main"))).toBe(false);
  });

  it("leaves tokens of other issuers alone, unless it is to name them all", () => {
    const other = { ...ofGitlab("evil/shop"), iss: "https://other.test" };
    expect(passes(textOf("rcp"), other)).toBe(true);
    const closed = textOf("rcp", model(), { noOtherIssuers: true });
    expect(passes(closed, other)).toBe(false);
    expect(passes(closed, ofGitlab("acme/shop"))).toBe(true);
    expect(
      passes(closed, { ...other, iss: "https://oidc.circleci.com/org/11111111-2222-4333-8444-555555555555" }),
    ).toBe(true);
  });

  it("is what Organizations asks of one: it only denies, everybody, and says where it does not hold", () => {
    const { files, notes } = exported("rcp", model(), { noOtherIssuers: true });
    const statements = statementsOf(files[0].text);
    expect(statements.map(({ Sid, Effect, Principal }) => [Sid, Effect, Principal])).toEqual([
      ["TenantGitlabCom", "Deny", "*"],
      ["TenantTokenActionsGithubusercontentCom", "Deny", "*"],
      ["NoOtherIssuers", "Deny", "*"],
    ]);
    expect(notes.join("\n")).toContain("no such policy holds for the management account");
  });

  it("is written without white space where it would be too long, and refused where that is not enough", () => {
    const groups = (count: number, long: number): string =>
      file(
        ...Array.from({ length: count }, (_, index) => {
          const group = `g${String(index).padStart(long, "0")}`;
          return `ci: gitlab, allow: [{ project: ${group}/shop, branch: main }]`;
        }),
      );
    const dense = textOf("rcp", model(groups(80, 30)));
    expect(dense).not.toMatch(/\s/);
    expect(dense.length).toBeLessThanOrEqual(5120);
    expect(() => textOf("rcp", model(groups(120, 30)))).toThrowWithCode("config", /at most 5120 bytes, got \d+/);
  });

  it("is refused where every issuer is one's own", () => {
    const own = file("ci: gitlab, issuer: https://gitlab.example.com, allow: [{ project: acme/shop, branch: main }]");
    expect(() => textOf("rcp", model(own))).toThrowWithCode(
      "config",
      /serves many customers.*got https:\/\/gitlab\.example/,
    );
    const text = textOf("rcp", model(own), { noOtherIssuers: true });
    expect(passes(text, ofGitlab("acme/shop"))).toBe(false);
  });
});

const TOLD =
  'ci: github, allow: [{ project: octo/shop, branch: main, repository_id: "74", repository_owner_id: "65" }]';
