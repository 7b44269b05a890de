import type { TokenRequest } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { RolecallError } from "../core/errors.ts";
import { isObject, type Json } from "../core/token.ts";
import { isLoopback } from "../wire/proxy.ts";
import { send } from "../wire/http.ts";
import type { Options } from "./command.ts";
import type { Io } from "./io.ts";

/** Where `up` listens unless told otherwise, and where `job` and `token mint` look. */
export const DEFAULT_PORT = 4580;

/** Options that describe a pretended job. */
export const PRETEND_OPTIONS = {
  project: {
    type: "string",
    value: "PATH",
    help: "the project, group included: acme/shop (jenkins: the job's full name; custom: the subject)",
  },
  branch: { type: "string", value: "NAME", help: "a job of this branch (by default main)" },
  tag: { type: "string", value: "NAME", help: "a job of this tag" },
  environment: { type: "string", value: "NAME", help: "a job with this environment" },
  event: { type: "string", value: "NAME", help: "what started the job, in the CI's word: pull_request, schedule" },
  immutable: { type: "boolean", help: "github: a subject with the ids of owner and repository" },
  audience: {
    type: "string",
    value: "AUD",
    multiple: true,
    help: "the token's audience; may be repeated (by default what the CI gives)",
  },
  issuer: {
    type: "string",
    value: "URL",
    help: "a self-managed instance, or an organization's issuer: https://gitlab.example.com",
  },
  claim: {
    type: "string",
    value: "NAME=VALUE",
    multiple: true,
    help: "another value for a claim, as JSON or text; null takes it out",
  },
  "expires-in": {
    type: "string",
    value: "SECONDS",
    help: "the token's life (by default the CI's); negative: it has ended",
  },
  "endpoint-url": {
    type: "string",
    value: "URL",
    env: ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"],
    help: `the local cloud (by default http://127.0.0.1:${DEFAULT_PORT})`,
  },
} as const satisfies Options;

export interface PretendInput {
  readonly project: string | undefined;
  readonly branch: string | undefined;
  readonly tag: string | undefined;
  readonly environment: string | undefined;
  readonly event: string | undefined;
  readonly immutable: boolean;
  readonly audience: readonly string[];
  readonly issuer: string | undefined;
  readonly claim: readonly string[];
  readonly "expires-in": string | undefined;
  readonly "endpoint-url": string | undefined;
}

/** @throws RolecallError `config` when it is not on this machine: tokens of pretended jobs are for nobody else */
export function localEndpoint(options: Pick<PretendInput, "endpoint-url">, io: Io): string {
  const text =
    options["endpoint-url"] ||
    io.env["AWS_ENDPOINT_URL_STS"] ||
    io.env["AWS_ENDPOINT_URL"] ||
    `http://127.0.0.1:${DEFAULT_PORT}`;
  try {
    const url = new URL(text);
    if (url.protocol === "http:" && isLoopback(url.hostname)) return url.origin;
  } catch {
    // Said below.
  }
  throw new RolecallError(
    "config",
    `the local cloud is on this machine: expected http://127.0.0.1:PORT, got ${JSON.stringify(text.slice(0, 100))}`,
  );
}

/** A token of a job that does not exist, from the local cloud. */
export interface Minted {
  readonly token: string;
  readonly claims: { readonly [claim: string]: Json };
  /** Where this very job can ask for more. */
  readonly request: TokenRequest;
}

/**
 * @param flags what the job gave its CI's own command
 * @throws RolecallError `usage` for a wrong job, `unavailable` when no local cloud answers
 */
export async function mint(
  ci: string,
  options: PretendInput,
  io: Io,
  flags?: Readonly<Record<string, string>>,
): Promise<Minted> {
  const endpoint = localEndpoint(options, io);
  const answer = await send(
    {
      method: "POST",
      url: new URL("/_rolecall/mint", endpoint),
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...mintBody(ci, options), ...(flags ? { flags } : {}) }),
      timeout: 10_000,
    },
    io.env,
  ).catch((error: unknown) => {
    throw new RolecallError("unavailable", `no local cloud answers at ${endpoint}`, {
      cause: error,
      hints: ["start one: rolecall up"],
    });
  });
  const body = parseAnswer(answer.body);
  if (answer.status === 200 && typeof body?.["token"] === "string" && isObject(body["claims"])) {
    const { tokenUrl: url, tokenBearer: bearer } = body;
    const request = { url: textOr(url), bearer: textOr(bearer) };
    return { token: body["token"], claims: body["claims"], request };
  }
  throw mintRefused(answer.status, body, endpoint);
}

function textOr(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function mintRefused(status: number, body: { readonly [name: string]: Json } | null, endpoint: string): RolecallError {
  const message = body?.["message"] ?? body?.["error"];
  if (typeof message === "string")
    return new RolecallError("usage", `the local cloud does not mint this token: ${message}`);
  return new RolecallError("unavailable", `${endpoint} is no local cloud of rolecall: it answered ${status}`, {
    hints: ["start one: rolecall up"],
  });
}

function parseAnswer(text: string): { readonly [name: string]: Json } | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function mintBody(id: string, options: PretendInput): { readonly [name: string]: Json } {
  const { project, branch, tag, environment, event, issuer, audience, immutable } = options;
  if (project === undefined) throw new RolecallError("usage", "expected --project, for example --project acme/shop");
  if (branch !== undefined && tag !== undefined)
    throw new RolecallError("usage", "--branch and --tag: a job has one of them");
  const [first, ...more] = audience;
  if (first === undefined && findCi(id)?.defaultAudience({ project }) === null)
    throw new RolecallError("usage", "expected --audience, for example --audience https://shop-deploy.test");
  const optional = { branch, tag, environment, event, issuer };
  const present = Object.entries(optional).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ci: id,
    project,
    ...(first === undefined ? {} : { audience: more.length > 0 ? audience : first }),
    ...Object.fromEntries(present),
    ...(immutable ? { immutable } : {}),
    ...(options["expires-in"] === undefined ? {} : { expires_in: parseSeconds(options["expires-in"]) }),
    claims: Object.fromEntries(options.claim.map(parseClaim)),
  };
}

function parseSeconds(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new RolecallError("usage", `--expires-in is not a number of seconds: got ${JSON.stringify(text)}`);
}

function parseClaim(text: string): [string, Json] {
  const at = text.indexOf("=");
  if (at < 1) throw new RolecallError("usage", `--claim is not NAME=VALUE: got ${JSON.stringify(text.slice(0, 80))}`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value) as Json];
  } catch {
    return [text.slice(0, at), value];
  }
}
