import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Tests start processes and real clients, which take their time on a small machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Processes, not threads: tests change their working directory and environment.
    pool: "forks",
    // vitest keeps one core for itself, which on a machine with two makes the suite take twice as long.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    setupFiles: ["test/support/matchers.ts"],
  },
});
