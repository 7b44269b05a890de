import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { annotate, exportVariable, mask, saveState, say, setOutput, summarize } from "../../../src/action/workflow.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { testStep } from "./step.ts";

const HOSTILE = "a\n::set-output name=x::y\r##[add-path]/tmp\u2028\u001b[2J%0A::b";

describe("a line of the log", () => {
  test("starts no command and no other line", () => {
    const step = testStep();
    say(step, HOSTILE);
    expect(step.lines).toEqual([
      "rolecall: a\\u000a::set-output name=x::y\\u000d## [add-path]/tmp\\u2028\\u001b[2J%0A::b\n",
    ]);
  });

  test("hides what is masked", async () => {
    const step = testStep();
    mask(step, "s3cret");
    say(step, "the key s3cret is s3cret");
    annotate(step, "error", ["s3cret"]);
    await summarize(step, "Title", ["s3cret"]);
    expect(step.lines.slice(1)).toEqual(["rolecall: the key *** is ***\n", "::error title=rolecall::***\n"]);
    expect(step.written("GITHUB_STEP_SUMMARY")).not.toContain("s3cret");
  });
});

describe("an annotation", () => {
  test("is one line, whose own line ends are the only ones that count", () => {
    const step = testStep();
    annotate(step, "warning", ["100%", HOSTILE]);
    expect(step.lines).toEqual([
      "::warning title=rolecall::100%25%0Aa\\u000a::set-output name=x::y\\u000d## [add-path]/tmp\\u2028\\u001b[2J%250A::b\n",
    ]);
  });
});

describe("a mask", () => {
  test("is said once, and never for nothing", () => {
    const step = testStep();
    for (const text of ["one", "one", "", undefined, "a%b\nc"]) mask(step, text);
    expect(step.lines).toEqual(["::add-mask::one\n", "::add-mask::a%25b%0Ac\n"]);
  });
});

describe("a variable for later steps", () => {
  test("has its value, whatever is in it, and is seen by this step too", async () => {
    const step = testStep();
    await exportVariable(step, "A", "1\nB<<EOF\n2");
    const [, delimiter = ""] = /^A<<(rolecall_[0-9a-f-]{36})\n/.exec(step.written("GITHUB_ENV")) ?? [];
    expect(step.written("GITHUB_ENV")).toBe(`A<<${delimiter}\n1\nB<<EOF\n2\n${delimiter}\n`);
    expect(step.env["A"]).toBe("1\nB<<EOF\n2");
  });

  test("has a delimiter that cannot be known before", async () => {
    const step = testStep();
    for (const name of ["A", "B"]) await exportVariable(step, name, "x");
    const delimiters = [...step.written("GITHUB_ENV").matchAll(/<<(.+)$/gm)].map(([, one]) => one);
    expect(new Set(delimiters).size).toBe(2);
  });

  test("is refused outside of GitHub Actions, and through a link", async () => {
    const step = testStep();
    const target = join(tempDir(), "target");
    writeFileSync(target, "");
    const path = step.env["GITHUB_OUTPUT"] ?? "";
    rmSync(path);
    symlinkSync(target, path);
    await expect(setOutput(step, "a", "b")).rejects.toThrowWithCode("config", "symbolic link");
    delete step.env["GITHUB_ENV"];
    await expect(exportVariable(step, "A", "b")).rejects.toThrowWithCode(
      "config",
      "expected to run as a step of GitHub Actions",
    );
  });
});

test("word for the post step is left out where a runner takes none", async () => {
  const step = testStep();
  await saveState(step, "a", "b");
  delete step.env["GITHUB_STATE"];
  await saveState(step, "c", "d");
  expect(step.written("GITHUB_STATE")).toMatch(/^a<<(.+)\nb\n\1\n$/);
});

describe("the summary", () => {
  test("cannot be broken out of", async () => {
    const step = testStep();
    await summarize(step, "Title", ["````", "</pre>\n```"]);
    expect(step.written("GITHUB_STEP_SUMMARY")).toBe("### Title\n\n`````text\n````\n</pre>\\u000a```\n`````\n\n");
  });
});
