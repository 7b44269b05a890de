import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import { readIdToken, type TokenPlace } from "../../../src/wire/id-token.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { claims, jwt } from "../core/example.ts";

const JWT = jwt(claims());

/** A place that holds a text: a variable, a file, standard input. */
const PLACES: Readonly<
  Record<string, (text: string) => { place: TokenPlace; from: string; env?: object; stdin?: string }>
> = {
  "a variable": (text) => ({
    place: { kind: "env", name: "OIDC_TOKEN" },
    from: "OIDC_TOKEN",
    env: { OIDC_TOKEN: text },
  }),
  "a file": (text) => {
    const path = join(tempDir(), "token.jwt");
    writeFileSync(path, text);
    return { place: { kind: "file", path }, from: path };
  },
  "standard input": (text) => ({ place: { kind: "stdin" }, from: "standard input", stdin: text }),
};

async function read(where: string, text: string): Promise<{ token?: string; error?: RolecallError; from: string }> {
  const made = PLACES[where]?.(text);
  if (!made) throw new Error(`no place ${where}`);
  const { place, from, env = {}, stdin = "" } = made;
  try {
    const token = await readIdToken(place, { env: { ...env }, readStdin: () => Promise.resolve(stdin) });
    return { token: token.raw.reveal(), from };
  } catch (error) {
    if (!isRolecallError(error)) throw error;
    return { error, from };
  }
}

describe.each(Object.keys(PLACES))("an ID token in %s", (where) => {
  it.each([
    ["alone", JWT],
    ["with a newline behind it", `${JWT}\n`],
    ["with CR and LF behind it", `${JWT}\r\n`],
    ["with a lone CR", `${JWT}\r`],
    ["with blanks around it", `  ${JWT}\t\n\n`],
    ["with a byte order mark", `\ufeff${JWT}`],
  ])("%s is read without what is around it", async (_, text) => {
    expect((await read(where, text)).token).toBe(JWT);
  });

  it.each(["", "\n", " \r\n"])("that is empty (%j) is no token: the job has none", async (text) => {
    const { error, from } = await read(where, text);
    expect(error).toMatchObject({ code: "no-token", message: `${from} is empty: expected an ID token` });
  });

  it.each(["glcbt-64_hunter2", "hunter2", JWT.slice(0, -20).replace(".", "")])(
    "that is no JWT is not taken",
    async (text) => {
      const { error, from } = await read(where, text);
      expect(error?.code).toBe("config");
      expect(error?.message).toMatch(new RegExp(`^${from.replaceAll(/[/.]/g, String.raw`\$&`)} does not hold a JWT: `));
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/hunter2|eyJ\w/);
    },
  );
});

describe("a place that cannot be read", () => {
  const io = { env: {}, readStdin: () => Promise.resolve("") };

  it("is a variable that is not set", async () => {
    await expect(readIdToken({ kind: "env", name: "NONE" }, io)).rejects.toThrowWithCode("no-token", "NONE is empty");
  });

  it("is a file that is not there", async () => {
    const path = join(tempDir(), "none");
    await expect(readIdToken({ kind: "file", path }, io)).rejects.toThrowWithCode(
      "no-token",
      `the token file ${path} cannot be read: there is no such file`,
    );
  });

  it("is a folder", async () => {
    const path = join(tempDir(), "sub");
    mkdirSync(path);
    await expect(readIdToken({ kind: "file", path }, io)).rejects.toThrowWithCode("no-token", "it is a directory");
  });

  it.runIf(process.getuid?.() !== 0)("is a file of somebody else's", async () => {
    const path = join(tempDir(), "token");
    writeFileSync(path, JWT, { mode: 0o000 });
    await expect(readIdToken({ kind: "file", path }, io)).rejects.toThrowWithCode("no-token", "permission denied");
  });
});
