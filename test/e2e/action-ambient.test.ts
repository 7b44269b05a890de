import { writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ActionCloud, startActionCloud } from "./action-cloud.ts";
import { type Job, REPOSITORY, runStep, startJob, type StepResult } from "./action-step.ts";
import type { Env } from "./support.ts";

let around: ActionCloud;
beforeAll(async () => {
  around = await startActionCloud();
});
afterAll(() => around.cloud.close());

const user = (): string => `arn:aws:iam::${around.cloud.account}:user/ci`;
const session = (role: string, name: string): string =>
  `arn:aws:sts::${around.cloud.account}:assumed-role/${role}/${name}`;

/** Without a role of its own, the step says whose credentials the job has. */
function whose(job: Job, env: Env = {}): Promise<StepResult> {
  return runStep({ ...job, env: { ...job.env, ...env } }, { "aws-region": "eu-central-1" });
}

function keysOf(name: "ci" | "nobody"): Env {
  const { accessKeyId, secretAccessKey } = around.user;
  return name === "ci"
    ? { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    : { AWS_ACCESS_KEY_ID: "AKIANOBODY", AWS_SECRET_ACCESS_KEY: "x" };
}

const staticLines = (): string =>
  `aws_access_key_id = ${around.user.accessKeyId}\naws_secret_access_key = ${around.user.secretAccessKey}\n`;

function files(job: Job, credentials: string, config = ""): void {
  writeFileSync(join(job.home, "credentials"), credentials);
  writeFileSync(join(job.home, "config"), config);
}

/** A server on this machine that answers GET and PUT by path; gives what it was asked. */
async function serve(answer: (request: http.IncomingMessage) => string | null) {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const text = answer(request);
    response.writeHead(text === null ? 404 : 200).end(text ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function keysJson(): string {
  const { accessKeyId, secretAccessKey } = around.user;
  return JSON.stringify({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey });
}

describe("credentials that the job has already are found", () => {
  it("in its environment, and stay there", async () => {
    const result = await whose(startJob(around.cloud), keysOf("ci"));
    expect(result.outputs).toEqual({ "aws-account-id": around.cloud.account, "authenticated-arn": user() });
    expect(result.variables).toEqual({ AWS_REGION: "eu-central-1", AWS_DEFAULT_REGION: "eu-central-1" });
  });

  it("in the default profile", async () => {
    const job = startJob(around.cloud);
    files(job, `[default]\n${staticLines()}`);
    expect((await whose(job)).outputs["authenticated-arn"]).toBe(user());
  });

  it("in the profile of AWS_PROFILE, before keys of the environment", async () => {
    const job = startJob(around.cloud);
    files(job, `[shop]\n${staticLines()}`);
    const result = await whose(job, { ...keysOf("nobody"), AWS_PROFILE: "shop" });
    expect(result.outputs["authenticated-arn"]).toBe(user());
  });

  it("by a profile's own command", async () => {
    const job = startJob(around.cloud);
    const script = join(job.home, "give keys.mjs");
    writeFileSync(script, `if (process.argv[2] === "a b") process.stdout.write(${JSON.stringify(keysJson())})`);
    files(job, "", `[profile shop]\ncredential_process = "${process.execPath}" "${script}" 'a b'\n`);
    expect((await whose(job, { AWS_PROFILE: "shop" })).outputs["authenticated-arn"]).toBe(user());
  });

  it("by a role of a profile, with the keys of another", async () => {
    const job = startJob(around.cloud);
    const role = `role_arn = ${around.arn("target")}\nrole_session_name = shop\nsource_profile = base\n`;
    files(job, `[base]\n${staticLines()}`, `[profile shop]\n${role}`);
    expect((await whose(job, { AWS_PROFILE: "shop" })).outputs["authenticated-arn"]).toBe(session("target", "shop"));
  });

  it("by a role of a profile, with the keys of the environment", async () => {
    const job = startJob(around.cloud);
    files(job, "", `[profile shop]\nrole_arn = ${around.arn("target")}\ncredential_source = Environment\n`);
    const result = await whose(job, { ...keysOf("ci"), AWS_PROFILE: "shop" });
    expect(result.outputs["authenticated-arn"]).toBe(session("target", "rolecall"));
  });

  it("by a token in a file, as in a pod of EKS", async () => {
    const job = startJob(around.cloud);
    const mint = { ci: "github", project: REPOSITORY, branch: "main", audience: "sts.amazonaws.com" } as const;
    const path = join(job.home, "token");
    writeFileSync(path, (await around.cloud.mint(mint)).token);
    const pod = { AWS_WEB_IDENTITY_TOKEN_FILE: path, AWS_ROLE_ARN: around.arn("deploy"), AWS_ROLE_SESSION_NAME: "pod" };
    expect((await whose(job, pod)).outputs["authenticated-arn"]).toBe(session("deploy", "pod"));
  });

  it("at the endpoint of a container", async () => {
    const { url } = await serve(({ headers, url: path }) =>
      headers.authorization === "t" && path === "/c" ? keysJson() : null,
    );
    const container = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/c`, AWS_CONTAINER_AUTHORIZATION_TOKEN: "t" };
    expect((await whose(startJob(around.cloud), container)).outputs["authenticated-arn"]).toBe(user());
    const wrong = await whose(startJob(around.cloud), { ...container, AWS_CONTAINER_AUTHORIZATION_TOKEN: "u" });
    expect(wrong).toMatchObject({ status: 2, outputs: {} });
  });

  it("at the metadata service of an instance, by its second version", async () => {
    const { url, asked } = await serve(({ method, url: path, headers }) => {
      if (method === "PUT") return headers["x-aws-ec2-metadata-token-ttl-seconds"] ? "t" : null;
      if (headers["x-aws-ec2-metadata-token"] !== "t") return null;
      return path?.endsWith("/runner") ? keysJson() : "runner\n";
    });
    const instance = { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
    expect((await whose(startJob(around.cloud), instance)).outputs["authenticated-arn"]).toBe(user());
    const path = "/latest/meta-data/iam/security-credentials/";
    expect(asked).toEqual(["PUT /latest/api/token", `GET ${path}`, `GET ${path}runner`]);
  });
});

describe("there are none", () => {
  it("where nothing is set up", async () => {
    const result = await whose(startJob(around.cloud));
    expect(result).toMatchObject({ status: 2, outputs: {} });
    expect(result.log).toMatch(/^::error .*there are no AWS credentials in this job%0Ahint: give role-to-assume/m);
  });

  it.each([
    [
      "leads back to itself",
      "[profile shop]\nrole_arn = R\nsource_profile = b\n[profile b]\nrole_arn = R\nsource_profile = shop\n",
      "leads back",
    ],
    [
      "names a source without keys",
      "[profile shop]\nrole_arn = R\nsource_profile = none\n",
      "its source_profile gives no keys",
    ],
    [
      "names a source that is none",
      "[profile shop]\nrole_arn = R\ncredential_source = constructor\n",
      "its credential_source gives no keys",
    ],
    ["has a command that fails", "[profile shop]\ncredential_process = false\n", "its credential_process failed"],
    [
      "has a command that prints something else",
      "[profile shop]\ncredential_process = echo {}\n",
      "did not print credentials",
    ],
  ])("in a profile that %s", async (_, config, message) => {
    const job = startJob(around.cloud);
    files(job, "", config.replaceAll("= R", `= ${around.arn("target")}`));
    const result = await whose(job, { AWS_PROFILE: "shop" });
    expect(result.status).toBe(2);
    expect(result.log).toContain(message);
  });

  it.each([
    ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://192.0.2.1/c"],
    ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@192.0.2.1/c"],
    ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "nowhere"],
    ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/none/such"],
  ])("where %s is %s", async (name, value) => {
    const url = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9/c" };
    const env = name.includes("AUTHORIZATION") ? url : { AWS_EC2_METADATA_DISABLED: "false" };
    const result = await whose(startJob(around.cloud), { ...env, [name]: value });
    expect(result.status).toBe(2);
    expect(result.log).toMatch(new RegExp(`^::error title=rolecall::(${name}|${value})`, "m"));
  });
});
