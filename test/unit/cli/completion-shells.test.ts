import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { BASH, cannotTry, completeLines, isThere, ZSH } from "../../support/completing-shell.ts";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fakeIo } from "./fake-io.ts";

const scripts: Record<string, string> = {};

beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const io = fakeIo();
    const status = await main(["completion", shell], io);
    if (status !== 0) throw new Error(io.stderr);
    scripts[shell] = io.stdout;
  }
});

/** A folder with a few files, and the script in one of them. */
function folderWith(shell: string, name: string): string {
  const folder = tempDir();
  mkdirSync(join(folder, "policies"));
  for (const file of ["trust.json", "a b.json"]) writeFileSync(join(folder, file), "");
  mkdirSync(join(folder, ".script"));
  writeFileSync(join(folder, ".script", name), scripts[shell] ?? "");
  return folder;
}

const FORMATS =
  "process env env-no-export powershell windows-cmd fish json github circleci azure buildkite gitlab".split(" ");
const PATHS = ["a b.json", "policies", "trust.json"];

/** What is typed, how much of it stays as it is, and what is offered behind that. */
const LINES: readonly (readonly [typed: string, kept: readonly string[], offered: readonly string[]])[] = [
  ["cre", [], ["creds"]],
  ["tok", [], ["token"]],
  ["token ", ["token"], ["show", "get", "mint"]],
  ["token sh", ["token"], ["show"]],
  ["keys re", ["keys"], ["retire"]],
  ["help exit", ["help"], ["exit-codes"]],
  ["help token ", ["help", "token"], ["show", "get", "mint"]],
  ["completion ", ["completion"], ["bash", "zsh", "fish", "powershell"]],
  ["creds --format ", ["creds", "--format"], FORMATS],
  ["creds -f j", ["creds", "-f"], ["json"]],
  ["creds --format=j", ["creds"], ["--format=json"]],
  ["creds --format=json --sh", ["creds", "--format=json"], ["--show"]],
  ["exec --tok", ["exec"], ["--token-env", "--token-file", "--token-command"]],
  ["token show --js", ["token", "show"], ["--json"]],
  ["exec ", ["exec"], ["--"]],
  ["ci gitlab --image ", ["ci", "gitlab", "--image"], ["node", "shell", "none"]],
  ["ci --role arn:aws:iam::1:role/x gitl", ["ci", "--role", "arn:aws:iam::1:role/x"], ["gitlab"]],
  ["lint --fail-on h", ["lint", "--fail-on"], ["high"]],
  ["lint ", ["lint"], PATHS],
  ["lint trust.json a", ["lint", "trust.json"], ["a b.json"]],
  ["plan --config tr", ["plan", "--config"], ["trust.json"]],
  ["audit --out ", ["audit", "--out"], ["policies"]],
  ["exec -- printen", ["exec", "--"], ["printenv"]],
  ["job gitlab --project a -- cat tr", ["job", "gitlab", "--project", "a", "--", "cat"], ["trust.json"]],
];

const EXPECTED = LINES.map(([, kept, offered]) => [...kept, ...offered.toSorted()]);
const TYPED = LINES.map(([typed]) => typed);

/** In the order of the alphabet, which each shell has its own of. */
function sorted(answers: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return answers.map((words, at) => {
    const kept = LINES[at]?.[1].length ?? 0;
    return [...words.slice(0, kept), ...words.slice(kept).toSorted()];
  });
}

describe.each([
  { shell: BASH, sourced: (folder: string) => `eval "$(cat ${folder}/.script/rolecall)"` },
  { shell: ZSH, sourced: (folder: string) => `source ${folder}/.script/rolecall` },
])("in $shell.name", ({ shell, sourced }) => {
  it("completes commands, options, their values, files, and the command behind --", async ({ skip }) => {
    skip(cannotTry(shell) !== null, cannotTry(shell) ?? "");
    const folder = folderWith(shell.name, "rolecall");
    expect(sorted(await completeLines(shell, [sourced(folder)], TYPED, folder))).toEqual(EXPECTED);
  });

  it("offers no word where none fits, and leaves the line as it is", async ({ skip }) => {
    skip(cannotTry(shell) !== null, cannotTry(shell) ?? "");
    const lines = ["nothing ", "token show ", "exec --role ", "creds --format x", "plan -- ", "__proto__ "];
    const folder = folderWith(shell.name, "rolecall");
    const answers = await completeLines(shell, [sourced(folder)], lines, folder);
    // zsh shows a command's options where no word fits.
    const words = answers.map((all, at) => {
      const kept = lines[at]?.trim().split(" ").length ?? 0;
      return [...all.slice(0, kept), ...all.slice(kept).filter((word) => !word.startsWith("-") || shell === BASH)];
    });
    expect(words).toEqual(lines.map((line) => line.trim().split(" ")));
  });
});

