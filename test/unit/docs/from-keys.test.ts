import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { GetUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apply } from "../../../src/account/apply.ts";
import { parseConfig } from "../../../src/account/config.ts";
import { desiredState } from "../../../src/account/desired.ts";
import { findCi } from "../../../src/ci/index.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { applyEdits } from "../../../src/migrate/edit.ts";
import { MIGRATIONS } from "../../../src/migrate/index.ts";
import { connectIam } from "../../../src/wire/aws-sdk.ts";
import { adminEnv, AWS_CLIS, cleanEnv, CLI, type Env } from "../../e2e/support.ts";
import { type Place, runPipeline } from "../../support/pipelines.ts";
import { run, type RunResult } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { adminOf, makeUser, roleOf, useRole } from "../migrate/keys/account.ts";
import { githubList, gitlabVariable, startFake, VALUE } from "../migrate/variables/fakes.ts";
import { type Block, parsePage, readDoc, ROOT } from "./markdown.ts";

// Every block of docs/from-keys is run: what is typed, by a shell, with the output that a console shows; each part of a
// CI's file, as that CI's job on a local AWS, as it was with the keys and as it becomes.

const FOLDER = "docs/from-keys";
const PAGES = readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith(".md") && !name.endsWith(".ko.md"));
const ACCOUNT = "123456789012";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/shop-deploy`;
const AUDIENCE = "acme/shop/shop-deploy";
const POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: ["ec2:*", "s3:*", "iam:Get*"], Resource: "*" }],
};
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

/** A project as a page's CI names it. */
interface Setting {
  readonly project: string;
  readonly allow: string;
  /** Of the file's tokens, where neither the file nor rolecall.yaml chooses it. */
  readonly audience?: string;
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  gitlab: { project: "acme/shop", allow: "project: acme/shop, branch: main" },
  github: { project: "acme/shop", allow: "project: acme/shop, branch: main" },
  circleci: {
    project: "cccccccc-1111-4222-8333-dddddddddddd/github.com/acme/shop",
    allow: "project: cccccccc-1111-4222-8333-dddddddddddd/github.com/acme/shop, branch: main",
  },
  bitbucket: {
    project: "{aaaaaaaa-2222-4333-8444-555555555555}",
    allow: 'project: "{aaaaaaaa-2222-4333-8444-555555555555}"',
  },
  jenkins: { project: "deploy/shop", allow: "job: deploy/shop, branch: main", audience: AUDIENCE },
  buildkite: { project: "acme/shop", allow: "pipeline: acme/shop, branch: main" },
  azure: {
    project: "acme/shop/deploy",
    allow: "project: acme/shop/deploy",
    audience: "api://AzureADTokenExchange",
  },
};

/** Where a page's first file stands; that of GitLab is the others' too. */
const PLACES: Readonly<Record<string, string>> = {
  gitlab: ".gitlab-ci.yml",
  github: ".github/workflows/deploy.yml",
  circleci: ".circleci/config.yml",
};

/** What a line ends with, where it is not 0. */
const STATUS: readonly (readonly [RegExp, number])[] = [
  // A retirement that waits for something.
  [/^rolecall keys (?:retire(?!.*--roll-back)|status)/, 3],
];

/** A real one, where there is one that reads AWS_ENDPOINT_URL. */
const CLI_OF_AWS = AWS_CLIS.find(({ version: text }) => {
  const [, major = 0, minor = 0] = /^aws-cli\/(\d+)\.(\d+)/.exec(text)?.map(Number) ?? [];
  return major > 2 || (major === 2 && minor >= 13) || (major === 1 && minor >= 29);
});

/** Blocks that cut the credentials out of what `aws sts` prints, as the orb does too. */
const NEEDS_CLI = /aws sts assume-role-with-web-identity|aws-cli\/setup/;

let cloud: LocalCloud;
let root = "";
let bin = "";
let who = "";

beforeAll(async () => {
  cloud = await createLocalCloud({ account: ACCOUNT });
  root = tempDir(afterAll);
  bin = join(root, "bin");
  who = join(root, "who");
  mkdirSync(bin);
  for (const [name, lines] of Object.entries(tools())) {
    writeFileSync(join(bin, name), ["#!/bin/sh", ...lines, ""].join("\n"));
    chmodSync(join(bin, name), 0o755);
  }
});
afterAll(() => cloud.close());

/** Whatever calls AWS says who it is. */
function tools(): Readonly<Record<string, readonly string[]>> {
  const tell = `rolecall whoami --json >> '${who}'`;
  const real = CLI_OF_AWS
    ? [
        `case " $* " in *" --endpoint-url "*) ;; *) set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@" ;; esac`,
        `exec '${CLI_OF_AWS.path}' "$@"`,
      ]
    : [];
  return {
    rolecall: [`exec '${process.execPath}' '${CLI}' "$@"`],
    aws: [`case "$*" in *assume-role-with-web-identity*) ;; *) ${tell} ;; esac`, ...real],
    npx: [`if [ "$1" = --yes ]; then shift 2; exec rolecall "$@"; fi`, tell],
    cdk: [tell],
    "the-pipe": [tell],
    npm: [],
    apk: [],
  };
}

