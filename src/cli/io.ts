import { fstatSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";

/** The outside as a command sees it; tests give their own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly stdinIsTerminal: boolean;
  /** The product. */
  readonly out: (text: string) => void;
  /** What is said to a person. */
  readonly err: (text: string) => void;
  readonly readStdin: () => Promise<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * This process's own. `process.stdout` is not used: making it costs 3 ms at start, and what is written
 * to it may still be under way when the process ends.
 */
export function processIo(): Io {
  return {
    env: process.env,
    platform: process.platform,
    get stdoutIsTerminal() {
      return isTerminal(1);
    },
    get stderrIsTerminal() {
      return isTerminal(2);
    },
    get stdinIsTerminal() {
      return isTerminal(0);
    },
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    readStdin,
    now: Date.now,
  };
}

/**
 * Puts a stream of our own in place of `process.stderr`. Node's makes a pipe non-blocking as soon as anybody asks for
 * it, and Node itself asks whenever a socket closes. A command that we run shares the pipe: Ansible then refuses to
 * start, and Python's print() fails in the middle of long output.
 */
export function keepStderrBlocking(): void {
  let stream: Writable | undefined;
  Object.defineProperty(process, "stderr", { configurable: true, get: () => (stream ??= blockingStderr()) });
}

function blockingStderr(): Writable {
  const { Writable: Stream } = process.getBuiltinModule("node:stream");
  return new Stream({
    decodeStrings: false,
    write(text: Buffer | string, _, done) {
      writeAll(2, text);
      done();
    },
  });
}

/** Asks node:tty, which loads much of Node, only about what can be a terminal at all. */
function isTerminal(descriptor: number): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

function writeAll(descriptor: number, text: Buffer | string): void {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader went away (`| head`): nobody is left to write for.
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      pause(1);
    }
  }
}

/** A full pipe that does not block says EAGAIN; its reader needs a moment. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
