import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Credentials, isShellSafe } from "../core/credentials.ts";
import { Secret } from "../core/secret.ts";
import { isObject } from "../core/token.ts";
import { writeFileAtomic } from "../wire/files.ts";
import type { AssumeCall } from "../wire/sts.ts";
import { renewalMargin } from "./renewing.ts";

/** What makes a session this one. */
export type SessionKey = AssumeCall & {
  /** The roles that follow and what they are given, as JSON. */
  readonly chain?: string | undefined;
};

/** The file of a session: by all that makes it this session, the token included (F81). */
function cacheFile(folder: string, call: SessionKey): string {
  const { endpoint, token, roleArn, sessionName, duration, policy, policyArns, chain } = call;
  const all = [endpoint.href, token.reveal(), roleArn, sessionName, duration, policy, policyArns, chain];
  const parts = JSON.stringify(all.map((part) => part ?? null));
  return join(folder, `${createHash("sha256").update(parts).digest("hex")}.json`);
}

const CACHE_NAME = /^[0-9a-f]{64}\.json$/;

/** The kept session, if it still has long enough to live. */
export async function readCache(folder: string, call: SessionKey, now: number): Promise<Credentials | null> {
  const kept = await readPrivate(cacheFile(folder, call));
  const credentials = kept === null ? null : parse(kept);
  if (!credentials) return null;
  return credentials.expiration.getTime() - now > margin(call) ? credentials : null;
}

function margin({ duration = 3600 }: AssumeCall): number {
  return renewalMargin(duration * 1000);
}

export async function writeCache(folder: string, call: SessionKey, credentials: Credentials): Promise<void> {
  const { secretAccessKey, sessionToken, ...rest } = credentials;
  const content = { ...rest, secretAccessKey: secretAccessKey.reveal(), sessionToken: sessionToken.reveal() };
  await writeFileAtomic(cacheFile(folder, call), `${JSON.stringify(content)}\n`);
}

/** Deletes every kept session; gives how many there were. */
export async function clearCache(folder: string): Promise<number> {
  const names = await readdir(folder).catch((): string[] => []);
  const ours = names.filter((name) => CACHE_NAME.test(name));
  await Promise.all(ours.map((name) => rm(join(folder, name), { force: true })));
  return ours.length;
}

// Nothing but a file, and none that others could have written, is believed; nor is a link.
async function readPrivate(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => null);
  if (!file) return null;
  try {
    const stat = await file.stat();
    const mine = process.getuid === undefined || stat.uid === process.getuid();
    const closed = process.platform === "win32" || (stat.mode & 0o077) === 0;
    return stat.isFile() && mine && closed ? await file.readFile("utf8") : null;
  } finally {
    await file.close();
  }
}

function parse(text: string): Credentials | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return null;
    const { accessKeyId, secretAccessKey, sessionToken, expiration, role } = value;
    const date = new Date(typeof expiration === "string" ? expiration : Number.NaN);
    if (typeof accessKeyId !== "string" || typeof role !== "string" || Number.isNaN(date.getTime())) return null;
    if (typeof secretAccessKey !== "string" || typeof sessionToken !== "string") return null;
    if (![accessKeyId, secretAccessKey, sessionToken].every(isShellSafe)) return null;
    return {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: new Secret(sessionToken),
      expiration: date,
      role,
    };
  } catch {
    return null;
  }
}
