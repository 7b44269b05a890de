import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type Provider } from "../../../src/core/decide.ts";
import type { LintRole } from "../../../src/core/lint/finding.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Claims, Json } from "../../../src/core/token.ts";
import { describeEdit, documentEdits, editDocument } from "../../../src/doctor/lint-policy-edit.ts";
import { letsInNobodyNew, type Narrowed, narrowTrust, sameTrust } from "../../../src/doctor/lint-narrow.ts";
import { readRole } from "../../../src/doctor/lint-role.ts";

const NOW = Date.parse("2026-11-25T00:00:00Z");
const GITHUB = "token.actions.githubusercontent.com";
const SUB = `${GITHUB}:sub`;
const AUD = `${GITHUB}:aud`;
const ARN = `arn:aws:iam::123456789012:oidc-provider/${GITHUB}`;
const PROVIDER: Provider = { arn: ARN, url: GITHUB, audiences: ["sts.amazonaws.com"], thumbprints: [] };
const TWO: Provider = { ...PROVIDER, audiences: ["sts.amazonaws.com", "other.test"] };
const ROLE = "arn:aws:iam::123456789012:role/role";
const STS = { [AUD]: "sts.amazonaws.com" };

function policyOf(condition: object | null, Action: Json = "sts:AssumeRoleWithWebIdentity"): Json {
  const statement = { Effect: "Allow", Principal: { Federated: ARN }, Action };
  return { Version: "2012-10-17", Statement: [condition ? { ...statement, Condition: condition } : statement] } as Json;
}

function roleOf(trust: Json): LintRole {
  const reading = readRole({ resource: ROLE, from: "f", trust, maxSessionDuration: null, permissions: null });
  if (reading.kind !== "role") throw new Error(reading.reason);
  return reading.role;
}

function narrowed(
  trust: Json,
  subjects: readonly string[] = [],
  provider = PROVIDER,
  audiences: readonly string[] = [],
): Narrowed {
  const context = { providers: [provider], allProviders: true, now: NOW };
  return narrowTrust(roleOf(trust), context, { subjects, audiences }, ({ severity }) => severity !== "info");
}

function gives({ trust }: LintRole, claims: Claims, provider = PROVIDER): boolean {
  const times = { iat: NOW / 1000, exp: NOW / 1000 + 300 };
  const all = { iss: `https://${GITHUB}`, aud: "sts.amazonaws.com", ...times, ...claims };
  return (
    decide({
      token: { raw: new Secret(""), header: { alg: "RS256" }, claims: all },
      signature: "valid",
      provider,
      role: { arn: ROLE, trust, maxSessionDuration: 3600 },
      request: { roleArn: ROLE, sessionName: "s" },
      now: NOW,
    }).outcome === "allowed"
  );
}

const MAIN = "repo:acme@7/shop@9:ref:refs/heads/main";
const NAMED = "repo:acme/shop:ref:refs/heads/main";
const TAGS = { "https://aws.amazon.com/tags": { principal_tags: { team: ["chosen"] } } };

interface Case {
  readonly trust: Json;
  readonly subjects?: readonly string[];
  readonly provider?: Provider;
  readonly audiences?: readonly string[];
  readonly words: readonly string[];
  /** Tokens that get the role before and after. */
  readonly kept: readonly Claims[];
  /** Tokens that get it before, and not after. */
  readonly lost: readonly Claims[];
}

