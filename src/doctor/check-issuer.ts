import { isIP } from "node:net";
import type { SignatureState } from "../core/decide.ts";
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
  /** What there is to say of the chain that a host sends; nothing where it cannot be seen. */
  readonly chainFindings: (host: string, port: number) => Promise<readonly Finding[]>;
  /** True when a proxy is asked, which looks the name up itself. */
  readonly isProxied: (url: URL) => boolean;
}

/** What is known of an issuer, and what AWS would make of the token's signature by it. */
export interface IssuerCheck {
  readonly findings: readonly Finding[];
  /** `unchecked` where the keys could not be had from here, which does not tell whether AWS can have them. */
  readonly signature: SignatureState;
}

/** How an issuer is asked. */
export interface IssuerQuestion {
  readonly network: IssuerNetwork;
  /** Where the document is, when that is not what the issuer's name says: a local AWS plays issuers itself. */
  readonly discovery?: URL | undefined;
  /** True of a local AWS, which reaches what this machine does and nothing else. */
  readonly isLocal?: boolean;
  /** Milliseconds for discovery and keys together; by default what AWS gives. */
  readonly budget?: number;
}

/** AWS gives discovery and keys about five seconds together. AWS re:Post, iam-sts-invalididentitytoken. */
const BUDGET = 5000;

