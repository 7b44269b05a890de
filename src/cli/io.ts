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

/** This process's own. Nothing is touched before it is used. */
export function processIo(): Io {
  return {
    env: process.env,
    platform: process.platform,
    get stdoutIsTerminal() {
      return Boolean(process.stdout.isTTY);
    },
    get stderrIsTerminal() {
      return Boolean(process.stderr.isTTY);
    },
    get stdinIsTerminal() {
      return Boolean(process.stdin.isTTY);
    },
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readStdin,
    now: Date.now,
  };
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
