import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { roleOf as decisionRole } from "../../../src/console/model/account.ts";
import { FIRST_JOB, type Job } from "../../../src/console/model/job.ts";
import { briefOf, ladderOf, operatorOf, type Rung, textsDiffer } from "../../../src/console/model/ladder.ts";
import { play } from "../../../src/console/model/play.ts";
import type { Check, Decision } from "../../../src/core/decide.ts";
import { exampleAccount, GITLAB, roleOf } from "./account.ts";

const SUB = "gitlab.com:sub";
const subject = (branch: string): string => `project_path:acme/shop:ref_type:branch:ref:${branch}`;
const NOW = Date.UTC(2026, 10, 28);

function decided(job: Partial<Job>, role = exampleAccount().roles[0]): { decision: Decision; rungs: readonly Rung[] } {
  const account = exampleAccount();
  const outcome = play({ ...FIRST_JOB, ...job }, role ?? null, account, NOW);
  if (!outcome.explanation) throw new Error("nothing was decided");
  const { decision } = outcome.explanation;
  return { decision, rungs: ladderOf(decision, role ? decisionRole(role) : null) };
}

function rung(rungs: readonly Rung[], kind: Rung["kind"]): Rung {
  const found = rungs.find((one) => one.kind === kind);
  if (!found) throw new Error(`no rung ${kind}`);
  return found;
}

describe("the ladder", () => {
  it("stands in STS's order, and holds when the job is allowed", () => {
    const { rungs } = decided({});
    expect(rungs.map(({ kind, state }) => [kind, state])).toEqual([
      ["shape", "pass"],
      ["claims", "pass"],
      ["provider", "pass"],
      ["signature", "unknown"],
      ["lifetime", "pass"],
      ["audience", "pass"],
      ["role", "pass"],
      ["trust", "pass"],
      ["duration", "pass"],
    ]);
    expect(rungs.map(briefOf)).toEqual([
      null,
      null,
      "gitlab.com",
      null,
      "exp 2026-11-28T00:05:00Z",
      "https://shop-deploy.test",
      "shop-deploy",
      null,
      "3600 s",
    ]);
  });

  it("ends where STS answers: what comes after was not reached", () => {
    const { rungs } = decided({ audience: "https://gitlab.com" });
    const states = Object.fromEntries(rungs.map(({ kind, state }) => [kind, state]));
    expect(states).toMatchObject({ audience: "fail", role: "skipped", trust: "skipped", duration: "skipped" });
    expect(rung(rungs, "audience").lines[0]?.diff?.got).toContainEqual({ text: "gitlab.com", same: false });
  });

  it("shows where policy and token part", () => {
    const [statement] = rung(decided({ name: "dev" }).rungs, "trust").statements;
    expect(statement).toMatchObject({ number: 1, effect: "Allow", state: "fail" });
    const line = statement?.lines.find(({ check }) => check.subject === SUB);
    expect(line?.state).toBe("fail");
    expect(line?.diff?.wanted.at(-1)).toEqual({ text: "main", same: false });
    expect(line?.diff?.got.at(-1)).toEqual({ text: "dev", same: false });
  });

  it("compares with the nearest of several values, though one has a comma in it", () => {
    const role = roleOf("many", GITLAB, { StringEquals: { [SUB]: ["other, and more", subject("develop")] } });
    const [statement] = rung(decided({ name: "dev" }, role).rungs, "trust").statements;
    const line = statement?.lines.find(({ check }) => check.subject === SUB);
    expect(line?.diff?.wanted.map(({ text }) => text).join("")).toBe(subject("develop"));
  });

  it("takes for no reason what another statement has outdone, and a Deny that did not apply", () => {
    const base = roleOf("two", GITLAB, { StringEquals: { [SUB]: subject("dev") } });
    const [first] = (JSON.parse(base.trust) as { Statement: object[] }).Statement;
    const main = { ...first, Condition: { StringEquals: { [SUB]: subject("main") } } };
    const deny = { ...first, Effect: "Deny", Condition: { StringLike: { [SUB]: subject("feature/*") } } };
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [first, main, deny] });
    const { statements } = rung(decided({}, { ...base, trust }).rungs, "trust");
    expect(statements.map(({ effect, state }) => [effect, state])).toEqual([
      ["Allow", "aside"],
      ["Allow", "pass"],
      ["Deny", "aside"],
    ]);
    const denied = rung(decided({ name: "feature/x" }, { ...base, trust }).rungs, "trust");
    expect([denied.state, denied.statements[2]?.state]).toEqual(["fail", "fail"]);
  });

  it("says when the year matters to what STS answers", () => {
    expect(textsDiffer(decided({ audience: "other" }).decision)).toBe(true);
    expect(textsDiffer(decided({ name: "dev" }).decision)).toBe(false);
    expect(textsDiffer(decided({}).decision)).toBe(false);
  });

  it("has every check of the decision exactly once, whatever job and policy", () => {
    const conditions = fc.array(
      fc.record({
        operator: fc.constantFrom("StringEquals", "StringLike", "StringNotEquals", "Null", "ForAnyValue:StringEquals"),
        key: fc.constantFrom(SUB, "gitlab.com:aud", "gitlab.com:ref", "aws:SourceIp"),
        values: fc.array(fc.constantFrom(subject("main"), subject("*"), "true", "a, b"), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
      { maxLength: 3 },
    );
    const job = fc.record({
      name: fc.constantFrom("main", "dev", ""),
      audience: fc.constantFrom("", "other"),
      ci: fc.constantFrom("gitlab", "github"),
      duration: fc.constantFrom("", "7200"),
    });
    fc.assert(
      fc.property(job, conditions, (chosen, list) => {
        const condition = Object.fromEntries(list.map(({ operator, key, values }) => [operator, { [key]: values }]));
        const { decision, rungs } = decided(chosen, roleOf("any", GITLAB, condition));
        const shown = rungs.flatMap(({ lines, statements }) => [...lines, ...statements.flatMap((one) => one.lines)]);
        const all = (checks: readonly Check[]): string[] => checks.map((check) => JSON.stringify(check)).toSorted();
        expect(all(shown.map(({ check }) => check))).toEqual(all(decision.checks));
        expect(rungs.some(({ state }) => state === "fail")).toBe(decision.outcome === "denied");
      }),
    );
  });
});

describe("a condition", () => {
  it("is its operator and its values", () => {
    const check: Check = { kind: "condition", pass: true, subject: SUB, wanted: "StringLike a b, c", got: "a b" };
    expect(operatorOf(check)).toEqual({ operator: "StringLike", values: "a b, c" });
    expect(operatorOf({ ...check, kind: "role", wanted: "arn:x y" })).toEqual({ operator: "", values: "arn:x y" });
  });
});
