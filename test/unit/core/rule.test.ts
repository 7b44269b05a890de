import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decide, type Question, rule, type SignatureState } from "../../../src/core/decide.ts";
import type { Json } from "../../../src/core/token.ts";
import { AUDIENCE, NOW, PROVIDER, question, role, ROLE_ARN, SECONDS, statement, token, trust } from "./example.ts";

const ROLES = "https://aws.amazon.com/roles";
const TAGS = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";

const deny = statement({ Effect: "Deny", Condition: { StringLike: { "gitlab.com:sub": "*:ref:v*" } } });
const denyAll = statement({ Effect: "Deny", Condition: { StringEquals: { "sts:RoleSessionName": "job" } } });
const tagging = statement({ Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] });
const byRequest = statement({
  Condition: {
    StringLike: { "gitlab.com:sub": "project_path:acme/*" },
    Bool: { "aws:SecureTransport": "true" },
    Null: { "gitlab.com:amr": "true" },
  },
});

const odd: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  null,
  "",
  7,
  true,
  [],
  ["a"],
  ["a", "b"],
  {},
  "text",
  "1e3",
  -1.5,
);
const time = fc.oneof(fc.integer({ min: SECONDS - 900, max: SECONDS + 900 }), odd);
const claim = fc.oneof(
  fc.record({ exp: time }),
  fc.record({ iat: time }),
  fc.record({ nbf: time }),
  fc.record({ aud: fc.oneof(odd, fc.constant([AUDIENCE]), fc.constant([AUDIENCE, "other"])) }),
  fc.record({ azp: fc.oneof(odd, fc.constant(AUDIENCE)) }),
  fc.record({ sub: fc.oneof(odd, fc.constant("project_path:acme/shop:ref_type:tag:ref:v1")) }),
  fc.record({ iss: odd }),
  fc.record({ [ROLES]: fc.oneof(odd, fc.constant(ROLE_ARN), fc.constant([`${ROLE_ARN}2`])) }),
  fc.record({ [TAGS]: fc.oneof(odd, fc.constant({ principal_tags: { team: ["shop"] } })) }),
  fc.record({ [`${TAGS}/principal_tags/team`]: fc.oneof(odd, fc.constant("shop")) }),
  fc.record({ [SOURCE_IDENTITY]: fc.oneof(odd, fc.constant("alice")) }),
);
const left = fc.constantFrom(...["iss", "sub", "aud", "iat", "exp"].map((name) => ({ [name]: undefined })));

const changes = fc
  .array(fc.oneof({ weight: 5, arbitrary: claim }, { weight: 1, arbitrary: left }), { maxLength: 3 })
  .map((list): Readonly<Record<string, Json | undefined>> => Object.assign({}, ...list) as Record<string, Json>);

const questions: fc.Arbitrary<Question> = fc
  .record({
    changes,
    crit: fc.option(fc.constant(["exp"]), { freq: 8 }),
    signature: fc.constantFrom<SignatureState>("valid", "valid", "valid", "invalid", "unknown-key", "unreachable"),
    provider: fc.constantFrom(PROVIDER, PROVIDER, PROVIDER, { ...PROVIDER, audiences: [] }, null),
    policy: fc.constantFrom([statement()], [deny, statement()], [statement(), denyAll], [tagging], [byRequest], [deny]),
    exists: fc.constantFrom(true, true, true, false),
    duration: fc.constantFrom(900, 3600, 7200),
  })
  .map(({ changes: changed, crit, signature, provider, policy, exists, duration }) => ({
    token: token(changed, { alg: "RS256", kid: "1", ...(crit ? { crit } : {}) }),
    signature,
    provider,
    role: exists ? role(trust(...policy)) : null,
    request: { roleArn: ROLE_ARN, sessionName: "job", secureTransport: true, duration },
    now: NOW,
  }));

describe("a ruling", () => {
  it("is what the Decision of the same question comes to", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(questions, (asked) => {
        const { checks, ...decision } = decide(asked);
        const ruling = rule(asked);
        const cause = ruling.outcome === "denied" ? ruling.cause : "allowed";
        seen.set(cause, (seen.get(cause) ?? 0) + 1);
        if (decision.outcome === "denied") expect(ruling).toEqual(decision);
        else expect(ruling).toEqual({ outcome: "allowed", session: decision.session });
        // The last check says why, or that all is well.
        expect(checks.at(-1)?.pass).toBe(ruling.outcome === "allowed");
      }),
      { numRuns: 3000, seed: 20_261_128 },
    );
    // Not all of one kind: there is something to differ in.
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(["allowed", "not-authorized", "expired", "wrong-audience"]),
    );
    expect(seen.size).toBeGreaterThan(12);
  });

  it("asks nothing of the texts of a Decision", () => {
    expect(rule(question())).not.toHaveProperty("checks");
  });
});
