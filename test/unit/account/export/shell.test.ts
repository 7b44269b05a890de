import { describe, expect, it } from "vitest";

import { fillMarks, ANY_ACCOUNT, isMarked, readable } from "../../../../src/account/export/marks.ts";
import { Names, pascal, snake } from "../../../../src/account/export/names.ts";
import { awsCall, documentWord, word } from "../../../../src/account/export/shell.ts";
import { run } from "../../../support/run.ts";
import { textOf } from "./sample.ts";

const { account, partition } = ANY_ACCOUNT;
const ARN = `arn:${partition}:iam::${account}:role/x`;

/** What a shell makes of words. */
async function shellSays(words: string): Promise<readonly string[]> {
  const script = `account=123456789012\npartition=aws\nfor one in ${words}; do printf '%s\\0' "$one"; done`;
  const { stdout, stderr } = await run("sh", ["-eu", "-c", script]);
  expect(stderr).toBe("");
  return stdout.split("\0").slice(0, -1);
}

describe("a word of the script", () => {
  it("is read by a shell as what it was, with account and partition filled in", async () => {
    const texts = ["", "a b", "it's", "$HOME `id` $(id) \\", '"twice"', "-n", "a\nb", "größe", "*"];
    expect(await shellSays(texts.map(word).join(" "))).toEqual(texts);
    const document = { a: "it's ${aws:username}", b: ARN };
    const [text = ""] = await shellSays(documentWord(document));
    expect(JSON.parse(text)).toEqual({ ...document, b: "arn:aws:iam::123456789012:role/x" });
  });
});

describe("a call of the AWS CLI", () => {
  it("has in JSON what the CLI would fetch, read from a file, or take for an option", () => {
    expect(awsCall("update-role", { RoleName: "a", Description: "https://wiki.test" })).toBe(
      `aws iam update-role --role-name a --cli-input-json '{"Description":"https://wiki.test"}'`,
    );
    for (const text of ["file:///etc/passwd", "fileb://x", "HTTP://x", "--x", "-"])
      expect(awsCall("update-role", { Description: text })).toBe(
        `aws iam update-role --cli-input-json '${JSON.stringify({ Description: text })}'`,
      );
    expect(awsCall("tag-role", { Tags: [{ Key: "a", Value: "it's, b=c" }] })).toBe(
      String.raw`aws iam tag-role --tags '[{"Key":"a","Value":"it'\''s, b=c"}]'`,
    );
  });

  it("never has a URL as a plain value anywhere in a script", () => {
    const calls = textOf("cli")
      .split("\n")
      .filter((line) => line.trimStart().startsWith("aws "));
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter((line) => /--[a-z-]+ '?(?:https?|file):/.test(line))).toEqual([]);
  });
});

describe("a mark", () => {
  it("is found wherever it stands, and the text around it alone is escaped", () => {
    expect(isMarked("arn:aws:iam::123456789012:role/x")).toBe(false);
    expect(isMarked(ARN)).toBe(true);
    expect(fillMarks(ARN, { account: "A", partition: "P" }, (text) => text.toUpperCase())).toBe("ARN:P:IAM::A:ROLE/X");
    expect(readable(ARN)).toBe("arn:$(partition):iam::$(account):role/x");
  });
});

describe("a name", () => {
  it("is one's own even where another differs in a sign or in case alone", () => {
    const names = new Names(pascal);
    expect([names.take("shop-deploy", "Role"), names.take("Shop.deploy", "Role")]).toEqual([
      "ShopDeployRole",
      "ShopDeployRole2",
    ]);
  });

  it("begins with what the format allows", () => {
    expect([new Names(pascal).take("1-only"), new Names(snake).take("1-only"), new Names(snake).take("+")]).toEqual([
      "N1Only",
      "_1_only",
      "_",
    ]);
  });
});
