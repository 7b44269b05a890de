import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import {
  type FormatName,
  FORMATS,
  isFormatName,
  renderCredentials,
  renderFailure,
} from "../../../src/credentials/formats.ts";
import { AWS_CLIS } from "../../support/aws-clis.ts";
import { run, type RunResult } from "../../support/run.ts";
import { CREDENTIALS, SECRET_KEY, SESSION_TOKEN } from "./example.ts";

const KEYS = [
  ["AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"],
  ["AWS_SECRET_ACCESS_KEY", SECRET_KEY],
  ["AWS_SESSION_TOKEN", SESSION_TOKEN],
  ["AWS_CREDENTIAL_EXPIRATION", "2026-11-23T12:00:00+00:00"],
] as const;

// aws-cli, awscli/customizations/configure/exportcreds.py @1cd4c630: the bytes for each format.
const BYTES: Readonly<Record<Exclude<FormatName, "json">, string>> = {
  process: `{
  "Version": 1,
  "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
  "SecretAccessKey": "${SECRET_KEY}",
  "SessionToken": "${SESSION_TOKEN}",
  "Expiration": "2026-11-23T12:00:00+00:00"
}
`,
  env: `export AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE
export AWS_SECRET_ACCESS_KEY=${SECRET_KEY}
export AWS_SESSION_TOKEN=${SESSION_TOKEN}
export AWS_CREDENTIAL_EXPIRATION=2026-11-23T12:00:00+00:00
`,
  "env-no-export": `AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE
AWS_SECRET_ACCESS_KEY=${SECRET_KEY}
AWS_SESSION_TOKEN=${SESSION_TOKEN}
AWS_CREDENTIAL_EXPIRATION=2026-11-23T12:00:00+00:00
`,
  powershell: `$Env:AWS_ACCESS_KEY_ID="ASIAIOSFODNN7EXAMPLE"
$Env:AWS_SECRET_ACCESS_KEY="${SECRET_KEY}"
$Env:AWS_SESSION_TOKEN="${SESSION_TOKEN}"
$Env:AWS_CREDENTIAL_EXPIRATION="2026-11-23T12:00:00+00:00"
`,
  "windows-cmd": `set AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE
set AWS_SECRET_ACCESS_KEY=${SECRET_KEY}
set AWS_SESSION_TOKEN=${SESSION_TOKEN}
set AWS_CREDENTIAL_EXPIRATION=2026-11-23T12:00:00+00:00
`,
  fish: `set -gx AWS_ACCESS_KEY_ID "ASIAIOSFODNN7EXAMPLE"
set -gx AWS_SECRET_ACCESS_KEY "${SECRET_KEY}"
set -gx AWS_SESSION_TOKEN "${SESSION_TOKEN}"
set -gx AWS_CREDENTIAL_EXPIRATION "2026-11-23T12:00:00+00:00"
`,
};

const AWS_FORMATS = Object.entries(BYTES) as [Exclude<FormatName, "json">, string][];
const LF_EVERYWHERE = ["env", "env-no-export", "fish"];

describe("credentials as text", () => {
  it.each(AWS_FORMATS)("for %s are the AWS CLI's bytes", (format, bytes) => {
    expect(renderCredentials(format, CREDENTIALS, { eol: "\n", region: "eu-central-1" })).toBe(bytes);
  });

  it.each(AWS_FORMATS)(
    "for %s on Windows have its line ends, but where Git Bash would keep the CR",
    (format, bytes) => {
      const wanted = LF_EVERYWHERE.includes(format) ? bytes : bytes.replaceAll("\n", "\r\n");
      expect(renderCredentials(format, CREDENTIALS, { eol: "\r\n" })).toBe(wanted);
    },
  );

  it("as json have account, role session and region beside them, and are a credential_process's JSON still", () => {
    const text = renderCredentials("json", CREDENTIALS, { eol: "\n", region: "eu-central-1" });
    const { AccountId, AssumedRoleArn, Region, ...rest } = JSON.parse(text) as Record<string, unknown>;
    expect([AccountId, AssumedRoleArn, Region]).toEqual(["123456789012", CREDENTIALS.role, "eu-central-1"]);
    expect(`${JSON.stringify(rest, null, 2)}\n`).toBe(BYTES.process);
    expect(renderCredentials("json", CREDENTIALS, { eol: "\n" })).not.toContain("Region");
  });

  it("write a part of a second as Python does: six digits", () => {
    const expiration = new Date("2026-11-23T12:00:00.120Z");
    expect(renderCredentials("env", { ...CREDENTIALS, expiration }, { eol: "\n" })).toContain(
      "AWS_CREDENTIAL_EXPIRATION=2026-11-23T12:00:00.120000+00:00\n",
    );
  });

  it("go by the names of the table and no others", () => {
    for (const name of Object.keys(FORMATS)) expect(isFormatName(name)).toBe(true);
    for (const name of ["", "yaml", "ENV", "toString", "__proto__"]) expect(isFormatName(name)).toBe(false);
  });
});

