import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hint, note, printable, reportError } from "../../../src/cli/report.ts";
import { ERROR_CODES, type ErrorCode, RolecallError } from "../../../src/core/errors.ts";
import { fakeIo } from "./fake-io.ts";

describe("what is printed of a text that somebody else wrote", () => {
  it.each([
    ["a\u001b[2Jb", String.raw`a\u001b[2Jb`],
    ["a\r\n::add-mask::x", String.raw`a\u000d\u000a::add-mask::x`],
    ["a\tb", "a b"],
    ["\u009b31m", String.raw`\u009b31m`],
    ["\u0000\u0007\u007f", String.raw`\u0000\u0007\u007f`],
    ["\u202eevil", String.raw`\u202eevil`],
    ["a\u2028b", String.raw`a\u2028b`],
    ["프로젝트 ✓ 😀 é", "프로젝트 ✓ 😀 é"],
  ])("%j is %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("never has a control character in it", () => {
    const letters = fc.string({
      unit: fc.oneof(fc.integer({ min: 0, max: 0x2069 }).map((point) => String.fromCodePoint(point))),
    });
    fc.assert(
      fc.property(letters, (text) => {
        expect(printable(text)).not.toMatch(/\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 500 },
    );
  });
});

describe("what is said to a person", () => {
  it("goes to stderr, a line for each, and begins with the program's name", () => {
    const io = fakeIo();
    note(io, "profile ci is written");
    hint(io, "use it\nnow");
    expect(io.stderr).toBe("rolecall: profile ci is written\nrolecall: hint: use it\\u000anow\n");
    expect(io.stdout).toBe("");
  });
});

describe("the report of an error", () => {
  it("has the message, the evidence, then the hints", () => {
    const io = fakeIo();
    const error = new RolecallError("refused", "STS refused it", {
      details: ["token sub  x"],
      hints: ["do this", "or that"],
    });
    expect(reportError(error, io)).toBe(3);
    expect(io.stderr).toBe(
      "rolecall: error: STS refused it\nrolecall:   token sub  x\nrolecall: hint: do this\nrolecall: hint: or that\n",
    );
    expect(io.stdout).toBe("");
  });

  it.each(Object.entries(ERROR_CODES) as [ErrorCode, { exit: number }][])(
    "with code %s has the status of the table",
    (code, { exit }) => {
      expect(reportError(new RolecallError(code, "x"), fakeIo())).toBe(exit);
    },
  );

  it("starts no line and moves no cursor, whatever is in it", () => {
    const io = fakeIo();
    const evil = "x\n::error::y\u001b[1A";
    reportError(new RolecallError("refused", evil, { details: [evil], hints: [evil] }), io);
    reportError(new Error(evil), io);
    expect(io.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("rolecall: "))).toEqual([]);
    expect(io.stderr).not.toContain("\u001b");
  });

  it("of a defect says so, without the place where it happened", () => {
    const io = fakeIo();
    expect(reportError(new TypeError("x is not a function"), io)).toBe(1);
    expect(io.stderr).toBe(
      "rolecall: error: unexpected: x is not a function\nrolecall: hint: this is a defect of rolecall; ROLECALL_DEBUG=1 shows where it happened\n",
    );
  });

  it("of a defect shows the place when it is asked for", () => {
    const io = fakeIo({ ROLECALL_DEBUG: "1" });
    reportError(new TypeError("x is not a function"), io);
    expect(io.stderr).toMatch(/\n {4}at .*report\.test\.ts/);
  });

  it("of something that is no error says what it is", () => {
    const io = fakeIo();
    expect(reportError("a text", io, 125)).toBe(125);
    expect(io.stderr).toContain("error: unexpected: a text\n");
  });
});

describe("untrusted text in a log that a CI reads", () => {
  it.each([
    ["##vso[task.setvariable variable=PATH]/evil", "\\u0023#vso[task.setvariable variable=PATH]/evil"],
    ["branch ##VSO[task.complete]", "branch \\u0023#VSO[task.complete]"],
    ["##[add-mask]x", "\\u0023#[add-mask]x"],
    ["a\n::set-env name=PATH::/evil", "a\\u000a::set-env name=PATH::/evil"],
    ["## a heading [x]", "## a heading [x]"],
  ])("is no command: %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("begins no line, whatever it holds: every line of ours begins with our name", () => {
    const io = fakeIo();
    const hostile = "::error::a\r\n::add-mask::b\u2028##vso[x]%0A::c";
    reportError(new RolecallError("refused", hostile, { details: [hostile], hints: [hostile] }), io);
    expect(io.stderr.trimEnd().split(/[\n\r\u2028]/)).toHaveLength(3);
    for (const line of io.stderr.trimEnd().split("\n")) expect(line).toMatch(/^rolecall: /);
    expect(io.stderr).not.toContain("##vso[");
  });
});
