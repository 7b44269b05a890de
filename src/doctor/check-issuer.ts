import { isIP } from "node:net";
import { isObject, type Json, textClaim, type Token } from "../core/token.ts";
import { ALGORITHMS, checkSignature } from "../wire/oidc.ts";
import { readKeySet } from "../wire/jwks.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { good, warning, bad, unknown } = findingsOf("issuer");

/** What the outside tells of an issuer. */
export interface IssuerNetwork {
  /** Gets a JSON document, as AWS would; rejects with the reason. */
  readonly getJson: (url: URL, signal: AbortSignal) => Promise<Json>;
  /** The addresses of a name. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
  /** Why the certificate of a host is not to be trusted; null when it is. */
  readonly certificateProblem: (host: string, port: number) => Promise<string | null>;
}

/** AWS gives discovery and keys about five seconds together. AWS re:Post, iam-sts-invalididentitytoken. */
const BUDGET = 5000;

/**
 * Whether AWS could verify a token's signature: the issuer's documents, their addresses and certificates, the key.
 *
 * @param discovery where the document is, when that is not what the issuer's name says: in a local AWS
 */
export async function checkIssuer(token: Token, network: IssuerNetwork, discovery?: URL): Promise<readonly Finding[]> {
  const issuer = textClaim(token.claims, "iss") ?? "";
  if (!/^https?:\/\//.test(issuer)) return [bad(`iss is no address: ${JSON.stringify(issuer)}`, { failure: "F46" })];
  const url = discovery ?? new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const reach = discovery ? [] : await checkAddress(url, network);
  const signal = AbortSignal.timeout(BUDGET);
  let document: Json;
  try {
    document = await network.getJson(url, signal);
  } catch (error) {
    return [
      ...reach,
      bad(`${url.href} does not answer here: ${reasonOf(error)}`, {
        failure: "F46",
        fix: "it must answer on the public internet within 5 s",
      }),
    ];
  }
  return [...reach, ...(await checkDocument(document, issuer, token, network, signal))];
}

async function checkDocument(
  document: Json,
  issuer: string,
  token: Token,
  network: IssuerNetwork,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { issuer: named, jwks_uri: address } = isObject(document) ? document : {};
  if (named !== issuer) {
    return [
      bad(`its discovery document is of ${JSON.stringify(named ?? null)}, the token of ${issuer}`, {
        failure: "F47",
        fix: `"issuer": ${JSON.stringify(issuer)} in the document`,
      }),
    ];
  }
  if (typeof address !== "string" || !URL.canParse(address)) {
    return [bad("its discovery document has no jwks_uri", { failure: "F47", fix: "jwks_uri in the document" })];
  }
  const url = new URL(address);
  try {
    const keys = await network.getJson(url, signal);
    const chain = url.protocol === "https:" ? await checkCertificate(url, network) : [];
    return [good(`${issuer} and its keys answer`), ...chain, ...checkKeys(keys, token)];
  } catch (error) {
    return [
      bad(`the keys at ${url.href} do not answer: ${reasonOf(error)}`, {
        failure: "F46",
        fix: "jwks_uri must answer on the public internet",
      }),
    ];
  }
}

function checkKeys(document: Json, token: Token): readonly Finding[] {
  const list: readonly Json[] = isObject(document) && Array.isArray(document["keys"]) ? document["keys"] : [];
  const nameless = list.filter((key) => isObject(key) && typeof key["kid"] !== "string").length;
  const noKid =
    nameless > 0
      ? [
          warning(`${nameless} of its ${list.length} keys have no kid, and AWS ignores them`, {
            failure: "F49",
            fix: "publish them with kid",
          }),
        ]
      : [];
  const reading = readKeySet(document);
  if (reading.kind === "unreachable") return [...noKid, bad(reading.reason, { failure: "F49" })];
  const { kid, alg } = token.header;
  if (kid !== undefined && !reading.keys.byId.has(kid)) {
    const known = [...reading.keys.byId.keys()].slice(0, 5).join(", ") || "none";
    return [
      ...noKid,
      bad(`the token's key ${kid} is not published: there are ${known}`, {
        failure: "F48",
        fix: "publish the old keys and the new ones",
      }),
    ];
  }
  if (!Object.hasOwn(ALGORITHMS, alg))
    return [...noKid, bad(`STS does not take the algorithm ${alg}`, { fix: "RS256" })];
  const failure = checkSignature(token.raw.reveal(), token.header, reading.keys);
  return [
    ...noKid,
    failure ? bad(failure.reason, { failure: "F48" }) : good(`the signature is good (key ${kid ?? "without an id"})`),
  ];
}

async function checkAddress(url: URL, { lookup }: IssuerNetwork): Promise<readonly Finding[]> {
  try {
    const addresses = await lookup(url.hostname.replaceAll(/^\[|\]$/g, ""));
    const inner = addresses.filter(isPrivate);
    if (inner.length === 0) return [];
    return [
      bad(`${url.hostname} is ${inner.join(", ")}, which AWS cannot reach`, {
        failure: "F46",
        fix: "publish discovery document and keys at a public address",
      }),
    ];
  } catch (error) {
    return [
      bad(`there is no address for ${url.hostname}: ${reasonOf(error)}`, {
        failure: "F46",
        fix: "AWS looks it up in the public DNS",
      }),
    ];
  }
}

async function checkCertificate(url: URL, { certificateProblem }: IssuerNetwork): Promise<readonly Finding[]> {
  try {
    const problem = await certificateProblem(url.hostname, url.port === "" ? 443 : Number(url.port));
    if (problem === null) return [];
    return [
      warning(`the certificate of ${url.host} is not trusted: ${problem}`, {
        failure: "F51",
        fix: "leaf, intermediate, root in this order; for a private CA its thumbprint in the provider",
      }),
    ];
  } catch (error) {
    return [unknown(`the certificate of ${url.host}: ${reasonOf(error)}`)];
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError" || error.name === "AbortError"
    ? `no answer within ${BUDGET / 1000} s`
    : error.message;
}

/** Loopback, private, link-local and unique local addresses. Source: RFC 1918, 3927, 4193, 4291, 6598. */
export function isPrivate(address: string): boolean {
  const text = address.toLowerCase().replace(/^::ffff:/, "");
  if (isIP(text) === 6) return text === "::1" || /^(fc|fd|fe[89ab])/.test(text);
  const [a = 0, b = 0] = text.split(".").map(Number);
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b <= 127)
  );
}
