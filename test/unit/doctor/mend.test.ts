import { describe, expect, it } from "vitest";
import { github } from "../../../src/ci/github.ts";
import { gitlab } from "../../../src/ci/gitlab.ts";
import type { Ci, PretendedJob } from "../../../src/ci/ci.ts";
import { decide, type Question } from "../../../src/core/decide.ts";
import { readPolicy } from "../../../src/core/policy.ts";
import { isObject, type Json, parseToken } from "../../../src/core/token.ts";
import { applyChange } from "../../../src/doctor/change.ts";
import { renderHcl } from "../../../src/doctor/fix-forms.ts";
import { mend, type Mending } from "../../../src/doctor/mend.ts";
import { probesOf, visible } from "../../../src/doctor/probes.ts";
import { denied, jwt, NOW, ROLE_ARN, SECONDS } from "../core/example.ts";

const HUB = "token.actions.githubusercontent.com";
const AUD = "sts.amazonaws.com";

/** A job, and what the role of it trusts: conditions by operator, keys without the issuer. */
function staged(
  ci: Ci,
  job: Partial<PretendedJob>,
  conditions: Readonly<Record<string, Readonly<Record<string, Json>>>>,
  more: { readonly [name: string]: Json } = {},
) {
  const issuer = ci === github ? HUB : "gitlab.com";
  const keyed = Object.fromEntries(
    Object.entries(conditions).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        Object.entries(keys).map(([key, value]) => [key.includes(":") ? key : `${issuer}:${key}`, value]),
      ),
    ]),
  );
  const arn = `arn:aws:iam::123456789012:oidc-provider/${issuer}`;
  const statement = {
    Effect: "Allow",
    Principal: { Federated: arn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: keyed,
    ...more,
  };
  const document = { Version: "2012-10-17", Statement: [statement] };
  const claims = ci.pretend({ project: "octo/shop", audience: AUD, issuedAt: SECONDS, ...job });
  const reading = readPolicy(document);
  const trust = reading.kind === "policy" ? reading.policy : expect.fail(reading.message);
  const question: Question = {
    token: parseToken(jwt(claims), "the test"),
    signature: "unchecked",
    provider: { arn, url: issuer, audiences: [AUD], thumbprints: [] },
    role: { arn: ROLE_ARN, trust, maxSessionDuration: 3600 },
    request: { roleArn: ROLE_ARN, sessionName: "s1" },
    now: NOW,
  };
  const decision = denied(decide(question));
  const mendings = mend(question, decision, { document, ci, audienceIsChosen: true }).filter(({ asAllow }) => !asAllow);
  return { question, mendings, document };
}

/** The account after a fix. */
function after(question: Question, { changes }: Mending): Question {
  const done = changes.reduce<Question | null>((before, change) => before && applyChange(before, change), question);
  return done ?? expect.fail("the fix cannot be made");
}

function first(mendings: readonly Mending[]): Mending {
  return mendings[0] ?? expect.fail("there is no fix");
}

const MAIN = "repo:octo/shop:ref:refs/heads/main";

