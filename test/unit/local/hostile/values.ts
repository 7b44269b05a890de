/** JSON values, as text, of every type and of the shapes that break parsers. */
export const ODD_VALUES: readonly string[] = [
  ["null", "true", "false", "0", "-0", "1", "-1", "1.5", "1e308", "1e400", "-1e308", "9007199254740993"],
  ['""', '" "', '"null"', '"0"', '"\\u0000"', '"\\ud800"', '"\\u202e"', '"*"', '"${aws:username}"', '"%00"'],
  ["[]", "[[]]", "[null]", '[""]', "[{}]", "[1,2]", '["a","b"]', "{}", '{"a":1}', '{"__proto__":1}', '{"length":1}'],
  ['{"$ne":null}', '{"toString":"x"}', '"<script>alert(1)</script>"', '"\' OR 1=1 --"', '"../../etc/passwd"'],
  [`"${"x".repeat(9000)}"`],
  [`[${'"x",'.repeat(2000)}"x"]`],
  [`${"[".repeat(3000)}${"]".repeat(3000)}`],
  [`${'{"a":'.repeat(1000)}1${"}".repeat(1000)}`],
].flat();

/** Changes to a text that a careless comparison would not see. */
export const DISGUISES: readonly (readonly [string, (text: string) => string])[] = [
  ...(
    [
      ["NUL", "\0"],
      ["a blank", " "],
      ["a tab", "\t"],
      ["a line feed", "\n"],
      ["a carriage return", "\r"],
      ["a no-break space", "\u00a0"],
      ["a zero-width space", "\u200b"],
      ["a zero-width joiner", "\u200d"],
      ["a soft hyphen", "\u00ad"],
      ["a byte order mark", "\ufeff"],
      ["a right-to-left override", "\u202e"],
      ["a combining accent", "\u0301"],
      ["a delete", "\x7f"],
      ["an escape", "\x1b[0m"],
      ["a replacement character", "\ufffd"],
      ["a line separator", "\u2028"],
      ["a star", "*"],
      ["a slash", "/"],
    ] as const
  ).flatMap(([name, inserted]): (readonly [string, (text: string) => string])[] => [
    [`${name} before`, (text) => inserted + text],
    [`${name} behind`, (text) => text + inserted],
    [`${name} within`, (text) => text.slice(0, 9) + inserted + text.slice(9)],
  ]),
  ["capitals", (text) => text.toUpperCase()],
  ["fullwidth letters", (text) => text.replaceAll(/[a-z]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))],
  ["a Cyrillic a", (text) => text.replace("a", "\u0430")],
  ["a lone surrogate", (text) => `${text}\ud800`],
  ["percent encoding", (text) => text.replaceAll("/", "%2F").replaceAll(":", "%3A")],
  ["the first half alone", (text) => text.slice(0, text.length / 2)],
  ["itself twice", (text) => text + text],
];
