import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import { connect, type DetailedPeerCertificate } from "node:tls";

import { RolecallError } from "../core/errors.ts";
import { isObject } from "../core/token.ts";

/** What IAM compares the certificates of an issuer's keys with. */
export interface Thumbprint {
  /** SHA-1 in hex, 40 characters, lower case. */
  readonly thumbprint: string;
  /** Where the chain was got, `gitlab.example.com:443`. */
  readonly host: string;
  /** Whose certificate it is. */
  readonly subject: string;
  /** True when this machine knows the authority. */
  readonly verified: boolean;
}

const BUDGET = 10_000;

/**
 * Computes an issuer's thumbprint as AWS does: of the host that serves the keys, which discovery names,
 * the last certificate of the chain that it sends. Certificates are not verified, since the authority is
 * one that is not known; whoever uses the result compares it.
 * Source: IAM guide, id_roles_providers_create_oidc_verify-thumbprint.
 *
 * @throws RolecallError `unavailable` when discovery or the host does not answer, `config` when discovery is not one
 */
export async function thumbprintOf(issuer: string): Promise<Thumbprint> {
  const discovery = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { jwks_uri: keys } = await getJson(discovery);
  if (typeof keys !== "string" || !URL.canParse(keys) || !keys.startsWith("https://"))
    throw new RolecallError("config", `${discovery.href}: expected a jwks_uri with https, got ${JSON.stringify(keys)}`);
  const { hostname, port } = new URL(keys);
  return await chainEnd(hostname, port === "" ? 443 : Number(port));
}

function getJson(url: URL): Promise<Readonly<Record<string, unknown>>> {
  if (url.protocol !== "https:")
    throw new RolecallError("config", `${url.origin}: a thumbprint is of a certificate, and this issuer has none`);
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => reject(unavailable(url.href, reason));
    const sent = request(url, { agent: false, rejectUnauthorized: false, timeout: BUDGET }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > 512 * 1024) sent.destroy(new Error("it answered more than 512 KiB"));
        else chunks.push(chunk);
      });
      response.on("error", ({ message }) => fail(message));
      response.on("end", () => {
        const value = parse(Buffer.concat(chunks).toString());
        if (response.statusCode === 200 && isObject(value)) resolve(value);
        else fail(`it answered ${response.statusCode ?? "nothing"}, and no JSON object`);
      });
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${BUDGET / 1000} s`)));
    sent.on("error", ({ message }) => fail(message));
    sent.end();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unavailable(what: string, reason: string): RolecallError {
  return new RolecallError("unavailable", `${what} cannot be had: ${reason}`);
}

async function chainEnd(host: string, port: number): Promise<Thumbprint> {
  // With no authority at hand Node adds nothing of its own store to the chain that was sent.
  const last = lastSent(await peerOf(host, port, []));
  const verified = await peerOf(host, port, null).then(
    () => true,
    () => false,
  );
  const certificate = new X509Certificate(last.raw);
  return {
    thumbprint: certificate.fingerprint.replaceAll(":", "").toLowerCase(),
    host: `${host}:${port}`,
    subject: certificate.subject.replaceAll("\n", ", "),
    verified,
  };
}

function lastSent(leaf: DetailedPeerCertificate): DetailedPeerCertificate {
  let last = leaf;
  // A root is its own issuer; what was not sent is missing.
  while (last.issuerCertificate && last.issuerCertificate !== last && last.issuerCertificate.raw) {
    if (last.issuerCertificate.fingerprint256 === last.fingerprint256) break;
    last = last.issuerCertificate;
  }
  return last;
}

/** @param ca authorities to verify by; null for this machine's, and then an unknown one rejects */
function peerOf(host: string, port: number, ca: string[] | null): Promise<DetailedPeerCertificate> {
  return new Promise((resolve, reject) => {
    const trust = ca === null ? { rejectUnauthorized: true } : { ca, rejectUnauthorized: false };
    // An address is no server name. Source: RFC 6066, section 3.
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = connect({ host, port, timeout: BUDGET, ...name, ...trust }, () => {
      resolve(socket.getPeerCertificate(true));
      socket.end();
    });
    socket.on("timeout", () => socket.destroy(new Error(`no answer within ${BUDGET / 1000} s`)));
    socket.on("error", (error: Error) => reject(unavailable(`${host}:${port}`, error.message)));
  });
}
