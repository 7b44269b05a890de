import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createLocalCloud, type LocalCloud } from "../../src/local/index.ts";
import { run, type RunResult } from "../support/run.ts";
import { tempDir } from "../support/temp-dir.ts";
import { AUDIENCE, type Env, HERE, rolecall, roleArn, ROOT, trustPolicy } from "./support.ts";

const SHIM = join(ROOT, "src", "migrate", "rolecall.sh");
const SDK = join(HERE, "sdk-identity.mjs");
/** All that the shim may call, its HTTP client aside. */
const TOOLS = ["sed", "tr", "cut", "cat", "grep", "mktemp", "rm", "sleep"];

/** A shell and an HTTP client, as an image may have them. Busybox has both, and all the tools. */
interface Image {
  readonly name: string;
  readonly shell: readonly string[];
  readonly client: "curl" | "wget";
  readonly busybox?: true;
}

const IMAGES: readonly Image[] = [
  { name: "dash and curl", shell: ["dash"], client: "curl" },
  { name: "dash and wget", shell: ["dash"], client: "wget" },
  { name: "bash and curl", shell: ["bash", "--norc", "--posix"], client: "curl" },
  { name: "bash and wget", shell: ["bash", "--norc"], client: "wget" },
  { name: "busybox ash and curl", shell: ["busybox", "ash"], client: "curl" },
  { name: "busybox ash and its wget", shell: ["busybox", "ash"], client: "wget", busybox: true },
];

function findProgram(name: string): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

const here = IMAGES.filter(({ shell: [shell = ""], client }) => findProgram(shell) && findProgram(client));
for (const { name } of IMAGES.filter((image) => !here.includes(image)))
  console.warn(`skipped: rolecall.sh with ${name}, which this machine lacks`);

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await createLocalCloud();
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const iam = new IAMClient({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
  });
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", ClientIDList: [AUDIENCE] }));
  await iam.send(new CreateRoleCommand({ RoleName: "shop-deploy", AssumeRolePolicyDocument: trustPolicy(cloud) }));
});
afterAll(() => cloud.close());

/** A folder with nothing in it but what the image has. */
function pathOf({ shell: [shell = ""], client, busybox }: Image): string {
  const folder = tempDir();
  for (const name of [...TOOLS, client]) {
    const program = findProgram(busybox ? "busybox" : name);
    if (program) symlinkSync(program, join(folder, name));
  }
  symlinkSync(findProgram(shell) ?? shell, join(folder, shell));
  return folder;
}

async function mint(branch = "main"): Promise<string> {
  const { token } = await cloud.mint({ ci: "gitlab", project: "acme/shop", branch, audience: AUDIENCE });
  return token;
}

interface Setting {
  readonly token: string;
  readonly path?: string;
  readonly endpoint?: string;
  readonly extra?: Env;
}

/** Runs a script in which `"$SHIM"` is rolecall.sh and `$SELF` the image's shell. */
function sh(image: Image, script: string, { token, path, endpoint, extra }: Setting): Promise<RunResult> {
  const [shell = "", ...args] = image.shell;
  const env = {
    PATH: path ?? pathOf(image),
    SHIM,
    SELF: image.shell.join(" "),
    NODE: process.execPath,
    SDK,
    CI_PROJECT_ID: "1",
    CI_PIPELINE_ID: "574",
    CI_JOB_ID: "302",
    OIDC_TOKEN: token,
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: endpoint ?? cloud.endpoint,
    ROLECALL_ROLE_ARN: roleArn(cloud),
    TMPDIR: tempDir(),
    // The SDK's advice about Node versions is no part of what is tested.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    ...extra,
  };
  return run(join(env.PATH, shell), [...args, "-c", script], { env });
}

const CALL = '$SELF "$SHIM" --token-env OIDC_TOKEN';

