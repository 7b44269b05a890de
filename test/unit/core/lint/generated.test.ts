import fc from "fast-check";
import { expect, it } from "vitest";
import { decide } from "../../../../src/core/decide.ts";
import { lintRole } from "../../../../src/core/lint.ts";
import type { Finding } from "../../../../src/core/lint/finding.ts";
import { Secret } from "../../../../src/core/secret.ts";
import type { Policy } from "../../../../src/core/policy.ts";
import { type Claims, type Json, showClaim } from "../../../../src/core/token.ts";
import { AUD, arnOf, GITHUB, GITLAB, NOW, ROLE, roleWith, statement } from "./cases.ts";

// Policies of acme/shop, made of everything that people write, right and wrong. Judged twice: by the linter, and by
// tokens that are written here without its help.

const OPERATORS = ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike"];
const PREFIXES = ["", "", "", "ForAllValues:", "ForAnyValue:"];
const SUFFIXES = ["", "", "", "IfExists"];

const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  [GITHUB]: [
    "repo:acme/shop:ref:refs/heads/main",
    "repo:acme/shop:environment:prod",
    "repo:acme/shop:pull_request",
    "repo:acme/shop:*",
    "repo:acme/shop:ref:refs/heads/*",
    "repo:acme/shop:ref:refs/heads/main*",
    "repo:acme/*",
    "repo:acme*",
    "repo:*",
    "repo:*/shop:*",
    "repo:acme/s*:*",
    "repo:acme@7/shop@9:ref:refs/heads/main",
    "*",
    "",
  ],
  [GITLAB]: [
    "project_path:acme/shop:ref_type:branch:ref:main",
    "project_path:acme/shop:*",
    "project_path:acme/shop:ref_type:branch:ref:*",
    "project_path:acme/*",
    "project_path:acme*",
    "project_path:*",
    "*",
  ],
};

const OTHERS: Readonly<Record<string, readonly (readonly [string, readonly string[]])[]>> = {
  [GITHUB]: [
    ["repository_owner_id", ["1001", "*"]],
    ["repository", ["acme/shop", "acme/*"]],
    ["environment", ["prod"]],
    ["ref", ["refs/heads/main", "refs/heads/*"]],
    ["event_name", ["push"]],
  ],
  [GITLAB]: [
    ["namespace_id", ["1001"]],
    ["project_id", ["1002"]],
    ["ref_protected", ["true"]],
    ["environment", ["prod"]],
  ],
};

const operator = fc
  .tuple(fc.constantFrom(...PREFIXES), fc.constantFrom(...OPERATORS), fc.constantFrom(...SUFFIXES))
  .map((parts) => parts.join(""));

function conditionsOf(url: string): fc.Arbitrary<Json> {
  const subject = fc.tuple(
    operator,
    fc.uniqueArray(fc.constantFrom(...(SUBJECTS[url] ?? [])), { minLength: 1, maxLength: 3 }),
  );
  const audience = fc.constantFrom<readonly [string, string]>(
    ["StringEquals", AUD],
    ["StringLike", "*"],
    ["StringLike", "sts.*"],
  );
  const other = fc
    .constantFrom(...(OTHERS[url] ?? []))
    .chain(([claim, values]) => fc.tuple(operator, fc.constant(claim), fc.constantFrom(...values)));
  return fc.tuple(fc.option(subject), fc.option(audience), fc.option(other, { freq: 1 })).map(([sub, aud, more]) => {
    const block: Record<string, Record<string, Json>> = {};
    if (sub) (block[sub[0]] ??= {})["C.sub"] = sub[1];
    if (aud) (block[aud[0]] ??= {})["C.aud"] = aud[1];
    if (more) (block[more[0]] ??= {})[`C.${more[1]}`] = more[2];
    return block;
  });
}

const deny = fc.constantFrom<Json>(
  statement(GITHUB, { StringNotLike: { "C.sub": "repo:acme/*" } }, { Effect: "Deny" }),
  statement(GITHUB, { StringLike: { "C.sub": "repo:rolecall-stranger/*" } }, { Effect: "Deny" }),
  statement(
    GITLAB,
    { StringEquals: { "C.sub": "project_path:acme/shop:ref_type:branch:ref:main" } },
    { Effect: "Deny" },
  ),
);

const policy = fc.tuple(fc.constantFrom(GITHUB, GITLAB), fc.option(deny, { freq: 4 })).chain(([url, denial]) =>
  fc.array(conditionsOf(url), { minLength: 1, maxLength: 2 }).map((blocks) => ({
    url,
    statements: [...blocks.map((one) => statement(url, one)), ...(denial ? [denial] : [])],
  })),
);

