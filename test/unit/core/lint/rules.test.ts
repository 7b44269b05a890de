import { describe, expect, it } from "vitest";
import { evaluateAssumeTrust } from "../../../../src/core/assume-role.ts";
import { Context } from "../../../../src/core/conditions.ts";
import { decide, type Decision } from "../../../../src/core/decide.ts";
import { lint } from "../../../../src/core/lint.ts";
import { RULES } from "../../../../src/core/lint/catalogue.ts";
import type { Finding, LintRole, Proof } from "../../../../src/core/lint/finding.ts";
import type { PlatformFacts } from "../../../../src/core/lint/platform.ts";
import { providerUrl } from "../../../../src/core/lint/unit.ts";
import { issuerName } from "../../../../src/core/arn.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { audiencesOf, type Claims, showClaim } from "../../../../src/core/token.ts";
import type { Provider } from "../../../../src/core/decide.ts";
import { NOW, ROLE } from "./cases.ts";
import { differences } from "./differences.ts";
import { RULE_CASES, type RuleCase } from "./rule-cases.ts";

function findings(
  role: LintRole,
  providers: readonly Provider[] | undefined,
  { subjects = [] }: RuleCase,
  platform: PlatformFacts = {},
): readonly Finding[] {
  return lint({
    roles: [role],
    providers: providers ?? [],
    allProviders: providers !== undefined,
    from: "test",
    now: NOW,
    subjects,
    platform,
  }).findings;
}

/** Decides about the claims of a proof, without any of the linter's own code. */
function verdict(
  role: LintRole,
  providers: readonly Provider[] | undefined,
  proof: { readonly claims: Claims; readonly sessionName?: string; readonly duration?: number },
): Decision {
  const url = issuerName(showClaim(proof.claims, "iss"));
  const arn = role.trust.statements
    .flatMap(({ principals }) => principals?.["Federated"] ?? [])
    .find((one) => providerUrl(one) === url);
  const assumed = arn === undefined ? null : { arn, url, audiences: audiencesOf(proof.claims), thumbprints: [] };
  const { duration } = proof;
  return decide({
    token: {
      raw: new Secret(""),
      header: { alg: "RS256" },
      claims: { iat: NOW / 1000, exp: NOW / 1000 + 60, ...proof.claims },
    },
    signature: "valid",
    provider: providers === undefined ? assumed : (providers.find((one) => one.url === url) ?? null),
    role: { arn: ROLE, trust: role.trust, maxSessionDuration: role.maxSessionDuration ?? 3600 },
    request: {
      roleArn: ROLE,
      sessionName: proof.sessionName ?? "probe",
      ...(duration === undefined ? {} : { duration }),
    },
    now: NOW,
  });
}

/** Rules about lengths, lists, names and permissions, which no token can show. */
const WITHOUT_TOKEN = ["T035", "T036", "P003", "P004", "P005", "P006", "R001", "R002", "R003", "R005", "S006"];

describe("every rule", () => {
  it("has a case", () => {
    expect(RULES.map(({ id }) => id)).toEqual([...new Set(RULES.map(({ id }) => id))]);
    expect(RULE_CASES.map(({ rule }) => rule).toSorted()).toEqual(RULES.map(({ id }) => id).toSorted());
  });

  it.each(RULES)("$id says what it is, what proves it, what mends it, and where that is known from", (rule) => {
    for (const text of [rule.title, rule.probe, rule.fix, rule.source]) expect(text).toMatch(/\S{2}/);
    expect(rule.name).toMatch(/^[a-z0-9_-]+$/);
    expect(rule.role ?? rule.account).toBeTypeOf("function");
  });
});

describe.each(RULE_CASES)("$rule", (one) => {
  const { rule, bad, good, providers, goodProviders = providers } = one;

  it("finds the bad role, with a proof", () => {
    const found = findings(bad, providers, one, one.platform).filter((finding) => finding.rule === rule);
    expect(found.map(({ severity }) => severity)).toContain(one.severity);
    for (const finding of found) expect(finding.fix).not.toBe("");
    expect(found.some(({ proof, message }) => one.proof.test(JSON.stringify(proof)) || one.proof.test(message))).toBe(
      true,
    );
  });

  it("leaves the near miss alone", () => {
    expect(
      findings(good, goodProviders, one, one.goodPlatform ?? one.platform).filter((finding) => finding.rule === rule),
    ).toEqual([]);
  });

  it("comes near: one thing is other in it", () => {
    expect(differences(one)).toBe(1);
  });

  it("is right by what decides exchanges, of the bad one and of the near miss", () => {
    const [found] = findings(bad, providers, one, one.platform).filter((finding) => finding.rule === rule);
    if (!found) throw new Error("not found");
    expectProved(found.proof, one);
  });
});

// Rules about what a token may do beside getting in.
const SAME_TOKEN_GETS_IN = new Set(["R006", "R007"]);

/** The near miss is for other jobs: the claim that AWS never shows, and the other issuer, are out of it. */
const MEANT_FOR_ANOTHER = new Set(["T012", "T024"]);

function expectProved(proof: Proof, one: RuleCase): void {
  const { rule, bad, good, providers, goodProviders = providers, goodPlatform } = one;
  // Where it is the CI that was mended, nobody can have the token any more; the policy would still take it.
  const isSame = SAME_TOKEN_GETS_IN.has(rule) || goodPlatform !== undefined;
  switch (proof.kind) {
    case "accepted":
      expect(verdict(bad, providers, proof).outcome).toBe("allowed");
      if (!isSame) expect(verdict(good, goodProviders, proof).outcome).toBe("denied");
      return;
    case "never":
      expect(verdict(bad, providers, proof).outcome).toBe("denied");
      if (!MEANT_FOR_ANOTHER.has(rule) && goodPlatform === undefined)
        expect(verdict(good, goodProviders, proof).outcome).toBe("allowed");
      return;
    case "assumable": {
      const account = proof.principal.split(":")[4] ?? "";
      const context = new Context([["aws:PrincipalAccount", account]]);
      const by = { arn: proof.principal, roleArn: null, account };
      expect(evaluateAssumeTrust(bad.trust, by, "sts:AssumeRole", context)).toBe("direct");
      expect(evaluateAssumeTrust(good.trust, by, "sts:AssumeRole", context)).toBe("none");
      return;
    }
    case "permitted":
    case "unsaved":
    case "observed":
      // No token: that the near miss is left alone is all that there is to be decided.
      expect(WITHOUT_TOKEN).toContain(rule);
  }
}
