import { describe, expect, it } from "vitest";

import { objectSpans } from "../../../src/core/json-spans.ts";

function texts(json: string): string[] {
  return objectSpans(json, "Statement").map(({ start, end }) => json.slice(start, end));
}

describe("the statements of a policy's text", () => {
  it("are found one by one, with what is in them", () => {
    const [a, b] = ['{"Sid": "a", "Condition": {"Bool": {"k": "true"}}}', '{ "Sid": "b" }'];
    expect(texts(`{"Version": "2012-10-17",\n "Statement": [${a}, ${b}]}`)).toEqual([a, b]);
  });

  it("may be one that is in no list", () => {
    expect(texts('{"Statement" : {"Sid": "a"}, "Id": "x"}')).toEqual(['{"Sid": "a"}']);
  });

  it("are not mistaken for braces in texts, or for another member's objects", () => {
    expect(texts('{"Id": {"a": 1}, "Statement": [{"Sid": "}\\"{"}]}')).toEqual(['{"Sid": "}\\"{"}']);
  });
});
