import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { azure } from "../../../src/credentials/hand-over/azure.ts";
import { buildkite } from "../../../src/credentials/hand-over/buildkite.ts";
import { circleci } from "../../../src/credentials/hand-over/circleci.ts";
import { github } from "../../../src/credentials/hand-over/github.ts";
import { gitlab } from "../../../src/credentials/hand-over/gitlab.ts";
import type { HandOver, HandOverIo, Session } from "../../../src/credentials/hand-over/hand-over.ts";
import { run } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CREDENTIALS, SECRET_KEY, SESSION_TOKEN } from "./example.ts";

const KEY = "ASIAIOSFODNN7EXAMPLE";
const SESSION: Session = { credentials: CREDENTIALS, region: "eu-central-1", subject: "repo:acme/shop", shadows: [] };

interface Outside extends HandOverIo {
  readonly written: { out: string; notes: string[]; piped: { command: readonly string[]; input: string }[] };
}

function outside(env: Readonly<Record<string, string>>, more: Partial<HandOverIo> = {}): Outside {
  const written: Outside["written"] = { out: "", notes: [], piped: [] };
  return {
    env,
    output: undefined,
    out: (text) => void (written.out += text),
    note: (text) => void written.notes.push(text),
    pipe: (command, input) => {
      written.piped.push({ command, input });
      return Promise.resolve(true);
    },
    ...more,
    written,
  };
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** As the runner reads GITHUB_ENV and GITHUB_OUTPUT: `name=value` lines and heredocs. */
function readCommandFile(path: string): Record<string, string> {
  const lines = readFileSync(path, "utf8").split("\n");
  const settings: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(lines[at] ?? "") ?? [];
    if (name === undefined) {
      if (lines[at] !== "") throw new Error(`not understood: ${lines[at] ?? ""}`);
      continue;
    }
    const end = lines.indexOf(delimiter ?? "", at + 1);
    if (end < 0) throw new Error(`${name} has no end`);
    settings[name] = lines.slice(at + 1, end).join("\n");
    at = end;
  }
  return settings;
}

function githubFiles(): { env: Record<string, string>; folder: string } {
  const folder = tempDir();
  const env = Object.fromEntries(
    ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"].map((name) => [name, join(folder, name)]),
  );
  for (const path of Object.values(env)) writeFileSync(path, "");
  return { env, folder };
}

