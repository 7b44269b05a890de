import { CreateOpenIDConnectProviderCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { brokenDocuments, mangledTexts } from "./hostile/bytes.ts";
import { awsClaims, duplicateClaims, oddAudiences, oddClaims, oddTimes } from "./hostile/claims.ts";
import { type Forgery, goodClaims, signed, type Workshop } from "./hostile/forge.ts";
import { confusedAlgorithms, confusedKeys, oddHeaders } from "./hostile/headers.ts";
import { type Issuer, startIssuer } from "./hostile/issuer.ts";
import { judge, type Verdict } from "./hostile/oracle.ts";
import { exchange, iamClient, type Reply, ROLE, send, trustPolicy } from "./support.ts";

// A fixed clock, so that edges are met to the second.
const NOW = 1_795_000_000;
const AUDIENCES = ["https://aud.example", "second"];
const SUBJECT = "project_path:acme/shop:ref_type:branch:ref:main";

let cloud: LocalCloud;
let workshop: Workshop;
let issuers: readonly Issuer[];

beforeAll(async () => {
  issuers = await Promise.all([startIssuer(), startIssuer(), startIssuer()]);
  const [issuer, other, thief] = issuers as readonly [Issuer, Issuer, Issuer];
  workshop = { issuer, other, thief, now: NOW, audiences: AUDIENCES, subject: SUBJECT };
  const time = { now: Date.now() };
  cloud = await createLocalCloud({ now: () => time.now });
  const iam = iamClient(cloud);
  for (const { url } of [issuer, other]) {
    await iam.send(new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: [...AUDIENCES] }));
  }
  const provider = `arn:aws:iam::123456789012:oidc-provider/${new URL(issuer.url).host}`;
  const document = trustPolicy({}, provider, SUBJECT);
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: document }));
  time.now = NOW * 1000;
});
afterAll(async () => {
  await cloud.close();
  for (const { close } of issuers) close();
});

function* forgeAll(): Generator<Forgery> {
  yield* mangledTexts(workshop);
  yield* brokenDocuments(workshop);
  yield* confusedAlgorithms(workshop);
  yield* confusedKeys(workshop);
  yield* oddHeaders(workshop);
  yield* oddClaims(workshop);
  yield* oddTimes(workshop);
  yield* oddAudiences(workshop);
  yield* duplicateClaims(workshop);
  yield* awsClaims(workshop, ROLE);
}

// STS API model, AssumeRoleWithWebIdentity, and what was captured; each with its status.
const ANSWERS: Readonly<Record<string, number>> = {
  InvalidIdentityToken: 400,
  ExpiredTokenException: 400,
  IDPCommunicationError: 400,
  ValidationError: 400,
  PackedPolicyTooLarge: 400,
  IDPRejectedClaim: 403,
  AccessDenied: 403,
};

/** Why an answer is not one that AWS would give; null when it is. */
function complaint({ status, code, body }: Reply, token: string, verdict: Verdict): string | null {
  if (status === 200) {
    if (verdict === "refuse") return "it was accepted";
    return body.includes("<SessionToken>") ? null : "it was accepted without credentials";
  }
  if (verdict === "accept") return `it was refused with ${code}`;
  // Captured: STS answers a null subject with its own failure.
  if (code === "InternalFailure" && status === 500 && subjectOf(token) === null) return null;
  return code !== null && ANSWERS[code] === status ? null : `the answer was ${status} ${code}`;
}

function subjectOf(token: string): unknown {
  try {
    return (JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { sub?: unknown }).sub;
  } catch {
    return undefined;
  }
}

describe("more than two thousand hostile tokens", () => {
  it("are accepted only where AWS would, answered in AWS's codes, and do the cloud no harm", async () => {
    const forgeries = new Map([...forgeAll()].map(({ what, token }) => [token, what] as const));
    expect(forgeries.size).toBeGreaterThanOrEqual(2000);
    const complaints: string[] = [];
    const verdicts: Record<Verdict, number> = { accept: 0, refuse: 0, unknown: 0 };
    for (const [token, what] of forgeries) {
      const verdict = await judge(token, workshop, ROLE);
      verdicts[verdict]++;
      const problem = complaint(await exchange(cloud, token), token, verdict);
      if (problem !== null) complaints.push(`${what}: ${problem}`);
    }
    expect(complaints).toEqual([]);
    // The oracle must have something to say: few cases are open, and some tokens are good.
    expect(verdicts.refuse).toBeGreaterThanOrEqual(2000);
    expect(verdicts.accept).toBeGreaterThan(50);
    expect(verdicts.unknown).toBeLessThan(forgeries.size / 20);
    expect(await send(cloud.endpoint, { path: "/_rolecall/health" })).toMatchObject({ status: 200 });
    expect(await exchange(cloud, signed(workshop, goodClaims(workshop)))).toMatchObject({ status: 200 });
  }, 120_000);

  it("leave nothing of themselves in an answer", async () => {
    const [, payload = ""] = signed(workshop, goodClaims(workshop)).split(".");
    for (const { token } of mangledTexts(workshop)) {
      if (!token.includes(payload) || token.length > 4000) continue;
      expect((await exchange(cloud, token)).body).not.toContain(payload);
    }
  });
});
