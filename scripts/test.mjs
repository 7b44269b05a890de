// @ts-check
// `npm test`: installs what is missing, builds, runs the whole suite and closes with one line of numbers.
// Arguments go to vitest: `npm test -- test/unit/core`.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildOrExit } from "./build.mjs";
import { run } from "./run.mjs";
import { ROOT, ensureDebianPackages, ensurePackages, isMain, requireNode, say } from "./setup.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @typedef {object} Report what this script reads of vitest's JSON report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {readonly { status: string, assertionResults: readonly { status: string }[] }[]} testResults
 */

/**
 * @param {Report} report
 * @returns {Counts}
 */
export function countTests({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  // A file that cannot be loaded or set up has no failed test that vitest could count: it is a failure all the same.
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((one) => one.status !== "failed"),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    skipped: numPendingTests + numTodoTests,
  };
}

/** @param {Counts} counts */
export function renderCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * Runs vitest over a built project.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit status
 */
export async function runTests(args) {
  const folder = await mkdtemp(join(tmpdir(), "rolecall-test-"));
  try {
    const file = join(folder, "report.json");
    const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const { status } = await run(process.execPath, [vitest, "run", ...reporters, ...args], {
      cwd: ROOT,
      inherit: true,
    });
    const report = await readFile(file, "utf8").catch(() => null);
    return conclude(status, report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {number} status of vitest
 * @param {string | null} report
 */
function conclude(status, report) {
  if (report === null) say(`vitest ended with status ${status} and no report`);
  /** @type {Counts} */
  const counts =
    report === null ? { passed: 0, failed: 1, skipped: 0 } : countTests(/** @type {Report} */ (JSON.parse(report)));
  if (counts.passed + counts.failed === 0) say("no test ran");
  process.stdout.write(`${renderCounts(counts)}\n`);
  if (status !== 0) return status;
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

if (isMain(import.meta.url)) {
  requireNode();
  await ensurePackages();
  await ensureDebianPackages();
  // The package is tested as it is published, with its types.
  await buildOrExit({ types: true });
  process.exitCode = await runTests(process.argv.slice(2));
}