describe("handing over to later steps of GitHub", () => {
  it("masks each secret before any is written, and writes none to the log else", async () => {
    const { env } = githubFiles();
    let whenMasked = "";
    const io = outside(env, {
      out: (text) => {
        whenMasked = readFileSync(env["GITHUB_ENV"] ?? "", "utf8");
        io.written.out += text;
      },
    });
    await github.give(SESSION, io);
    expect(whenMasked).toBe("");
    expect(io.written.out).toBe([KEY, SECRET_KEY, SESSION_TOKEN].map((one) => `::add-mask::${one}\n`).join(""));
    expect(io.written.notes).toEqual([]);
  });

  it("sets the variables of later steps and the outputs that the AWS action has", async () => {
    const { env } = githubFiles();
    await github.give(SESSION, outside(env));
    expect(readCommandFile(env["GITHUB_ENV"] ?? "")).toEqual({
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_SESSION_TOKEN: SESSION_TOKEN,
      AWS_CREDENTIAL_EXPIRATION: "2026-11-23T12:00:00+00:00",
      AWS_REGION: "eu-central-1",
      AWS_DEFAULT_REGION: "eu-central-1",
    });
    expect(readCommandFile(env["GITHUB_OUTPUT"] ?? "")).toEqual({
      "aws-account-id": "123456789012",
      "authenticated-arn": CREDENTIALS.role,
      "aws-expiration": "2026-11-23T12:00:00Z",
      "aws-region": "eu-central-1",
    });
  });

  it("keeps what other steps have written", async () => {
    const { env } = githubFiles();
    writeFileSync(env["GITHUB_ENV"] ?? "", "A<<x\n1\nx\n");
    await github.give(SESSION, outside(env));
    expect(readCommandFile(env["GITHUB_ENV"] ?? "")).toMatchObject({ A: "1", AWS_ACCESS_KEY_ID: KEY });
  });

  it.each([
    "arn:aws:sts::1:assumed-role/a/b\nrolecall_\nPATH<<x\n/evil\nx",
    "a\r\n::add-mask::b\n::set-output name=x::y",
    "a%0A::error::b",
  ])("takes no text for a command or a setting: %j", async (hostile) => {
    const { env } = githubFiles();
    const io = outside(env);
    await github.give({ ...SESSION, subject: hostile, credentials: { ...CREDENTIALS, role: hostile } }, io);
    const outputs = readCommandFile(env["GITHUB_OUTPUT"] ?? "");
    expect(Object.keys(outputs)).toEqual(["aws-account-id", "authenticated-arn", "aws-expiration", "aws-region"]);
    expect(outputs["authenticated-arn"]).toBe(hostile);
    expect(Object.keys(readCommandFile(env["GITHUB_ENV"] ?? ""))).not.toContain("PATH");
    expect(io.written.out.split("\n").filter(Boolean)).toEqual(
      [KEY, SECRET_KEY, SESSION_TOKEN].map((one) => `::add-mask::${one}`),
    );
  });

  it("makes a delimiter for each setting, which nobody could write in advance", async () => {
    const { env } = githubFiles();
    await github.give(SESSION, outside(env));
    const delimiters = [...readFileSync(env["GITHUB_ENV"] ?? "", "utf8").matchAll(/<<(.*)/g)].map(([, one]) => one);
    expect(new Set(delimiters).size).toBe(6);
    for (const one of delimiters) expect(one).toMatch(/^rolecall_[0-9a-f-]{36}$/);
  });

  it("says in the summary who, until when and for which job, as text whatever it holds", async () => {
    const { env } = githubFiles();
    const subject = "repo:a/b:ref:`x`|</code><script>alert(1)</script>\n# title ![](http://evil.test)";
    await github.give({ ...SESSION, subject }, outside(env));
    const text = readFileSync(env["GITHUB_STEP_SUMMARY"] ?? "", "utf8");
    expect(text).toContain(`| role session | <code>${CREDENTIALS.role.replaceAll("_", "_")}</code> |`);
    expect(text).toContain("| until | <code>2026-11-23T12:00:00Z</code> |");
    const row = text.split("\n").find((line) => line.startsWith("| job")) ?? "";
    expect(row.split("|")).toHaveLength(4);
    expect(row).not.toMatch(/<script|`|!\[|<\/code>.*<\/code>/);
    expect(text).not.toContain("\n# title");
    expect(text).not.toContain(SECRET_KEY);
  });

  it("writes through no link", async () => {
    const { env, folder } = githubFiles();
    const target = join(folder, "target");
    writeFileSync(target, "");
    symlinkSync(target, join(folder, "link"));
    const giving = github.give(SESSION, outside({ ...env, GITHUB_ENV: join(folder, "link") }));
    await expect(giving).rejects.toThrowWithCode("config", /link cannot be written: it is a symbolic link/);
    expect(readFileSync(target, "utf8")).toBe("");
  });

  it("tells what GITHUB_ENV cannot take away", async () => {
    const { env } = githubFiles();
    const io = outside(env);
    await github.give({ ...SESSION, shadows: ["AWS_PROFILE"] }, io);
    expect(io.written.notes).toEqual([expect.stringContaining("AWS_PROFILE")]);
  });
});

describe("handing over to later steps of CircleCI", () => {
  it("appends to BASH_ENV what a shell takes, and takes away what would win", async () => {
    const path = join(tempDir(), "bash_env");
    writeFileSync(path, "export BEFORE=1\n");
    chmodSync(path, 0o644);
    await circleci.give({ ...SESSION, shadows: ["AWS_PROFILE"] }, outside({ BASH_ENV: path }));
    const script = `. "${path}"; echo "$BEFORE $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY [$AWS_PROFILE] $AWS_REGION"`;
    const { stdout } = await run("sh", ["-ec", script], { env: { PATH: process.env["PATH"], AWS_PROFILE: "mine" } });
    expect(stdout).toBe(`1 ${KEY} ${SECRET_KEY} [] eu-central-1\n`);
  });

  it("makes a file for its owner alone where there is none", async () => {
    const path = join(tempDir(), "bash_env");
    const io = outside({ BASH_ENV: path });
    await circleci.give(SESSION, io);
    expect(mode(path)).toBe("600");
    expect(io.written.out).toBe("");
  });

  it("writes through no link", async () => {
    const folder = tempDir();
    symlinkSync(join(folder, "target"), join(folder, "link"));
    const giving = circleci.give(SESSION, outside({ BASH_ENV: join(folder, "link") }));
    await expect(giving).rejects.toThrowWithCode("config", /symbolic link/);
    expect(existsSync(join(folder, "target"))).toBe(false);
  });
});

describe("handing over to later tasks of Azure", () => {
  it("sets variables of the job, the secret ones masked", async () => {
    const io = outside({ TF_BUILD: "True" });
    await azure.give(SESSION, io);
    expect(io.written.out).toBe(
      [
        `##vso[task.setvariable variable=AWS_ACCESS_KEY_ID;issecret=true]${KEY}`,
        `##vso[task.setvariable variable=AWS_SECRET_ACCESS_KEY;issecret=true]${SECRET_KEY}`,
        `##vso[task.setvariable variable=AWS_SESSION_TOKEN;issecret=true]${SESSION_TOKEN}`,
        "##vso[task.setvariable variable=AWS_CREDENTIAL_EXPIRATION]2026-11-23T12:00:00+00:00",
        "##vso[task.setvariable variable=AWS_REGION]eu-central-1",
        "##vso[task.setvariable variable=AWS_DEFAULT_REGION]eu-central-1",
        "",
      ].join("\n"),
    );
  });
});

