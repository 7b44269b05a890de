import { RolecallError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { type HttpEnv, send } from "./http.ts";
import { isLoopback } from "./proxy.ts";

const TIMEOUT = 20_000;
/** No CI has as many pages of what is listed here. */
const MOST_PAGES = 100;
// How long to wait before trying again, in milliseconds: answers to too many requests pass by themselves.
const WAITS = [2000, 5000];

/** A CI's API, and who asks it. */
export interface Api {
  /** `GitLab`. */
  readonly name: string;
  /** `https://gitlab.com/api/v4`, without a slash at its end. */
  readonly base: string;
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  readonly token: Secret;
  /** What a token must be allowed, and how one is had. */
  readonly needs: string;
  readonly env: HttpEnv;
  /** Waits so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A place that the token may not read. */
export class Forbidden extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An address that leads elsewhere: of a project, that it has another name now. */
export class Moved extends RolecallError {}

/** @throws RolecallError `config` when a token would go over the network in the clear */
export function checkedBase(name: string, base: string, variable: string): string {
  const url = URL.canParse(base) ? new URL(base) : null;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (isSafe) return base.replace(/\/+$/, "");
  throw new RolecallError(
    "config",
    `${variable}: expected ${name}'s address, such as https://example.com, got ${base}`,
  );
}

/**
 * Asks for one answer in JSON, with GET. Values of variables are dropped while it is parsed, so that nothing behind this function
 * can keep, print or log one.
 *
 * @throws Forbidden on 403 and 404
 * @throws RolecallError `config` where the token is no good, `unavailable` where no answer can be had
 */
export async function ask(api: Api, path: string): Promise<unknown> {
  const url = new URL(`${api.base}${path}`);
  for (const wait of [...WAITS, null]) {
    const headers = { accept: "application/json", "user-agent": "rolecall", ...api.headers(api.token.reveal()) };
    const { status, body } = await send({ method: "GET", url, headers, timeout: TIMEOUT }, api.env);
    if (status === 200) return parsed(api, url, body);
    const isLimited = status === 429 || (status === 403 && /rate limit/i.test(body));
    if (isLimited && wait !== null) await api.sleep(wait);
    else throw refusalOf(api, url, status, isLimited);
  }
  return null;
}

function parsed({ name }: Api, url: URL, body: string): unknown {
  try {
    return JSON.parse(body, (key, value: unknown) => (key === "value" ? undefined : value)) as unknown;
  } catch {
    // The parser's message would quote the text, and a value with it.
    throw new RolecallError("unavailable", `${name}: ${url.origin}${url.pathname} answered something that is no JSON`);
  }
}

function refusalOf({ name, needs }: Api, url: URL, status: number, isLimited: boolean): Error {
  const at = `${url.origin}${url.pathname}`;
  if (isLimited)
    return new RolecallError("unavailable", `${name}: ${at} takes no more requests for now (${status})`, {
      hints: ["wait some minutes, and try again"],
    });
  if (status === 401) return new RolecallError("config", `${name} does not take the token (401)`, { hints: [needs] });
  if (status === 403 || status === 404) return new Forbidden(status, `${at} answered ${status}`);
  if (status >= 300 && status < 400)
    return new Moved(
      "config",
      `${name}: ${at} answered ${status}, which leads elsewhere: expected the API's own address`,
    );
  return new RolecallError("unavailable", `${name}: ${at} answered ${status}`);
}

/** Asks for all pages of a list. @param next the path of a page, by its number and the answer before; null ends */
export async function askAll(
  api: Api,
  itemsOf: (answer: unknown) => readonly unknown[],
  next: (page: number, last: unknown, count: number) => string | null,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found: Readonly<Record<string, unknown>>[] = [];
  let last: unknown = null;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const path = next(page, last, found.length);
    if (path === null) break;
    last = await ask(api, path);
    found.push(
      ...itemsOf(last)
        .filter((one) => typeof one === "object" && one !== null)
        .map((one) => one as Record<string, unknown>),
    );
  }
  return found;
}

/** @throws RolecallError `config` where the project itself cannot be read */
export async function needed<T>({ name, needs }: Api, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    const why =
      error.status === 404 ? "there is none of that name, or the token may not see it" : "the token may not read it";
    throw new RolecallError("config", `${name}: ${what} cannot be read (${error.status}): ${why}`, { hints: [needs] });
  }
}

/** What may stay unread: then the reason is kept. */
export async function optional<T>(
  what: string,
  needs: string,
  unread: string[],
  work: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    unread.push(`${what} was not read (${error.status}): ${needs}`);
    return [];
  }
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
