import { describe, expect, it } from "vitest";
import { hideKeys, masked } from "../../../src/migrate/masked.ts";

// Nobody's keys, made of two parts so that no scanner takes them for real ones.
const ID = ["AKIA", "QWERTYUIOP234567"].join("");
const SECRET = ["wJalrXUtnFEMI/K7MDENG", "+bPxRfiCY1zzzzzzzzz"].join("").slice(0, 40);

describe("what is shown of a key", () => {
  it.each([
    [`-  AWS_ACCESS_KEY_ID: ${ID}`, "-  AWS_ACCESS_KEY_ID: AKIA…"],
    [`-  AWS_SECRET_ACCESS_KEY: "${SECRET}"`, '-  AWS_SECRET_ACCESS_KEY: "…"'],
    [`aws configure set aws_secret_access_key ${SECRET}`, "aws configure set aws_secret_access_key …"],
    [`echo ${SECRET} | x`, "echo … | x"],
    [
      "AWS_SECRET_ACCESS_KEY: $PROD_SECRET_ACCESS_KEY_OF_THE_TEAM",
      "AWS_SECRET_ACCESS_KEY: $PROD_SECRET_ACCESS_KEY_OF_THE_TEAM",
    ],
    [
      "uses: a/b@e3dd6a429d7300a6a4c196c26e071d42e0343502 # v4",
      "uses: a/b@e3dd6a429d7300a6a4c196c26e071d42e0343502 # v4",
    ],
  ])("%j is shown as %j", (text, shown) => {
    expect(hideKeys(text)).toBe(shown);
  });

  it("is short in a message", () => {
    expect(masked("x".repeat(500))).toHaveLength(100);
  });
});