describe("handing over to later hooks of Buildkite", () => {
  it("redacts the secrets and then sets the variables, both by standard input", async () => {
    const io = outside({ BUILDKITE: "true" });
    await buildkite.give(SESSION, io);
    const [redacted, set] = io.written.piped;
    expect(redacted?.command.slice(0, 3)).toEqual(["buildkite-agent", "redactor", "add"]);
    expect(Object.values(JSON.parse(redacted?.input ?? "") as object)).toEqual([KEY, SECRET_KEY, SESSION_TOKEN]);
    expect(set?.command.slice(0, 3)).toEqual(["buildkite-agent", "env", "set"]);
    expect(JSON.parse(set?.input ?? "")).toMatchObject({
      AWS_SESSION_TOKEN: SESSION_TOKEN,
      AWS_REGION: "eu-central-1",
    });
    expect(JSON.stringify(io.written.piped.map(({ command }) => command))).not.toContain(SECRET_KEY);
    expect(io.written.out).toBe("");
  });

  it("is by a file to source where the agent has no job API, or where one is named", async () => {
    const path = join(tempDir(), "aws.sh");
    const none = outside({ BUILDKITE: "true" }, { pipe: () => Promise.resolve(false) });
    await expect(buildkite.give(SESSION, none)).rejects.toThrowWithCode("config", /job API/);
    const named = outside({ BUILDKITE: "true" }, { output: path });
    await buildkite.give(SESSION, named);
    expect(mode(path)).toBe("600");
    expect(readFileSync(path, "utf8")).toContain(`export AWS_SECRET_ACCESS_KEY=${SECRET_KEY}\n`);
    expect(named.written.piped).toHaveLength(1);
  });
});

describe("handing over to later scripts of a GitLab job", () => {
  it("writes a file beside the checkout, for this job alone, and prints its path to source", async () => {
    const folder = tempDir();
    const io = outside({ CI_PROJECT_DIR: join(folder, "shop"), CI_JOB_ID: "302" });
    await gitlab.give(SESSION, io);
    const path = join(folder, "shop.tmp", "rolecall-302.sh");
    expect(io.written.out).toBe(`${path}\n`);
    expect([mode(path), mode(join(folder, "shop.tmp"))]).toEqual(["600", "700"]);
    const { stdout } = await run("sh", ["-ec", `. "${path}"; printf %s "$AWS_SESSION_TOKEN"`]);
    expect(stdout).toBe(SESSION_TOKEN);
  });

  it.each(["build.env", ".env", "out/aws.env", "creds.env.txt", "dotenv", "x/.ENV"])(
    "never writes %s, which looks like a dotenv artifact",
    (output) => {
      expect(() => gitlab.ready(outside({}, { output }))).toThrowWithCode("usage", /dotenv report/);
    },
  );

  it("writes another file that is named", async () => {
    const output = join(tempDir(), "aws.sh");
    const io = outside({}, { output });
    gitlab.ready(io);
    await gitlab.give(SESSION, io);
    expect(io.written.out).toBe(`${output}\n`);
  });
});

describe("handing over", () => {
  const ALL: readonly (readonly [string, HandOver])[] = [
    ["github", github],
    ["circleci", circleci],
    ["azure", azure],
    ["buildkite", buildkite],
    ["gitlab", gitlab],
  ];

  it.each(ALL)("in the way of %s is refused elsewhere, before AWS is asked", (name, { ready }) => {
    expect(() => ready(outside({}))).toThrowWithCode("config", new RegExp(`^--format ${name}: expected`));
  });

  it.each(ALL)("in the way of %s stops at a value that would not be one word", async (_, { give }) => {
    const { env } = githubFiles();
    const io = outside({ ...env, BASH_ENV: join(tempDir(), "x"), CI_PROJECT_DIR: tempDir(), CI_JOB_ID: "1" });
    const giving = Promise.resolve().then(() => give({ ...SESSION, region: "eu-central-1\nPATH=/evil" }, io));
    await expect(giving).rejects.toThrowWithCode("unexpected", /AWS_REGION/);
    expect([io.written.out, readFileSync(env["GITHUB_ENV"] ?? "", "utf8"), io.written.piped]).toEqual(["", "", []]);
  });
});
