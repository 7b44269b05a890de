import { describe, expect, test } from "vitest";
import { sessionTags, withoutDroppable } from "../../../src/action/session-tags.ts";

const JOB = { GITHUB_REPOSITORY: "octo-org/octo-repo", GITHUB_WORKFLOW: "Deploy: größe & <x>", GITHUB_RUN_ID: "17" };

describe("a session's tags", () => {
  test("are the job's, made legal", () => {
    expect(sessionTags(JOB, "")).toEqual([
      { key: "GitHub", value: "Actions" },
      { key: "Repository", value: "octo-org/octo-repo" },
      { key: "Workflow", value: "Deploy: größe _ _x_" },
      { key: "RunId", value: "17" },
    ]);
  });

  test("have at most 256 characters in a value", () => {
    const [, tag] = sessionTags({ GITHUB_REPOSITORY: "a".repeat(300) }, "");
    expect(tag?.value).toHaveLength(256);
  });

  test("are fewer where they are too large", () => {
    const kept = withoutDroppable(sessionTags(JOB, '{"Team":"shop"}'));
    expect(kept.map(({ key }) => key)).toEqual(["GitHub", "Repository", "Workflow", "Team"]);
  });
});

describe("custom tags", () => {
  test("may be texts, numbers and truths", () => {
    const tags = sessionTags({}, '{"Team":"shop","Cost":17,"On":true,"Empty":""}');
    expect(tags.slice(1).map(({ key, value }) => `${key}=${value}`)).toEqual([
      "Team=shop",
      "Cost=17",
      "On=true",
      "Empty=",
    ]);
  });

  test.for([
    ["nothing that is JSON", "{", "expected a JSON object"],
    ["a list", "[]", "expected a JSON object"],
    ["an object within", '{"a":{}}', "is not a text"],
    ["null", '{"a":null}', "is not a text"],
    ["no key", '{"":"a"}', "has not 1 to 128 characters"],
    ["a long key", `{"${"k".repeat(129)}":"a"}`, "has not 1 to 128 characters"],
    ["a long value", `{"k":"${"v".repeat(257)}"}`, "more than 256 characters"],
    ["a foreign character", '{"k":"a<b"}', "has characters beyond"],
    ["a tag that says which job it is", '{"Repository":"other/repo"}', "is set by this action"],
    ["GitHub", '{"GitHub":"x"}', "is set by this action"],
    [
      "too many",
      JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, "v"]))),
      "at most 50",
    ],
  ] as const)("may not be %s", ([, text, message]) => {
    expect(() => sessionTags({}, text)).toThrowWithCode("config", message);
  });
});
