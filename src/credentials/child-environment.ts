import type { Credentials } from "../core/credentials.ts";
import { variables } from "./formats.ts";

/**
 * Variables that would win over, or mix with, the credentials handed over. Which tool prefers which is
 * measured in the failure catalogue's section 2 (F57-F59): the AWS CLI and the SDK for JavaScript disagree.
 */
export const SHADOWS: readonly { readonly name: string; readonly why: string }[] = [
  { name: "AWS_PROFILE", why: "SDKs take the profile before the keys" },
  { name: "AWS_DEFAULT_PROFILE", why: "the older name of AWS_PROFILE" },
  { name: "AWS_ROLE_ARN", why: "SDKs would assume the role once more" },
  { name: "AWS_WEB_IDENTITY_TOKEN_FILE", why: "SDKs would exchange that token instead" },
  { name: "AWS_ROLE_SESSION_NAME", why: "belongs to AWS_ROLE_ARN" },
  { name: "AWS_SECURITY_TOKEN", why: "the older name of AWS_SESSION_TOKEN" },
  { name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", why: "another source of credentials" },
  { name: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", why: "another source of credentials" },
  { name: "AWS_CONTAINER_AUTHORIZATION_TOKEN", why: "belongs to the container credentials" },
  { name: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", why: "belongs to the container credentials" },
];

/**
 * Makes SDKs and the AWS CLI name the tool in their User-Agent (`app/rolecall`), unless the job names another.
 * Source: AWS SDKs and Tools reference guide, application ID.
 */
export const AGENT = { AWS_SDK_UA_APP_ID: "rolecall" } as const;

export type Env = Readonly<Record<string, string | undefined>>;

export interface ChildEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** Names that were set and would have shadowed the session. */
  readonly removed: readonly string[];
  /** Keys of somebody else that were there before. */
  readonly replaced: readonly string[];
}

/** The environment for a child: the session's keys and region, and nothing that would shadow them. */
export function childEnvironment(env: Env, credentials: Credentials, region: string | undefined): ChildEnvironment {
  const { env: clean, removed } = withoutShadows(env);
  const session = variables(credentials);
  const replaced = session
    .filter(([name, value]) => env[name] !== undefined && env[name] !== "" && env[name] !== value)
    .map(([name]) => name)
    .filter((name) => name !== "AWS_CREDENTIAL_EXPIRATION");
  return {
    env: { ...AGENT, ...clean, ...Object.fromEntries(session), ...regionVariables(region) },
    removed,
    replaced,
  };
}

/** A copy of an environment without what could shadow credentials. */
export function withoutShadows(env: Env): { env: Record<string, string>; removed: string[] } {
  const shadows = new Set(SHADOWS.map(({ name }) => name));
  const kept: Record<string, string> = {};
  const removed: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (!shadows.has(name)) kept[name] = value;
    else if (value !== "") removed.push(name);
  }
  return { env: kept, removed };
}

/** Both names: the AWS CLI v1 does not read AWS_REGION, the SDK for JavaScript only that one (F63). */
export function regionVariables(region: string | undefined): Record<string, string> {
  return region ? { AWS_REGION: region, AWS_DEFAULT_REGION: region } : {};
}

const KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"];

/**
 * The environment for a child that gets its credentials from an endpoint: where that is, and nothing that tools would
 * look at before, keys above all.
 *
 * @param endpoint variables that name the endpoint
 */
export function servedEnvironment(
  env: Env,
  endpoint: Readonly<Record<string, string>>,
  region: string | undefined,
): ChildEnvironment {
  const { env: clean, removed } = withoutShadows(env);
  const kept = Object.entries(clean).filter(([name]) => !KEYS.includes(name));
  return {
    env: { ...AGENT, ...Object.fromEntries(kept), ...endpoint, ...regionVariables(region) },
    removed: [...removed, ...KEYS.slice(0, 3).filter((name) => env[name])],
    replaced: [],
  };
}
