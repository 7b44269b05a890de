import { RolecallError } from "../../core/errors.ts";
import { isObject, type Json } from "../../core/token.ts";
import { send } from "../http.ts";
import { regional } from "./client.ts";
import type { AwsOptions } from "./types.ts";

/** A service of AWS's JSON 1.1 protocol. */
export interface JsonService {
  /** As errors name it, and as its host begins: `config`. */
  readonly name: string;
  /** Before the operation in `X-Amz-Target`. */
  readonly target: string;
}

type Members = { readonly [name: string]: Json };

const TIMEOUT = 30_000;
const TRIES = 6;

/** Calls an operation; rejects with a RolecallError `refused`, `config` or `unavailable`, with AWS's code and message. */
export type CallJson = (operation: string, input: Members) => Promise<Members>;

/**
 * Connects to a service that rolecall asks too little to carry its client. Signed with the SDK's own credentials and
 * signer; throttling is waited out.
 */
export async function connectJson(
  service: JsonService,
  options: AwsOptions,
  pause: (milliseconds: number) => Promise<void>,
): Promise<CallJson> {
  const signer = await signerFor(service, options);
  const url = new URL(options.endpoint ?? `https://${service.name}.${signer.region}.${suffixOf(signer.region)}/`);
  return async (operation, input) => {
    for (let tries = 1; ; tries += 1) {
      const body = JSON.stringify(input);
      const answer = await post(url, await signer.sign(url, `${service.target}.${operation}`, body), body);
      if (answer.kind === "answer") return answer.value;
      if (!isThrottled(answer) || tries >= TRIES) throw asError(service, operation, answer);
      // Full jitter, as AWS's guide on timeouts, retries and backoff has it.
      await pause(Math.random() * 250 * 2 ** tries);
    }
  };
}

function isThrottled({ code }: Refusal): boolean {
  return /^(Throttl|TooManyRequests)/.test(code);
}

interface Refusal {
  readonly kind: "refusal";
  readonly status: number;
  /** `AccessDeniedException` */
  readonly code: string;
  readonly message: string;
}

async function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
): Promise<{ readonly kind: "answer"; readonly value: Members } | Refusal> {
  const answer = await send({ method: "POST", url, headers, body, timeout: TIMEOUT }, process.env);
  const value = parse(answer.body);
  if (answer.status === 200 && value) return { kind: "answer", value };
  const code = textOf(value?.["__type"]).split("#").at(-1) || `status ${answer.status}`;
  const message = textOf(value?.["message"]) || textOf(value?.["Message"]);
  return { kind: "refusal", status: answer.status, code, message: message.slice(0, 400) };
}

function suffixOf(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

interface Signer {
  readonly region: string;
  readonly sign: (url: URL, target: string, body: string) => Promise<Record<string, string>>;
}

async function signerFor({ name }: JsonService, options: AwsOptions): Promise<Signer> {
  const [{ STSClient }, { SignatureV4 }] = await Promise.all([
    import("@aws-sdk/client-sts"),
    import("@smithy/signature-v4"),
  ]);
  const { config } = await regional(options, (one) => new STSClient(one));
  const region = await config.region();
  const { credentials, sha256 } = config;
  const signer = new SignatureV4({ service: name, region, credentials, sha256 });
  return {
    region,
    sign: async (url, target, body) => {
      const { headers } = await signer.sign({
        method: "POST",
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port === "" ? {} : { port: Number(url.port) }),
        path: url.pathname,
        query: {},
        headers: { host: url.host, "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
        body,
      });
      return headers;
    },
  };
}

function asError(service: JsonService, operation: string, refusal: Refusal): RolecallError {
  const { status, code, message } = refusal;
  const what = `AWS refused ${service.name}:${operation}: ${code}${message === "" ? "" : `: ${message}`}`;
  if (status >= 500 || isThrottled(refusal)) return new RolecallError("unavailable", what);
  if (/^(AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken|IncompleteSignature)/.test(code))
    return new RolecallError("refused", what, {
      hints: [`the credentials in use need to be allowed ${service.name}:${operation}`],
    });
  return new RolecallError("config", what);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function parse(text: string): Members | null {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
