// What a Makefile says, as far as it can be read without running it. Source: GNU make manual, 4.3 Types of
// Prerequisites, 5 Writing Recipes in Rules, 6.2 The Two Flavors of Variables.

/** A line that is longer is no recipe of a person's. */
const LONGEST = 4096;
const LONGEST_VALUE = 200;
const NESTED = 3;

/**
 * The targets of a Makefile, each with the shell lines of its recipe; a prerequisite is the line that would make it.
 * Variables that the file sets plainly are filled in. Conditions, functions and includes are not followed. The name of
 * the default target is the empty one.
 *
 * @param name the file's own, without its folder
 */
export function readMakefile(text: string, name: string): ReadonlyMap<string, readonly string[]> {
  const variables = new Map<string, string>();
  const targets = new Map<string, string[]>();
  const again = name === "Makefile" ? "make" : `make -f ${name}`;
  let current: readonly string[] = [];
  const add = (line: string): void => {
    for (const target of current) targets.get(target)?.push(line);
  };
  for (const line of text.replaceAll(/\\\r?\n[ \t]*/g, " ").split(/\r?\n/)) {
    if (line.length > LONGEST) continue;
    if (line.startsWith("\t")) {
      add(line.replace(/^[\s@+-]+/, ""));
      continue;
    }
    const code = line.replace(/(?:^|\s)#.*$/, "");
    const [, variable, value] = /^(?:export +|override +)*([\w.-]+)\s*(?:::?:?|\?)?=\s*(.*)$/.exec(code) ?? [];
    if (variable !== undefined && value !== undefined) {
      if (value.length <= LONGEST_VALUE) variables.set(variable, value.trim());
      continue;
    }
    const [, left, right = ""] = /^([^\s:=][^:=]*?)\s*::?(?!=)(.*)$/.exec(code) ?? [];
    if (left === undefined) continue;
    const [needs = "", ...inline] = right.split(";");
    current = expanded(left, variables).split(/\s+/);
    for (const target of current) if (!targets.has(target)) targets.set(target, []);
    for (const need of needs.split(/\s+/)) if (need !== "" && !/[=|]/.test(need)) add(`${again} ${need}`);
    if (inline.length > 0) add(inline.join(";").trim());
  }
  const first = variables.get(".DEFAULT_GOAL") ?? [...targets.keys()].find((target) => !/^\.|%/.test(target));
  const all = first === undefined ? targets : new Map([["", [`${again} ${first}`]], ...targets]);
  return new Map([...all].map(([target, lines]) => [target, lines.map((line) => expanded(line, variables))]));
}

function expanded(line: string, variables: ReadonlyMap<string, string>): string {
  let text = line;
  for (let depth = 0; depth < NESTED && text.length <= LONGEST; depth++)
    text = text.replaceAll(/(?<!\$)\$[({]([\w.-]+)[)}]/g, (whole, name: string) =>
      name === "MAKE" ? "make" : (variables.get(name) ?? whole),
    );
  return text.replaceAll("$$", "$");
}
