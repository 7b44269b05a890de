import { isRolecallError, RolecallError } from "../core/errors.ts";
import { isObject, type Json } from "../core/token.ts";
import { CI_ROUTES } from "./ci-endpoints.ts";
import { CONSOLE_ROUTES } from "./console-calls.ts";
import { pageRefusal } from "./console-guard.ts";
import { answerConsolePage, CONSOLE } from "./console-page.ts";
import { answerExchanges } from "./exchange-feed.ts";
import { headerOf, json, type LocalRequest, type LocalResponse } from "./http.ts";
import { outboundDiscovery, outboundJwks, outboundName } from "./outbound-issuer.ts";
import type { World } from "./world.ts";

/** Where the cloud's own calls are, beside AWS's. */
export const CONTROL = "/_rolecall/";

const ISSUERS = `${CONTROL}issuers/`;

type Route = (request: LocalRequest, world: World) => LocalResponse | Promise<LocalResponse>;

const ROUTES: Readonly<Record<string, Route>> = {
  "GET health": (_, world) =>
    json(200, {
      status: "ok",
      account: world.store.identity.account,
      issuers: world.issuers.list().map(({ issuer }) => issuer),
      exchanges: world.exchanges.count,
    }),
  "GET exchanges": (request, world) => answerExchanges(world.exchanges, request),
  "GET weather": (_, world) => json(200, world.weather.settings),
  "POST weather": (request, world) => {
    world.weather.change(readObject(parseBody(request)));
    return json(200, world.weather.settings);
  },
  "POST reset": async (_, world) => {
    await reset(world);
    return json(200, { status: "ok" });
  },
  ...CI_ROUTES,
  ...CONSOLE_ROUTES,
};

/** Brings the cloud back to its start; admin, issuers' keys and their tokens stay good. */
export async function reset({ store, exchanges, weather }: World): Promise<void> {
  store.reset();
  weather.clear();
  exchanges.clear();
  await store.saved();
}

/** Answers a call to the cloud itself. Web pages are kept out: it mints tokens, and has no password. */
export async function answerControl(request: LocalRequest, world: World): Promise<LocalResponse> {
  if (request.path === CONSOLE) return answerConsolePage(request);
  const intruder = pageRefusal(request, world.consoleKey);
  if (intruder) return problem(403, intruder);
  if (request.path.startsWith(ISSUERS)) return answerIssuer(request, world);
  const name = request.path.slice(CONTROL.length);
  const route = ROUTES[`${request.method} ${name}`];
  if (!route) return noRoute(request.method, name);
  if (request.body.length > 0 && !isJson(request)) return problem(415, "expected content-type: application/json");
  try {
    return await route(request, world);
  } catch (error) {
    if (isRolecallError(error)) return json(400, { error: error.message, hints: error.hints });
    throw error;
  }
}

function isJson(request: LocalRequest): boolean {
  return /^application\/json\s*(;|$)/i.test(headerOf(request, "content-type") ?? "");
}

function problem(status: number, message: string): LocalResponse {
  return json(status, { error: message, hints: [] });
}

function noRoute(method: string, name: string): LocalResponse {
  const known = Object.keys(ROUTES).map((route) => route.replace(" ", ` ${CONTROL}`));
  const allowed = Object.keys(ROUTES)
    .find((route) => route.endsWith(` ${name}`))
    ?.split(" ")[0];
  return allowed
    ? {
        ...problem(405, `expected ${allowed}, got ${method}`),
        headers: { "content-type": "application/json", allow: allowed },
      }
    : problem(404, `there is no ${CONTROL}${name}; expected ${known.join(", ")}`);
}

function parseBody({ body }: LocalRequest): Json {
  try {
    return JSON.parse(Buffer.from(body).toString()) as Json;
  } catch {
    // What a body that is not JSON means, the reader of the request says best.
    return null;
  }
}

function readObject(body: Json): { readonly [name: string]: Json } {
  if (isObject(body)) return body;
  throw new RolecallError("usage", "the body: expected a JSON object");
}

async function answerIssuer(request: LocalRequest, world: World): Promise<LocalResponse> {
  const own = answerOutbound(request, world);
  if (own) return own;
  const { issuers } = world;
  const [, name, document] =
    /^([^/]+)\/(\.well-known\/openid-configuration|jwks)$/.exec(request.path.slice(ISSUERS.length)) ?? [];
  const issuer = issuers.list().find((one) => encodeURIComponent(one.name) === name);
  if (!issuer) return problem(404, "there is no such issuer");
  if (request.method !== "GET") return problem(405, `expected GET, got ${request.method}`);
  if (document === "jwks") return json(200, await issuers.jwks(issuer.issuer));
  return json(200, {
    issuer: issuer.issuer,
    jwks_uri: jwksUrl(`http://${headerOf(request, "host") ?? ""}`, issuer.name),
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  });
}

/** The documents of the account's own issuer, under the names that they have at AWS; null for another's. */
function answerOutbound(request: LocalRequest, { store }: World): LocalResponse | null {
  const { outbound } = store.iam;
  const { path, method } = request;
  if (!outbound) return null;
  const base = `${ISSUERS}${outboundName(outbound)}/.well-known/`;
  if (!path.startsWith(base)) return null;
  const document = path.slice(base.length);
  if (document !== "openid-configuration" && document !== "jwks.json") return problem(404, "there is no such document");
  if (method !== "GET") return problem(405, `expected GET, got ${method}`);
  const host = headerOf(request, "host") ?? "";
  return json(
    200,
    document === "jwks.json" ? outboundJwks(outbound) : outboundDiscovery(outbound, `http://${host}${base}jwks.json`),
  );
}

/** Where an issuer's discovery document is served. */
export function discoveryUrl(endpoint: string, name: string): string {
  return `${endpoint}${ISSUERS}${encodeURIComponent(name)}/.well-known/openid-configuration`;
}

/** Where an issuer's keys are served. */
export function jwksUrl(endpoint: string, name: string): string {
  return `${endpoint}${ISSUERS}${encodeURIComponent(name)}/jwks`;
}
