import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { permissionHints, readTokenFile, requestJobToken } from "../../../src/action/token.ts";
import { tempDir } from "../../support/temp-dir.ts";

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const JWT = `${encode({ alg: "RS256" })}.${encode({ sub: "a" })}.c2ln`;

describe("what a workflow needs", () => {
  test("is a permission on GitHub", () => {
    expect(permissionHints({ GITHUB_ACTIONS: "true" }).join("\n")).toContain("id-token: write");
  });

  test("is a switch on Forgejo", () => {
    const hints = permissionHints({ GITHUB_ACTIONS: "true", FORGEJO_ACTIONS: "true" }).join("\n");
    expect(hints).toContain("enable-openid-connect: true");
    expect(hints).not.toContain("id-token");
  });

  test("is said to a job that may not ask for tokens", async () => {
    await expect(requestJobToken({}, "a")).rejects.toThrowWithCode("no-token", "may not ask for ID tokens");
  });
});

describe("a token file", () => {
  test("is of the workspace, or has a path of its own; a line end behind the token is none of it", () => {
    const workspace = tempDir();
    writeFileSync(join(workspace, "token"), `${JWT}\n`);
    const env = { GITHUB_WORKSPACE: workspace };
    for (const name of ["token", join(workspace, "token")]) {
      expect(readTokenFile(env, name).raw.reveal()).toBe(JWT);
    }
  });

  test("must be a file with a JWT", () => {
    const workspace = tempDir();
    mkdirSync(join(workspace, "folder"));
    writeFileSync(join(workspace, "text"), "hello");
    const read = (name: string) => () => readTokenFile({ GITHUB_WORKSPACE: workspace }, name);
    expect(read("folder")).toThrowWithCode("config", "is not a file");
    expect(read("text")).toThrowWithCode("config", "does not hold a JWT");
    expect(read("none")).toThrowWithCode("no-token", "there is no such file");
  });
});
