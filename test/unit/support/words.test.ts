import { describe, expect, test } from "vitest";
import { splitWords } from "../../support/words.ts";

const ENV = new Map([
  ["ROLE", "arn:aws:iam::123456789012:role/deploy"],
  ["EMPTY", ""],
]);

describe("words of a script line", () => {
  test.for([
    ["exec rolecall  creds", ["exec", "rolecall", "creds"]],
    ["stdout 'two words'", ["stdout", "two words"]],
    ["stdout 'it''s'", ["stdout", "it's"]],
    ["stdout ''", ["stdout", ""]],
    ["--role=$ROLE/x", ["--role=arn:aws:iam::123456789012:role/deploy/x"]],
    ["${ROLE}S '$ROLE' x$EMPTY", ["arn:aws:iam::123456789012:role/deployS", "$ROLE", "x"]],
    ["a'b c'd", ["ab cd"]],
    ["status 2 # usage", ["status", "2"]],
    ["# a comment", []],
    ["", []],
  ] as const)("%s", ([line, words]) => {
    expect(splitWords(line, ENV)).toEqual(words);
  });

  test("say which variable is not set", () => {
    expect(() => splitWords("exec $NOPE", ENV)).toThrow("$NOPE is not set");
  });

  test("say that a quote is not closed", () => {
    expect(() => splitWords("stdout 'open", ENV)).toThrow("a quote is not closed: 'open");
  });
});