const BASH_COMPLETION = "/usr/share/bash-completion/bash_completion";

it("in bash hands what is behind -- to that command's own completion, where bash-completion is loaded", async ({
  skip,
}) => {
  const folder = folderWith("bash", "rolecall");
  const there = cannotTry(BASH) === null && (await run("test", ["-e", BASH_COMPLETION])).status === 0;
  skip(!there, "bash-completion is not installed (Debian: apt-get install bash-completion)");
  const sourced = [`. ${BASH_COMPLETION}`, `. ${folder}/.script/rolecall`];
  const lines = [
    "exec -- rolecall creds --format js",
    "job gitlab -- rolecall exec --no",
    "exec --role a:b -- printen",
  ];
  expect(await completeLines(BASH, sourced, lines, folder)).toEqual([
    ["exec", "--", "rolecall", "creds", "--format", "json"],
    ["job", "gitlab", "--", "rolecall", "exec", "--no-color"],
    ["exec", "--role", "a:b", "--", "printenv"],
  ]);
});

it("in bash completes --option=value also where = does not part words", async ({ skip }) => {
  skip(cannotTry(BASH) !== null, cannotTry(BASH) ?? "");
  const folder = folderWith("bash", "rolecall");
  const sourced = ["COMP_WORDBREAKS=${COMP_WORDBREAKS//[=:]/}", `. ${folder}/.script/rolecall`];
  const lines = ["creds --format=js", "plan --config=tr", "ci --role=a:b gitl"];
  expect(await completeLines(BASH, sourced, lines, folder)).toEqual([
    ["creds", "--format=json"],
    ["plan", "--config=trust.json"],
    ["ci", "--role=a:b", "gitlab"],
  ]);
});

it("in zsh is found as a file of fpath, and completes the command behind -- as that command does", async ({ skip }) => {
  skip(cannotTry(ZSH) !== null, cannotTry(ZSH) ?? "");
  const folder = folderWith("zsh", "_rolecall");
  // fpath counts when compinit runs, which is in the shell's set-up; so once more.
  const sourced = [`fpath+=${folder}/.script`, "compinit -D -u"];
  const lines = ["creds --format js", "exec -- rolecall creds -f js", "keys st"];
  expect(await completeLines(ZSH, sourced, lines, folder)).toEqual([
    ["creds", "--format", "json"],
    ["exec", "--", "rolecall", "creds", "-f", "json"],
    ["keys", "status"],
  ]);
});

describe("in fish", () => {
  const reason = isThere("fish") ? null : "fish is not installed (Debian: apt-get install fish)";

  /** Of each line, what fish offers: the words, with their meaning behind a tab. */
  async function offeredBy(lines: readonly string[]): Promise<readonly (readonly string[])[]> {
    const folder = folderWith("fish", "rolecall.fish");
    const home = join(folder, ".home");
    const answers = await Promise.all(
      lines.map((line) =>
        run(
          "fish",
          ["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", `${folder}/.script/rolecall.fish`, line],
          {
            cwd: folder,
            env: { PATH: process.env["PATH"], HOME: home, LC_ALL: "C.UTF-8" },
          },
        ),
      ),
    );
    return answers.map(({ stdout, stderr }) => {
      expect(stderr).toBe("");
      return stdout.split("\n").filter((line) => line !== "");
    });
  }

  const wordsOf = (offered: readonly string[]): readonly string[] =>
    offered.map((line) => (line.split("\t")[0] ?? "").replace(/\/$/, "")).toSorted();

  it("completes commands, options, their values, files, and the command behind --", async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const offered = await offeredBy(TYPED.map((line) => `rolecall ${line}`));
    expect(offered.map(wordsOf)).toEqual(LINES.map(([, , words]) => words.toSorted()));
  });

  it("says what commands and options are for, and of a value no more than the value", async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const offered = await offeredBy(["rolecall cred", "rolecall creds --sho", "rolecall creds --format js"]);
    expect(offered).toEqual([
      ["creds\tprint temporary credentials for a shell, a tool or a file"],
      ["--show\tprint secrets to a terminal"],
      ["json"],
    ]);
  });

  it("offers nothing where nothing fits, and sees through variables before the command", async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const lines = [
      "rolecall nothing ",
      "rolecall token show ",
      "rolecall ci gitlab ",
      "AWS_REGION=x rolecall keys ret",
    ];
    expect((await offeredBy(lines)).map(wordsOf)).toEqual([[], [], [], ["retire"]]);
  });
});
