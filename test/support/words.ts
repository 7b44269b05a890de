/**
 * Splits a script line into words. Between single quotes everything stands for itself, and `''` is a quote; outside
 * them `$NAME` and `${NAME}` are replaced, and a `#` at the start of a word ends the line.
 *
 * @throws Error on a quote that is not closed or a variable that is not set
 */
export function splitWords(line: string, env: ReadonlyMap<string, string>): string[] {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== "" && !rest.startsWith("#")) {
    const [word, after] = takeWord(rest, env);
    words.push(word);
    rest = after.trimStart();
  }
  return words;
}

function takeWord(text: string, env: ReadonlyMap<string, string>): [word: string, rest: string] {
  let word = "";
  let rest = text;
  while (rest !== "" && !/^\s/.test(rest)) {
    const [part, value] = takePart(rest, env);
    word += value;
    rest = rest.slice(part.length);
  }
  return [word, rest];
}

/** The next quoted or unquoted part of a word, as written and as meant. */
function takePart(text: string, env: ReadonlyMap<string, string>): [written: string, meant: string] {
  if (!text.startsWith("'")) {
    const [written = ""] = /^[^\s']+/.exec(text) ?? [];
    return [written, expand(written, env)];
  }
  const quoted = /^'((?:[^']|'')*)'(?!')/.exec(text);
  if (!quoted) throw new Error(`a quote is not closed: ${text}`);
  const [written, meant = ""] = quoted;
  return [written, meant.replaceAll("''", "'")];
}

function expand(text: string, env: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(?:(\w+)|\{(\w+)\})/g, (_, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? "";
    const value = env.get(name);
    if (value === undefined) throw new Error(`$${name} is not set`);
    return value;
  });
}
