import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import type { LocalCloud } from "../../src/local/index.ts";
import { adminEnv, AUDIENCE, cleanEnv, CLI, type Env, roleArn, startCloud, trustPolicy } from "../e2e/support.ts";
import { startTlsFront } from "../e2e/tls-front.ts";
import { openStore, type Store } from "./clients-store.ts";
import { run, type RunResult } from "./run.ts";
import { tempDir } from "./temp-dir.ts";

/** How a job's credentials reach a client. Each is a shell script that ends in the client, `"$@"`. */
export const HAND_OVERS = {
  exec: 'exec rolecall exec -q -- "$@"',
  "exec --renew": 'exec rolecall exec -q --renew -- "$@"',
  "login's profile": 'rolecall login >"$HOME/said" 2>&1; unset AWS_ROLE_ARN; exec "$@"',
  "the token's own file":
    'rolecall token get -o "$HOME/token"; export AWS_WEB_IDENTITY_TOKEN_FILE="$HOME/token" AWS_ROLE_SESSION_NAME=by-file; exec "$@"',
} as const;

export type HandOver = keyof typeof HAND_OVERS;

/** The ARN of the session that a job has, however it was handed over. */
export const SESSION = /arn:aws:sts::123456789012:assumed-role\/shop-deploy\/(gitlab-\d+-574-302|by-file)/;

/** An AWS that clients reach by its own names, over TLS, through a proxy: they need no word about any endpoint. */
export interface Clients {
  readonly cloud: LocalCloud;
  readonly store: Store;
  /** Runs a client as GitLab's job of acme/shop on main. */
  readonly job: (how: HandOver, command: readonly string[], options?: JobOptions) => Promise<RunResult>;
  /** Runs a client with the administrator's keys. */
  readonly admin: (command: readonly string[], extra?: Env) => Promise<RunResult>;
}

export interface JobOptions {
  readonly env?: Env;
  readonly branch?: string;
}

/** As long as a client may take on a busy machine, in milliseconds. */
const PATIENCE = 90_000;

/** Starts a cloud with the role shop-deploy, which may do all, and with a bucket `builds` behind it. */
export async function startClients(): Promise<Clients> {
  const store = await openStore(["builds"]);
  const cloud = await startCloud({ upstream: store.endpoint });
  await makeRole(cloud);
  const front = await startTlsFront(cloud.endpoint);
  const home = tempDir();
  const env = cleanEnv(home, {
    HTTPS_PROXY: front.proxy,
    https_proxy: front.proxy,
    // For what is written in Go, in Python and with OpenSSL; AWS_CA_BUNDLE for the SDKs that have lists of their own.
    SSL_CERT_FILE: front.ca,
    AWS_CA_BUNDLE: front.ca,
    AWS_SDK_LOAD_CONFIG: "1",
    AWS_STS_REGIONAL_ENDPOINTS: "regional",
    ROLECALL_CACHE_DIR: `${home}/cache`,
  });
  const job: Clients["job"] = (how, command, { env: extra = {}, branch = "main" } = {}) => {
    const who = ["--project", "acme/shop", "--branch", branch, "--audience", AUDIENCE, "--role", roleArn(cloud)];
    const pretend = [
      CLI,
      "job",
      "gitlab",
      "--endpoint-url",
      cloud.endpoint,
      ...who,
      "--",
      "sh",
      "-ec",
      HAND_OVERS[how],
    ];
    return run(process.execPath, [...pretend, "sh", ...command], { env: { ...env, ...extra }, timeout: PATIENCE });
  };
  const admin: Clients["admin"] = ([file = "", ...args], extra = {}) =>
    run(file, args, { env: { ...env, ...adminEnv(cloud), ...extra }, timeout: PATIENCE });
  return { cloud, store, job, admin };
}

async function makeRole(cloud: LocalCloud): Promise<void> {
  const iam = new IAMClient({ endpoint: cloud.endpoint, region: "us-east-1", credentials: { ...cloud.admin } });
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://gitlab.com", ClientIDList: [AUDIENCE] }));
  const role = { RoleName: "shop-deploy" };
  await iam.send(new CreateRoleCommand({ ...role, AssumeRolePolicyDocument: trustPolicy(cloud) }));
  const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  await iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn }));
  iam.destroy();
}
