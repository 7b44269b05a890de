import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Context } from "../../../src/core/conditions.ts";
import { readPolicy } from "../../../src/core/policy.ts";
import type { Json } from "../../../src/core/token.ts";
import { evaluateTrust } from "../../../src/core/trust.ts";

interface Vector {
  readonly name: string;
  readonly policy: Json;
  readonly context: Record<string, string | string[]>;
  readonly provider_arn: string;
  readonly action: string;
  readonly expect: "allow" | "deny";
  readonly why: string;
  readonly source: string;
}

const file = new URL("../../../../shared/facts/decision-vectors.json", import.meta.url);
const there = existsSync(file);
if (!there) console.warn("skipped: the shared decision vectors are not beside this checkout");
const vectors = there ? (JSON.parse(readFileSync(file, "utf8")) as Vector[]) : [];

describe.skipIf(!there)("the shared decision vectors", () => {
  it("are all here", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(258);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s", (_, vector) => {
    const reading = readPolicy(vector.policy);
    if (reading.kind !== "policy") throw new Error(reading.message);
    const provider = {
      arn: vector.provider_arn,
      url: vector.provider_arn.replace(/^[^/]*\//, ""),
      audiences: [],
      thumbprints: [],
    };
    const context = new Context(Object.entries(vector.context));
    const { allowed } = evaluateTrust(reading.policy, provider, vector.action, context);
    expect(allowed ? "allow" : "deny", `${vector.why} [${vector.source}]`).toBe(vector.expect);
  });
});
