import type { CompletedCommand, CompletedOption, Completion } from "../completion.ts";

/** For fish 3.1 and newer. fish asks each condition once a Tab, so that there is one for each command. */
export function fishCompletion({ commands }: Completion): string {
  const names = commands.map(({ name }) => name).filter((name) => name !== "");
  const wrapping = commands.filter(({ takesCommand }) => takesCommand).map(({ name }) => name);
  return [
    "# fish completion of rolecall; made by: rolecall completion fish",
    "",
    engine(names.map(quote).join(" "), wrapping.map(quote).join(" ")),
    "complete -c rolecall -f",
    "complete -c rolecall -n __rolecall_wraps -x -a '(__rolecall_wrapped)'",
    ...commands.flatMap(commandLines),
    "",
  ].join("\n");
}

function commandLines(command: CompletedCommand): readonly string[] {
  const inside = `complete -c rolecall -n ${quote(`__rolecall_in ${quote(command.name)}`)}`;
  return [...wordLines(command), ...command.options.flatMap(optionLines).map((line) => `${inside} ${line}`)];
}

function wordLines({ name, words, takesCommand }: CompletedCommand): readonly string[] {
  if (typeof words === "string")
    return [`complete -c rolecall -n ${quote(`__rolecall_in ${quote(name)}`)} ${paths(words)}`];
  const list = words.map(({ word }) => quote(word)).join(" ");
  const inside = `complete -c rolecall -n ${quote(`__rolecall_in ${quote(name)} ${list}`.trimEnd())}`;
  return [
    ...words.map(({ word, about }) => `${inside} -x -a ${quote(word)}${about === "" ? "" : ` -d ${quote(about)}`}`),
    ...(takesCommand
      ? [`complete -c rolecall -n ${quote(`__rolecall_in ${quote(name)}`)} -x -a -- -d 'the command'`]
      : []),
  ];
}

/** Two lines where there are choices, which would have the option's description each. */
function optionLines({ flags, about, value, choices }: CompletedOption): readonly string[] {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(" ");
  const meaning = `-d ${quote(about)}`;
  if (value === null) return [`${names} ${meaning}`];
  if (typeof choices === "string") return [`${names} ${paths(choices)} ${meaning}`];
  const words = choices.map(({ word }) => word).join(" ");
  return [...(words === "" ? [] : [`${names} -x -a ${quote(words)}`]), `${names} -x ${meaning}`];
}

function paths(kind: "files" | "folders"): string {
  return kind === "files" ? "-r -F" : "-x -a '(__fish_complete_directories)'";
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

function engine(names: string, wrapping: string): string {
  return `# The words behind rolecall, up to the one at the cursor.
function __rolecall_words
    set -l words (commandline -opc)
    while string match -q -r '^\\w+=' -- "$words[1]"
        set -e words[1]
    end
    set -e words[1]
    string join -- \\n $words
end

# The command that they lead to.
function __rolecall_name
    set -l words (__rolecall_words)
    if set -q words[2]; and contains -- "$words[1] $words[2]" ${names}
        echo "$words[1] $words[2]"
    else if set -q words[1]; and contains -- "$words[1]" ${names}
        echo $words[1]
    end
end

# True in the command $argv[1], before any --, as long as none of the other words stands behind it.
function __rolecall_in
    set -l words (__rolecall_words)
    contains -- -- $words; and return 1
    set -l name (__rolecall_name)
    test "$name" = "$argv[1]"; or return 1
    if test -z "$name"
        not set -q words[1]
        return
    end
    set -l given $words[(math 1 + (count (string split -- ' ' $name)))..-1]
    for word in $argv[2..-1]
        contains -- $word $given; and return 1
    end
    return 0
end

# True behind the -- of a command that takes another.
function __rolecall_wraps
    set -l name (__rolecall_name)
    set -l words (__rolecall_words)
    contains -- "$name" ${wrapping}; and contains -- -- $words
end

function __rolecall_wrapped
    set -l words (__rolecall_words)
    set -l at (contains -i -- -- $words)
    set -l behind $words[(math $at + 1)..-1]
    set -l current (commandline -ct)
    complete -C (string join -- ' ' (string escape -- $behind) "$current")
end
`;
}
