import type { Credentials } from "../core/credentials.ts";

/**
 * Milliseconds before its end at which a session is renewed: botocore asks again on every use when fewer
 * than 15 minutes are left; of a session that is short itself, half.
 *
 * @param life of the session, in milliseconds
 */
export function renewalMargin(life: number): number {
  return Math.min(16 * 60_000, life / 2);
}

export interface RenewingIo {
  /** Gets a new session; throws when there is none. */
  readonly get: () => Promise<Credentials>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Milliseconds that a caller waits for a new session while the old one is still good: SDKs give a credentials
   * endpoint one or two seconds.
   */
  readonly patience?: number;
}

interface Held {
  readonly credentials: Credentials;
  readonly renewAt: number;
}

/** Below so many milliseconds of life a session is as good as over: a call made with it may not come in time. */
const LAST_MINUTE = 60_000;

/**
 * Credentials that are always good: kept in memory, got anew before they end, and only once for many callers. While
 * the old session lasts, a failure to renew is nobody's error; the next caller tries again.
 */
export function renewing({ get, now, patience = 700 }: RenewingIo): () => Promise<Credentials> {
  let held: Held | null = null;
  let underWay: Promise<Credentials> | null = null;
  const renew = async (): Promise<Credentials> => {
    const asked = now();
    const credentials = await get();
    const end = credentials.expiration.getTime();
    held = { credentials, renewAt: end - renewalMargin(end - asked) };
    return credentials;
  };
  return async () => {
    if (held && now() < held.renewAt) return held.credentials;
    underWay ??= renew().finally(() => (underWay = null));
    const old = held && held.credentials.expiration.getTime() - now() > LAST_MINUTE ? held.credentials : null;
    return old ? firstOf(underWay, old, patience) : underWay;
  };
}

/** The new session, or the old one when the new one fails or takes too long. */
async function firstOf(renewed: Promise<Credentials>, old: Credentials, patience: number): Promise<Credentials> {
  let timer: NodeJS.Timeout | undefined;
  const patient = new Promise<Credentials>((resolve) => {
    timer = setTimeout(() => resolve(old), patience);
  });
  try {
    return await Promise.race([renewed.catch(() => old), patient]);
  } finally {
    clearTimeout(timer);
  }
}
