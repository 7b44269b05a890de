import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An issuer with keys that a test holds: RSA as `rsa-1`, P-256 as `ec-1`. */
export interface Issuer {
  readonly url: string;
  readonly rsa: Pair;
  readonly ec: Pair;
  readonly close: () => void;
}

export interface Pair {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Publishes an issuer's documents on this machine. */
export async function startIssuer(): Promise<Issuer> {
  const rsa = { kid: "rsa-1", ...generateKeyPairSync("rsa", { modulusLength: 2048 }) };
  const ec = { kid: "ec-1", ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
  const keys = [rsa, ec].map(({ kid, publicKey }) => ({ kid, use: "sig", ...publicKey.export({ format: "jwk" }) }));
  let url = "";
  const server = createServer((request, response) => {
    const isKeys = request.url === "/jwks";
    response.end(JSON.stringify(isKeys ? { keys } : { issuer: url, jwks_uri: `${url}/jwks` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url, rsa, ec, close };
}
