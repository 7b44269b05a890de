import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as sdk from "@aws-sdk/client-iam";
import { main } from "../../src/cli/main.ts";
import type { LocalCloud } from "../../src/local/index.ts";
import { fakeIo } from "../unit/cli/fake-io.ts";

/** What a line printed, and how it ended. */
export interface Ran {
  readonly line: string;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where lines are typed: a local AWS, and a folder that is also the home. */
export interface Terminal {
  readonly cloud: LocalCloud;
  readonly folder: string;
}

/**
 * Runs lines as a reader would type them, without starting a process for each: `rolecall` by its own main, `aws iam`
 * by the same call of the AWS SDK, `printf %s`.
 */
export async function typeLines(lines: readonly string[], terminal: Terminal): Promise<readonly Ran[]> {
  const all: Ran[] = [];
  for (const line of lines) all.push(await typeLine(line, terminal));
  return all;
}

async function typeLine(line: string, terminal: Terminal): Promise<Ran> {
  const words = splitWords(await substitute(line, terminal));
  const to = words.at(-2) === ">" ? inFolder(words.at(-1) ?? "", terminal) : null;
  const command = to === null ? words : words.slice(0, -2);
  const at = command.findIndex((word) => !/^\w+=/.test(word));
  const env = Object.fromEntries(
    command
      .slice(0, at)
      .map((word) => [word.slice(0, word.indexOf("=")), inFolder(word.slice(word.indexOf("=") + 1), terminal)]),
  );
  const ran = {
    line,
    ...(await run(
      command.slice(at).map((word) => inFolder(word, terminal)),
      env,
      terminal,
    )),
  };
  if (to !== null) await writeFile(to, ran.stdout, { mode: 0o600 });
  return ran;
}

/** What a shell puts in before it splits: the output of a command, the variable; and where `rolecall up` would be. */
async function substitute(line: string, terminal: Terminal): Promise<string> {
  const [whole = "", inner = ""] = /\$\(([^()]*)\)/.exec(line) ?? [];
  const output = whole === "" ? "" : (await typeLine(inner, terminal)).stdout.trimEnd();
  return line
    .replace(whole, () => output)
    .replaceAll("$AWS_ENDPOINT_URL", terminal.cloud.endpoint)
    .replaceAll("127.0.0.1:4580", new URL(terminal.cloud.endpoint).host);
}

/** A reader stands in the folder; these tests run beside others and cannot. */
function inFolder(word: string, { folder }: Terminal): string {
  return /^(job\.jwt|(event|trust|keys)\.json|home(\/.*)?)$/.test(word) ? join(folder, word) : word;
}

const done = (stdout = ""): Omit<Ran, "line"> => ({ status: 0, stdout, stderr: "" });

async function run(
  [name = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  terminal: Terminal,
): Promise<Omit<Ran, "line">> {
  if (name === "rolecall") return rolecall(args, env, terminal);
  if (name === "printf" && args[0] === "%s") return done(args[1]);
  if (name === "seq") return done(Array.from({ length: Number(args[1]) }, (_, at) => at + 1).join("\n"));
  if (name === "mkdir" || name === "rm") return changeFolder(name, args);
  if (name === "curl") return curl(args);
  if (name === "aws" && args[0] === "iam") return awsIam(args.slice(1), terminal);
  throw new Error(`no such command: ${name}`);
}

async function changeFolder(name: "mkdir" | "rm", [, path = ""]: readonly string[]): Promise<Omit<Ran, "line">> {
  await (name === "mkdir" ? mkdir(path, { recursive: true }) : rm(path, { recursive: true }));
  return done();
}

/** `-s`, `-X`, `-H` and `-d`, as far as a page has them. */
async function curl(args: readonly string[]): Promise<Omit<Ran, "line">> {
  const after = (option: string): string | undefined =>
    args.includes(option) ? args[args.indexOf(option) + 1] : undefined;
  const [name = "", value = ""] = after("-H")?.split(": ") ?? [];
  const answer = await fetch(args.at(-1) ?? "", {
    method: after("-X") ?? "GET",
    headers: name === "" ? {} : { [name]: value },
    body: after("-d") ?? null,
  });
  return done(await answer.text());
}

export async function rolecall(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { cloud, folder }: Terminal,
): Promise<Omit<Ran, "line">> {
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const own = {
    NO_COLOR: "1",
    HOME: folder,
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    ...keys,
  };
  // The SDK reads its credentials from the process itself.
  const before = { ...process.env };
  Object.assign(process.env, own);
  try {
    const io = fakeIo({ ...own, ...env }, { now: Date.now });
    const status = await main(args, io);
    return { status, stdout: io.stdout, stderr: io.stderr };
  } finally {
    for (const key of Object.keys(own)) {
      if (before[key] === undefined) delete process.env[key];
      else process.env[key] = before[key];
    }
  }
}

const PARAMETERS: Readonly<Record<string, string>> = {
  "--url": "Url",
  "--client-id-list": "ClientIDList",
  "--role-name": "RoleName",
  "--assume-role-policy-document": "AssumeRolePolicyDocument",
  "--policy-document": "PolicyDocument",
  "--open-id-connect-provider-arn": "OpenIDConnectProviderArn",
  "--client-id": "ClientID",
  "--thumbprint-list": "ThumbprintList",
};

// Of four commands, each with an input of its own, the words decide which is made.
const COMMANDS: Readonly<Record<string, new (input: never) => unknown>> = {
  "create-open-id-connect-provider": sdk.CreateOpenIDConnectProviderCommand,
  "create-role": sdk.CreateRoleCommand,
  "update-assume-role-policy": sdk.UpdateAssumeRolePolicyCommand,
  "add-client-id-to-open-id-connect-provider": sdk.AddClientIDToOpenIDConnectProviderCommand,
};

async function awsIam(
  [operation = "", ...options]: readonly string[],
  { cloud }: Terminal,
): Promise<Omit<Ran, "line">> {
  const Command = Object.hasOwn(COMMANDS, operation) ? COMMANDS[operation] : undefined;
  if (!Command) throw new Error(`no such operation: ${operation}`);
  const client = new sdk.IAMClient({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: cloud.admin,
    maxAttempts: 1,
  });
  try {
    const answer: unknown = await client.send(new Command(inputOf(options) as never) as never);
    return { status: 0, stdout: JSON.stringify(answer), stderr: "" };
  } catch (error) {
    return { status: 254, stdout: "", stderr: `${(error as Error).name}: ${(error as Error).message}` };
  } finally {
    client.destroy();
  }
}

function inputOf(options: readonly string[]): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (let at = 0; at < options.length; at += 2) {
    const [name = "", value = ""] = options.slice(at, at + 2);
    if (name === "--endpoint-url") continue;
    if (name === "--cli-input-json") Object.assign(input, JSON.parse(value));
    else if (PARAMETERS[name] === undefined) throw new Error(`no such option: ${name}`);
    else input[PARAMETERS[name]] = readValue(name, value);
  }
  return input;
}

function readValue(name: string, value: string): unknown {
  if (name === "--thumbprint-list") return [value];
  return name === "--client-id-list" ? (JSON.parse(value) as unknown) : value;
}

/** The words of a line as a POSIX shell splits it; a comment ends it. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  const pattern = /\s*(#.*|(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+)/gy;
  for (const [, word = ""] of line.matchAll(pattern)) {
    if (word.startsWith("#")) break;
    words.push(
      word.replaceAll(
        /'([^']*)'|"([^"]*)"|\\(.)/g,
        (_, single?: string, double?: string, one?: string) => single ?? double ?? one ?? "",
      ),
    );
  }
  return words;
}
