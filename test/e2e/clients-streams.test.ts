import { describe, expect, it } from "vitest";
import { startClients } from "../support/clients-job.ts";

// proc(5): a descriptor's open flags, in octal; O_NONBLOCK is 04000. The wait lets a connection to AWS close.
const FLAGS = ["sh", "-c", "sleep 0.5; sed -n 's/^flags:[^0-9]*//p' /proc/$$/fdinfo/1 /proc/$$/fdinfo/2"];
const NON_BLOCKING = 0o4000;

describe.runIf(process.platform === "linux")("a command's output", () => {
  // Node opens process.stderr when a socket closes, and makes it non-blocking for all who share it.
  it("blocks under exec and job, as it does without", { timeout: 120_000 }, async () => {
    const { job } = await startClients();
    for (const how of ["exec", "exec --renew", "login's profile"] as const) {
      const { stdout } = await job(how, FLAGS);
      const flags = stdout.trim().split("\n");
      expect(flags).toHaveLength(2);
      for (const text of flags) expect(Number.parseInt(text, 8) & NON_BLOCKING, how).toBe(0);
    }
  });
});
