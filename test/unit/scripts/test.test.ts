import { describe, expect, test } from "vitest";
import { countTests, renderCounts } from "../../../scripts/test.mjs";

const NONE = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

describe("the closing line of npm test", () => {
  test("counts passed, failed and skipped tests", () => {
    const counts = countTests({ ...NONE, numPassedTests: 12, numFailedTests: 3, numPendingTests: 1, numTodoTests: 1 });
    expect(renderCounts(counts)).toBe("12 passed, 3 failed, 2 skipped");
  });

  test("leaves out skipped tests when there are none", () => {
    expect(renderCounts(countTests({ ...NONE, numPassedTests: 12 }))).toBe("12 passed, 0 failed");
  });

  test("counts a file that cannot be loaded or set up as a failure", () => {
    const testResults = [
      { status: "failed", assertionResults: [] },
      { status: "failed", assertionResults: [{ status: "skipped" }] },
      { status: "failed", assertionResults: [{ status: "failed" }] },
      { status: "passed", assertionResults: [{ status: "passed" }] },
    ];
    expect(renderCounts(countTests({ ...NONE, numPassedTests: 1, numFailedTests: 1, testResults }))).toBe(
      "1 passed, 3 failed",
    );
  });
});
