import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";

import { CIS } from "../ci/index.ts";
import { issuerName } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import type { Claims, Json } from "../core/token.ts";
import { readKeySet, type KeySetReading } from "../wire/jwks.ts";
import { ciOf, type Minted, type MintRequest } from "./mint-request.ts";
import type { RetiredKey } from "./state.ts";
import type { Store } from "./store.ts";

/** An issuer whose keys the local cloud has. */
export interface LocalIssuer {
  /** What its tokens have as `iss`. */
  readonly issuer: string;
  /** Part of the path under which its documents are served. */
  readonly name: string;
}

/** Issuer to CI: the vendor's own, or the one that pretended jobs have unless another is named. */
const VENDORS = new Map(CIS.map(({ id, pretendedIssuer }) => [pretendedIssuer, id] as const));

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** Its public half, and those of the keys that it followed as far as they are still good. */
  readonly published: readonly RetiredKey[];
  readonly jwks: Json;
  readonly keySet: KeySetReading;
}

/** The CI systems' issuers as far as this cloud plays them: makes their keys when first needed, signs, publishes. */
export class LocalIssuers {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #keys = new Map<string, Promise<SigningKey>>();
  /** Those of the above that are there. */
  readonly #ready = new Map<string, SigningKey>();

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The vendors' own issuers, and every other for which a token was minted. */
  list(): readonly LocalIssuer[] {
    const others = this.#store.issuers.filter((issuer) => !VENDORS.has(issuer));
    const all = [...VENDORS, ...others.map((issuer) => [issuer, issuerName(issuer)] as const)];
    return all.map(([issuer, name]) => ({ issuer, name }));
  }

  has(issuer: string): boolean {
    return VENDORS.has(issuer) || this.#store.issuerKey(issuer) !== undefined;
  }

  /** The same as {@link keySet}, without waiting; null when they have yet to be made or read. */
  keysAtHand(issuer: string): KeySetReading | null {
    return this.#ready.get(issuer)?.keySet ?? null;
  }

  /** An issuer's keys as a verifier reads them. */
  async keySet(issuer: string): Promise<KeySetReading> {
    return (await this.#key(issuer)).keySet;
  }

  /** An issuer's JWKS document. */
  async jwks(issuer: string): Promise<Json> {
    return (await this.#key(issuer)).jwks;
  }

  /**
   * Gives an issuer a new key, which signs from now on.
   *
   * @param keep whether the old key stays published, so that tokens which it signed are still taken
   * @returns the new key's id
   */
  async rotate(issuer: string, keep: boolean): Promise<string> {
    const old = await this.#key(issuer);
    const key = this.#keep(issuer, this.#make(issuer, await newPrivateKey(), keep ? old.published : []));
    return (await key).kid;
  }

  /**
   * Signs the ID token of a job that does not exist.
   *
   * @throws RolecallError `usage` for a CI that is not known or an issuer that is no URL
   */
  async mint(request: MintRequest): Promise<Minted> {
    const issuedAt = Math.floor(this.#now() / 1000);
    const { ci: _, claims: overlay = {}, ...job } = request;
    const own = ciOf(request).pretend({ ...job, issuedAt });
    const claims = lay(own, overlay);
    // The key follows the issuer that was asked for; a claim laid over `iss` makes a token of another's key.
    const { kid, privateKey } = await this.#key(issuerOf(own));
    const signed = [{ kid, typ: "JWT", alg: "RS256" }, claims].map(encode).join(".");
    return { token: `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`, claims };
  }

  #key(issuer: string): Promise<SigningKey> {
    const known = this.#keys.get(issuer);
    if (known) return known;
    return this.#keep(issuer, this.#load(issuer));
  }

  #keep(issuer: string, key: Promise<SigningKey>): Promise<SigningKey> {
    this.#keys.set(issuer, key);
    this.#ready.delete(issuer);
    const isLast = (): boolean => this.#keys.get(issuer) === key;
    key.then(
      (ready) => isLast() && this.#ready.set(issuer, ready),
      () => isLast() && this.#keys.delete(issuer),
    );
    return key;
  }

  async #load(issuer: string): Promise<SigningKey> {
    const kept = this.#store.issuerKey(issuer);
    return kept
      ? signingKey(createPrivateKey(kept.privateKey), kept.retired, kept.kid)
      : this.#make(issuer, await newPrivateKey(), []);
  }

  async #make(issuer: string, privateKey: KeyObject, retired: readonly RetiredKey[]): Promise<SigningKey> {
    const key = signingKey(privateKey, retired);
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    this.#store.addIssuerKey(issuer, { kid: key.kid, privateKey: pem, retired });
    await this.#store.saved();
    return key;
  }
}

function signingKey(privateKey: KeyObject, retired: readonly RetiredKey[], name?: string): SigningKey {
  const { n = "", e = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const kid = name ?? thumbprint({ n, e });
  const published = [{ kid, n, e }, ...retired];
  const jwks = { keys: published.map((key) => ({ kty: "RSA", use: "sig", alg: "RS256", ...key })) };
  return { kid, privateKey, published, jwks, keySet: readKeySet(jwks) };
}

async function newPrivateKey(): Promise<KeyObject> {
  return (await promisify(generateKeyPair)("rsa", { modulusLength: 2048 })).privateKey;
}

// RFC 7638; GitLab names its keys in this way too.
function thumbprint({ n, e }: { readonly n: string; readonly e: string }): string {
  return createHash("sha256")
    .update(JSON.stringify({ e, kty: "RSA", n }))
    .digest("base64url");
}

function issuerOf(claims: Claims): string {
  const { iss } = claims;
  if (typeof iss === "string" && URL.canParse(iss) && /^https?:$/.test(new URL(iss).protocol)) return iss;
  throw new RolecallError("usage", `issuer: expected a URL, got ${JSON.stringify(iss ?? null)}`);
}

function lay(own: Claims, overlay: Claims): Claims {
  return Object.fromEntries(Object.entries({ ...own, ...overlay }).filter(([, value]) => value !== null));
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