function allows(trust: Policy, url: string, claims: Claims, audiences: readonly string[]): boolean {
  const seconds = NOW / 1000;
  return (
    decide({
      token: { raw: new Secret(""), header: { alg: "RS256" }, claims: { ...claims, iat: seconds, exp: seconds + 60 } },
      signature: "valid",
      provider: { arn: arnOf(url), url, audiences, thumbprints: [] },
      role: { arn: ROLE, trust, maxSessionDuration: 3600 },
      request: { roleArn: ROLE, sessionName: "probe" },
      now: NOW,
    }).outcome === "allowed"
  );
}

interface Hostile {
  readonly claims: Claims;
  /** Of a finding that tells of it: any of these. */
  readonly rules: readonly string[];
}

const OUTSIDE = ["T001", "T002", "T003", "T009", "T010", "T011", "T012", "T033"];
const INSIDE = [...OUTSIDE, "T004", "T007"];
const ANY_RUN = [...INSIDE, "T005", "T006", "T008"];

function githubJob(owner: string, repository: string, ownerId: string, tail: string, more: Claims = {}): Claims {
  return {
    iss: `https://${GITHUB}`,
    aud: AUD,
    sub: `repo:${owner}/${repository}:${tail}`,
    repository: `${owner}/${repository}`,
    repository_owner_id: ownerId,
    repository_id: "5",
    ref: "refs/heads/main",
    ...more,
  };
}

function gitlabJob(
  group: string,
  project: string,
  ids: readonly [string, string],
  branch: string,
  isProtected: string,
): Claims {
  return {
    iss: "https://gitlab.com",
    aud: AUD,
    sub: `project_path:${group}/${project}:ref_type:branch:ref:${branch}`,
    namespace_id: ids[0],
    project_id: ids[1],
    ref_protected: isProtected,
  };
}

const HOSTILE: Readonly<Record<string, readonly Hostile[]>> = {
  [GITHUB]: [
    { claims: githubJob("mallory", "tool", "4711", "ref:refs/heads/main"), rules: OUTSIDE },
    { claims: githubJob("mallory", "shop", "4711", "environment:prod", { environment: "prod" }), rules: OUTSIDE },
    { claims: githubJob("acme-evil", "tool", "4712", "ref:refs/heads/main"), rules: OUTSIDE },
    { claims: githubJob("acme", "tool", "1001", "ref:refs/heads/main"), rules: INSIDE },
    { claims: githubJob("acme", "tool", "1001", "environment:prod", { environment: "prod" }), rules: INSIDE },
    { claims: githubJob("acme", "shop", "1001", "ref:refs/heads/mine", { ref: "refs/heads/mine" }), rules: ANY_RUN },
    { claims: githubJob("acme", "shop", "1001", "pull_request", { ref: "refs/pull/7/merge" }), rules: ANY_RUN },
    {
      claims: githubJob("acme", "shop", "1001", "ref:refs/heads/main-of-mine", { ref: "refs/heads/main-of-mine" }),
      rules: ANY_RUN,
    },
  ],
  [GITLAB]: [
    { claims: gitlabJob("mallory", "tool", ["4711", "4712"], "main", "true"), rules: OUTSIDE },
    { claims: gitlabJob("acme-evil", "tool", ["4711", "4712"], "main", "true"), rules: OUTSIDE },
    { claims: gitlabJob("acme", "tool", ["1001", "4712"], "main", "true"), rules: INSIDE },
    { claims: gitlabJob("acme", "shop", ["1001", "1002"], "mine", "false"), rules: ANY_RUN },
  ],
};

function accepted({ proof }: Finding): Claims | null {
  return proof.kind === "accepted" ? proof.claims : null;
}

it("finds nothing that it cannot prove, and misses no token that gets in, on 2,000 policies", () => {
  let open = 0;
  let closed = 0;
  fc.assert(
    fc.property(policy, ({ url, statements }) => {
      const role = roleWith(statements);
      const found = lintRole(role, { providers: [], allProviders: false, now: NOW });
      for (const finding of found) {
        const claims = accepted(finding);
        const { proof } = finding;
        if (claims) expect(allows(role.trust, url, claims, [showClaim(claims, "aud")])).toBe(true);
        else if (proof.kind === "never")
          expect(allows(role.trust, url, proof.claims, [showClaim(proof.claims, "aud")])).toBe(false);
        else expect(finding.rule).toBe("T036");
      }
      const ids = found.map(({ rule }) => rule);
      for (const { claims, rules } of HOSTILE[url] ?? []) {
        if (!allows(role.trust, url, claims, [AUD])) {
          closed += 1;
          continue;
        }
        open += 1;
        expect(
          rules.some((rule) => ids.includes(rule)),
          `${showClaim(claims, "sub")} gets in, and only ${ids.join()} is found`,
        ).toBe(true);
      }
    }),
    { numRuns: 2000, seed: 6, endOnFailure: true },
  );
  // The policies are of both kinds.
  expect(Math.min(open, closed)).toBeGreaterThan(1000);
}, 120_000);
