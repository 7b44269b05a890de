import type { Credentials } from "../core/credentials.ts";
import { renewing } from "../credentials/renewing.ts";
import { assume, type Plan, planExchange } from "./exchange-token.ts";
import type { JobInput } from "./given.ts";
import { GLOBAL_OPTIONS, type Option } from "./command.ts";
import type { Io } from "./io.ts";
import { JOB_OPTIONS } from "./job-options.ts";

/** What to exchange the job's ID token for; what is left out is found as the command line finds it. */
export interface FromCiOptions {
  /** `arn:aws:iam::<account>:role/<name>`; AWS_ROLE_ARN when left out. */
  readonly roleArn?: string;
  /** The region whose STS is asked; AWS_REGION when left out. */
  readonly region?: string;
  /** URL of another STS, for example the local cloud's. */
  readonly endpoint?: string;
  /** The audience that the ID token must have. */
  readonly audience?: string;
  /** A variable that holds the ID token, where the CI is none that rolecall knows. */
  readonly tokenEnv?: string;
  /** A file that holds the ID token, read again for each exchange. */
  readonly tokenFile?: string;
  readonly sessionName?: string;
  /** Seconds that each session lives: 900 to 43200. */
  readonly durationSeconds?: number;
  /** A session policy that narrows the role, as JSON. */
  readonly policy?: string;
  /** ARNs of managed policies that narrow the role. */
  readonly policyArns?: readonly string[];
  /** Accounts, twelve digits each, that the credentials may be of; any when left out. */
  readonly allowAccounts?: readonly string[];
  /** Give credentials to the pull request of a fork too. */
  readonly allowFork?: boolean;
  /** Is told what the command line would say on stderr: retries, a clock that is off. Nothing is secret. */
  readonly log?: (line: string) => void;
}

/** Temporary credentials as clients of the AWS SDK for JavaScript v3 take them. */
export interface CiCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** When the client should ask for new ones. */
  readonly expiration: Date;
  /** Twelve digits. */
  readonly accountId: string;
}

/**
 * A credential provider for clients of the AWS SDK v3, in a CI job. It exchanges the job's ID token for a session of
 * the role, keeps that in memory, and exchanges anew before it ends: for as long as the job runs where the CI gives
 * new tokens, else as long as the job's token lives.
 *
 * @throws RolecallError when it is called: `usage` or `config` for what was given, `no-token` outside of a CI or when
 *   the token is over, `refused` by STS, `unavailable`
 * For a role behind that one, give it to `fromTemporaryCredentials` of the SDK as `masterCredentials`.
 *
 * @example
 * const s3 = new S3Client({ region: "eu-central-1", credentials: fromCi({ roleArn }) });
 */
export function fromCi(options: FromCiOptions = {}): () => Promise<CiCredentials> {
  const io = quietIo(options.log);
  const input = inputOf(options);
  let plan: Plan | undefined;
  const get = async (): Promise<Credentials> => {
    plan ??= await planExchange(input, io, () => Promise.resolve(null));
    return assume(plan, input, io);
  };
  const credentials = renewing({ get, now: io.now });
  return async () => toSdk(await credentials());
}

function toSdk({ accessKeyId, secretAccessKey, sessionToken, expiration, role }: Credentials): CiCredentials {
  return {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken.reveal(),
    expiration,
    accountId: role.split(":")[4] ?? "",
  };
}

function inputOf(options: FromCiOptions): JobInput {
  const { durationSeconds: duration } = options;
  return {
    ...nothingGiven(),
    role: options.roleArn,
    region: options.region,
    "endpoint-url": options.endpoint,
    audience: options.audience,
    "token-env": options.tokenEnv,
    "token-file": options.tokenFile,
    "session-name": options.sessionName,
    duration: duration === undefined ? undefined : String(duration),
    policy: options.policy,
    "policy-arn": options.policyArns ?? [],
    "allow-account": options.allowAccounts ?? [],
    "allow-fork": options.allowFork ?? false,
    quiet: options.log === undefined,
  };
}

/** As a command line without any option. */
function nothingGiven(): JobInput {
  const table: Readonly<Record<string, Option>> = { ...GLOBAL_OPTIONS, ...JOB_OPTIONS };
  const values = Object.entries(table).map(([name, { type, multiple }]) => [
    name,
    type === "boolean" ? false : multiple ? [] : undefined,
  ]);
  return Object.fromEntries(values) as JobInput;
}

function quietIo(log: (line: string) => void = () => {}): Io {
  return {
    env: process.env,
    platform: process.platform,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    stdinIsTerminal: false,
    out: () => {},
    err: (text) => log(text.trimEnd()),
    readStdin: () => Promise.resolve(""),
    now: () => Date.now(),
  };
}
