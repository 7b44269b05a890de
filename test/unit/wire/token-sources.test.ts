import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";

import { isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { readIdToken, type TokenPlace } from "../../../src/wire/id-token.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { jwt } from "../core/example.ts";

const TOKEN = jwt({ sub: "x" });

async function read(place: TokenPlace, env: Record<string, string> = {}): Promise<string> {
  const io = { env: { PATH: process.env["PATH"] ?? "", ...env }, readStdin: () => Promise.resolve("") };
  return (await readIdToken(place, io)).raw.reveal();
}

async function refusal(place: TokenPlace): Promise<RolecallError> {
  const error: unknown = await read(place).catch((thrown: unknown) => thrown);
  if (!isRolecallError(error)) throw new Error("expected a RolecallError");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("the-bearer");
  return error;
}

type Answer = readonly [status: number, body: string];

/** A CI that gives one answer after the other, the last one for ever. */
async function ci(answers: readonly Answer[]): Promise<{ place: TokenPlace; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const [status, body] = answers[Math.min(asked.length, answers.length - 1)] ?? [500, ""];
    asked.push(request);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/token?api-version=2.0`;
  return { place: { kind: "http", url, bearer: new Secret("the-bearer"), audience: "sts.amazonaws.com" }, asked };
}

const VALUE: Answer = [200, JSON.stringify({ count: 1, value: TOKEN })];

describe("a token that is asked for by GitHub's protocol", () => {
  it("is the answer's value; the audience joins the query that the URL has", async () => {
    const { place, asked } = await ci([VALUE]);
    expect(await read(place)).toBe(TOKEN);
    expect(asked[0]?.url).toBe("/token?api-version=2.0&audience=sts.amazonaws.com");
    expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer the-bearer", accept: "application/json" });
  });

  it.each<[string, Answer]>([
    ["the job is still pending", [403, "Can't issue ID_TOKEN for job in 'Pending' state"]],
    ["the CI is unwell", [503, ""]],
    ["there were too many requests", [429, ""]],
  ])("is asked for again when %s", async (_, first) => {
    const { place, asked } = await ci([first, VALUE]);
    expect(await read(place)).toBe(TOKEN);
    expect(asked).toHaveLength(2);
  });

  it("is not asked for again when it is refused", async () => {
    const { place, asked } = await ci([[401, '{"message":"the-bearer is over"}'], VALUE]);
    expect(await refusal(place)).toMatchObject({
      code: "no-token",
      message: "ACTIONS_ID_TOKEN_REQUEST_URL gave no ID token: it answered 401",
    });
    expect(asked).toHaveLength(1);
  });

  it.each<[string, Answer, string]>([
    ["no value", [200, "{}"], "no-token"],
    ["no JSON", [200, "<html>"], "no-token"],
    ["no JWT as value", [200, '{"value":"x"}'], "config"],
    ["an empty value", [200, '{"value":""}'], "no-token"],
  ])("is none when the answer has %s", async (_, answer, code) => {
    expect(await refusal((await ci([answer])).place)).toMatchObject({ code });
  });

  it.each(["http://evil.test/?a", "no URL", "ftp://127.0.0.1/"])("is not asked for at %s", async (url) => {
    const place: TokenPlace = { kind: "http", url, bearer: new Secret("the-bearer"), audience: "a" };
    expect(await refusal(place)).toMatchObject({ code: "config" });
  });
});

describe("a token that a command writes", () => {
  function script(text: string): readonly string[] {
    const path = join(tempDir(), "agent");
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o700);
    return [path, "oidc", "--audience", "a b;$(x)"];
  }

  it("is what it writes; its arguments see no shell", async () => {
    const command = script(`test "$3" = 'a b;$(x)' && echo "$T"`);
    expect(await read({ kind: "command", command }, { T: TOKEN })).toBe(TOKEN);
  });

  it.each<[string, string, string]>([
    ["fails", "echo no such job >&2; exit 3", "gave no ID token: it ended with 3"],
    ["writes nothing", "true", "is empty: expected an ID token"],
    ["writes something else", "echo hello", "does not hold a JWT"],
  ])("is none when it %s", async (_, text, message) => {
    expect((await refusal({ kind: "command", command: script(text) })).message).toContain(message);
  });

  it("is none without the command, and what it says on the way is told, but no token", async () => {
    const missing = await refusal({ kind: "command", command: ["no-such-agent", "x"] });
    expect(missing).toMatchObject({ code: "no-token", message: expect.stringContaining("no-such-agent") as string });
    const failing = await refusal({ kind: "command", command: script("echo no such job >&2; exit 3") });
    expect(failing.details.join()).toContain("no such job");
    const leaking = await refusal({ kind: "command", command: script(`echo ${TOKEN} >&2; exit 3`) });
    expect(inspect(leaking, { depth: 9 })).not.toContain(TOKEN);
  });
});
