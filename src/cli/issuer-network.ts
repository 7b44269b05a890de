import { lookup } from "node:dns/promises";
import { connect } from "node:tls";
import { CIS } from "../ci/index.ts";
import { issuerName } from "../core/arn.ts";
import { type Json, textClaim, type Token } from "../core/token.ts";
import type { IssuerNetwork, IssuerQuestion } from "../doctor/check-issuer.ts";
import type { Finding } from "../doctor/finding.ts";
import { checkSentChain, readSentChain } from "../doctor/sent-chain.ts";
import { fetchJson } from "../wire/discovery.ts";
import { type HttpEnv, send } from "../wire/http.ts";
import { findOnPath } from "../wire/path-lookup.ts";
import { isLoopback, proxyFor } from "../wire/proxy.ts";

const TIMEOUT = 5000;

/** How issuers are asked from here: through the proxy where there is one, as AWS does otherwise. */
function issuerNetwork(env: HttpEnv): IssuerNetwork {
  return {
    getJson: (url, signal) => getJson(url, signal, env),
    lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    certificateProblem,
    chainFindings: (host, port) => chainFindings(host, port, env["PATH"] ?? ""),
    isProxied: (url) => proxyFor(url, env) !== null,
  };
}

/** A token may name any address: only those are asked that AWS would ask, and this machine. */
async function getJson(url: URL, signal: AbortSignal, env: HttpEnv): Promise<Json> {
  if (url.protocol !== "https:" && !isLoopback(url.hostname)) throw new Error("it is not https");
  if (proxyFor(url, env) === null) return fetchJson(url, signal);
  const { status, body } = await send(
    { method: "GET", url, headers: { accept: "application/json" }, timeout: TIMEOUT },
    env,
  );
  if (status !== 200) throw new Error(`it answered ${status} through the proxy`);
  return JSON.parse(body) as Json;
}

async function chainFindings(host: string, port: number, path: string): Promise<readonly Finding[]> {
  const openssl = await findOnPath("openssl", path);
  const chain = openssl === null ? null : await readSentChain(openssl, host, port);
  return chain === null ? [] : checkSentChain(host, chain);
}

function certificateProblem(host: string, port: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, servername: host, rejectUnauthorized: false, timeout: TIMEOUT }, () => {
      const problem: unknown = socket.authorized ? null : socket.authorizationError;
      socket.destroy();
      resolve(problem === null ? null : problem instanceof Error ? problem.message : "not verified");
    });
    socket.on("timeout", () => socket.destroy(new Error(`no answer within ${TIMEOUT / 1000} s`)));
    socket.on("error", reject);
  });
}

/** How the issuer of a token is asked, seen from AWS: from a local one, or from the internet. */
export async function askedIssuer(endpoint: URL | null, token: Token, env: HttpEnv): Promise<IssuerQuestion> {
  const network = issuerNetwork(env);
  // Another server on this machine may stand for AWS, and knows nothing of issuers.
  if (endpoint === null || !isLoopback(endpoint.hostname) || !(await answers(new URL(HEALTH, endpoint))))
    return { network };
  const discovery = discoveryIn(endpoint, token);
  // An issuer that it does not play it asks as anybody would.
  return { network, isLocal: true, discovery: (await answers(discovery)) ? discovery : undefined };
}

const HEALTH = "/_rolecall/health";

/** Where a local AWS serves the document of an issuer that it plays. */
function discoveryIn(endpoint: URL, token: Token): URL {
  const issuer = textClaim(token.claims, "iss") ?? "";
  const name = CIS.find(({ pretendedIssuer }) => pretendedIssuer === issuer)?.id ?? issuerName(issuer);
  return new URL(`/_rolecall/issuers/${encodeURIComponent(name)}/.well-known/openid-configuration`, endpoint);
}

async function answers(url: URL): Promise<boolean> {
  try {
    return (await send({ method: "GET", url, timeout: TIMEOUT }, {})).status === 200;
  } catch {
    return false;
  }
}
