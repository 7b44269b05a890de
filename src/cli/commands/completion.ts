import { RolecallError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { type Command, defineCommand } from "../command.ts";
import { type Completion, completionOf } from "../completion.ts";
import { COMMANDS } from "../main.ts";
import { bashCompletion } from "../render/completion-bash.ts";
import { fishCompletion } from "../render/completion-fish.ts";
import { powershellCompletion } from "../render/completion-powershell.ts";
import { zshCompletion } from "../render/completion-zsh.ts";
import { hint } from "../report.ts";

interface Shell {
  readonly render: (completion: Completion) => string;
  /** Where users of the shell keep such a script. */
  readonly install: string;
}

const SHELLS: Readonly<Record<string, Shell>> = {
  bash: {
    render: bashCompletion,
    install: "echo 'eval \"$(rolecall completion bash)\"' >> ~/.bashrc",
  },
  zsh: {
    render: zshCompletion,
    install: "mkdir -p ~/.zfunc && rolecall completion zsh > ~/.zfunc/_rolecall",
  },
  fish: {
    render: fishCompletion,
    install: "rolecall completion fish > ~/.config/fish/completions/rolecall.fish",
  },
  powershell: {
    render: powershellCompletion,
    install: "rolecall completion powershell >> $PROFILE",
  },
};

const NAMES = Object.keys(SHELLS);

export default defineCommand({
  name: "completion",
  summary: "print a script by which your shell completes command lines of rolecall",
  usage: NAMES.join("|"),
  examples: [
    [
      "rolecall completion bash > ~/.local/share/bash-completion/completions/rolecall",
      "bash, where the package bash-completion is installed",
    ],
    ['eval "$(rolecall completion bash)"', "bash without it: this line in ~/.bashrc"],
    ["rolecall completion zsh > ~/.zfunc/_rolecall", "zsh, with fpath+=~/.zfunc before compinit in ~/.zshrc"],
    ["rolecall completion fish > ~/.config/fish/completions/rolecall.fish", "fish"],
    ["rolecall completion powershell >> $PROFILE", "PowerShell"],
  ],
  options: {},
  positionals: ["SHELL"],
  choices: NAMES,
  notes:
    "The script is made of the commands' own tables and starts nothing when you press Tab. After an update of rolecall,\n" +
    "make it again. The one for PowerShell was not tried in a PowerShell so far.",
  async run({ options, positionals: [name = ""] }, io) {
    const shell = shellNamed(name);
    const loaded = await Promise.all(
      Object.values(COMMANDS).map(async (load): Promise<Command> => (await load()).default),
    );
    io.out(shell.render(completionOf(loaded)));
    if (io.stdoutIsTerminal && !options.quiet) hint(io, `to install it: ${shell.install}`);
    return 0;
  },
});

function shellNamed(name: string): Shell {
  const shell = Object.hasOwn(SHELLS, name) ? SHELLS[name] : undefined;
  if (shell) return shell;
  const guess = name === "pwsh" ? "powershell" : nearest(name, NAMES);
  throw new RolecallError("usage", `completion: expected ${NAMES.join(", ")}, got ${JSON.stringify(name)}`, {
    hints: [guess ? `did you mean ${guess}?` : "rolecall help completion tells how to install it"],
  });
}
