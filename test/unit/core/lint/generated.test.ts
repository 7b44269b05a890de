import fc from "fast-check";
import { expect, it } from "vitest";
import { lintRole } from "../../../../src/core/lint.ts";
import type { Finding } from "../../../../src/core/lint/finding.ts";
import type { Policy } from "../../../../src/core/policy.ts";
import { type Claims, showClaim } from "../../../../src/core/token.ts";
import { NOW, roleWithTrust } from "./cases.ts";
import { FOREIGN, getsIn, type Hostile, hostileTokens, rankOf } from "./generated/hostile.ts";
import { AUDIENCE, ISSUERS, OTHER_AUDIENCE, OWNER } from "./generated/issuers.ts";
import { generated, providerArn } from "./generated/policies.ts";

// Another number gives other policies: ROLECALL_TEST_SEED, and ROLECALL_TEST_RUNS for more of them.
const SEED = Number(process.env["ROLECALL_TEST_SEED"] ?? 6);
const RUNS = Number(process.env["ROLECALL_TEST_RUNS"] ?? 2000);

/** Rules that are about the document, and about who else than a token's bearer. */
const WITHOUT_TOKEN = new Set(["T023", "T035", "T036"]);

/** Anybody gets in by their definition, who else may too is seen when they are mended. */
const ANYBODY = new Set(["T001", "T002", "T003", "T009"]);

interface Proved {
  readonly finding: Finding;
  readonly claims: Claims;
  readonly rank: number;
}

/** What a finding's token is to the owner, by its own claims. */
function proved(finding: Finding, trust: Policy): Proved | null {
  if (finding.proof.kind !== "accepted") return null;
  const { claims } = finding.proof;
  const url = showClaim(claims, "iss").replace("https://", "");
  const issuer = ISSUERS.find((one) => one.url === url);
  const job = issuer?.read(showClaim(claims, "sub"));
  const values = trust.statements.flatMap(({ conditions }) => conditions.flatMap((one) => one.values));
  return { finding, claims, rank: job ? rankOf(job, values) : 4 };
}

/** A finding's token that is at least as foreign, or foreign in the same way. */
function tells({ rank, kind }: Hostile, all: readonly Proved[]): boolean {
  return all.some(({ finding, claims, rank: theirs }) => {
    if (kind === "audience") return ![AUDIENCE, undefined].includes(claims["aud"] as string);
    if (kind === "recycled") return theirs >= 3 || isRecycled(claims) || finding.rule === "T016";
    return theirs >= rank || ANYBODY.has(finding.rule);
  });
}

function isRecycled({ repository_owner_id: owner, namespace_id: namespace }: Claims): boolean {
  return [owner, namespace].some((id) => id !== undefined && id !== OWNER.tenantId);
}

it(`finds nothing that it cannot prove, and misses no token that gets in, on ${RUNS} policies`, () => {
  const counts = { told: 0, refused: 0 };
  fc.assert(
    fc.property(generated, ({ document, audiences }) => {
      const role = roleWithTrust(document);
      const { trust } = role;
      const providers = ISSUERS.map(({ url }) => ({
        arn: providerArn(url),
        url,
        audiences: audiences ?? [],
        thumbprints: [],
      }));
      const found = lintRole(role, { providers: audiences ? providers : [], allProviders: false, now: NOW });
      for (const finding of found) expectTrue(finding, trust, audiences);
      const tokens = found.flatMap((one) => proved(one, trust) ?? []);
      for (const issuer of ISSUERS.filter(({ url }) => isTrusted(trust, url))) {
        for (const hostile of hostileTokens(trust, issuer)) {
          // Whom a finding tells of may get in or not; everybody else must not.
          if (tells(hostile, tokens)) {
            counts.told += 1;
            continue;
          }
          counts.refused += 1;
          if (getsIn(trust, issuer.url, audiences ?? [AUDIENCE, OTHER_AUDIENCE], hostile))
            expect.fail(
              `${FOREIGN[hostile.rank] ?? ""} (${hostile.kind}) gets in with ${JSON.stringify(hostile.claims)}, and is not told of: ` +
                found.map(({ rule, message }) => `${rule} ${message}`).join("; "),
            );
        }
      }
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  // The policies are of both kinds.
  expect(Math.min(counts.told, counts.refused)).toBeGreaterThan(5 * RUNS);
}, 600_000);

function isTrusted({ statements }: Policy, url: string): boolean {
  return statements.some(({ principals }) => principals?.["Federated"]?.includes(providerArn(url)));
}

/** A finding's token does what the finding says. */
function expectTrue(finding: Finding, trust: Policy, audiences: readonly string[] | null): void {
  const { proof, rule } = finding;
  if (proof.kind !== "accepted" && proof.kind !== "never") {
    if (!WITHOUT_TOKEN.has(rule)) expect.fail(`without a token: ${JSON.stringify(finding)}`);
    return;
  }
  const { claims } = proof;
  const url = showClaim(claims, "iss").replace("https://", "");
  const sessionName = proof.kind === "accepted" ? proof.sessionName : "probe";
  const allowed = getsIn(trust, url, audiences ?? [showClaim(claims, "aud")], { claims, sessionName });
  if (allowed !== (proof.kind === "accepted")) expect.fail(`not so: ${JSON.stringify(finding)}`);
}
