import { describe, expect, test } from "vitest";
import { runScript, wishOf } from "../../support/script.ts";
import { tempDir } from "../../support/temp-dir.ts";

const SCRIPT = `# A wish,
# in two lines.

exec cat greeting
stdout '^hello$'
! stdout bye
cmp stdout greeting
! exec sh -c 'cat; echo bad >&2; exit 3'
status 3
stderr '^bad$'
stdin greeting
exec cat
stdout hello
exec cat
! stdout .

env NAME=value
exec sh -c 'echo $NAME $HOME; umask 077; echo made > made'
stdout '^value /.*/work$'
exists made folder/nested
! exists gone
mode made 0600
chmod 644 made
mode made 0644
grep '^made$' made
env NAME
exec sh -c 'echo "<$NAME>"'
stdout <>
-- greeting --
hello
-- folder/nested --
`;

function runText(text: string): Promise<string | null> {
  return runScript("some.txtar", text, tempDir());
}

describe("a script of the command line", () => {
  test("runs line by line in a folder with its files", async () => {
    expect(await runText(SCRIPT)).toBeNull();
  });

  test("sees nothing of our own environment but PATH", async () => {
    process.env["AWS_PROFILE"] = "mine";
    const ran = runText("exec env\n! stdout AWS_PROFILE\n").finally(() => delete process.env["AWS_PROFILE"]);
    expect(await ran).toBeNull();
  });

  test("finds rolecall on its PATH", async () => {
    expect(await runText("exec sh -c 'command -v rolecall'\nstdout '/bin/rolecall$'\n")).toBeNull();
  });

  test("is skipped, with the reason, without a command that it needs", async () => {
    expect(await runText("needs no-such-command\nexec false\n")).toBe("no-such-command is not installed");
  });

  test.for([
    ["exec false", "expected success"],
    ["! exec true", "expected a failure"],
    ["exec true; status 1", "expected status 1"],
    ["exec echo a; stdout b", "no match for b"],
    ["exec echo a; ! stdout a", "unexpected match for a"],
    ["exists gone", "gone is not there"],
    ["frobnicate", "unknown directive"],
    ["exec no-such-command", "ENOENT"],
    ["exec sh -c 'kill -9 $$'", "the command was ended by SIGKILL"],
  ] as const)("fails on %s: %s", async ([text, message]) => {
    await expect(runText(text.replaceAll("; ", "\n"))).rejects.toThrow(message);
  });

  test("names the line that failed and shows what the command printed", async () => {
    const failing = runText("# wish\nexec sh -c 'echo shown; exit 4'\n");
    await expect(failing).rejects.toThrow(
      /^some\.txtar:2: exec sh .*\nexpected success\nstatus 4\n-- stdout --\nshown/,
    );
  });

  test("begins with the wish that it stems from", () => {
    expect(wishOf(SCRIPT)).toBe("A wish, in two lines.");
  });
});