/** Whether AWS could verify a token's signature: the issuer's documents, their addresses and certificates, the key. */
export async function checkIssuer(token: Token, question: IssuerQuestion): Promise<IssuerCheck> {
  const { network, discovery, isLocal = false, budget = BUDGET } = question;
  const issuer = textClaim(token.claims, "iss") ?? "";
  if (!/^https?:\/\//.test(issuer) || !URL.canParse(issuer))
    return {
      findings: [bad(`iss is no address: ${JSON.stringify(issuer)}`, { failure: "F46" })],
      signature: "unreachable",
    };
  const url = discovery ?? new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const reach = isLocal ? NOWHERE : await checkAddress(url, network);
  if (reach.hasNoAddress) return { findings: reach.findings, signature: "unchecked" };
  const asked = await askIssuer(url, issuer, token, question, budget);
  return {
    findings: [...reach.findings, ...asked.findings],
    signature: reach.isPrivate ? "unreachable" : asked.signature,
  };
}

async function askIssuer(
  url: URL,
  issuer: string,
  token: Token,
  question: IssuerQuestion,
  budget: number,
): Promise<IssuerCheck> {
  const signal = AbortSignal.timeout(budget);
  // What a local AWS cannot have from this machine, nobody gives it.
  const signature = question.isLocal ? "unreachable" : "unchecked";
  let document: Json;
  try {
    document = await question.network.getJson(url, signal);
  } catch (error) {
    const says = `${url.href} does not answer here: ${reasonOf(error, budget)}`;
    const more = unreached(error, "it must answer on the public internet within 5 s");
    return { findings: [bad(says, more), ...(await brokenChain(more, url, question.network))], signature };
  }
  const { issuer: named, jwks_uri: address } = isObject(document) ? document : {};
  if (named !== issuer) {
    const says = `its discovery document is of ${JSON.stringify(named ?? null)}, the token of ${issuer}`;
    const fix = `"issuer": ${JSON.stringify(issuer)} in the document`;
    return { findings: [bad(says, { failure: "F47", fix })], signature: "unreachable" };
  }
  if (typeof address !== "string" || !URL.canParse(address)) {
    const more = { failure: "F47", fix: "jwks_uri in the document" };
    return { findings: [bad("its discovery document has no jwks_uri", more)], signature: "unreachable" };
  }
  const place = new URL(address);
  try {
    const keys = await question.network.getJson(place, signal);
    const isSeen = place.protocol === "https:" && !question.network.isProxied(place);
    const chain = isSeen ? await checkCertificate(place, question.network) : [];
    const { findings, signature: state } = checkKeys(keys, token);
    return { findings: [good(`${issuer} and its keys answer`), ...chain, ...findings], signature: state };
  } catch (error) {
    const says = `the keys at ${place.href} do not answer: ${reasonOf(error, budget)}`;
    const more = unreached(error, "jwks_uri must answer on the public internet");
    return { findings: [bad(says, more), ...(await brokenChain(more, place, question.network))], signature };
  }
}

/** Of a certificate that this machine does not trust, AWS may have the thumbprint: it is another failure. */
function unreached(error: unknown, fix: string): { readonly failure: string; readonly fix: string } {
  const { code = "" } = error as { readonly code?: string };
  return /CERT|SIGNED|VERIFY/.test(code) ? { failure: "F51", fix: CHAIN } : { failure: "F46", fix };
}

/** Why a certificate is not trusted the order of those that are sent may say. */
async function brokenChain(
  { failure }: { readonly failure: string },
  url: URL,
  { chainFindings }: IssuerNetwork,
): Promise<readonly Finding[]> {
  if (failure !== "F51") return [];
  const findings = await chainFindings(url.hostname, portOf(url));
  return findings.filter(({ state }) => state === "bad");
}

function portOf({ port }: URL): number {
  return port === "" ? 443 : Number(port);
}

const CHAIN = "leaf, intermediate, root in this order; for a private CA its thumbprint in the provider";

/** Whether one of the keys that an issuer publishes made the token's signature. */
export function checkKeys(document: Json, token: Token): IssuerCheck {
  const list: readonly Json[] = isObject(document) && Array.isArray(document["keys"]) ? document["keys"] : [];
  const nameless = list.filter((key) => isObject(key) && typeof key["kid"] !== "string").length;
  const says = `${nameless} of its ${list.length} keys have no kid, and AWS ignores them`;
  const noKid = nameless > 0 ? [warning(says, { failure: "F49", fix: "publish them with kid" })] : [];
  const answer = (finding: Finding, signature: SignatureState): IssuerCheck => ({
    findings: [...noKid, finding],
    signature,
  });
  const reading = readKeySet(document);
  if (reading.kind === "unreachable") return answer(bad(reading.reason, { failure: "F49" }), "unreachable");
  const { kid, alg } = token.header;
  if (kid !== undefined && !reading.keys.byId.has(kid)) {
    const known = [...reading.keys.byId.keys()].slice(0, 5).join(", ") || "none that AWS uses";
    return answer(
      bad(`the token's key ${kid} is not published: there are ${known}`, {
        failure: nameless > 0 ? "F49" : "F48",
        fix: nameless > 0 ? "publish them with kid" : "publish the old keys and the new ones",
      }),
      "unknown-key",
    );
  }
  if (!Object.hasOwn(ALGORITHMS, alg))
    return answer(bad(`STS does not take the algorithm ${alg}`, { fix: "RS256" }), "unsupported-algorithm");
  const failure = checkSignature(token.raw.reveal(), token.header, reading.keys);
  return failure
    ? answer(bad(failure.reason, { failure: "F48", fix: "publish the key that signs now" }), failure.state)
    : answer(good(`the signature is good (key ${kid ?? "without an id"})`), "valid");
}

interface Reach {
  readonly findings: readonly Finding[];
  /** Known to be shut to AWS. */
  readonly isPrivate: boolean;
  /** Nothing more can be asked; of a machine without a network that says nothing of the issuer. */
  readonly hasNoAddress?: true;
}

const NOWHERE: Reach = { findings: [], isPrivate: false };

async function checkAddress(url: URL, { lookup, isProxied }: IssuerNetwork): Promise<Reach> {
  if (isProxied(url)) {
    const says = `${url.hostname} is asked through the proxy, so its address is not seen`;
    return { findings: [unknown(says)], isPrivate: false };
  }
  try {
    const addresses = await lookup(url.hostname.replaceAll(/^\[|\]$/g, ""));
    const inner = addresses.filter(isPrivate);
    if (inner.length === 0) return NOWHERE;
    const says = `${url.hostname} is ${inner.join(", ")} here, which AWS cannot reach`;
    const fix = "publish discovery document and keys at a public address";
    return { findings: [bad(says, { failure: "F46", fix })], isPrivate: true };
  } catch (error) {
    const says = `there is no address for ${url.hostname}: ${reasonOf(error)}`;
    const fix = "AWS looks it up in the public DNS";
    return { findings: [bad(says, { failure: "F46", fix })], isPrivate: false, hasNoAddress: true };
  }
}

async function checkCertificate(url: URL, network: IssuerNetwork): Promise<readonly Finding[]> {
  const port = portOf(url);
  try {
    const [problem, chain] = await Promise.all([
      network.certificateProblem(url.hostname, port),
      network.chainFindings(url.hostname, port),
    ]);
    if (problem === null) return chain;
    return [
      ...chain,
      warning(`the certificate of ${url.host} is not trusted: ${problem}`, {
        failure: "F51",
        fix: CHAIN,
      }),
    ];
  } catch (error) {
    return [unknown(`the certificate of ${url.host}: ${reasonOf(error)}`)];
  }
}

function reasonOf(error: unknown, budget = BUDGET): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError" || error.name === "AbortError"
    ? `no answer within ${budget / 1000} s`
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
