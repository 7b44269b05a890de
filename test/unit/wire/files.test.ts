import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { modeOf, writeFileAtomic } from "../../../src/wire/files.ts";
import { tempDir } from "../../support/temp-dir.ts";

let folder = "";
beforeEach(() => {
  folder = tempDir();
});

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

function withUmask(mask: number): void {
  const before = process.umask(mask);
  onTestFinished(() => void process.umask(before));
}

describe("a file that is written", () => {
  it.each([0, 0o022, 0o077, 0o777])("is for its owner alone, under the umask %o", async (mask) => {
    const path = join(folder, "secret");
    withUmask(mask);
    await writeFileAtomic(path, "text");
    expect([readFileSync(path, "utf8"), mode(path)]).toEqual(["text", "600"]);
  });

  it("can have another mode, when the file that it replaces had one", async () => {
    const path = join(folder, "config");
    writeFileSync(path, "old");
    chmodSync(path, 0o644);
    withUmask(0o077);
    await writeFileAtomic(path, "new", await modeOf(path, 0o600));
    expect([readFileSync(path, "utf8"), mode(path)]).toEqual(["new", "644"]);
  });

  it("is narrowed when it replaces one that others could read", async () => {
    const path = join(folder, "config");
    writeFileSync(path, "old");
    chmodSync(path, 0o666);
    await writeFileAtomic(path, "secret");
    expect(mode(path)).toBe("600");
  });

  it("gets the folders that it needs, which nobody else may enter", async () => {
    const path = join(folder, "a", "b", "secret");
    withUmask(0);
    await writeFileAtomic(path, "text");
    expect([mode(join(folder, "a")), mode(join(folder, "a", "b"))]).toEqual(["700", "700"]);
  });

  it("leaves a folder that is there as it is", async () => {
    mkdirSync(join(folder, "open"));
    chmodSync(join(folder, "open"), 0o755);
    await writeFileAtomic(join(folder, "open", "secret"), "text");
    expect(mode(join(folder, "open"))).toBe("755");
  });

  it("is whole whenever it is read, with many writers at once, and nothing else is left", async () => {
    const path = join(folder, "shared");
    const texts = Array.from({ length: 20 }, (_, at) => String.fromCodePoint(97 + at).repeat(100_000));
    await writeFileAtomic(path, texts[0] ?? "");
    const seen = new Set<string>();
    const reader = setInterval(() => seen.add(readFileSync(path, "utf8")), 1);
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    clearInterval(reader);
    expect([...seen].filter((text) => !texts.includes(text))).toEqual([]);
    expect(texts).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(folder)).toEqual(["shared"]);
  });
});

describe("a file that is not written", () => {
  it.each(["there", "not there"])("is a link, to a file that is %s", async (which) => {
    const [target, path] = [join(folder, "target"), join(folder, "link")];
    if (which === "there") writeFileSync(target, "mine");
    symlinkSync(target, path);
    await expect(writeFileAtomic(path, "secret")).rejects.toThrowWithCode("config", `${path} is a symbolic link`);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(existsSync(target) && readFileSync(target, "utf8")).toBe(which === "there" && "mine");
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("is a folder, and nothing is left beside it", async () => {
    const path = join(folder, "sub");
    mkdirSync(path);
    await expect(writeFileAtomic(path, "secret")).rejects.toThrowWithCode("config", `${path} cannot be written: `);
    expect(readdirSync(folder)).toEqual(["sub"]);
    expect(readdirSync(path)).toEqual([]);
  });

  it("lies under what is no folder", async () => {
    writeFileSync(join(folder, "file"), "mine");
    const path = join(folder, "file", "secret");
    await expect(writeFileAtomic(path, "secret")).rejects.toThrowWithCode("config", `${path} cannot be written: `);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
  });

  it("has a name that no file can have", async () => {
    const path = join(folder, "x".repeat(300));
    await expect(writeFileAtomic(path, "secret")).rejects.toThrowWithCode("config", "cannot be written: ");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is never told with its content", async () => {
    const path = join(folder, "sub");
    mkdirSync(path);
    await expect(writeFileAtomic(path, "hunter2")).rejects.not.toThrowWithCode("config", "hunter2");
  });
});

describe("the mode of a file", () => {
  it("is its own, or the one given where there is none", async () => {
    writeFileSync(join(folder, "a"), "");
    chmodSync(join(folder, "a"), 0o640);
    expect(await modeOf(join(folder, "a"), 0o600)).toBe(0o640);
    expect(await modeOf(join(folder, "none"), 0o600)).toBe(0o600);
  });
});

describe.skipIf(process.platform === "win32")("what a killed write left beside the file", () => {
  /** The number of a process that has ended. */
  const dead = (): number => spawnSync("true").pid;

  function leftover(name: string, hours: number): string {
    writeFileSync(join(folder, name), "half of it");
    const time = Date.now() / 1000 - hours * 3600;
    utimesSync(join(folder, name), time, time);
    return name;
  }

  it("goes with the next write of the same file", async () => {
    leftover(`rolecall.yaml.${dead()}.k3j4h5.tmp`, 2);
    leftover(`rolecall.yaml.${dead()}.0.tmp`, 30);
    await writeFileAtomic(join(folder, "rolecall.yaml"), "whole");
    expect(readdirSync(folder)).toEqual(["rolecall.yaml"]);
  });

  it("stays where it may be somebody's: of a live process, young, of another file, or named otherwise", async () => {
    const gone = dead();
    const kept = [
      leftover(`rolecall.yaml.${process.pid}.abc.tmp`, 2),
      leftover(`rolecall.yaml.1.abc.tmp`, 2),
      // Its process may be of another container, where numbers are counted anew.
      leftover(`rolecall.yaml.${gone}.abc.tmp`, 0.5),
      leftover(`other.yaml.${gone}.abc.tmp`, 2),
      leftover(`rolecall.yaml.${gone}.abc.tmp.bak`, 2),
      leftover(`rolecall.yaml.${gone}.a-c.tmp`, 2),
      leftover(`rolecall.yaml.x${gone}.abc.tmp`, 2),
      leftover(`rolecall.yaml.99999999999999999999.abc.tmp`, 2),
    ];
    mkdirSync(join(folder, `rolecall.yaml.${gone}.f.tmp`));
    symlinkSync(join(folder, "other.yaml"), join(folder, `rolecall.yaml.${gone}.l.tmp`));
    await writeFileAtomic(join(folder, "rolecall.yaml"), "whole");
    expect(readdirSync(folder)).toEqual(
      ["rolecall.yaml", `rolecall.yaml.${gone}.f.tmp`, `rolecall.yaml.${gone}.l.tmp`, ...kept].toSorted(),
    );
  });

  it("is no reason for a write to fail, where the folder cannot be listed", async () => {
    leftover(`secret.${dead()}.abc.tmp`, 2);
    chmodSync(folder, 0o300);
    onTestFinished(() => chmodSync(folder, 0o700));
    await writeFileAtomic(join(folder, "secret"), "text");
    expect(readFileSync(join(folder, "secret"), "utf8")).toBe("text");
  });
});
