import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitCommand } from "../../../src/cli/chunks/split-command.ts";

const FROM = "--token-command";

describe("a command line without a shell", () => {
  it.each<[string, readonly string[]]>([
    ["get-token", ["get-token"]],
    ["  get-token --aud  sts.amazonaws.com\n", ["get-token", "--aud", "sts.amazonaws.com"]],
    [`get 'a b' "c d"`, ["get", "a b", "c d"]],
    [`get --json='{"a": 1}' x"y z"w`, ["get", `--json={"a": 1}`, "xy zw"]],
    [`get "" ''`, ["get", "", ""]],
    [String.raw`C:\tools\get.exe \n`, [String.raw`C:\tools\get.exe`, String.raw`\n`]],
    ["get $HOME *.txt ~ a&b a|b", ["get", "$HOME", "*.txt", "~", "a&b", "a|b"]],
  ])("%j is %j", (text, words) => {
    expect(splitCommand(text, FROM)).toEqual(words);
  });

  it.each(["", "  ", "''"])("%j is none", (text) => {
    expect(() => splitCommand(text, FROM)).toThrowWithCode("usage", "--token-command: expected a command, got nothing");
  });

  it.each([
    [`get 'a`, "a single quote is not closed"],
    [`get a"b`, "a double quote is not closed"],
    ["get | jq -r .token", `"|" means nothing in it`],
    ["get && other", `"&" means nothing in it`],
    ["get 2> log", `"2>" means nothing in it`],
    ["get $(cat file)", `"$(" means nothing in it`],
    ["get `cat file`", '"`" means nothing in it'],
  ])("%j is told what is wrong", (text, message) => {
    expect(() => splitCommand(text, FROM)).toThrowWithCode("usage", message);
  });

  it("has again the words that were quoted", () => {
    const word = fc.string().filter((text) => !text.includes("'") || !text.includes('"'));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const quoted = words.map((one) => (one.includes("'") ? `"${one}"` : `'${one}'`));
        expect(splitCommand(["get", ...quoted].join(" "), FROM)).toEqual(["get", ...words]);
      }),
    );
  });
});
