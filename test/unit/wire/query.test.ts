import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  encodeQuery,
  errorXml,
  parseQuery,
  type QueryValue,
  renderXml,
  resultXml,
  xmlText,
} from "../../../src/wire/query.ts";

const name = fc.stringMatching(/^[A-Z][A-Za-z]{0,12}$/);
const text = fc.string({ unit: "binary" });

/** What the query protocol can carry: texts, lists that are not empty, structures that are not empty. */
const { fields } = fc.letrec<{ value: QueryValue; fields: { [name: string]: QueryValue } }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    fc.array(tie("value"), { minLength: 1, maxLength: 12 }),
    fc.dictionary(name, tie("value"), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  ),
  fields: fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));

/** Lone halves of surrogate pairs cannot be sent; they arrive as U+FFFD. */
function wellFormed(value: QueryValue): unknown {
  return JSON.parse(JSON.stringify(value), (_, one: unknown) =>
    typeof one === "string" ? one.replaceAll(/\p{Surrogate}/gu, "\ufffd") : one,
  );
}

describe("the query protocol", () => {
  it("reads what it wrote, whatever it was", () => {
    fc.assert(
      fc.property(fields, (value) => {
        expect(parseQuery(encodeQuery(value))).toEqual(wellFormed(value));
      }),
    );
  });

  it("numbers the members of a list and names the members of a structure", () => {
    expect(encodeQuery({ Action: "TagRole", Tags: [{ Key: "a b", Value: "ü" }, { Key: "c" }] })).toBe(
      "Action=TagRole&Tags.member.1.Key=a%20b&Tags.member.1.Value=%C3%BC&Tags.member.2.Key=c",
    );
  });

  it("leaves out what is undefined and writes numbers and booleans as text", () => {
    expect(encodeQuery({ MaxItems: 5, Force: true, Marker: undefined })).toBe("MaxItems=5&Force=true");
  });

  it("writes an empty list as an empty text", () => {
    expect(encodeQuery({ ClientIDList: [] })).toBe("ClientIDList=");
  });

  it("escapes what RFC 3986 does not leave alone", () => {
    expect(encodeQuery({ A: "!'()*~-._" })).toBe("A=%21%27%28%29%2A~-._");
  });

  it("takes members in the order of their numbers, holes left out", () => {
    expect(parseQuery("L.member.10=c&L.member.2=b&L.member.1=a")).toEqual({ L: ["a", "b", "c"] });
  });

  it("lets the first of two values count", () => {
    expect(parseQuery("Action=a&Action=b")).toEqual({ Action: "a" });
  });

  it("keeps a broken escape as it is", () => {
    expect(parseQuery("A=%zz&B=100%&C")).toEqual({ A: "%zz", B: "100%", C: "" });
  });

  it("is not led astray by names of JavaScript's own", () => {
    const read = parseQuery("__proto__.polluted=1&constructor.prototype.x=1&toString=2");
    expect(Object.keys(read)).toEqual(["__proto__", "constructor", "toString"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const flat = parseQuery("__proto__=1&constructor=2&__proto__=3&toString=4");
    expect(Object.entries(flat)).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
      ["toString", "4"],
    ]);
    expect(Object.getPrototypeOf(flat)).toBe(Object.prototype);
  });

  it("does not build towers out of hostile names", () => {
    expect(parseQuery(`${"a.".repeat(5000)}b=1&c=2`)).toEqual({ c: "2" });
  });
});

describe("XML answers", () => {
  it("lists as member elements, an empty structure as an empty element", () => {
    expect(renderXml("Role", { Name: "a&b<c>", Tags: [{ Key: "k" }], LastUsed: {}, None: undefined })).toBe(
      "<Role>\n  <Name>a&amp;b&lt;c&gt;</Name>\n  <Tags>\n    <member>\n      <Key>k</Key>\n    </member>\n  </Tags>\n  <LastUsed/>\n</Role>\n",
    );
  });

  it("give back any text, but for what XML cannot write", () => {
    fc.assert(
      fc.property(text, (value) => {
        const legal = value.replaceAll(/\p{Surrogate}|[\ufffe\uffff]|(?![\t\n\r\x7f-\x9f])\p{Cc}/gu, "\ufffd");
        expect(xmlText(renderXml("A", { B: value }), "A/B")).toBe(legal);
      }),
    );
  });

  it("wrap a result with its request id, and none where a call answers nothing", () => {
    const answer = resultXml("GetRole", "urn:x", { Role: { RoleName: "r" } }, "id-1");
    expect(xmlText(answer, "GetRoleResult/Role/RoleName")).toBe("r");
    expect(xmlText(answer, "ResponseMetadata/RequestId")).toBe("id-1");
    expect(resultXml("DeleteRole", "urn:x", null, "id-2")).not.toContain("DeleteRoleResult");
  });

  it("name code, type and message of an error", () => {
    const answer = errorXml("urn:x", { code: "NoSuchEntity", message: "it's gone", type: "Sender" }, "id-3");
    expect(["Error/Type", "Error/Code", "Error/Message", "RequestId"].map((path) => xmlText(answer, path))).toEqual([
      "Sender",
      "NoSuchEntity",
      "it's gone",
      "id-3",
    ]);
  });

  it("are read by element name, not by the beginning of one", () => {
    expect(xmlText('<Arns><ArnList x="1"/><Arn>b</Arn></Arns>', "Arn")).toBe("b");
    expect(xmlText("<a><Arn/></a>", "Arn")).toBe("");
    expect(xmlText("<html><body>502</body></html>", "Error/Code")).toBeNull();
    expect(xmlText("<Arn>never closed", "Arn")).toBeNull();
  });

  it("have their entities decoded once", () => {
    expect(xmlText("<m>&amp;lt; &#x41;&#66; &quot;&apos; &nbsp; &#x110000;</m>", "m")).toBe(
      "&lt; AB \"' &nbsp; &#x110000;",
    );
  });
});