describe("a fix", () => {
  it("of another branch adds the one subject, and leaves the rest of the policy as it is", () => {
    const { question, mendings } = staged(github, { branch: "dev" }, { StringEquals: { aud: AUD, sub: MAIN } });
    const { changes, proof } = first(mendings);
    expect(changes).toMatchObject([
      {
        kind: "trust-policy",
        patch: [
          {
            op: "replace",
            path: `/Statement/0/Condition/StringEquals/${HUB}:sub`,
            value: [MAIN, "repo:octo/shop:ref:refs/heads/dev"],
          },
        ],
      },
    ]);
    expect(proof).toMatchObject({ alsoAdmits: [], indistinguishable: [] });
    expect(proof.tried).toBeGreaterThan(8);
    expect(decide(after(question, first(mendings))).outcome).toBe("allowed");
  });

  it("keeps what else the statement asks for", () => {
    const { question, mendings, document } = staged(
      gitlab,
      { branch: "dev" },
      {
        StringEquals: { aud: AUD, sub: "project_path:octo/shop:*", project_id: "0" },
        IpAddress: { "aws:SourceIp": "203.0.113.0/24" },
      },
    );
    expect(mendings).toEqual([]);
    const there = { ...question, request: { ...question.request, sourceIp: "203.0.113.7" } };
    const found = mend(there, denied(decide(there)), { document, ci: gitlab, audienceIsChosen: true });
    expect(found.length).toBeGreaterThan(0);
    for (const { changes } of found.filter(({ asAllow }) => !asAllow)) {
      const [change] = changes;
      const last = change?.kind === "trust-policy" ? change.policy["Statement"] : null;
      expect(Array.isArray(last) ? last.at(-1) : null).toMatchObject({
        Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
      });
    }
  });

  it("of an environment pins the branch too, which AWS sees of GitHub", () => {
    const { question, mendings } = staged(github, { environment: "prod" }, { StringEquals: { aud: AUD, sub: MAIN } });
    expect(first(mendings).proof.alsoAdmits).toEqual([]);
    const other = github.pretend({
      project: "octo/shop",
      environment: "prod",
      branch: "feature/x",
      audience: AUD,
      issuedAt: SECONDS,
    });
    const account = after(question, first(mendings));
    expect(decide({ ...account, token: { ...account.token, claims: other } }).outcome).toBe("denied");
    // The one that trusts the environment alone is told with whom it lets in.
    expect(mendings.slice(1).flatMap(({ proof }) => proof.alsoAdmits)).toContain(
      "another branch with the environment prod",
    );
  });

  it("of a star under StringEquals is the exact subject first; what its author meant lets in more, and says so", () => {
    const { mendings } = staged(github, {}, { StringEquals: { aud: AUD, sub: "repo:octo/shop:*" } });
    expect(first(mendings).proof.alsoAdmits).toEqual([]);
    const meant = mendings.find(({ changes }) => JSON.stringify(changes).includes("StringLike"));
    expect(meant?.proof.alsoAdmits).toEqual(
      expect.arrayContaining(["branch main-other of octo/shop", "a pull request of octo/shop"]),
    );
    expect(meant?.proof.alsoAdmits).not.toContain("the project octo/shop-other");
  });

  it("never takes away a Deny", () => {
    const deny = {
      Effect: "Deny",
      Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${HUB}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringLike: { [`${HUB}:sub`]: "repo:octo/*" } },
    };
    const { question, document } = staged(github, { branch: "dev" }, { StringEquals: { aud: AUD, sub: MAIN } });
    const both = { ...document, Statement: [...document.Statement, deny] };
    const reading = readPolicy(both);
    const asked: Question = {
      ...question,
      role: {
        arn: ROLE_ARN,
        maxSessionDuration: 3600,
        trust: reading.kind === "policy" ? reading.policy : expect.fail(),
      },
    };
    expect(mend(asked, denied(decide(asked)), { document: both, ci: github, audienceIsChosen: true })).toEqual([]);
  });

  it("is none that IAM would refuse to save", () => {
    const { question, mendings } = staged(
      gitlab,
      { branch: "dev" },
      { StringEquals: { aud: AUD, sub: "project_path:octo/shop:ref_type:branch:ref:main" } },
    );
    const open = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.com" },
          Action: "sts:AssumeRoleWithWebIdentity",
        },
      ],
    };
    expect(mendings).not.toEqual([]);
    expect(applyChange(question, { kind: "trust-policy", policy: open, patch: [] })).toBeNull();
  });

  it("works, and is what it is proved to be, for every kind of job", () => {
    const jobs: readonly Partial<PretendedJob>[] = [
      { branch: "dev" },
      { tag: "v1" },
      { environment: "prod" },
      { event: "pull_request" },
      { immutable: true },
      { project: "octo/other" },
    ];
    for (const ci of [github, gitlab]) {
      for (const job of jobs.filter((one) => ci === github || !("immutable" in one))) {
        const sub =
          ci === github ? "repo:octo/none:ref:refs/heads/main" : "project_path:octo/none:ref_type:branch:ref:main";
        const { question, mendings } = staged(ci, job, { StringEquals: { aud: AUD, sub } });
        expect(mendings, JSON.stringify(job)).not.toEqual([]);
        for (const mending of mendings) {
          const account = after(question, mending);
          expect(decide(account).outcome).toBe("allowed");
          const own = visible(question.token.claims);
          const let_in = probesOf(question.token.claims, ci).filter(
            (probe) => decide({ ...account, token: { ...account.token, claims: probe.claims } }).outcome === "allowed",
          );
          expect(let_in.filter(({ claims }) => visible(claims) !== own).map((probe) => probe.job)).toEqual(
            mending.proof.alsoAdmits,
          );
        }
        expect(first(mendings).proof.alsoAdmits, JSON.stringify(job)).toEqual([]);
      }
    }
  });
});

describe("a policy in Terraform's language", () => {
  it("keeps what a template would swallow", () => {
    expect(renderHcl({ "a:b": "${x} %{y}", list: ["1", "2"] })).toBe(
      '{\n  "a:b" = "$${x} %%{y}"\n  list = ["1", "2"]\n}',
    );
    expect(renderHcl([{ Effect: "Allow" }])).toBe('[\n  {\n    Effect = "Allow"\n  },\n]');
    expect(isObject({})).toBe(true);
  });
});