/** Whoever the tools of a job were to AWS, without repetition. */
function callers(): readonly string[] {
  const names = [...readFileSync(who, "utf8").matchAll(/arn:aws:\w+::\d+:(user\/[\w-]+|assumed-role\/[\w-]+)/g)];
  return [...new Set(names.map(([, name = ""]) => name))];
}

/** The API of each CI that has variables, in one: two keys in the project, and nothing else that could be read. */
async function startApis(): Promise<Env> {
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
  const { address } = await startFake((path) => {
    if (path.startsWith("/api/v4/projects/acme%2Fshop/variables")) return names.map((name) => gitlabVariable(name));
    const [, list = ""] = /^\/repos\/acme\/shop\/actions\/(secrets|variables)\?/.exec(path) ?? [];
    if (list !== "") return githubList(list, list === "secrets" ? names : []);
    if (path === "/api/v2/project/gh/acme/shop") return { organization_id: "aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb" };
    if (path.startsWith("/api/v2/project/gh/acme/shop/envvar"))
      return { items: names.map((name) => ({ name, value: VALUE })), next_page_token: null };
    return 404;
  });
  return {
    ...{ GITLAB_TOKEN: API_TOKEN, GH_TOKEN: API_TOKEN, CIRCLE_TOKEN: API_TOKEN },
    ...{ GITLAB_HOST: address, GITHUB_API_URL: address, CIRCLECI_CLI_HOST: address },
  };
}

const API_TOKEN = "token-of-a-maintainer";

interface Scene {
  readonly name: string;
  /** What a reader has set for the CIs' APIs. */
  readonly apis: Env;
  /** The checkout, in which a reader stands. */
  readonly folder: string;
  readonly secrets: Readonly<Record<string, string>>;
}

