import type { Env } from "../ci/ci.ts";
import { PARTITIONS, partitionOf, readRoleArn } from "../core/arn.ts";
import type { RolecallError } from "../core/errors.ts";
import { proxyFor } from "../wire/proxy.ts";
import { type Finding, findingsOf } from "./finding.ts";
import type { Profiles } from "./profiles.ts";

const { good, warning, bad } = findingsOf("environment");

export interface Surroundings {
  readonly env: Env;
  /** The CI's name, and why it was recognised; null outside a job. */
  readonly ci: { readonly name: string; readonly because: readonly string[] } | null;
  readonly profiles: Profiles;
  /** Sessions that the AWS CLI kept. */
  readonly cachedSessions: number;
  /** The role's ARN as it was given; empty when it was not. */
  readonly role: string;
  /** Evidence that the job runs a fork's code. */
  readonly fork: string | null;
}

/** What of the environment decides who a client of AWS is, or stands in its way. */
export function checkEnvironment(surroundings: Surroundings): readonly Finding[] {
  const { ci, fork } = surroundings;
  return [
    ci ? good(`${ci.name} job (${ci.because.join(", ")})`) : warning("no CI job: what follows is of this machine"),
    ...(fork === null ? [] : checkFork(fork, ci?.name ?? "")),
    ...checkKeys(surroundings),
    ...checkProfile(surroundings),
    ...checkAmbient(surroundings),
    ...checkRegion(surroundings),
    ...checkProxy(surroundings),
    ...checkCache(surroundings),
  ];
}

const FORKS: Readonly<Record<string, string>> = { "GitHub Actions": "F22", "GitLab CI": "F30" };

/**
 * @param fork evidence that it is one
 * @param ci the CI's name, as people write it
 */
export function checkFork(fork: string, ci: string): readonly Finding[] {
  const failure = FORKS[ci];
  return [
    bad(`this job runs the code of a fork: ${fork}`, {
      ...(failure === undefined ? {} : { failure }),
      fix: "deploy after the merge, in the repository itself",
    }),
  ];
}

function checkKeys({ env, ci }: Surroundings): readonly Finding[] {
  const id = env["AWS_ACCESS_KEY_ID"] ?? "";
  if (id === "") return [good("no access keys that would shadow the job's identity")];
  if (id.startsWith("ASIA")) return [good("AWS_ACCESS_KEY_ID is of a session")];
  const says = "AWS_ACCESS_KEY_ID is a long-lived key: CLI and SDKs take it before any token";
  const fix = ci
    ? "take it away where it is set (project, group, context); rolecall exec replaces it for its command"
    : "unset AWS_ACCESS_KEY_ID unless it is meant; rolecall exec replaces it for its command";
  return [ci ? bad(says, { failure: "F57", fix }) : warning(says, { failure: "F57", fix })];
}

function checkProfile({ env, profiles }: Surroundings): readonly Finding[] {
  const name = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].find((one) => env[one]);
  if (name === undefined) return [];
  const profile = env[name] ?? "";
  if (!profiles.has(profile)) {
    return [bad(`${name} is ${profile}, which is in no config file`, { failure: "F58", fix: `unset ${name}` })];
  }
  return [
    env["AWS_ACCESS_KEY_ID"]
      ? warning(
          `${name} is ${profile} beside access keys: the SDK for JavaScript takes the one, the AWS CLI the other`,
          {
            failure: "F58",
            fix: `unset ${name}, or the keys`,
          },
        )
      : good(`${name} is ${profile}`),
  ];
}

const CONTAINER = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];

function checkAmbient({ env, ci }: Surroundings): readonly Finding[] {
  const names = ["AWS_WEB_IDENTITY_TOKEN_FILE", ...CONTAINER].filter((name) => env[name]);
  const [file, role] = [env["AWS_WEB_IDENTITY_TOKEN_FILE"], env["AWS_ROLE_ARN"]];
  return [
    ...(ci && names.length > 0
      ? [
          warning(`${names.join(", ")}: clients may take the runner's identity for the job's`, {
            failure: "F59",
            fix: "rolecall exec, which takes them away for its command",
          }),
        ]
      : []),
    ...(file && !role
      ? [
          bad("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not: clients find no credentials", {
            fix: "set both, or rolecall exec --role ARN",
          }),
        ]
      : []),
  ];
}

function checkRegion({ env, role }: Surroundings): readonly Finding[] {
  const [sdk, cli] = [env["AWS_REGION"] ?? "", env["AWS_DEFAULT_REGION"] ?? ""];
  if (sdk === "" && cli === "") {
    return [warning("no region: AWS_REGION and AWS_DEFAULT_REGION are not set", { failure: "F63", fix: "set both" })];
  }
  const region = sdk || cli;
  const arn = readRoleArn(role);
  if (arn && partitionOf(region) !== arn.partition) {
    return [
      bad(`the region ${region} is in ${partitionOf(region)}, the role in ${arn.partition}`, {
        failure: "F62",
        fix: `a region of ${arn.partition}: ${PARTITIONS[arn.partition].defaultRegion}`,
      }),
    ];
  }
  if (sdk !== "" && cli !== "" && sdk !== cli) {
    return [
      warning(`AWS_REGION is ${sdk}, AWS_DEFAULT_REGION ${cli}: clients differ in which they take`, {
        failure: "F63",
        fix: "set both to one",
      }),
    ];
  }
  const missing = sdk === "" ? "AWS_REGION" : cli === "" ? "AWS_DEFAULT_REGION" : null;
  return [
    missing
      ? warning(`the region is ${region}, and ${missing} is not set, which some clients read alone`, {
          failure: "F63",
          fix: `${missing}=${region}`,
        })
      : good(`the region is ${region}`),
  ];
}

function checkProxy({ env, role }: Surroundings): readonly Finding[] {
  const suffix = PARTITIONS[readRoleArn(role)?.partition ?? "aws"].dnsSuffix;
  try {
    const proxy = proxyFor(new URL(`https://sts.${suffix}`), env);
    // A proxy's URL may hold a password.
    return proxy ? [good(`STS is asked through the proxy ${proxy.host}`)] : [];
  } catch (error) {
    const { message } = error as RolecallError;
    return [bad(message, { failure: "F61", fix: "HTTPS_PROXY=http://host:port" })];
  }
}

function checkCache({ ci, cachedSessions }: Surroundings): readonly Finding[] {
  if (!ci || cachedSessions === 0) return [];
  return [
    warning(`the AWS CLI kept sessions of earlier jobs in this home (${cachedSessions}), and gives them to this one`, {
      failure: "F81",
      fix: "rm -r ~/.aws/cli/cache when a job begins, or a home for each job",
    }),
  ];
}
