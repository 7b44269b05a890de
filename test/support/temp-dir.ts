import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/**
 * A new, empty folder that is gone after the test. To be called in a test or a `beforeEach`.
 *
 * @param whenDone the test context's own `onTestFinished`, which a concurrent test must give
 */
export function tempDir(whenDone: (clean: () => void) => void = onTestFinished): string {
  // The real path: where /tmp is a link, a child that asks for its folder would name another.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "rolecall-")));
  whenDone(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
