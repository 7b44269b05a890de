/// <reference lib="esnext.disposable" preserve="true" />
import { randomBytes } from "node:crypto";

import type { StsTexts } from "../core/decide.ts";
import { createKeyFinder, type KeyFinder } from "../wire/discovery.ts";
import type { AdminKey } from "./admin-key.ts";
import { tokenAddress } from "./ci-endpoints.ts";
import { consoleAddress } from "./console-page.ts";
import { discoveryUrl, jwksUrl, reset } from "./control.ts";
import { type Exchange, ExchangeLog } from "./exchanges.ts";
import { LocalIssuers } from "./issuers.ts";
import { makeProvider, makeRole } from "./make-role.ts";
import type { Minted, MintRequest } from "./mint-request.ts";
import type { NewProvider, NewRole } from "./new-role.ts";
import { refuseLargeBody } from "./other-services.ts";
import { EMPTY_IAM } from "./records.ts";
import { route } from "./router.ts";
import { startServer } from "./server.ts";
import { type CloudState, createIdentity } from "./state.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";
import { Store } from "./store.ts";
import { parseUpstream } from "./upstream.ts";
import { Weather } from "./weather.ts";
import type { WeatherChange } from "./weather-settings.ts";
import type { World } from "./world.ts";

export interface LocalCloudOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Twelve digits; `123456789012` when left out. */
  readonly account?: string;
  /** Made anew when left out. */
  readonly adminKey?: AdminKey;
  /** A file that keeps everything from one start to the next; in memory only when left out. */
  readonly state?: string;
  /** Which generation of STS's error texts to answer with; `2026` when left out. */
  readonly stsTexts?: StsTexts;
  /** URL of the server that calls to other services go to, once signature and permission are good. */
  readonly upstream?: string;
  /** What goes wrong from the start: `{ throttle: 5, propagation: "10s" }`. */
  readonly weather?: WeatherChange;
  /**
   * The clock of AWS and of the issuers, in milliseconds since 1970, for tests that move it; `Date.now` when left out,
   * a faked one too.
   */
  readonly now?: () => number;
}

/** Where the documents of an issuer are that this cloud plays. */
export interface IssuerAddress {
  /** What its tokens have as `iss`. */
  readonly issuer: string;
  /** URL of its discovery document. */
  readonly discovery: string;
  /** URL of its public keys. */
  readonly jwks: string;
  /** GitHub's: usable as ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  readonly tokenUrl?: string;
  readonly tokenBearer?: string;
}

/** What a client of the AWS SDK for JavaScript v3 is made with. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: AdminKey;
}

/** An AWS on this machine, with the CI issuers that it trusts. `await using` closes it. */
export interface LocalCloud extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, for `--endpoint-url` and `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  /** Twelve digits. */
  readonly account: string;
  /** Keys of the IAM user `admin`, who may do everything. */
  readonly admin: AdminKey;
  /** For a client that acts as the admin: `new IAMClient(cloud.client)`. The region is `us-east-1`. */
  readonly client: ClientConfig;
  /** By CI: `cloud.issuers["gitlab"]`. */
  readonly issuers: Readonly<Record<string, IssuerAddress>>;
  /** Address of the web console; whoever has it may change the account. */
  readonly console: string;
  /**
   * Makes an OIDC provider, as CreateOpenIDConnectProvider does.
   *
   * @returns its ARN
   * @throws RolecallError `config` with IAM's code and text when IAM would refuse it
   */
  createProvider(provider: NewProvider): Promise<string>;
  /**
   * Makes a role with its policies, as CreateRole, PutRolePolicy and AttachRolePolicy do; all of it or nothing.
   *
   * @returns its ARN
   * @throws RolecallError `config` with IAM's code and text when IAM would refuse any of it
   */
  createRole(role: NewRole): Promise<string>;
  /**
   * Signs the ID token of a job that does not exist.
   *
   * @throws RolecallError `usage` for a CI that is not known, or a job that cannot be
   */
  mint(job: MintRequest): Promise<Minted>;
  /** The last thousand exchanges, oldest first. */
  exchanges(): readonly Exchange[];
  /**
   * Changes what goes wrong; what is left out stays.
   *
   * @throws RolecallError `usage` for a name or value that is none
   */
  setWeather(change: WeatherChange): void;
  /** Empties the account; the admin's key and the issuers' keys stay. */
  reset(): Promise<void>;
  /** Stops listening and ends all connections; nothing stays that would keep the process alive. */
  close(): Promise<void>;
}

const REGION = "us-east-1";

// IAM takes policies of 131,072 characters, three bytes each when percent-encoded.
const LARGEST_CALL = 1024 * 1024;
// A call for the upstream is held whole, since its hash is signed. A function's code may have 50 MB (a third more in
// base64), a part of an upload has 5 to 16 with the clients' defaults.
const LARGEST_UPLOAD = 128 * 1024 * 1024;

/**
 * Starts an AWS on 127.0.0.1: IAM and STS as far as jobs with ID tokens need them, with every check
 * that AWS makes.
 *
 * @throws RolecallError `config` for a port that is taken, an option or a state file that cannot be used
 * @example
 * const cloud = await createLocalCloud();
 * const { token } = await cloud.mint({ ci: "gitlab", project: "acme/shop", branch: "main", audience: "aws" });
 * await cloud.close();
 */
export async function createLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  // Looked up at each call, so that a test which fakes `Date` later moves this clock too.
  const { now: clock = () => Date.now() } = options;
  const weather = new Weather();
  weather.change(options.weather ?? {});
  const now = (): number => clock() + weather.settings.skew;
  const store = await openStore({ ...options, now: clock });
  // The issuers' clock is another than AWS's.
  const issuers = new LocalIssuers(store, clock);
  const world: World = {
    store,
    issuers,
    exchanges: new ExchangeLog(),
    keysAtHand: (issuer) => issuers.keysAtHand(issuer),
    findKeys: preferLocal(issuers, createKeyFinder({ now: clock })),
    weather,
    stsTexts: options.stsTexts ?? "2026",
    upstream: options.upstream === undefined ? null : parseUpstream(options.upstream),
    consoleKey: randomBytes(24).toString("base64url"),
    now,
  };
  const largestBody = world.upstream ? LARGEST_UPLOAD : LARGEST_CALL;
  const server = await startServer({
    port: options.port ?? 0,
    now,
    largestBody,
    answer: (request) => route(request, world),
    refuseBody: (request) => refuseLargeBody(request, largestBody),
  });
  return handleOf(world, `http://127.0.0.1:${server.port}`, server.close);
}

