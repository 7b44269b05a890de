import type { Io } from "../../../src/cli/io.ts";

export interface FakeIo extends Io {
  /** All that was written so far. */
  readonly stdout: string;
  readonly stderr: string;
}

/** 2026-11-23T12:00:00Z. */
export const NOW = Date.UTC(2026, 10, 23, 12);

/** An outside that nothing leaves: pipes for streams, a clock that stands still, an environment of one's own. */
export function fakeIo(env: Readonly<Record<string, string>> = {}, more: Partial<Io> = {}): FakeIo {
  const written = { stdout: "", stderr: "" };
  return {
    env,
    platform: "linux",
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    stdinIsTerminal: false,
    out: (text) => void (written.stdout += text),
    err: (text) => void (written.stderr += text),
    readStdin: () => Promise.resolve(""),
    now: () => NOW,
    ...more,
    get stdout() {
      return written.stdout;
    },
    get stderr() {
      return written.stderr;
    },
  };
}