// Only version 2 has the command; a version 1 has nothing to compare with.
const VERSION_2 = AWS_CLIS.filter(({ version }) => version.startsWith("aws-cli/2."));

describe.each(VERSION_2.map((cli) => [cli.version.split(" ")[0] ?? "", cli] as const))("%s", (_, cli) => {
  it.each(AWS_FORMATS)("writes the same for %s", async (format, bytes) => {
    // The CLI hands over no credentials whose time is up.
    const later = (text: string): string => text.replaceAll("2026-11-23", "2090-11-23");
    const keys = KEYS.map(([name, value]) => [name, later(value)] as const);
    const env = { PATH: process.env["PATH"], HOME: "/nonexistent", ...Object.fromEntries(keys) };
    const args = ["configure", "export-credentials", "--format", format];
    const { status, stdout, stderr } = await run(cli.path, args, { env });
    // `fish` came in January 2026.
    if (status !== 0 && format === "fish" && stderr.toLowerCase().includes("choice")) return;
    expect(stdout).toBe(later(bytes));
  });
});

const SHELLS = ["sh", "dash", "bash"].filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0);

/** What a job's script does with `eval "$(rolecall creds --format env)"`, the text coming in as rolecall's output. */
function evaluate(shell: string, text: string, then: string): Promise<RunResult> {
  return run(shell, ["-ec", `eval "$(cat)"; ${then}`], { input: text, env: { PATH: process.env["PATH"] } });
}

describe.each(SHELLS)("in %s, under set -e", (shell) => {
  it("evaluated credentials are in the environment of what follows", async () => {
    const { status, stdout } = await evaluate(shell, renderCredentials("env", CREDENTIALS, { eol: "\r\n" }), "env");
    expect(status).toBe(0);
    const names = KEYS.map(([name]) => name as string);
    const lines = stdout.split("\n").filter((line) => names.includes(line.split("=")[0] ?? ""));
    expect(lines.toSorted()).toEqual(KEYS.map(([name, value]) => `${name}=${value}`).toSorted());
  });

  it.each(["env", "env-no-export"] as const)("an evaluated failure of %s stops the job", async (format) => {
    const { status, stdout } = await evaluate(shell, renderFailure(format, "\n"), "echo reached");
    expect(stdout).toBe("");
    expect(status).not.toBe(0);
  });

  it("an evaluated nothing would not: that is why a failure has a text", async () => {
    expect(await evaluate(shell, "", "echo reached")).toMatchObject({ status: 0, stdout: "reached\n" });
  });
});

describe("a failure as text", () => {
  it("fails in every format that a shell evaluates, and is nothing where the exit status is read", () => {
    const texts = Object.fromEntries(
      (Object.keys(FORMATS) as FormatName[]).map((name) => [name, renderFailure(name, "\r\n")]),
    );
    expect(texts).toEqual({
      process: "",
      json: "",
      env: "false\n",
      "env-no-export": "false\n",
      fish: "false\n",
      powershell: 'throw "rolecall: no credentials"\r\n',
      "windows-cmd": "exit /b 1\r\n",
    });
  });

  it("needs no quoting for any key that AWS gives out", () => {
    const letters = fc.stringMatching(/^[A-Za-z0-9+/=]{16,60}$/);
    fc.assert(
      fc.property(letters, letters, (secret, session) => {
        const credentials = { ...CREDENTIALS, secretAccessKey: new Secret(secret), sessionToken: new Secret(session) };
        const text = renderCredentials("env", credentials, { eol: "\n" });
        const { stdout } = spawnSync("sh", ["-ec", `${text}printf %s "$AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN"`], {
          encoding: "utf8",
        });
        expect(stdout).toBe(`${secret} ${session}`);
      }),
      { numRuns: 20 },
    );
  });
});