const CASES: Readonly<Record<string, Case>> = {
  "ForAllValues goes": {
    trust: policyOf({ StringEquals: STS, "ForAllValues:StringEquals": { [SUB]: MAIN } }),
    words: [`statement 1: StringEquals instead of ForAllValues:StringEquals on ${SUB}`],
    kept: [{ sub: MAIN }],
    lost: [{ sub: "" }],
  },
  "IfExists goes": {
    trust: policyOf({
      StringEquals: { ...STS, [SUB]: "repo:acme@7/shop@9:environment:prod" },
      StringEqualsIfExists: { [`${GITHUB}:ref`]: "refs/heads/main" },
    }),
    words: [`statement 1: StringEquals instead of StringEqualsIfExists on ${GITHUB}:ref`],
    kept: [{ sub: "repo:acme@7/shop@9:environment:prod", ref: "refs/heads/main" }],
    lost: [{ sub: "repo:acme@7/shop@9:environment:prod" }],
  },
  "an open name gets its end, with GitHub's ids and without": {
    trust: policyOf({ StringEquals: STS, StringLike: { [SUB]: "repo:acme*" } }),
    words: [`statement 1: ${SUB} is repo:acme/* or repo:acme@*`],
    kept: [{ sub: NAMED }, { sub: MAIN }],
    lost: [{ sub: "repo:acme-evil/shop:ref:refs/heads/main" }],
  },
  "an audience that was named is tested where none was": {
    trust: policyOf({ StringEquals: { [SUB]: MAIN } }),
    provider: TWO,
    audiences: ["sts.amazonaws.com"],
    words: [`statement 1: StringEquals on ${AUD}: sts.amazonaws.com`],
    kept: [{ sub: MAIN }],
    lost: [{ sub: MAIN, aud: "other.test" }],
  },
  "an audience that was named stands in place of a pattern": {
    trust: policyOf({ StringEquals: { [SUB]: MAIN }, StringLike: { [AUD]: "*" } }),
    provider: TWO,
    audiences: ["other.test"],
    words: [`statement 1: ${AUD} is other.test`],
    kept: [{ sub: MAIN, aud: "other.test" }],
    lost: [{ sub: MAIN }],
  },
  "every action of STS becomes the exchange": {
    trust: policyOf({ StringEquals: { ...STS, [SUB]: MAIN } }, "sts:*"),
    words: ["statement 1: sts:AssumeRoleWithWebIdentity and no other action"],
    kept: [{ sub: MAIN }],
    lost: [{ sub: MAIN, ...TAGS }],
  },
  "subjects that were named stand in place of a pattern, which loses the rest": {
    trust: policyOf({
      StringEquals: STS,
      StringLike: { [SUB]: ["repo:acme@7/shop@9:*", "repo:acme@7/tools@3:environment:prod"] },
    }),
    subjects: [MAIN, "repo:acme@7/shop@9:ref:refs/tags/v*"],
    words: [
      `statement 1: ${SUB} is repo:acme@7/tools@3:environment:prod or ${MAIN} or repo:acme@7/shop@9:ref:refs/tags/v*`,
    ],
    kept: [
      { sub: MAIN },
      { sub: "repo:acme@7/shop@9:ref:refs/tags/v1" },
      { sub: "repo:acme@7/tools@3:environment:prod" },
    ],
    lost: [{ sub: "repo:acme@7/shop@9:pull_request" }, { sub: "repo:acme@7/shop@9:ref:refs/heads/dev" }],
  },
  "a policy without a subject gets the one that was named": {
    trust: policyOf({ StringEquals: STS }),
    subjects: [MAIN],
    words: [`statement 1: StringEquals on ${SUB}: ${MAIN}`],
    kept: [{ sub: MAIN }],
    lost: [{ sub: "repo:evil/shop:ref:refs/heads/main" }],
  },
  "and one without any condition, too": {
    trust: policyOf(null),
    subjects: [MAIN],
    words: [`statement 1: StringEquals on ${SUB}: ${MAIN}`],
    kept: [{ sub: MAIN }],
    lost: [{ sub: "repo:evil/shop:ref:refs/heads/main" }],
  },
  "a negated condition stays beside those who may": {
    trust: policyOf({ StringEquals: STS, StringNotLike: { [SUB]: "repo:evil/*" } }),
    subjects: [MAIN],
    words: [`statement 1: StringEquals on ${SUB}: ${MAIN}`],
    kept: [{ sub: MAIN }],
    lost: [{ sub: "repo:other/shop:ref:refs/heads/main" }],
  },
};

describe("a trust policy is narrowed", () => {
  it.each(Object.entries(CASES))(
    "%s",
    (_, { trust, subjects = [], provider = PROVIDER, audiences = [], words, kept, lost }) => {
      const before = roleOf(trust);
      const { edits, mended, role } = narrowed(trust, subjects, provider, audiences);
      expect(edits.map(describeEdit)).toEqual(words);
      expect(mended).toHaveLength(words.length);
      for (const claims of [...kept, ...lost]) expect(gives(before, claims, provider)).toBe(true);
      for (const claims of kept) expect(gives(role, claims, provider)).toBe(true);
      for (const claims of lost) expect(gives(role, claims, provider)).toBe(false);
      for (const { finding } of mended) {
        const { proof } = finding;
        if (proof.kind !== "accepted") throw new Error("a finding that is no acceptance was mended");
        // Of the audiences that are taken, one may be the one that was named.
        if (audiences.length === 0) expect(gives(role, { ...proof.claims }, provider)).toBe(false);
      }
    },
  );

  it.each(Object.entries(CASES))(
    "and not again: %s",
    (_, { trust, subjects = [], provider = PROVIDER, audiences = [] }) => {
      const first = narrowed(trust, subjects, provider, audiences);
      const document = first.edits.reduce(
        (now, edit) => (documentEdits(now, edit, []) ?? []).reduce(editDocument, now),
        trust,
      );
      expect(sameTrust(roleOf(document).trust, first.role.trust)).toBe(true);
      expect(narrowed(document, subjects, provider, audiences).edits).toEqual([]);
    },
  );
});

