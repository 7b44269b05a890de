import { assumedRoleArn, parseRoleArn } from "../../core/arn.ts";
import { type Credentials, isShellSafe } from "../../core/credentials.ts";
import { isRolecallError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { callerIdentity } from "../../wire/aws-sdk.ts";
import { given, type JobInput, type Obtained } from "../assume.ts";
import { allowedAccounts } from "../exchange-token.ts";
import type { Io } from "../io.ts";
import { note } from "../report.ts";

/** A session with less is not worth keeping. */
const LEAST_LEFT = 5 * 60_000;

/**
 * The session of the environment, if AWS takes it and it is the wanted one; else null, and why is told.
 *
 * Keys without an end are not kept: they are what a job should be rid of.
 */
export async function existingSession(options: JobInput, io: Io): Promise<Obtained | null> {
  const session = readSession(io);
  const found = typeof session === "string" ? session : await verify(session, options, io);
  if (typeof found !== "string") return found;
  if (found !== "" && !options.quiet) note(io, `the session of the environment is not kept: ${found}`);
  return null;
}

/** Why it is none, or nothing when there is not even one. */
function readSession({ env, now }: Io): Omit<Credentials, "role"> | string {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (!id || !secret) return "";
  if (!token) return "these are keys without an end";
  if (![id, secret, token].every(isShellSafe)) return "its values are not what AWS makes";
  const expiration = new Date(env["AWS_CREDENTIAL_EXPIRATION"] ?? Number.NaN);
  const left = expiration.getTime() - now();
  if (Number.isNaN(left)) return "AWS_CREDENTIAL_EXPIRATION does not say when it ends";
  if (left < LEAST_LEFT) return `it ends in ${Math.max(0, Math.round(left / 1000))} s`;
  return { accessKeyId: id, secretAccessKey: new Secret(secret), sessionToken: new Secret(token), expiration };
}

async function verify(session: Omit<Credentials, "role">, options: JobInput, io: Io): Promise<Obtained | string> {
  const region = given("region", options, io)?.value;
  const endpoint = given("endpoint-url", options, io)?.value;
  try {
    const { arn, account } = await callerIdentity({
      credentials: session,
      ...(endpoint ? { endpoint } : {}),
      ...(region ? { region } : {}),
    });
    const allowed = allowedAccounts(options, io);
    if (allowed.length > 0 && !allowed.includes(account)) return `it is of account ${account}`;
    const last = options.then
      .at(-1)
      ?.split(/,(?=arn:)/)
      .at(-1);
    const role = last === undefined ? given("role", options, io) : { value: last, from: "--then" };
    if (role && !arn.startsWith(assumedRoleArn(parseRoleArn(role.value, role.from), ""))) return `it is ${arn}`;
    return { credentials: { ...session, role: arn }, region };
  } catch (error) {
    if (!isRolecallError(error) || error.code === "config") throw error;
    return error.message;
  }
}
