import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { RolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { readToken } from "../core/token.ts";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import { assumeRoleWithWebIdentity } from "../wire/sts.ts";
import type { Env } from "./inputs.ts";
import type { Sts } from "./signed-sts.ts";

/** Milliseconds for one question to STS. */
export const TIMEOUT = 10_000;

/** What looking for credentials needs: the job's environment, and an STS for profiles that assume a role. */
export interface Surroundings {
  readonly env: Env;
  readonly sts: Sts;
}

export function environmentKeys(env: Env): AwsKeys | null {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (!accessKeyId || !secret) return null;
  return { accessKeyId, secretAccessKey: new Secret(secret), ...(token ? { sessionToken: new Secret(token) } : {}) };
}

/** A role that is taken with the token in a file, as in pods of EKS. */
export interface TokenFile {
  readonly path: string | undefined;
  readonly roleArn: string | undefined;
  readonly sessionName: string | undefined;
}

export async function webIdentityKeys({ endpoint, http }: Sts, source: TokenFile): Promise<AwsKeys | null> {
  const { path, roleArn, sessionName = "" } = source;
  if (!path || !roleArn) return null;
  const call = { endpoint, roleArn, sessionName: sessionName || "rolecall", token: readWebIdentity(path) };
  const answer = await assumeRoleWithWebIdentity(call, http, TIMEOUT);
  if (answer.kind === "credentials") return answer.credentials;
  throw new RolecallError(
    "refused",
    `STS refused ${roleArn} to the token in ${path}: ${answer.code}: ${answer.message}`,
  );
}

function readWebIdentity(path: string): Secret {
  const reading = readToken(isAbsolute(path) ? readNow(path) : "");
  if (reading.kind === "token") return reading.token.raw;
  throw new RolecallError("config", `${path} does not hold a web identity token: ${reading.reason}`);
}

function readNow(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new RolecallError("config", `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
