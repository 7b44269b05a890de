import { describe, expect, it } from "vitest";
import { parseExternalId, parseTags } from "../../../src/credentials/session-tags.ts";

describe("session tags", () => {
  it("are key and value at the first equals sign, of any script", () => {
    expect(parseTags(["Team=web", "expr=a=b", "이름=가게", "empty="], ["team"])).toEqual({
      tags: [
        { key: "Team", value: "web" },
        { key: "expr", value: "a=b" },
        { key: "이름", value: "가게" },
        { key: "empty", value: "" },
      ],
      transitiveTags: ["team"],
    });
  });

  it.each([
    [["team"], []],
    [["=web"], []],
    [["a*=b"], []],
    [["a=b\nc"], []],
    [[`${"k".repeat(129)}=v`], []],
    [[`k=${"v".repeat(257)}`], []],
    [["team=a", "Team=b"], []],
    [["team=a"], ["stage"]],
    [Array.from({ length: 51 }, (_, at) => `k${at}=v`), []],
  ])("that STS would refuse are refused before: %j %j", (tags, transitive) => {
    expect(() => parseTags(tags, transitive)).toThrowWithCode("usage", /^--(tag|transitive-tag)/);
  });
});

describe("an external id", () => {
  it("is what STS takes", () => {
    expect(parseExternalId("acme:shop/7")).toBe("acme:shop/7");
    for (const wrong of ["x", "a b", "a;b", "y".repeat(1225)])
      expect(() => parseExternalId(wrong)).toThrowWithCode("usage", /^--external-id/);
  });
});
