import { describe, expect, test } from "vitest";
import { persist } from "../../../src/action/persist.ts";
import { RolecallError } from "../../../src/core/errors.ts";
import type { Refusal } from "../../../src/credentials/exchange.ts";
import { testStep } from "./step.ts";

const DONE = { kind: "done" } as const;

function refusal(code: string, status = 400): Refusal {
  return { kind: "refused", code, message: "", status, requestId: null, date: null };
}

/** Answers one after the other, the last one for ever. */
function asking(...answers: readonly (typeof DONE | Refusal | Error)[]) {
  let asked = 0;
  const ask = () => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? DONE;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { ask, count: () => asked };
}

const DOWN = new RolecallError("unavailable", "down");

describe("a question to STS", () => {
  test("that is answered is asked once", async () => {
    const { ask, count } = asking(DONE);
    expect(await persist(testStep(), 12, ask)).toBe(DONE);
    expect(count()).toBe(1);
  });

  test("that is denied is asked once", async () => {
    const denied = refusal("AccessDenied", 403);
    const { ask, count } = asking(denied, DONE);
    expect(await persist(testStep(), 12, ask)).toBe(denied);
    expect(count()).toBe(1);
  });

  test.for([refusal("Throttling"), refusal("InternalFailure", 500), DOWN])(
    "that fails in passing is asked again",
    async (failure) => {
      const { ask, count } = asking(failure, DONE);
      expect(await persist(testStep(), 2, ask)).toBe(DONE);
      expect(count()).toBe(2);
    },
  );

  test("is asked no more often than is allowed, and gives the last answer", async () => {
    const [first, second] = [refusal("Throttling"), refusal("RequestLimitExceeded")];
    const { ask, count } = asking(first, second, DONE);
    const step = testStep();
    expect(await persist(step, 2, ask)).toBe(second);
    expect(count()).toBe(2);
    // After the last one nobody is told of another.
    expect(step.lines).toHaveLength(1);
  });

  test("that nobody answers is an error", async () => {
    const { ask, count } = asking(DOWN);
    await expect(persist(testStep(), 1, ask)).rejects.toBe(DOWN);
    expect(count()).toBe(1);
  });

  test("that was not foreseen to fail is not asked again", async () => {
    const defect = new TypeError("defect");
    const { ask, count } = asking(defect, DONE);
    await expect(persist(testStep(), 12, ask)).rejects.toBe(defect);
    expect(count()).toBe(1);
  });
});