/** An account with a user that has a key, and the role; and a folder. */
async function open(name: string, audience: string): Promise<Scene> {
  await cloud.reset();
  const { accessKeyId, secretAccessKey } = await makeUser(cloud, "ci", POLICY);
  const folder = join(root, `${name}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(folder);
  const ci = name === "keys" ? "gitlab" : name;
  const setting = SETTINGS[ci];
  if (setting) await makeTheRole(ci, setting, audience, folder);
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey.reveal() };
  return { name, folder, secrets: keys, apis: await startApis() };
}

async function makeTheRole(ci: string, { allow }: Setting, audience: string, folder: string): Promise<void> {
  const fixed = findCi(ci)?.issuer ? [] : [`issuer: ${findCi(ci)?.pretendedIssuer ?? ""}`];
  const lines = [
    `ci: ${ci}`,
    ...fixed,
    `audience: ${audience}`,
    `allow: [{ ${allow} }]`,
    `permissions: [${JSON.stringify(POLICY)}]`,
  ];
  const text = ["version: 1", "roles:", "  shop-deploy:", ...lines.map((line) => `    ${line}`), ""].join("\n");
  writeFileSync(join(folder, "rolecall.yaml"), text);
  const iam = await connectIam(adminOf(cloud));
  await apply(iam, desiredState(parseConfig(text, "rolecall.yaml"), { account: ACCOUNT, partition: "aws" }));
}

/** What a reader types, with credentials of their own for the account. */
function type(line: string, { folder, apis }: Scene): Promise<RunResult> {
  const env = cleanEnv(folder, {
    ...adminEnv(cloud),
    ...apis,
    AWS_ENDPOINT_URL: cloud.endpoint,
    GIT_CEILING_DIRECTORIES: root,
    NO_COLOR: "1",
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
  });
  return run("sh", ["-c", line], { env, cwd: folder });
}

async function typed(line: string, scene: Scene): Promise<RunResult> {
  const own = line.replaceAll("AKIAIOSFODNN7EXAMPLE", scene.secrets["AWS_ACCESS_KEY_ID"] ?? "");
  const result = await type(own, scene);
  const [, status = 0] = STATUS.find(([form]) => form.test(line)) ?? [];
  expect([line, result.status], result.stderr).toEqual([line, status]);
  const said = result.stdout + result.stderr;
  for (const secret of [VALUE, API_TOKEN]) expect(said).not.toContain(secret);
  if (/--variables --ci/.test(line)) expect(said).toMatch(/acme\/shop: (?:variable|secret): AWS_SECRET_ACCESS_KEY/);
  if (/--prove/.test(line)) expect([line, said]).toEqual([line, expect.not.stringContaining("✗")]);
  return result;
}

/** A part of a CI's file, run as the CI would with the keys still among its variables. */
async function play(text: string, { name, folder, secrets }: Scene): Promise<readonly string[]> {
  const { project, audience } = SETTINGS[name] ?? expect.fail(`no CI has the page ${name}`);
  const home = join(root, `home-${name}`);
  writeFileSync(who, "");
  const issuer = findCi(name)?.issuer ? null : (findCi(name)?.pretendedIssuer ?? null);
  const place: Place = {
    cloud,
    folder,
    home,
    bin,
    project,
    ...(issuer === null ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
    variables: {
      ...secrets,
      ROLE_ARN: ROLE,
      // As the pages call what holds the keys.
      ...Object.fromEntries(["PROD_KEY", "KEY", "aws-key-id"].map((one) => [one, secrets["AWS_ACCESS_KEY_ID"] ?? ""])),
      ...Object.fromEntries(
        ["PROD_SECRET", "SECRET", "aws-secret-key"].map((one) => [one, secrets["AWS_SECRET_ACCESS_KEY"] ?? ""]),
      ),
    },
  };
  // A reader's runner has /tmp for itself. Whether STS takes the newline that echo writes is not verified, and the local
  // one does not.
  const own = text.replaceAll("/tmp/", `${home}/`).replaceAll('echo "${OIDC_TOKEN}"', 'printf %s "${OIDC_TOKEN}"');
  const results = await runPipeline(name, own, place);
  for (const result of results) expect(result, result.stderr).toMatchObject({ status: 0 });
  return callers();
}

describe.each(PAGES)("docs/from-keys/%s", (page) => {
  const name = page.replace(/\.md$/, "");
  const { blocks } = parsePage(readDoc(`${FOLDER}/${page}`));
  const isFile = ({ language }: Block): boolean => language === "yaml" || language === "groovy";
  const files = blocks.filter(isFile);
  const others = blocks.filter((block) => !isFile(block));

  test.skipIf(files.length === 0 || (!CLI_OF_AWS && files.some(({ text }) => NEEDS_CLI.test(text))))(
    "shows CI files that run with the keys, and with the role",
    async () => {
      expect(files.length % 2).toBe(0);
      for (let at = 0; at < files.length; at += 2)
        await movedAndRun(name, files[at]?.text ?? "", files[at + 1]?.text ?? "");
    },
    60_000,
  );

  test.skipIf(others.length === 0)(
    "shows command lines that run, and what they print",
    async () => {
      const scene = await open(name, SETTINGS[name]?.audience ?? AUDIENCE);
      await prepare(scene);
      for (const block of others) {
        if (block.language === "sh") for (const line of linesOf(block.text)) await typed(line, scene);
        else if (block.language === "console") await compared(block.text, scene);
        else expect.fail(`nothing runs a block of ${block.language || "no language"}: ${block.text}`);
        if (/→ green/.test(block.text)) await useRole(cloud, AUDIENCE);
      }
    },
    60_000,
  );
});

async function movedAndRun(name: string, before: string, after: string): Promise<void> {
  const own = /aud: (https:\S+)/.exec(before)?.[1] ?? SETTINGS[name]?.audience ?? AUDIENCE;
  const orb = name === "circleci" && after.includes("role_arn:");
  const scene = await open(name, orb ? (findCi(name)?.defaultAudience({ project: "" }) ?? "") : own);
  cpSync(join(ROOT, "dist", "rolecall.sh"), join(scene.folder, "rolecall.sh"));
  // What was done by hand has no keys any more: with them it would be the user, and nobody would know.
  const isByHand = /web_identity|web-identity/.test(before);
  const was = await play(before, isByHand ? { ...scene, secrets: {} } : scene);
  expect([before, was]).toEqual([before, [isByHand ? "assumed-role/shop-deploy" : "user/ci"]]);
  // What the other CIs' files become is compared in test/unit/migrate/docs.test.ts.
  if (name === "jenkins") expect(suggested(before)).toBe(after);
  expect([after, await play(after, scene)]).toEqual([after, ["assumed-role/shop-deploy"]]);
}

function suggested(jenkinsfile: string): string {
  const setup = { role: ROLE, audience: AUDIENCE, jobs: [] };
  const [file] = MIGRATIONS["jenkins"]?.(new Map([["Jenkinsfile", jenkinsfile]]), setup).files ?? [];
  return file ? applyEdits(file.text, file.edits) : "";
}

/** What a reader has beside the CI's file. */
async function prepare({ name, folder, secrets }: Scene): Promise<void> {
  await run("git", ["init", "-q", "-b", "main", folder]);
  await run("git", ["-C", folder, "remote", "add", "origin", "https://gitlab.com/acme/shop.git"]);
  const ci = name === "README" || name === "keys" ? "gitlab" : name;
  const place = PLACES[ci];
  const [first] = parsePage(readDoc(`${FOLDER}/${ci}.md`)).blocks;
  if (place !== undefined) {
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    writeFileSync(join(folder, place), `${first?.text ?? ""}\n`);
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = secrets;
  const credentials = { accessKeyId, secretAccessKey };
  const iam = new IAMClient({ endpoint: cloud.endpoint, region: "eu-central-1", credentials });
  await iam.send(new GetUserCommand({ UserName: "ci" }));
  iam.destroy();
  const event = {
    eventTime: "2026-11-20T10:00:00Z",
    eventSource: "s3.amazonaws.com",
    eventName: "PutObject",
    awsRegion: "eu-central-1",
    userIdentity: { userName: "ci", accessKeyId },
    resources: [{ ARN: "arn:aws:s3:::shop/index.html" }],
  };
  writeFileSync(join(folder, "log.json.gz"), gzipSync(JSON.stringify({ Records: [event] })));
  mkdirSync(join(folder, "scripts"));
  writeFileSync(join(folder, "scripts", "keys-are-gone.sh"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
}

function linesOf(text: string): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** A console: after each line with a prompt, all that it prints. */
async function compared(text: string, scene: Scene): Promise<void> {
  const parts = text.replaceAll(/\\\n\s*/g, "").split(/^\$ /m);
  for (const part of parts.slice(1)) {
    const [line = "", ...output] = part.split("\n");
    const { stdout } = await typed(`${line} 2>&1`, scene);
    const real = stdout.replaceAll("rolecall@dev", `rolecall@${version}`);
    expect(still(real.trimEnd())).toBe(still(output.join("\n").trimEnd()));
    const [, ci] = /^rolecall ci (\w+)/.exec(line) ?? [];
    if (ci !== undefined)
      expect([line, await play(output.join("\n"), scene)]).toEqual([line, ["assumed-role/shop-deploy"]]);
  }
}

/** What differs from run to run. */
function still(text: string): string {
  return text
    .replaceAll(/AKIA[A-Z0-9]{16}/g, "KEY")
    .replaceAll(/\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g, "TIME")
    .replaceAll(/\d+ days? old/g, "DAYS old");
}

test("there is a page for every CI, in both languages, and no block that is missed", () => {
  for (const name of ["README", "keys", ...Object.keys(SETTINGS)]) {
    expect(PAGES).toContain(`${name}.md`);
    expect(readDoc(`${FOLDER}/${name}.ko.md`)).not.toBe("");
    // A fence that is not at the line's beginning would be read as prose, and run by nobody.
    expect(parsePage(readDoc(`${FOLDER}/${name}.md`)).prose).not.toContain("```");
  }
  expect(roleOf(cloud)).toBe(ROLE);
});