describe("what nobody has said is asked, and not invented", () => {
  it("whether jobs without an environment are meant, which GitHub's tokens for a branch never have", () => {
    const trust = policyOf({
      StringEquals: { ...STS, [SUB]: MAIN },
      StringEqualsIfExists: { [`${GITHUB}:environment`]: "prod" },
    });
    const { edits, open } = narrowed(trust);
    expect(edits).toEqual([]);
    expect(open.map(({ question }) => question)).toContainEqual(
      expect.stringMatching(/^are jobs without that claim to keep the role\?/),
    );
  });

  it.each<readonly [string, Json, readonly string[], Provider, RegExp]>([
    [
      "which branch",
      policyOf({ StringEquals: STS, StringLike: { [SUB]: "repo:acme@7/shop@9:*" } }),
      [],
      PROVIDER,
      /^which branch, tag or environment\?.*--subject SUB/,
    ],
    ["whose jobs", policyOf({ StringEquals: STS }), [], PROVIDER, /^which jobs is the role for\?/],
    ["which audience of two", policyOf({ StringEquals: { [SUB]: MAIN } }), [], TWO, /^which audience/],
    [
      "a subject that does not get the role today",
      policyOf({ StringEquals: STS, StringLike: { [SUB]: "repo:acme@7/*" } }),
      ["repo:other/x:ref:refs/heads/main"],
      PROVIDER,
      /^the subjects that were given do not narrow it, or do not get the role today/,
    ],
    [
      "a pattern that is wider than the policy's",
      policyOf({ StringEquals: STS, StringLike: { [SUB]: "repo:acme@7/shop@9:*" } }),
      ["repo:acme@7/*"],
      PROVIDER,
      /^the subjects that were given do not narrow it/,
    ],
    [
      "what would let somebody in",
      policyOf({ StringEquals: { ...STS, [SUB]: "repo:acme@7/shop@9:*" } }),
      [MAIN],
      PROVIDER,
      /^nobody gets the role by this, so that to mend it lets somebody in/,
    ],
  ])("%s", (_, trust, subjects, provider, question) => {
    const { edits, open, mended } = narrowed(trust, subjects, provider);
    expect([edits, mended]).toEqual([[], []]);
    expect(open.map((one) => one.question)).toContainEqual(expect.stringMatching(question));
  });

  it("says of a token that another statement lets in too that it is still let in", () => {
    const open = { StringEquals: STS, "ForAllValues:StringEquals": { [SUB]: MAIN } };
    const list = [open, { StringEquals: STS }].flatMap(
      (condition) => (policyOf(condition) as { readonly Statement: readonly Json[] }).Statement,
    );
    const { mended, open: left } = narrowed({ Version: "2012-10-17", Statement: list });
    expect(mended).toEqual([]);
    expect(left.map(({ finding }) => finding.rule)).toContain("T001");
  });
});

it("tells a policy that lets in more from one that does not", () => {
  const context = { providers: [PROVIDER], allProviders: true, now: NOW };
  const exact = roleOf(policyOf({ StringEquals: { ...STS, [SUB]: MAIN } }));
  const wide = roleOf(policyOf({ StringEquals: STS, StringLike: { [SUB]: "repo:acme@7/shop@9:*" } }));
  expect(letsInNobodyNew(wide, exact, context)).toBe(true);
  expect(letsInNobodyNew(exact, wide, context)).toBe(false);
});

const operators = fc.constantFrom(
  "StringEquals",
  "StringLike",
  "ForAllValues:StringLike",
  "ForAnyValue:StringEquals",
  "StringLikeIfExists",
  "StringNotLike",
);
const subjects = fc.constantFrom(
  MAIN,
  NAMED,
  "repo:acme*",
  "repo:acme/*",
  "repo:*",
  "*",
  "repo:acme/shop:*",
  "repo:acme@7/s*@9:*",
);
const conditions = fc.dictionary(
  operators,
  fc.oneof(
    fc.record({ [SUB]: fc.oneof(subjects, fc.array(subjects, { minLength: 1, maxLength: 2 })) }),
    fc.record({ [AUD]: fc.constantFrom("sts.amazonaws.com", "*") }),
    fc.record({ [`${GITHUB}:ref`]: fc.constantFrom("refs/heads/main", "refs/heads/*") }),
  ),
  { maxKeys: 3 },
);
const tokens: readonly Claims[] = [
  MAIN,
  NAMED,
  "",
  "repo:acme-evil/x:pull_request",
  "repo:acme/x:ref:refs/heads/main",
  "repo:acme/shop:pull_request",
  "repo:evil/x:ref:refs/heads/main",
].flatMap((sub) => [
  { sub },
  { sub, ref: "refs/heads/main" },
  { sub, ref: "refs/heads/dev", ...TAGS },
  { sub, aud: "other.test" },
]);

it("lets in nobody whom the policy did not let in, whatever it is and whoever was named", () => {
  const actions = fc.constantFrom<Json>("sts:*", "sts:AssumeRoleWithWebIdentity", [
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
  ]);
  fc.assert(
    fc.property(conditions, actions, fc.subarray([MAIN, NAMED, "repo:acme/*"]), (condition, action, named) => {
      const trust = policyOf(condition, action);
      const { role } = narrowed(trust, named, TWO);
      for (const claims of tokens) if (gives(role, claims, TWO)) expect(gives(roleOf(trust), claims, TWO)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
