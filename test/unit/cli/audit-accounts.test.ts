import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { assumeRole, type AwsKeys, connectIam } from "../../../src/wire/aws-sdk.ts";
import { Secret } from "../../../src/core/secret.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fakeIo } from "./fake-io.ts";

const GITHUB = "token.actions.githubusercontent.com";
const HUB = "111111111111";
const SHOP = "222222222222";
const CLOSED = "333333333333";

function xml(status: number, body: string, outgoing: ServerResponse): void {
  outgoing.writeHead(status, { "content-type": "text/xml" });
  outgoing.end(body);
}

const DENIED =
  "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>";

const adminOf = ({ admin }: LocalCloud): AwsKeys => ({
  accessKeyId: admin.accessKeyId,
  secretAccessKey: new Secret(admin.secretAccessKey),
});

function answerOf({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys): string {
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey.reveal()}</SecretAccessKey><SessionToken>${sessionToken?.reveal() ?? ""}</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}

/** Several local accounts behind one address, as AWS's are: whose key signs a request, has it. */
async function frontOf(clouds: readonly LocalCloud[]): Promise<string> {
  const owners = new Map(clouds.map((cloud) => [cloud.admin.accessKeyId, cloud]));
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
    const body = Buffer.concat(parts);
    const query = new URLSearchParams(body.toString());
    if (query.get("Action") === "AssumeRole") {
      const role = query.get("RoleArn") ?? "";
      const cloud = clouds.find(({ account }) => role.includes(`::${account}:`));
      if (!cloud) return xml(403, DENIED, outgoing);
      const { endpoint } = cloud;
      const keys = await assumeRole({ endpoint, region: "us-east-1", credentials: adminOf(cloud) }, role, "test");
      owners.set(keys.accessKeyId, cloud);
      return xml(200, answerOf(keys), outgoing);
    }
    const key = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? "")?.[1];
    const own = owners.get(key ?? "");
    const forwarded = request(`${own?.endpoint ?? ""}/`, { method: "POST", headers: incoming.headers }, (one) => {
      outgoing.writeHead(one.statusCode ?? 500, one.headers);
      one.pipe(outgoing);
    });
    forwarded.end(body);
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function cloudWith(account: string, subject: string): Promise<LocalCloud> {
  const cloud = await createLocalCloud({ account });
  onTestFinished(() => cloud.close());
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials: adminOf(cloud) });
  const arn = await iam.createProvider({ url: `https://${GITHUB}`, audiences: ["sts.amazonaws.com"], tags: {} });
  const Condition = {
    StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" },
    StringLike: { [`${GITHUB}:sub`]: subject },
  };
  const statement = {
    Effect: "Allow",
    Principal: { Federated: arn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition,
  };
  const entry = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "sts:AssumeRole" };
  for (const [name, one] of Object.entries({ deploy: statement, Audit: entry })) {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [one] });
    await iam.createRole({
      name,
      path: "/",
      trust,
      maxSessionDuration: 3600,
      description: "",
      boundary: null,
      tags: {},
    });
  }
  await iam.attachPolicy("Audit", "arn:aws:iam::aws:policy/AdministratorAccess");
  return cloud;
}

