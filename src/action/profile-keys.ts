import { execFile } from "node:child_process";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import { readSection } from "./ini.ts";
import type { Env } from "./inputs.ts";
import { environmentKeys, type Surroundings, TIMEOUT, webIdentityKeys } from "./key-sources.ts";
import { containerKeys, instanceKeys, readKeys } from "./metadata.ts";
import { awsFiles, configSection, readIfThere } from "./profile.ts";
import { assumeRole } from "./signed-sts.ts";

type Settings = Readonly<Record<string, string>>;

/**
 * The credentials of an AWS profile; null when it is not there or says nothing of credentials.
 * Source: AWS SDKs and Tools reference guide, "Shared config and credentials files", "Assume role provider".
 *
 * @param through profiles that led here
 * @throws RolecallError `config` for a profile that is set up in a way that gives none, `refused` by STS
 */
export async function profileKeys(
  around: Surroundings,
  profile: string,
  through: readonly string[] = [],
): Promise<AwsKeys | null> {
  if (through.includes(profile)) throw wrong(profile, `source_profile leads back to it: ${through.join(", ")}`);
  const settings = readProfile(around.env, profile);
  // A profile may name itself as its source, which means its own keys.
  const own = staticKeys(settings);
  if (settings["role_arn"]) return roleKeys(around, profile, settings, through);
  if (own) return own;
  const command = settings["credential_process"];
  return command ? runProcess(command, profile, around.env) : null;
}

function readProfile(env: Env, profile: string): Settings {
  const files = awsFiles(env);
  const config = readSection(readIfThere(files.config) ?? "", configSection(profile));
  const credentials = readSection(readIfThere(files.credentials) ?? "", profile);
  return { ...config, ...credentials };
}

function staticKeys(settings: Settings): AwsKeys | null {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secret, aws_session_token: token } = settings;
  if (!accessKeyId || !secret) return null;
  return { accessKeyId, secretAccessKey: new Secret(secret), ...(token ? { sessionToken: new Secret(token) } : {}) };
}

async function roleKeys(
  around: Surroundings,
  profile: string,
  settings: Settings,
  through: readonly string[],
): Promise<AwsKeys | null> {
  const { role_arn: roleArn = "", role_session_name: name, external_id: externalId } = settings;
  const path = settings["web_identity_token_file"];
  if (path) return webIdentityKeys(around.sts, { path, roleArn, sessionName: name });
  const keys = await sourceKeys(around, profile, settings, through);
  const request = { roleArn, sessionName: name ?? "rolecall", externalId };
  const answer = await assumeRole(around.sts, keys, request, TIMEOUT);
  if (answer.kind === "credentials") return answer.credentials;
  throw new RolecallError("refused", `STS refused ${roleArn} of profile ${profile}: ${answer.code}: ${answer.message}`);
}

const CREDENTIAL_SOURCES: Readonly<Record<string, (env: Env) => Promise<AwsKeys | null>>> = {
  Environment: (env) => Promise.resolve(environmentKeys(env)),
  EcsContainer: containerKeys,
  Ec2InstanceMetadata: instanceKeys,
};

async function sourceKeys(
  around: Surroundings,
  profile: string,
  settings: Settings,
  through: readonly string[],
): Promise<AwsKeys> {
  const { source_profile: source, credential_source: named } = settings;
  const own = source === profile ? staticKeys(settings) : null;
  if (own) return own;
  const find = named !== undefined && Object.hasOwn(CREDENTIAL_SOURCES, named) ? CREDENTIAL_SOURCES[named] : undefined;
  const keys = source ? await profileKeys(around, source, [...through, profile]) : await find?.(around.env);
  if (keys) return keys;
  throw wrong(profile, `it has a role_arn, and its ${source ? "source_profile" : "credential_source"} gives no keys`);
}

/** Run without a shell: quotes hold words together, and nothing else is special. Source: as botocore runs it. */
async function runProcess(command: string, profile: string, env: Env): Promise<AwsKeys> {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const [file = "", ...args] = words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  const text = await new Promise<string>((resolve, reject) => {
    execFile(file, args, { env, timeout: TIMEOUT, encoding: "utf8" }, (error, stdout) => {
      if (error) reject(wrong(profile, "its credential_process failed"));
      else resolve(stdout);
    });
  });
  const keys = readKeys(text);
  if (!keys) throw wrong(profile, "its credential_process did not print credentials");
  return keys;
}

function wrong(profile: string, why: string): RolecallError {
  return new RolecallError("config", `AWS profile ${profile}: ${why}`);
}
