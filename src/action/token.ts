import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { dirname, posix, resolve } from "node:path";
import { forgejo } from "../ci/forgejo.ts";
import { github } from "../ci/github.ts";
import { isRolecallError, RolecallError } from "../core/errors.ts";
import { parseToken, type Token } from "../core/token.ts";
import { readIdToken } from "../wire/id-token.ts";
import type { Env } from "./inputs.ts";

/** What to add to the workflow so that its jobs may ask for ID tokens. */
export function permissionHints(env: Env): readonly string[] {
  const ci = forgejo.detect(env) ? forgejo : github;
  return ["add this to the job in the workflow's file:", ...ci.snippet({}).split("\n")];
}

/**
 * Asks for a new ID token of this job.
 *
 * @throws RolecallError `no-token` when the job may not have one, `unavailable` when nobody answers
 */
export async function requestJobToken(env: Env, audience: string): Promise<Token> {
  const { ask } = github.findTokens(env, audience);
  if (ask?.kind !== "http")
    throw new RolecallError("no-token", "this job may not ask for ID tokens", { hints: permissionHints(env) });
  try {
    return await readIdToken(ask, { env, readStdin: () => Promise.resolve("") });
  } catch (error) {
    if (!isRolecallError(error) || error.code !== "no-token") throw error;
    const hints = [...error.hints, ...permissionHints(env)];
    throw new RolecallError("no-token", error.message, { hints, cause: error });
  }
}

/** Kubernetes projects its tokens through links; nobody else can write there. */
const PROJECTED = /^\/var\/run\/secrets\/[^/]+\/serviceaccount\/token$/;

/**
 * Reads the file of `web-identity-token-file`, which is relative to the workspace.
 *
 * @throws RolecallError `no-token` when there is none, `config` for a link or something that is not a JWT
 */
export function readTokenFile(env: Env, name: string): Token {
  const path = resolve(env["GITHUB_WORKSPACE"] ?? "", name);
  const projected = process.platform !== "win32" && PROJECTED.test(posix.normalize(path));
  if (!projected) refuseLinks(path);
  return parseToken(readPlain(path, projected).trim(), "web-identity-token-file");
}

function refuseLinks(path: string): void {
  const link = [path, dirname(path)].find((one) => lstatSync(one, { throwIfNoEntry: false })?.isSymbolicLink());
  if (link === undefined) return;
  throw new RolecallError("config", `web-identity-token-file: ${link} is a symbolic link, and none is followed`, {
    hints: ["name the file that it points to"],
  });
}

function readPlain(path: string, follow: boolean): string {
  const file = openToken(path, follow);
  try {
    if (fstatSync(file).isFile()) return readFileSync(file, "utf8");
    throw new RolecallError("config", `web-identity-token-file: ${path} is not a file`);
  } finally {
    closeSync(file);
  }
}

function openToken(path: string, follow: boolean): number {
  // O_NOFOLLOW is missing on Windows.
  const { O_NOFOLLOW, O_RDONLY } = constants;
  try {
    return openSync(path, O_RDONLY | (follow ? 0 : (O_NOFOLLOW ?? 0)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : message;
    throw new RolecallError("no-token", `web-identity-token-file: ${path} cannot be read: ${why}`, { cause: error });
  }
}
