import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ChildEnd, runChild } from "../../../src/credentials/run-child.ts";
import { tempDir } from "../../support/temp-dir.ts";

const SOURCE = fileURLToPath(new URL("../../../src/credentials/run-child.ts", import.meta.url));
const PATH = process.env["PATH"] ?? "";

function sh(script: string, env: Readonly<Record<string, string>> = { PATH }): Promise<ChildEnd> {
  return runChild("sh", ["-c", script], { env, interactive: false });
}

describe("a command that is run in our place", () => {
  it.each([0, 1, 7, 125, 255])("ends with its own status %i", async (status) => {
    expect(await sh(`exit ${status}`)).toEqual({ status, signal: null });
  });

  it.each([
    ["TERM", 143],
    ["KILL", 137],
    ["INT", 130],
    ["HUP", 129],
  ])("killed by SIG%s ends with %i", async (signal, status) => {
    expect(await sh(`kill -${signal} $$`)).toEqual({ status, signal: `SIG${signal}` });
  });

  it("gets the environment that it is given, and nothing of ours", async () => {
    const file = join(tempDir(), "env");
    await sh(`env > '${file}'`, { PATH, AWS_ACCESS_KEY_ID: "ASIA" });
    const names = readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split("=")[0]);
    expect(names).toContain("AWS_ACCESS_KEY_ID");
    expect(names).not.toContain("VITEST");
  });

  it("gets its arguments as they are: there is no shell between", async () => {
    const file = join(tempDir(), "args");
    const argument = "$HOME; echo 'x' \"*\" \\ \n";
    await runChild("sh", ["-c", `printf %s "$1" > '${file}'`, "sh", argument], { env: { PATH }, interactive: false });
    expect(readFileSync(file, "utf8")).toBe(argument);
  });

  it("is looked for on the PATH that it will have", async () => {
    const folder = tempDir();
    writeFileSync(join(folder, "only-here"), "#!/bin/sh\nexit 3\n", { mode: 0o700 });
    const io = { env: { PATH: folder }, interactive: false };
    expect(await runChild("only-here", [], io)).toEqual({ status: 3, signal: null });
    await expect(runChild("only-here", [], { ...io, env: { PATH } })).rejects.toThrowWithCode("not-found");
  });

  it("that is not there is said to be not found, 127", async () => {
    const none = runChild("no-such-command-anywhere", [], { env: { PATH }, interactive: false });
    await expect(none).rejects.toThrowWithCode("not-found", "no-such-command-anywhere: command not found");
    await expect(runChild("/no/such/file", [], { env: { PATH }, interactive: false })).rejects.toThrowWithCode(
      "not-found",
    );
  });

  it("that may not be executed, or is a folder, is said to be so, 126", async () => {
    const folder = tempDir();
    const file = join(folder, "plain");
    writeFileSync(file, "#!/bin/sh\n", { mode: 0o600 });
    mkdirSync(join(folder, "sub"));
    for (const path of [file, join(folder, "sub")]) {
      const tried = runChild(path, [], { env: { PATH }, interactive: false });
      await expect(tried).rejects.toThrowWithCode("not-executable", `${path}: cannot be run: EACCES`);
    }
  });

  it("leaves no signal handler of ours behind, however it ended", async () => {
    const handlers = (): number[] => ["SIGTERM", "SIGINT", "SIGHUP"].map((name) => process.listenerCount(name));
    const before = handlers();
    const running = sh("sleep 0.05");
    expect(handlers()).toEqual(before.map((count) => count + 1));
    await running;
    await runChild("no-such-command-anywhere", [], { env: { PATH }, interactive: false }).catch(() => null);
    expect(handlers()).toEqual(before);
  });
});

describe("a signal to us", () => {
  let driver = "";

  beforeAll(async () => {
    // A process of its own, since signals to this one are the test runner's.
    const { outputFiles } = await build({
      stdin: {
        contents: `
          import { runChild } from ${JSON.stringify(SOURCE)};
          const io = { env: process.env, interactive: process.env.TERMINAL === "yes" };
          const [command, ...args] = process.argv.slice(2);
          runChild(command, args, io).then((end) => console.log(JSON.stringify(end)));
        `,
        resolveDir: "/",
      },
      bundle: true,
      platform: "node",
      write: false,
    });
    driver = outputFiles[0]?.text ?? "";
  });

  /** The driver with a child that says which signals it gets; `exit` behind a trap ends it. */
  function start(traps: string, terminal = "no"): { child: ChildProcess; said: (text: string) => Promise<string> } {
    const file = join(tempDir(), "driver.cjs");
    writeFileSync(file, driver);
    const script = `${traps}; echo ready; while :; do sleep 0.02; done`;
    const child = spawn(process.execPath, [file, "sh", "-c", script], {
      env: { PATH, TERMINAL: terminal },
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let output = "";
    const listeners = new Set<() => void>();
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
    const said = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (output.includes(text)) resolve(output);
        };
        listeners.add(look);
        look();
      });
    return { child, said };
  }

  it.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"] as const)(
    "%s is passed on, and the child's answer to it is ours",
    async (signal) => {
      const { child, said } = start(`trap 'echo got it; exit 9' ${signal.slice(3)}`);
      await said("ready");
      child.kill(signal);
      expect(await said("status")).toContain('got it\n{"status":9,"signal":null}');
    },
  );

  it("that ends the child ends us like it", async () => {
    const { child, said } = start(":");
    await said("ready");
    child.kill("SIGTERM");
    expect(await said("status")).toContain('{"status":143,"signal":"SIGTERM"}');
  });

  it("from a terminal's Ctrl-C reaches the child once: the terminal gives it, we do not", async () => {
    const { child, said } = start("trap 'echo got INT' INT; trap 'echo got TERM; exit 5' TERM", "yes");
    await said("ready");
    child.kill("SIGINT");
    child.kill("SIGTERM");
    const output = await said("status");
    expect(output).toContain('got TERM\n{"status":5,"signal":null}');
    expect(output).not.toContain("got INT");
  });
});