async function openStore({ account, adminKey, state: path, now }: LocalCloudOptions): Promise<Store> {
  const before = path === undefined ? null : await readStateFile(path);
  const state: CloudState = {
    identity: createIdentity({ account, adminKey }, before?.identity ?? null),
    issuers: before?.issuers ?? new Map(),
    iam: before?.iam ?? EMPTY_IAM,
    uses: before?.uses ?? new Map(),
  };
  if (path === undefined) return new Store(state, null, now);
  // Written once at the start, so that a path that cannot be written is known before anything depends on it.
  await writeStateFile(path, state);
  return new Store(state, (changed) => writeStateFile(path, changed), now);
}

/** Issuers that this cloud plays are verified with its own keys, without any network; all others as AWS does. */
function preferLocal(issuers: LocalIssuers, findElsewhere: KeyFinder): KeyFinder {
  return (issuer, refresh) => (issuers.has(issuer) ? issuers.keySet(issuer) : findElsewhere(issuer, refresh));
}

function handleOf(world: World, endpoint: string, close: () => Promise<void>): LocalCloud {
  const { account, admin: user } = world.store.identity;
  const admin: AdminKey = { accessKeyId: user.accessKeyId, secretAccessKey: user.secretAccessKey };
  const addresses = world.issuers.list().map(({ name, issuer }): [string, IssuerAddress] => [
    name,
    {
      issuer,
      discovery: discoveryUrl(endpoint, name),
      jwks: jwksUrl(endpoint, name),
      ...(name === "github" ? tokenAddress(world, endpoint, null) : {}),
    },
  ]);
  return {
    endpoint,
    account,
    admin,
    issuers: Object.fromEntries(addresses),
    console: consoleAddress(endpoint, world.consoleKey),
    client: { endpoint, region: REGION, credentials: admin },
    createProvider: (provider) => makeProvider(world, provider),
    createRole: (role) => makeRole(world, role),
    mint: (job) => world.issuers.mint(job),
    exchanges: () => world.exchanges.list(),
    setWeather: (change) => world.weather.change(change),
    reset: () => reset(world),
    close,
    [Symbol.asyncDispose]: close,
  };
}
