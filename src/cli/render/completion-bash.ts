import { type Completed, type CompletedCommand, type Completion, grouped } from "../completion.ts";

/**
 * For bash 3.2, which macOS has, and newer. It needs no bash-completion; where that is loaded, it completes the
 * command behind `--`.
 */
export function bashCompletion({ commands }: Completion): string {
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ value }) => value !== null)
      .flatMap(({ flags, choices }) => flags.map((flag) => [`${name} ${flag}`, wordsOf(choices)] as const)),
  );
  return [
    "# bash completion of rolecall; made by: rolecall completion bash",
    "",
    "# Sets what may stand in a command: its words, its options.",
    "_rolecall_command() {",
    "  choices='' options='' wraps=''",
    "  case $1 in",
    ...commands.map(commandLine),
    "  *) return 1 ;;",
    "  esac",
    "}",
    "",
    "# Sets what the value of a command's option may be; fails where it takes none.",
    "_rolecall_value() {",
    "  case $1 in",
    ...grouped(values).map(([keys, words]) => `  ${keys.map(quote).join(" | ")}) choices=${quote(words)} ;;`),
    "  *) return 1 ;;",
    "  esac",
    "}",
    "",
    ENGINE,
  ].join("\n");
}

function commandLine({ name, words, options, takesCommand }: CompletedCommand): string {
  const flags = options.flatMap((option) => option.flags).join(" ");
  return `  ${quote(name)}) choices=${quote(wordsOf(words))} options=${quote(flags)}${takesCommand ? " wraps=1" : ""} ;;`;
}

/** One word for paths, which no choice can be. */
function wordsOf(choices: Completed): string {
  return typeof choices === "string" ? `<${choices}>` : choices.map(({ word }) => word).join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const ENGINE = `# Offers what of the choices begins like the word at the cursor. $1 is what bash keeps of that word by itself.
_rolecall_offer() {
  local word
  case $choices in
  '<files>' | '<folders>')
    if [[ -z $1 ]] && type compopt >/dev/null 2>&1; then
      if [[ $choices == '<files>' ]]; then compopt -o default -o bashdefault; else compopt -o dirnames; fi
      return
    fi
    local kind=-f
    [[ $choices == '<folders>' ]] && kind=-d
    while IFS= read -r word; do COMPREPLY+=("$1$word"); done < <(compgen "$kind" -- "$cur")
    ;;
  *)
    while IFS= read -r word; do COMPREPLY+=("$1$word"); done < <(compgen -W "$choices" -- "$cur")
    ;;
  esac
}

# Behind -- stands another command: the word at $1 and what follows.
_rolecall_wrapped() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif ((COMP_CWORD == $1)); then
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -c -- "$cur" | sort -u)
  else
    choices='<files>'
    _rolecall_offer ''
  fi
}

_rolecall() {
  local IFS=$' \\t\\n'
  local cur=\${COMP_WORDS[COMP_CWORD]} name='' start=1 pending='' glued='' given=0 i word choices options wraps
  COMPREPLY=()
  if ((COMP_CWORD > 2)) && _rolecall_command "\${COMP_WORDS[1]} \${COMP_WORDS[2]}"; then
    name="\${COMP_WORDS[1]} \${COMP_WORDS[2]}" start=3
  elif ((COMP_CWORD > 1)) && [[ -n \${COMP_WORDS[1]} ]] && _rolecall_command "\${COMP_WORDS[1]}"; then
    name=\${COMP_WORDS[1]} start=2
  else
    _rolecall_command ''
  fi
  for ((i = start; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == [:=]* ]]; then
      # bash splits words here; what follows belongs to the word before.
      glued=1
    elif [[ -n $glued ]]; then
      glued='' pending=''
    elif [[ -n $pending ]]; then
      pending=''
    elif [[ $word == -- ]]; then
      [[ -n $wraps ]] && _rolecall_wrapped $((i + 1))
      return
    elif [[ $word == -* ]]; then
      _rolecall_value_of "$word" && pending=$word
    else
      given=$((given + 1))
    fi
  done
  if [[ -n $pending ]]; then
    [[ $cur == = ]] && cur=''
    _rolecall_value "$name $pending" && _rolecall_offer ''
  elif [[ -n $glued || $cur == [:=]* ]]; then
    return
  elif [[ $cur == -*=* ]]; then
    # Only where = does not split words.
    word=\${cur%%=*} cur=\${cur#*=}
    _rolecall_value "$name $word" && _rolecall_offer "$word="
  elif [[ $cur == -* ]]; then
    choices=$options
    [[ -n $wraps ]] && choices+=' --'
    _rolecall_offer ''
  elif ((given == 0)) && [[ -n $choices ]] || [[ $choices == '<'* ]]; then
    _rolecall_offer ''
  elif [[ -n $wraps ]]; then
    choices=--
    _rolecall_offer ''
  fi
}

# Whether an option takes a value; the command's own choices stay as they are.
_rolecall_value_of() {
  local choices
  _rolecall_value "$name $1"
}

complete -F _rolecall rolecall
`;
