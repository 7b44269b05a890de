import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { run, type RunResult } from "../../support/run.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { serve, serveBytes } from "../wire/servers.ts";
import { fakeSts, jobEnvironment, LOGIN_PAGE, ROLE, SECRET_KEY, SESSION, tokenOfNow } from "./example.ts";

/** The built program, as people run it. */
const PROGRAM = fileURLToPath(new URL("../../../dist/cli/main.cjs", import.meta.url));

/** Runs it in a GitLab job; whatever it says, it says neither token nor stack. */
async function rolecall(url: string, ...args: readonly string[]): Promise<RunResult> {
  const home = tempDir();
  const env = jobEnvironment({ OIDC_TOKEN: tokenOfNow(), AWS_ENDPOINT_URL_STS: url, AWS_ROLE_ARN: ROLE, HOME: home });
  const result = await run(process.execPath, [PROGRAM, ...args], { env, cwd: home });
  expect(result.stderr).not.toMatch(/^ +at /m);
  expect(result.stderr).not.toContain("c2lnbmF0dXJl");
  return result;
}

describe("a real process", () => {
  it("that gets a login page from STS says so at once, fails, and lets the shell fail", async () => {
    const sts = await fakeSts(LOGIN_PAGE, Date.now);
    const result = await rolecall(sts.url, "creds", "--format", "env");
    expect(result).toEqual({
      status: 5,
      signal: null,
      stdout: "false\n",
      stderr: [
        `rolecall: error: ${sts.url} does not answer like STS: expected its XML, got status 200 with text/html`,
        "rolecall: hint: is a proxy or login page between this machine and STS? check HTTPS_PROXY and the endpoint",
        "",
      ].join("\n"),
    });
    expect(sts.forms).toHaveLength(1);
  });

  it("whose STS is in trouble for a moment tries again, says so, and goes on", async () => {
    let asked = 0;
    const { origin } = await serve((_, response) => {
      asked++;
      if (asked === 1) response.writeHead(503, { "content-type": "text/html" }).end("<html>busy</html>");
      else response.writeHead(200, { "content-type": "text/xml" }).end(SESSION);
    });
    const { status, stdout, stderr } = await rolecall(origin, "creds");
    expect([status, asked]).toEqual([0, 2]);
    expect(stdout).toContain(SECRET_KEY);
    expect(stderr).toMatch(/^rolecall: \S+ does not answer like STS: .* status 503 .*; trying again in \d\.\d s\n$/);
  });

  it("that is sent elsewhere by a redirect does not go there with its token", async () => {
    const elsewhere = await fakeSts(undefined, Date.now);
    const { origin } = await serve((_, response) => response.writeHead(307, { location: elsewhere.url }).end());
    const { status, stderr } = await rolecall(origin, "creds");
    expect([status, elsewhere.forms]).toEqual([5, []]);
    expect(stderr).toContain("got status 307");
  });

  it("prints credentials and nothing beside them", async () => {
    const { url } = await fakeSts(undefined, Date.now);
    const { status, stdout, stderr } = await rolecall(url, "creds");
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ Version: 1, SecretAccessKey: SECRET_KEY });
  });

  it("ends by the signal that ended its command", async () => {
    const { url } = await fakeSts(undefined, Date.now);
    const result = await rolecall(url, "exec", "--", "sh", "-c", "kill -TERM $$");
    expect([result.status, result.signal]).toEqual([null, "SIGTERM"]);
  });

  it("hands its command the streams that it has itself", async () => {
    const { url } = await fakeSts(undefined, Date.now);
    const home = tempDir();
    const env = jobEnvironment({ OIDC_TOKEN: tokenOfNow(), AWS_ENDPOINT_URL_STS: url, AWS_ROLE_ARN: ROLE, HOME: home });
    const command = ["exec", "-q", "--", "sh", "-c", 'cat; printf %s "$AWS_ACCESS_KEY_ID" >&2; exit 4'];
    const result = await run(process.execPath, [PROGRAM, ...command], { env, input: "through\n" });
    expect(result).toEqual({ status: 4, signal: null, stdout: "through\n", stderr: "ASIAIOSFODNN7EXAMPLE" });
  });

  it("whose reader goes away ends quietly", async () => {
    const { url } = await fakeSts(undefined, Date.now);
    const env = jobEnvironment({ OIDC_TOKEN: tokenOfNow(), AWS_ENDPOINT_URL_STS: url, AWS_ROLE_ARN: ROLE });
    const result = await run("sh", ["-c", `'${process.execPath}' '${PROGRAM}' help | true`], { env });
    expect(result).toMatchObject({ status: 0, stderr: "" });
  });

  it("ends, though the server keeps the connection open", async () => {
    const body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    const head = `HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\ncontent-length: ${body.length}\r\nconnection: keep-alive\r\n\r\n`;
    const port = await serveBytes((socket) => socket.once("data", () => socket.write(head + body)));
    const began = performance.now();
    expect((await rolecall(`http://127.0.0.1:${port}`, "creds")).status).toBe(3);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
