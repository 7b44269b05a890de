import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fakeIo } from "./fake-io.ts";

/** GitHub's API, which shows the one repository that is there. */
async function githubApi(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = "", headers }, response) => {
    asked.push(`${url} ${headers.authorization ?? "nobody"}`);
    response.statusCode = url === "/repos/octo/shop" ? 200 : 404;
    response.end(JSON.stringify({ id: 74, full_name: "octo/shop", owner: { id: 65 } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A file that nothing can be made of before the ids are known. */
function configFile(entry: string): string {
  const file = join(tempDir(), "rolecall.yaml");
  writeFileSync(
    file,
    `version: 1\nroles:\n  shop:\n    ci: github\n    audience: sts.amazonaws.com\n    allow:\n      - ${entry}\n`,
  );
  return file;
}

const BRANCH = "{ project: octo/shop, branch: main, immutable: true }";
const ANY_BRANCH = '{ project: octo/shop, branch: "*", immutable: true }';

async function rolecall(...args: readonly string[]) {
  const io = fakeIo({ API_TOKEN: "ghp_ForTheTest" });
  const status = await main(args, io);
  expect(io.stdout + io.stderr).not.toContain("ghp_ForTheTest");
  return { status, stdout: io.stdout, stderr: io.stderr };
}

describe("lint --resolve", () => {
  it("judges a rolecall.yaml with the ids that the CI tells, as apply would make it", async () => {
    const { url, asked } = await githubApi();
    const file = configFile(ANY_BRANCH);
    const without = await rolecall("lint", file);
    expect(without).toMatchObject({ status: 2, stdout: "" });
    expect(without.stderr).toContain("plan, apply, export, lint and up --config ask for them with --resolve");
    const options = ["--resolve", "--api-url", url, "--api-token-env", "API_TOKEN"];
    const { status, stdout, stderr } = await rolecall("lint", file, "--format", "json", ...options);
    expect([status, stderr]).toEqual([0, ""]);
    const { findings } = JSON.parse(stdout) as { findings: readonly { rule: string; probe?: unknown }[] };
    expect(findings.map(({ rule }) => rule)).toContain("T005");
    expect(stdout).toContain("repo:octo@65/shop@74:");
    expect(asked).toEqual(["/repos/octo/shop Bearer ghp_ForTheTest"]);
  });

  it("narrows such a file too, to an entry that has the ids in it and needs nobody to be asked", async () => {
    const { url } = await githubApi();
    const file = configFile(ANY_BRANCH);
    const subject = "repo:octo@65/shop@74:ref:refs/heads/main";
    const options = ["--resolve", "--api-url", url, "--fix", "--write", "--subject", subject, "--fail-on", "medium"];
    const { status, stderr } = await rolecall("lint", file, ...options);
    expect(status, stderr).toBe(0);
    expect(readFileSync(file, "utf8")).toContain('- { project: "octo@65/shop@74", branch: main, ');
    expect(await rolecall("lint", file, "--fail-on", "medium")).toMatchObject({ status: 0 });
  });

  it("says of a project that is not there where the file names it", async () => {
    const { url } = await githubApi();
    const file = configFile("{ project: octo/gone, branch: main, immutable: true }");
    const { status, stderr } = await rolecall("lint", file, "--resolve", "--api-url", url);
    expect(status).toBe(2);
    expect(stderr).toMatch(/rolecall\.yaml:7:\d+: 127\.0\.0\.1:\d+ shows no project octo\/gone \(404\)/);
  });

  it("is refused where no rolecall.yaml is among the files", async () => {
    const file = join(tempDir(), "trust.json");
    const statement = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
    writeFileSync(file, JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
    const { status, stderr } = await rolecall("lint", file, "--resolve");
    expect(status).toBe(2);
    expect(stderr).toContain("--resolve is for a rolecall.yaml");
  });
});

describe("up --resolve", () => {
  it("is refused without a file, and without an answer nothing is started", async () => {
    const alone = await rolecall("up", "--resolve");
    expect(alone.status).toBe(2);
    expect(alone.stderr).toContain("hint: rolecall up --config rolecall.yaml --resolve");
    const { url } = await githubApi();
    const file = configFile("{ project: octo/gone, branch: main, immutable: true }");
    const gone = await rolecall("up", "--port", "0", "--config", file, "--resolve", "--api-url", url);
    expect(gone).toMatchObject({ status: 2, stdout: "" });
  });
});

describe("explain, which has no --resolve", () => {
  it("says what to add to the file, and what shows it", async () => {
    const { status, stderr } = await rolecall(
      "explain",
      "--as",
      "github octo/shop branch=main",
      "--config",
      configFile(BRANCH),
    );
    expect(status).toBe(2);
    expect(stderr).toContain("hint: add repository_id: … and repository_owner_id: …, which rolecall subject");
    const { url } = await githubApi();
    const subject = await rolecall(
      ...["subject", "github", "--project", "octo/shop", "--branch", "main", "--immutable", "--resolve"],
      ...["--api-url", url],
    );
    expect(subject.stdout).toBe("repo:octo@65/shop@74:ref:refs/heads/main\n");
  });
});
