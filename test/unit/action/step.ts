import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../../../src/action/step.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A step whose log and files a test can read. */
export interface TestStep extends Step {
  readonly lines: string[];
  /** What was written into the file of a variable. */
  readonly written: (variable: string) => string;
}

const FILES = ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"];

export function testStep(env: Readonly<Record<string, string>> = {}): TestStep {
  const folder = tempDir();
  mkdirSync(join(folder, "home"));
  for (const name of FILES) writeFileSync(join(folder, name), "");
  const lines: string[] = [];
  return {
    env: { HOME: join(folder, "home"), ...Object.fromEntries(FILES.map((name) => [name, join(folder, name)])), ...env },
    out: (text) => lines.push(text),
    now: Date.now,
    masked: new Set(),
    lines,
    written: (variable) => readFileSync(join(folder, variable), "utf8"),
  };
}
