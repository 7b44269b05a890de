import { isRolecallError, RolecallError } from "../../core/errors.ts";
import { isObject } from "../../core/token.ts";
import { send } from "../http.ts";
import { regional } from "./client.ts";
import type { AwsOptions } from "./types.ts";

// Two a second for an account and Region, and 50 events each. Source: CloudTrail API reference, LookupEvents.
const PACE = 500;
const PAGES = [50, 5];
const TRIES = 4;
const TIMEOUT = 30_000;

/** What CloudTrail answered, and whether there was more than was asked for. */
export interface TrailLookup {
  /** Records, JSON each. */
  readonly events: readonly string[];
  readonly truncated: boolean;
  readonly requests: number;
}

/** What to look for. An attribute is one of those that CloudTrail can look up. Source: its API reference. */
export interface TrailQuestion {
  readonly attribute: "AccessKeyId" | "EventName";
  readonly value: string;
  /** Milliseconds since 1970; events before it are left out. */
  readonly since?: number;
}

/**
 * Management events in one Region, the newest first, of the last 90 days.
 *
 * Signed with the SDK's own credentials and signer: a client of CloudTrail would be a megabyte for one call.
 *
 * @param mostPages after so many requests the rest is left out
 * @throws RolecallError `refused` or `unavailable`
 */
export async function lookupEvents(
  options: AwsOptions & { readonly region: string },
  question: TrailQuestion,
  pause: (milliseconds: number) => Promise<void>,
  mostPages: number,
): Promise<TrailLookup> {
  for (const size of PAGES) {
    try {
      return await lookupPages({ options, question, size, pause, mostPages });
    } catch (error) {
      // A record holds the whole request, and a page of large ones is more than an answer may have.
      if (!isRolecallError(error) || !error.message.includes("larger than") || size === PAGES.at(-1)) throw error;
    }
  }
  return { events: [], truncated: true, requests: 0 };
}

interface Lookup {
  readonly options: AwsOptions & { readonly region: string };
  readonly question: TrailQuestion;
  readonly size: number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly mostPages: number;
}

async function lookupPages(lookup: Lookup): Promise<TrailLookup> {
  const events: string[] = [];
  let next: string | undefined;
  for (let requests = 1; ; requests += 1) {
    const page = await patiently(lookup, next);
    events.push(...page.events);
    next = page.next;
    if (next === undefined || requests >= lookup.mostPages) return { events, truncated: next !== undefined, requests };
    await lookup.pause(PACE);
  }
}

/** Others ask CloudTrail too, and the pace is the account's. */
async function patiently(lookup: Lookup, next: string | undefined): Promise<Page> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await lookupPage(lookup, next);
    } catch (error) {
      if (!isRolecallError(error) || !error.message.includes("Throttling") || tries >= TRIES) throw error;
      await lookup.pause(PACE * 2 ** tries);
    }
  }
}

interface Page {
  readonly events: readonly string[];
  readonly next: string | undefined;
}

async function lookupPage({ options, question, size }: Lookup, next?: string): Promise<Page> {
  const { attribute, value: wanted, since } = question;
  const body = JSON.stringify({
    LookupAttributes: [{ AttributeKey: attribute, AttributeValue: wanted }],
    ...(since === undefined ? {} : { StartTime: Math.floor(since / 1000) }),
    MaxResults: size,
    ...(next === undefined ? {} : { NextToken: next }),
  });
  const { region } = options;
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = new URL(options.endpoint ?? `https://cloudtrail.${region}.${suffix}/`);
  const answer = await send(
    { method: "POST", url, headers: await sign(options, url, body), body, timeout: TIMEOUT },
    process.env,
  );
  const value = parse(answer.body);
  if (answer.status === 200 && value) {
    const list = Array.isArray(value["Events"]) ? (value["Events"] as readonly unknown[]) : [];
    const events = list.flatMap((one) =>
      isObject(one) && typeof one["CloudTrailEvent"] === "string" ? [one["CloudTrailEvent"]] : [],
    );
    const token = value["NextToken"];
    return { events, next: typeof token === "string" && token !== "" ? token : undefined };
  }
  const type = textOf(value?.["__type"]).split("#").at(-1) || String(answer.status);
  const message = textOf(value?.["message"]) || textOf(value?.["Message"]);
  throw new RolecallError(
    answer.status >= 500 || type.startsWith("Throttling") ? "unavailable" : "refused",
    `AWS refused cloudtrail:LookupEvents in ${region}: ${type}${message === "" ? "" : `: ${message.slice(0, 300)}`}`,
    { hints: ["--cloudtrail FILE reads a saved export instead; --no-lookup asks CloudTrail nothing"] },
  );
}

async function sign(options: AwsOptions, url: URL, body: string): Promise<Record<string, string>> {
  const [{ STSClient }, { SignatureV4 }] = await Promise.all([
    import("@aws-sdk/client-sts"),
    import("@smithy/signature-v4"),
  ]);
  const { config } = await regional(options, (one) => new STSClient(one));
  const signer = new SignatureV4({
    service: "cloudtrail",
    region: options.region ?? "us-east-1",
    credentials: config.credentials,
    sha256: config.sha256,
  });
  const { headers } = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: {},
    headers: {
      host: url.host,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
    },
    body,
  });
  return headers;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parse(text: string): { readonly [key: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
