import { createHmac, timingSafeEqual } from "node:crypto";

import type { Ci } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { RolecallError } from "../core/errors.ts";
import { isObject, type Json } from "../core/token.ts";
import { headerOf, json, type LocalRequest, type LocalResponse } from "./http.ts";
import { type MintRequest, parseMintRequest } from "./mint-request.ts";
import type { World } from "./world.ts";

/**
 * Where a job asks for its ID token by its CI's protocol: what GitHub's `ACTIONS_ID_TOKEN_REQUEST_URL` and `_TOKEN`
 * hold, and what other CIs have for it.
 */
export interface TokenAddress {
  readonly tokenUrl: string;
  readonly tokenBearer: string;
}

/** Calls by which a pretended CI and its jobs talk to the cloud. */
export const CI_ROUTES: Readonly<
  Record<string, (request: LocalRequest, world: World) => LocalResponse | Promise<LocalResponse>>
> = {
  "POST mint": async (request, world) => {
    const body = parseJson(request);
    const minted = await world.issuers.mint(parseMintRequest(body));
    const endpoint = `http://${headerOf(request, "host") ?? ""}`;
    return json(200, { ...minted, ...tokenAddress(world, endpoint, body as JobFields) });
  },
  "POST rotate": async (request, world) => {
    const { issuer, keep } = parseRotate(parseJson(request));
    return json(200, { issuer, kid: await world.issuers.rotate(issuer, keep) });
  },
  "GET token": answerToken,
  "POST token": answerToken,
};

type JobFields = { readonly [field: string]: Json };

// The job of whoever asks with the cloud's own bearer and names no other in the query.
const ANY_JOB: JobFields = { ci: "github", project: "octo-org/octo-repo" };

/**
 * Where a job gets its tokens. The bearer says which job it is, sealed, so that nothing has to be
 * remembered; without a job it is the cloud's own, and the query of the URL may name the job.
 */
export function tokenAddress(world: World, endpoint: string, job: JobFields | null): TokenAddress {
  const { audience: _, ...fields } = job ?? {};
  const ci = job?.["ci"];
  return {
    // GitHub's URL has a query too: clients append &audience=.
    tokenUrl: `${endpoint}/_rolecall/token?ci=${typeof ci === "string" ? encodeURIComponent(ci) : "github"}`,
    tokenBearer: seal(world, fields),
  };
}

function seal(world: World, fields: JobFields): string {
  const text = Buffer.from(JSON.stringify(fields)).toString("base64url");
  return `${text}.${mac(world, text).toString("base64url")}`;
}

function mac({ store }: World, text: string): Buffer {
  return createHmac("sha256", store.identity.sealingKey).update(`token request\n${text}`).digest();
}

/** The job that a bearer is of; null for a bearer that this cloud did not make. */
function unseal(world: World, bearer: string): JobFields | null {
  const [text = "", signature = ""] = bearer.split(".");
  const wanted = mac(world, text);
  const got = Buffer.from(signature, "base64url");
  if (got.length !== wanted.length || !timingSafeEqual(got, wanted)) return null;
  const fields: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
  return isObject(fields) ? fields : null;
}

const GITHUB: NonNullable<Ci["endpoint"]> = { method: "GET", field: "value", scheme: true };

async function answerToken(request: LocalRequest, world: World): Promise<LocalResponse> {
  const [, scheme, bearer = ""] = /^(bearer )?(\S+)$/i.exec(headerOf(request, "authorization") ?? "") ?? [];
  const sealed = unseal(world, bearer);
  const id = sealed?.["ci"];
  const { method, field, scheme: wanted } = (typeof id === "string" ? findCi(id)?.endpoint : undefined) ?? GITHUB;
  if (!sealed || wanted !== (scheme !== undefined))
    return json(401, { error: "expected the bearer of a job", hints: [] });
  if (request.method !== method) return json(405, { error: `expected ${method}, got ${request.method}`, hints: [] });
  const { audience, ...query } = Object.fromEntries(new URLSearchParams(request.query));
  const { token } = await world.issuers.mint(requestOf(sealed, query, audience));
  return json(200, { ...(field === "value" ? { count: token.length } : {}), [field]: token });
}

const JOB_FIELDS = ["ci", "project", "branch", "tag", "environment", "event", "issuer"];

/** What the query says beside the job is what the job gave its CI's own command. */
function requestOf(sealed: JobFields, query: Readonly<Record<string, string>>, audience?: string): MintRequest {
  const isAnyJob = Object.keys(sealed).length === 0;
  const named = Object.entries(query).filter(([name]) => JOB_FIELDS.includes(name));
  const flags = Object.entries(query).filter(([name]) => !JOB_FIELDS.includes(name) && name !== "immutable");
  const job: JobFields = isAnyJob
    ? { ...ANY_JOB, ...Object.fromEntries(named), ...("immutable" in query ? { immutable: true } : {}) }
    : sealed;
  return parseMintRequest({
    ...job,
    ...(audience === undefined ? {} : { audience }),
    ...(flags.length > 0 ? { flags: Object.fromEntries(flags) } : {}),
  });
}

function parseRotate(body: Json): { readonly issuer: string; readonly keep: boolean } {
  if (!isObject(body)) throw new RolecallError("usage", 'the body: expected a JSON object like {"ci":"github"}');
  const { ci, issuer, keep = true } = body;
  if (typeof keep !== "boolean") throw new RolecallError("usage", "keep: expected true or false");
  const found = issuer ?? (typeof ci === "string" ? findCi(ci) : undefined)?.pretendedIssuer;
  if (typeof found === "string" && /^https?:\/\//.test(found)) return { issuer: found, keep };
  throw new RolecallError("usage", "expected ci, the name of a CI, or issuer, a URL");
}

function parseJson({ body }: LocalRequest): Json {
  try {
    return JSON.parse(Buffer.from(body).toString()) as Json;
  } catch {
    // What a body that is not JSON means, the reader of the request says best.
    return null;
  }
}
