import { describe, expect, it } from "vitest";
import { GLOBAL_OPTIONS } from "../../../src/cli/command.ts";
import { COMMANDS, main } from "../../../src/cli/main.ts";
import { ERROR_CODES } from "../../../src/core/errors.ts";
import { fakeIo } from "./fake-io.ts";

const NAMES = Object.keys(COMMANDS);

async function help(...args: readonly string[]): Promise<string> {
  const io = fakeIo();
  const status = await main(args, io);
  expect([status, io.stderr]).toEqual([0, ""]);
  return io.stdout;
}

describe("help", () => {
  it.each(NAMES)("for %s shows its usage, an example of it, and each of its options", async (name) => {
    const command = (await COMMANDS[name]?.())?.default;
    if (!command) throw new Error(`there is no ${name}`);
    const text = await help("help", ...name.split(" "));
    expect(text).toContain(`rolecall ${name}: ${command.summary}\n`);
    expect(text).toContain(`usage\n  rolecall ${name} ${command.usage}\n`);
    for (const [option, { help: meaning }] of Object.entries({ ...command.options, ...GLOBAL_OPTIONS })) {
      expect(text).toMatch(new RegExp(`^ +(-\\w, )?--${option}( |$)`, "m"));
      expect(text).toContain(meaning);
    }
    expect(command.name).toBe(name);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [line, meaning] of command.examples) expect(text).toContain(`  ${line}\n      ${meaning}\n`);
    // An example is of this command, and no page is wider than anybody reads.
    expect(command.examples.some(([line]) => line.includes(`rolecall ${name}`))).toBe(true);
  });

  it.each(NAMES.filter((name) => name !== "help"))("for %s is what its --help and -h say", async (name) => {
    const words = name.split(" ");
    const text = await help("help", ...words);
    expect(await help(...words, "--help")).toBe(text);
    expect(await help(...words, "-h", "--no-such-option")).toBe(text);
  });

  it("without a word lists every command, on the side where it belongs", async () => {
    const text = await help("help");
    for (const name of NAMES) expect(text).toMatch(new RegExp(`^ {2}${name} {2,}\\S`, "m"));
    expect(await help()).toBe(text);
    expect(await help("--help")).toBe(text);
    expect(await help("-h")).toBe(text);
  });

  it("for a family shows all of it", async () => {
    const text = await help("help", "token");
    for (const name of NAMES.filter((one) => one.startsWith("token "))) expect(text).toContain(`rolecall ${name}: `);
  });

  it("for exit-codes lists each status once, with what it means", async () => {
    const text = await help("help", "exit-codes");
    for (const { exit, meaning } of Object.values(ERROR_CODES)) {
      expect(text.match(new RegExp(`^ {2}${exit} .*`, "gm"))).toEqual([expect.stringContaining(meaning)]);
    }
    expect(text).toContain("125");
  });

  it("for environment names every variable that an option reads", async () => {
    const text = await help("help", "environment");
    for (const name of ["ROLECALL_ROLE_ARN", "AWS_ROLE_ARN", "AWS_REGION", "AWS_ENDPOINT_URL_STS", "AWS_CA_BUNDLE"]) {
      expect(text).toContain(name);
    }
  });

  it.each([["--version"], ["-V"], ["help", "version"]])("%s says the version", async (...args) => {
    expect(await help(...args)).toMatch(/^rolecall \S+\n$/);
  });

  it.each([
    ["exce", "did you mean exec?"],
    ["exit-code", "did you mean exit-codes?"],
    ["terraform", "rolecall help lists them"],
    ["__proto__", "rolecall help lists them"],
  ])("does not know %s: %s", async (word, hint) => {
    const io = fakeIo();
    expect(await main(["help", word], io)).toBe(2);
    expect(io.stdout).toBe("");
    expect(io.stderr).toContain(`hint: ${hint}\n`);
  });
});