describe.for(here)("rolecall.sh with $name", (image) => {
  it("gives the AWS SDK the role, by eval", async () => {
    const result = await sh(image, `set -e; eval "$(${CALL})"; "$NODE" "$SDK"`, { token: await mint() });
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toBe("arn:aws:sts::123456789012:assumed-role/shop-deploy/gitlab-1-574-302\n");
  });

  it("prints what creds --format env prints, other keys aside", async () => {
    const token = await mint();
    const ours = await sh(image, CALL, { token });
    const env = { PATH: process.env["PATH"] ?? "", OIDC_TOKEN: token, AWS_ENDPOINT_URL: cloud.endpoint };
    const role = ["--role", roleArn(cloud), "--token-env", "OIDC_TOKEN"];
    const theirs = await rolecall(["creds", "--format", "env", ...role], env);
    const shape = (text: string): string => text.replaceAll(/=[\w+/=]+$/gm, "=X").replaceAll(/\d\d:\d\d:\d\d\+/g, "T+");
    expect(theirs.stdout).not.toBe("");
    expect(shape(ours.stdout)).toBe(shape(theirs.stdout));
  });

  it("fails the job when STS refuses, and asks once", async () => {
    const before = cloud.exchanges().length;
    const result = await sh(image, `set -e; eval "$(${CALL})"; echo went on`, { token: await mint("dev") });
    expect(result.status).not.toBe(0);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(/^rolecall: error: STS refused: .*(AccessDenied|403)/);
    expect(cloud.exchanges()).toHaveLength(before + 1);
  });

  it("tries again when STS is out of order, and not for ever", async () => {
    const { endpoint, asked } = await flakySts(cloud.endpoint, 1);
    const result = await sh(image, CALL, { token: await mint(), endpoint });
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toContain("export AWS_SESSION_TOKEN=");
    expect(asked()).toBe(2);
  });

  it("leaves no file behind", async () => {
    const folder = tempDir();
    await sh(image, CALL, { token: await mint(), extra: { TMPDIR: folder } });
    await sh(image, CALL, { token: await mint("dev"), extra: { TMPDIR: folder } });
    const { stdout } = await run("ls", ["-A", folder]);
    expect(stdout).toBe("");
  });

  it("never puts the token on a command line", async () => {
    const token = await mint();
    const { path, seen } = spiedPath(image);
    const result = await sh(image, CALL, { token, path });
    expect(result.stdout).toContain("export AWS_ACCESS_KEY_ID=ASIA");
    expect(seen()).toContain(cloud.endpoint);
    expect(seen()).not.toContain(token.slice(-40));
  });

  it.for([
    ["--rol x", 2, "unknown option --rol"],
    ["--role", 2, "--role needs a value"],
    ["--role deploy", 2, "not a role ARN"],
    ["--duration soon", 2, "not a duration: expected one like 900, 15m or 1h, got soon"],
    ["--token-env 'A;B'", 2, "expected the name of a variable"],
    ["--token-env NONE", 4, "no ID token"],
    ["--token-file /nowhere", 4, "cannot be read"],
  ] as const)("says what is wrong with %s", async ([options, status, words]) => {
    const result = await sh(image, `$SELF "$SHIM" ${options}`, { token: "" });
    expect(result).toMatchObject({ status, stdout: "false\n" });
    expect(result.stderr).toContain(words);
  });

  it("asks GitHub for the token, where the bearer stays secret", async () => {
    const { token } = await cloud.mint({ ci: "gitlab", project: "acme/shop", branch: "main", audience: AUDIENCE });
    const { url, bearers } = await tokenEndpoint(token);
    const extra = { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer-of-this-job" };
    const result = await sh(image, `$SELF "$SHIM" --audience ${AUDIENCE}`, { token: "", extra });
    if (image.busybox) {
      expect(result).toMatchObject({ status: 1, stdout: "false\n" });
      expect(result.stderr).toContain("would show the job's bearer token");
      return;
    }
    expect(result.stdout).toContain("export AWS_SESSION_TOKEN=");
    expect(bearers()).toEqual([`Bearer bearer-of-this-job ${AUDIENCE}`]);
  });
});

it("keeps the shim short", () => {
  expect(readFileSync(SHIM, "utf8").split("\n").length).toBeLessThan(151);
});

it.skipIf(!findProgram("shellcheck"))("has nothing for shellcheck to say", async () => {
  expect(await run("shellcheck", ["--shell", "sh", SHIM])).toMatchObject({ status: 0, stdout: "" });
});

/** The image with its client behind a script that writes down how it is called. */
function spiedPath(image: Image): { path: string; seen: () => string } {
  const path = pathOf(image);
  const inner = join(tempDir(), image.client);
  const log = join(tempDir(), "calls");
  symlinkSync(findProgram(image.busybox ? "busybox" : image.client) ?? "", inner);
  const spied = join(tempDir(), "path");
  mkdirSync(spied);
  for (const name of [...TOOLS, image.shell[0] ?? ""]) symlinkSync(join(path, name), join(spied, name));
  const client = join(spied, image.client);
  writeFileSync(client, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${log}'\nexec '${inner}' "$@"\n`);
  chmodSync(client, 0o755);
  return { path: spied, seen: () => readFileSync(log, "utf8") };
}

/** An STS that is out of order so many times, and then as it should be. */
async function flakySts(behind: string, failures: number): Promise<{ endpoint: string; asked: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      if (count <= failures) {
        response.writeHead(503).end("<html>out of order</html>");
        return;
      }
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      void fetch(behind, { method: "POST", headers, body: Buffer.concat(parts) }).then((answer) =>
        answer.text().then((text) => response.writeHead(answer.status).end(text)),
      );
    });
  });
  return { endpoint: await listen(server), asked: () => count };
}

/** GitHub's token endpoint, as far as a job sees it. */
async function tokenEndpoint(token: string): Promise<{ url: string; bearers: () => readonly string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    seen.push(`${request.headers.authorization ?? ""} ${searchParams.get("audience") ?? ""}`);
    response.end(JSON.stringify({ count: 1, value: token }));
  });
  return { url: `${await listen(server)}/token?api-version=2.0`, bearers: () => seen };
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
