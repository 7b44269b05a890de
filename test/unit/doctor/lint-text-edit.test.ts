import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { Json } from "../../../src/core/token.ts";
import { type Path, placesOf } from "../../../src/doctor/lint-places.ts";
import { editDocument } from "../../../src/doctor/lint-policy-edit.ts";
import { editText, type TextEdit } from "../../../src/doctor/lint-text-edit.ts";

const set = (path: Path, value: Json): TextEdit => ({ kind: "set", path, value });
const rename = (path: Path, name: string): TextEdit => ({ kind: "rename", path, name });
const remove = (path: Path): TextEdit => ({ kind: "remove", path });

const PRETTY = '{\n\t"a": {\n\t\t"b": "x",\n\t\t"c": [\n\t\t\t"1"\n\t\t]\n\t}\n}\n';
const BLOCK = `# head
a:
  # about b
  b: x   # behind b
  c:
    - one # first
    - two

d: { e: !Sub "x\${y}", 'f': z }
`;

describe("JSON", () => {
  it.each<readonly [string, TextEdit, string]>([
    ['{"a":{"b":"x"}}', set(["a", "b"], ["1", "2"]), '{"a":{"b":["1","2"]}}'],
    ['{"a":{"b":"x"}}', set(["a", "c"], "y"), '{"a":{"b":"x","c":"y"}}'],
    ['{ "a": { "b": "x" } }', set(["a", "c"], { d: "y" }), '{ "a": { "b": "x", "c": { "d": "y" } } }'],
    ['{"a":{}}', set(["a", "b"], "y"), '{"a":{ "b": "y" }}'],
    ['{"a":[{"b":1},{"b":2}]}', set(["a", 1, "b"], 3), '{"a":[{"b":1},{"b":3}]}'],
    ['{"a\\"b":{"c":1}}', rename(['a"b', "c"], "d:e"), '{"a\\"b":{"d:e":1}}'],
    ['{"a":1,"b":2}', remove(["a"]), '{"b":2}'],
    ['{"a":1,"b":2}', remove(["b"]), '{"a":1}'],
    [PRETTY, set(["a", "c"], ["1", "2"]), PRETTY.replace('"1"\n', '"1",\n\t\t\t"2"\n')],
    [PRETTY, set(["a", "d"], { e: "y" }), PRETTY.replace("\t\t]\n", '\t\t],\n\t\t"d": {\n\t\t\t"e": "y"\n\t\t}\n')],
  ])("%j", (text, edit, expected) => {
    expect(editText(text, edit)).toBe(expected);
  });
});

describe("YAML keeps its comments, its quotes and its lines", () => {
  it.each<readonly [string, TextEdit, string]>([
    ["a word stays a word", set(["a", "b"], "y:z"), BLOCK.replace("b: x ", "b: y:z ")],
    ["what YAML would read as something else is quoted", set(["a", "b"], "*"), BLOCK.replace("b: x ", 'b: "*" ')],
    [
      "a list of a block",
      set(["a", "c"], ["three:x", "*"]),
      BLOCK.replace("- one # first\n    - two", '- three:x\n    - "*"'),
    ],
    [
      "the items of a list that stay, with what is said of them",
      set(["a", "c"], ["two", "one", "three"]),
      BLOCK.replace("- one # first\n    - two", "- two\n    - one # first\n    - three"),
    ],
    ["one more member of a block", set(["a", "g"], "y"), BLOCK.replace("- two\n", '- two\n  g: "y"\n')],
    ["one more member in braces", set(["d", "g"], ["y"]), BLOCK.replace("'f': z", "'f': z, g: [\"y\"]")],
    ["a tag goes with its value", set(["d", "e"], "y"), BLOCK.replace('!Sub "x${y}"', '"y"')],
    ["a key in its quotes", rename(["d", "f"], "g:h"), BLOCK.replace("'f'", "'g:h'")],
    ["a member of a block", remove(["a", "b"]), BLOCK.replace("  b: x   # behind b\n", "")],
    ["a member in braces", remove(["d", "e"]), BLOCK.replace('e: !Sub "x${y}", ', "")],
  ])("%s", (_, edit, expected) => {
    expect(editText(BLOCK, edit)).toBe(expected);
    const crlf = BLOCK.replaceAll("\n", "\r\n");
    expect(editText(crlf, edit)).toBe(expected.replaceAll("\n", "\r\n"));
  });

  it("gives up where the text has no such place", () => {
    expect(editText(BLOCK, set(["a", "c", 5], "x"))).toBeNull();
    expect(editText(BLOCK, set(["x", "y"], "x"))).toBeNull();
    expect(editText("- a: 1\n", remove([0, "a"]))).toBeNull();
  });
});

/** Every path of a document to a member or an item. */
function pathsOf(value: Json, at: Path = []): readonly Path[] {
  const entries = Array.isArray(value) ? [...(value as readonly Json[]).entries()] : Object.entries(value ?? {});
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...entries.flatMap(([step, one]: readonly [string | number, Json]) => pathsOf(one, [...at, step]))];
}

it("says afterwards just what the edit says, whatever the document and however it is written", () => {
  const name = fc.string({
    unit: fc.constantFrom("a", "b", ":", '"', "\\", "\n", " ", "ü", "#"),
    minLength: 1,
    maxLength: 4,
  });
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(name, fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(name, tie("tree"), { maxKeys: 3 }),
    ),
  }));
  const writers = [
    (value: Json) => JSON.stringify(value),
    (value: Json) => JSON.stringify(value, null, 2),
    (value: Json) => JSON.stringify(value, null, "\t").replaceAll("\n", "\r\n"),
    (value: Json) => `# head\n${stringify(value, { lineWidth: 0 })}`,
    (value: Json) => stringify(value, { collectionStyle: "flow", lineWidth: 0, defaultStringType: "QUOTE_DOUBLE" }),
  ];
  fc.assert(
    fc.property(
      fc.dictionary(name, tree, { minKeys: 1, maxKeys: 3 }),
      fc.nat(),
      fc.constantFrom<"set" | "rename" | "remove" | "add">("set", "rename", "remove", "add"),
      fc.constantFrom(...writers),
      fc.constantFrom<Json>("value", ["a", "b:c"], { "x:y": ["z"] }),
      (document, seed, kind, write, value) => {
        const text = write(document);
        // What the writer itself does not get right is no matter of the edit.
        fc.pre(isDeepStrictEqual(parse(text), document));
        const paths = pathsOf(document).slice(1);
        const path = paths[seed % paths.length] ?? [];
        const edit: TextEdit =
          kind === "add"
            ? set([...path, "brand new"], value)
            : kind === "set"
              ? set(path, value)
              : kind === "rename"
                ? rename(path, "brand new")
                : remove(path);
        const after = editText(text, edit);
        if (after === null) return;
        expect(parse(after, { maxAliasCount: 0 })).toEqual(editDocument(document, edit));
      },
    ),
    { numRuns: 150 },
  );
});

it("finds the same places in JSON as YAML's parser does", () => {
  const text = '{ "a": [1, {"b c": "x\\"}"}, []], "d" : {} , "e": null}';
  const [json, yaml] = [placesOf(text), placesOf(`# as YAML\n${text}`)];
  const shift = "# as YAML\n".length;
  expect(
    JSON.parse(JSON.stringify(yaml), (key, value: unknown) =>
      key === "start" || key === "end" ? Number(value) - shift : value,
    ),
  ).toEqual(JSON.parse(JSON.stringify(json)));
});