async function threeAccounts(): Promise<{ readonly endpoint: string; readonly file: string }> {
  const clouds = await Promise.all([
    cloudWith(HUB, "repo:acme@7/shop@9:environment:prod"),
    cloudWith(SHOP, "repo:acme*"),
  ]);
  const [hub] = clouds;
  vi.stubEnv("AWS_ACCESS_KEY_ID", hub.admin.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", hub.admin.secretAccessKey);
  vi.stubEnv("AWS_REGION", "us-east-1");
  onTestFinished(() => void vi.unstubAllEnvs());
  const file = join(tempDir(), "rolecall.yaml");
  const accounts = `{ hub: "${HUB}", shop: { id: "${SHOP}", role: Audit }, closed: { id: "${CLOSED}", role: Audit } }`;
  const role = "{ ci: github, audience: sts.amazonaws.com, allow: [{ project: acme/shop, branch: main }] }";
  writeFileSync(file, `version: 1\naccounts: ${accounts}\nroles: { deploy: ${role} }\n`);
  return { endpoint: await frontOf(clouds), file };
}

async function audited(
  argv: readonly string[],
  terminal = false,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const io = fakeIo({}, { stderrIsTerminal: terminal });
  const status = await main(["audit", ...argv], io);
  return { status, stdout: io.stdout, stderr: io.stderr };
}

it("judges several accounts, and names the one that cannot be read in every format", async () => {
  const { endpoint, file } = await threeAccounts();
  const run = (...more: readonly string[]) => audited(["--endpoint-url", endpoint, "--accounts", file, ...more]);

  const table = await run();
  // The account's own error decides, whatever was found in the others.
  expect(table.status).toBe(3);
  expect(table.stdout).toMatch(/^arn:aws:iam::222222222222:role\/deploy {2}account 222222222222$/m);
  expect(table.stdout).toMatch(/critical T003/);
  expect(table.stdout).toMatch(/^account 111111111111: 2 roles, 1 of them for OIDC tokens; 1 provider; \d requests$/m);
  expect(table.stdout).toMatch(
    /^account 333333333333: not judged: AWS refused sts:AssumeRole for .*333333333333:role\/Audit/m,
  );
  expect(table.stderr).toMatch(/^rolecall: account 333333333333: failed \(\d of 3\)$/m);
  expect(table.stderr).toMatch(/^rolecall: error: account 333333333333: AWS refused sts:AssumeRole/m);
  const told = "rolecall: status 3 is that of account 333333333333, which could not be read (1 of 3 accounts); ";
  expect(table.stderr).toContain(`${told}what was found in the others would be status 3\n`);

  const quiet = await run("--json", "--fail-on", "none");
  expect(quiet.status).toBe(3);
  expect(quiet.stderr).toContain(`${told}what was found in the others would be status 0\n`);
  const json = JSON.parse(quiet.stdout) as {
    readonly accounts: readonly { readonly from: string; readonly error?: string }[];
  };
  expect(json.accounts.map(({ from, error }) => [from, error === undefined])).toEqual([
    ["account 111111111111", true],
    ["account 222222222222", true],
    ["account 333333333333", false],
  ]);
  const sarif = JSON.parse((await run("--format", "sarif")).stdout) as {
    readonly runs: readonly {
      readonly automationDetails: { readonly id: string };
      readonly results: readonly object[];
      readonly invocations: readonly { readonly executionSuccessful: boolean }[];
    }[];
  };
  expect(
    sarif.runs.map(({ automationDetails: { id }, invocations }) => [id, invocations[0]?.executionSuccessful]),
  ).toEqual([
    ["rolecall/account%20111111111111/", true],
    ["rolecall/account%20222222222222/", true],
    ["rolecall/account%20333333333333/", false],
  ]);
  expect(sarif.runs[1]?.results.length).toBeGreaterThan(0);
  expect((await run("--format", "junit")).stdout.match(/<testsuite name="[^"]*"/g)).toEqual([
    '<testsuite name="rolecall account 111111111111"',
    '<testsuite name="rolecall account 222222222222"',
    '<testsuite name="rolecall account 333333333333"',
  ]);
  expect((await run("--format", "gitlab")).stdout).toMatch(/"check_name": "not-judged"/);
  expect((await run("--format", "markdown")).stdout).toMatch(/^### account 333333333333\n\nNot judged: AWS refused/m);
}, 60_000);

it("takes accounts from the command line, and writes over one line on a terminal", async () => {
  const { endpoint } = await threeAccounts();
  const argv = ["--endpoint-url", endpoint, "--account", SHOP, "--account", HUB, "--via", "Audit"];
  const { status, stdout, stderr } = await audited(argv, true);
  expect(status).toBe(3);
  expect(stdout).toMatch(/^account 222222222222: 2 roles/m);
  // Over the line that was there, and away with it at the end.
  const steps = stderr.split("\r\u001b[K");
  expect(steps.map((one) => one.replace(/\d{12}/, "…"))).toEqual([
    "",
    "rolecall: account …: read (1 of 2)",
    "rolecall: account …: read (2 of 2)",
    "",
  ]);

  const fix = await audited([...argv, "--fix", "--quiet"]);
  expect(fix.stdout).toMatch(/^\+\+\+ b\/222222222222\/deploy\.json$/m);
  expect(fix.stdout).not.toMatch(/111111111111/);
});

it.each<readonly [readonly string[], RegExp]>([
  [["--account", SHOP], /--account needs the role to assume there: --via ROLE/],
  [["--via", "Audit"], /--via goes with --account/],
  [["--account", "12", "--via", "Audit"], /expected twelve digits, got 12/],
  [["--from", "config", "--file", "x.json"], /expected one of --file, --from config, got them together/],
  [["--from", "s3"], /--from: expected iam or config, got s3/],
  [["--aggregator", "all"], /--aggregator goes with --from config/],
  [["--out", "x"], /--out goes with --fix/],
  [["--fix", "--format", "sarif"], /--fix prints a patch/],
])("refuses %j before anything is asked", async (argv, message) => {
  const { status, stderr } = await audited(argv);
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});
