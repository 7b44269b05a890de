import type { Choice, Completed, CompletedCommand, CompletedOption, Completion } from "../completion.ts";

/** As a file `_rolecall` in `$fpath`, and to be evaluated after `compinit`. */
export function zshCompletion({ commands }: Completion): string {
  return [
    "#compdef rolecall",
    "# zsh completion of rolecall; made by: rolecall completion zsh",
    "",
    "# Sets what may stand in a command: its words with their meanings, and the arguments as _arguments wants them.",
    "_rolecall_command() {",
    "  choices=() arguments=() wraps=",
    "  case $1 in",
    ...commands.flatMap(commandLines),
    "  *) return 1 ;;",
    "  esac",
    "}",
    "",
    ENGINE,
  ].join("\n");
}

function commandLines({ name, words, options, takesCommand }: CompletedCommand): readonly string[] {
  const described = typeof words === "string" ? [] : words.map(describe);
  const specs = [...options.flatMap(optionSpecs), ...wordSpecs(words, takesCommand)];
  return [
    `  ${quote(name)})`,
    ...(described.length > 0 ? [`    choices=(${described.map(quote).join(" ")})`] : []),
    ...(takesCommand ? ["    wraps=1"] : []),
    "    arguments=(",
    ...specs.map((spec) => `      ${quote(spec)}`),
    "    )",
    "    ;;",
  ];
}

/** `word:meaning`, as _describe reads it. */
function describe({ word, about }: Choice): string {
  const escaped = word.replaceAll(/[\\:]/g, String.raw`\$&`);
  return about === "" ? escaped : `${escaped}:${about}`;
}

function wordSpecs(words: Completed, takesCommand: boolean): readonly string[] {
  if (typeof words === "string") return [`*:${words === "files" ? "file:_files" : "folder:_files -/"}`];
  return [
    ...(words.length > 0 ? ["1:word:{_describe -t words word choices}"] : []),
    ...(takesCommand ? ["*: :{compadd -- --}"] : []),
  ];
}

/** An option that may be given once is not offered again in either spelling. */
function optionSpecs({ flags, about, repeats, value, choices }: CompletedOption): readonly string[] {
  const others = repeats ? "*" : `(${flags.join(" ")})`;
  const meaning = `[${about.replaceAll(/[\\[\]]/g, String.raw`\$&`)}]`;
  return flags.map((flag) => {
    if (value === null) return `${others}${flag}${meaning}`;
    const joined = flag.startsWith("--") ? "=" : "+";
    return `${others}${flag}${joined}${meaning}:${value.replaceAll(/[\\:]/g, String.raw`\$&`)}:${action(choices)}`;
  });
}

function action(choices: Completed): string {
  if (choices === "files") return "_files";
  if (choices === "folders") return "_files -/";
  return choices.length === 0 ? " " : `(${choices.map(({ word }) => word).join(" ")})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const ENGINE = `_rolecall() {
  local curcontext=$curcontext wraps= start=1 at
  local -a choices arguments
  if (( CURRENT > 3 )) && _rolecall_command "$words[2] $words[3]"; then
    start=3
  elif (( CURRENT > 2 )) && [[ -n $words[2] ]] && _rolecall_command "$words[2]"; then
    start=2
  else
    _rolecall_command ''
  fi
  at=$words[(i)--]
  if (( at < CURRENT )); then
    # Behind -- stands another command.
    [[ -n $wraps ]] || return 1
    shift $at words
    (( CURRENT -= at ))
    _normal
    return
  fi
  words[2,start]=()
  (( CURRENT -= start - 1 ))
  _arguments -s -S : $arguments
}

if [[ $funcstack[1] == _rolecall ]]; then
  _rolecall "$@"
else
  compdef _rolecall rolecall
fi
`;
