import { describe, expect, it } from "vitest";
import { evaluateAssumeTrust } from "../../../../src/core/assume-role.ts";
import { Context } from "../../../../src/core/conditions.ts";
import { decide, type Decision } from "../../../../src/core/decide.ts";
import { lint } from "../../../../src/core/lint.ts";
import { RULES } from "../../../../src/core/lint/catalogue.ts";
import type { Finding, LintRole, Proof } from "../../../../src/core/lint/finding.ts";
import { providerUrl } from "../../../../src/core/lint/unit.ts";
import { issuerName } from "../../../../src/core/arn.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { audiencesOf, type Claims, showClaim } from "../../../../src/core/token.ts";
import type { Provider } from "../../../../src/core/decide.ts";
import { NOW, ROLE } from "./cases.ts";
import { RULE_CASES, type RuleCase } from "./rule-cases.ts";

function findings(
  role: LintRole,
  providers: readonly Provider[] | undefined,
  { subjects = [] }: RuleCase,
): readonly Finding[] {
  return lint({
    roles: [role],
    providers: providers ?? [],
    allProviders: providers !== undefined,
    from: "test",
    now: NOW,
    subjects,
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
      claims: { ...proof.claims, iat: NOW / 1000, exp: NOW / 1000 + 60 },
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
    const found = findings(bad, providers, one).filter((finding) => finding.rule === rule);
    expect(found.map(({ severity }) => severity)).toContain(one.severity);
    for (const finding of found) expect(finding.fix).not.toBe("");
    expect(found.some(({ proof, message }) => one.proof.test(JSON.stringify(proof)) || one.proof.test(message))).toBe(
      true,
    );
  });

  it("leaves the near miss alone", () => {
    expect(findings(good, goodProviders, one).filter((finding) => finding.rule === rule)).toEqual([]);
  });

  it("is right by what decides exchanges, of the bad one and of the near miss", () => {
    const [found] = findings(bad, providers, one).filter((finding) => finding.rule === rule);
    if (!found) throw new Error("not found");
    expectProved(found.proof, one);
  });
});

// Rules about what a token may do beside getting in, or about the same account with other settings.
const SAME_TOKEN_GETS_IN = new Set(["R006", "R007"]);

function expectProved(proof: Proof, { rule, bad, good, providers, goodProviders = providers }: RuleCase): void {
  switch (proof.kind) {
    case "accepted":
      expect(verdict(bad, providers, proof).outcome).toBe("allowed");
      if (!SAME_TOKEN_GETS_IN.has(rule)) expect(verdict(good, goodProviders, proof).outcome).toBe("denied");
      return;
    case "never":
      expect(verdict(bad, providers, proof).outcome).toBe("denied");
      if (rule !== "T012") expect(verdict(good, goodProviders, proof).outcome).toBe("allowed");
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
      expect(["P", "R", "T"]).toContain(rule.slice(0, 1));
  }
}
