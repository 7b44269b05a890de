import { beforeAll, describe, expect, it } from "vitest";
import { type Command, defineCommand, GLOBAL_OPTIONS } from "../../../src/cli/command.ts";
import { completionOf } from "../../../src/cli/completion.ts";
import { COMMANDS, main } from "../../../src/cli/main.ts";
import { bashCompletion } from "../../../src/cli/render/completion-bash.ts";
import { fishCompletion } from "../../../src/cli/render/completion-fish.ts";
import { powershellCompletion } from "../../../src/cli/render/completion-powershell.ts";
import { zshCompletion } from "../../../src/cli/render/completion-zsh.ts";
import { isThere } from "../../support/completing-shell.ts";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fakeIo } from "./fake-io.ts";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion, powershell: powershellCompletion };
const NAMES = Object.keys(SHELLS);

let commands: readonly Command[] = [];
beforeAll(async () => {
  commands = await Promise.all(Object.values(COMMANDS).map(async (load) => (await load()).default));
});

describe("completion", () => {
  it.each(NAMES)("%s prints a script that knows every command and every option, and nothing else", async (shell) => {
    const io = fakeIo();
    expect([await main(["completion", shell], io), io.stderr]).toEqual([0, ""]);
    for (const { name, options } of commands) {
      expect(io.stdout).toContain(name);
      for (const option of Object.keys({ ...options, ...GLOBAL_OPTIONS }))
        expect(io.stdout).toMatch(new RegExp(`(--|-l )${option}\\b`));
    }
    expect(io.stdout).not.toMatch(/undefined|\[object/);
  });

  it.each([
    ["pwsh", "did you mean powershell?"],
    ["bsh", "did you mean bash?"],
    ["tcsh", "rolecall help completion tells how to install it"],
    ["__proto__", "rolecall help completion tells how to install it"],
  ])("does not know %s: %s", async (shell, hint) => {
    const io = fakeIo();
    expect([await main(["completion", shell], io), io.stdout]).toEqual([2, ""]);
    expect(io.stderr).toContain("completion: expected bash, zsh, fish, powershell, got");
    expect(io.stderr).toContain(`hint: ${hint}\n`);
  });

  it("tells at a terminal how to install what it prints", async () => {
    const io = fakeIo({}, { stdoutIsTerminal: true });
    expect(await main(["completion", "zsh"], io)).toBe(0);
    expect(io.stderr).toContain("rolecall completion zsh > ~/.zfunc/_rolecall");
    expect(io.stdout).toMatch(/^#compdef rolecall\n/);
  });
});

describe("what is completed", () => {
  it("are the first words of commands, and behind a family its members", () => {
    const { commands: found } = completionOf(commands);
    const named = (name: string) => found.find((one) => one.name === name);
    const wordsOf = (name: string) => {
      const words = named(name)?.words ?? [];
      return typeof words === "string" ? words : words.map(({ word }) => word);
    };
    expect(wordsOf("")).toEqual([...new Set(commands.map(({ name }) => name.split(" ")[0]))]);
    expect(wordsOf("token")).toEqual(["show", "get", "mint"]);
    expect(wordsOf("help token")).toEqual(["show", "get", "mint"]);
    expect(wordsOf("keys")).toEqual(["policy", "retire", "status"]);
    expect(named("keys")?.options.length).toBeGreaterThan(4);
    expect(wordsOf("help")).toEqual(expect.arrayContaining(["exec", "token", "exit-codes", "environment", "rules"]));
    expect(wordsOf("apply")).toBe("files");
    expect(commands.filter(({ rest }) => rest === "required").map(({ name }) => name)).toEqual(
      found.filter(({ takesCommand }) => takesCommand).map(({ name }) => name),
    );
  });

  // An option whose help calls its value one of a few must say which to the shell too.
  it.each(["FORMAT", "SEVERITY", "FORM", "YEAR", "TOOL", "KIND", "STEP", "CI"])(
    "are the values of every option that takes a %s",
    (value) => {
      const options = commands
        .flatMap((command) => Object.values(command.options))
        .filter((one) => one.value === value);
      expect(options.length).toBeGreaterThan(0);
      for (const { choices = [], help } of options) expect([help, choices.length > 1]).toEqual([help, true]);
    },
  );

  it.each([
    [["creds"], "--format", "creds"],
    [["lint", "nothing.json"], "--format", "lint"],
    [["lint", "nothing.json"], "--fail-on", "lint"],
    [["audit"], "--format", "audit"],
    [["ci", "gitlab"], "--tool", "ci"],
    [["ci", "gitlab"], "--image", "ci"],
    [["migrate"], "--ci", "migrate"],
    [["token", "show"], "--ci", "token show"],
    [["up", "--port", "0"], "--sts-texts", "up"],
  ])("are the values that %j takes for %s", async (args, option, name) => {
    const { choices = [] } = commands.find((one) => one.name === name)?.options[option.slice(2)] ?? {};
    const io = fakeIo();
    expect(await main([...args, option, "no-such-value"], io)).toBe(2);
    const [said = ""] = io.stderr.match(/expected [^\n]*/) ?? [];
    const named = said
      .replace(/^expected (one of )?/, "")
      .replace(/, got .*/, "")
      .split(/, | or /);
    expect(named.toSorted()).toEqual(typeof choices === "string" ? choices : choices.toSorted());
  });
});

describe("a text of the table", () => {
  const EVIL = "it's $(touch owned) `touch owned` \"; touch owned; ' [a]: \\ $HOME %s";
  const evil = defineCommand({
    name: "evil",
    summary: EVIL,
    usage: "",
    examples: [],
    options: {
      bad: { type: "string", value: "A:B]", help: EVIL },
      one: { type: "string", choices: ["x", "y"], help: EVIL },
    },
    run: () => Promise.resolve(0),
  });

  it.each([
    { shell: "bash", args: (text: string) => ["-c", `${text}\n_rolecall_command evil`] },
    {
      shell: "zsh",
      args: (text: string) => ["-f", "-c", `compdef() {}; ${text}\n_rolecall_command evil; print -r -- $arguments`],
    },
    {
      shell: "fish",
      args: (text: string) => ["-c", `${text}\ncomplete -C 'rolecall ev'; complete -C 'rolecall evil --'`],
    },
  ] as const)("is no more than text to $shell", async ({ shell, args }) => {
    if (!isThere(shell)) return;
    const cwd = tempDir();
    const script = SHELLS[shell](completionOf([evil]));
    const { status, stderr, stdout } = await run(shell, args(script), {
      cwd,
      env: { PATH: process.env["PATH"], HOME: cwd },
    });
    expect([status, stderr]).toEqual([0, ""]);
    if (shell === "fish") expect(stdout).toContain(`evil\t${EVIL}\n`);
    expect((await run("ls", [cwd])).stdout).not.toContain("owned");
  });

  it("is no more than text to PowerShell, by its quoting", () => {
    const script = powershellCompletion(completionOf([evil]));
    expect(script).toContain(`'it''s $(touch owned) \`touch owned\` "; touch owned; '' [a]: \\ $HOME %s'`);
  });
});
