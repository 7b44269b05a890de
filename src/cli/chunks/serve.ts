import { readFileSync } from "node:fs";
import { devNull } from "node:os";
import type { Credentials } from "../../core/credentials.ts";
import { isRolecallError, RolecallError } from "../../core/errors.ts";
import { servedEnvironment } from "../../credentials/child-environment.ts";
import { type CredentialsEndpoint, startEndpoint } from "../../credentials/endpoint.ts";
import { credentialSetting, hasKeys } from "../../credentials/profile.ts";
import { renewing } from "../../credentials/renewing.ts";
import { runChild } from "../../credentials/run-child.ts";
import { assume, type JobInput, type Plan, planExchange } from "../assume.ts";
import { awsConfigPath, awsCredentialsPath } from "../home.ts";
import type { Io } from "../io.ts";
import { renewalText } from "../renewal.ts";
import { hint, note } from "../report.ts";

/** An endpoint with credentials of a plan, which it gets anew before they end. */
export interface Served {
  readonly plan: Plan;
  readonly endpoint: CredentialsEndpoint;
}

/**
 * Starts an endpoint. The first exchange is made before: a refusal should stop the job here and not in the first tool.
 *
 * @throws RolecallError as `planExchange` and `assume`
 */
export async function openEndpoint(options: JobInput, io: Io): Promise<Served> {
  const { plan, credentials } = await renewingCredentials(options, io);
  await credentials();
  return { plan, endpoint: await startEndpoint(telling(credentials, io)) };
}

/** Credentials of a plan that are always good. */
export async function renewingCredentials(
  options: JobInput,
  io: Io,
): Promise<{ readonly plan: Plan; readonly credentials: () => Promise<Credentials> }> {
  const plan = await planExchange(options, io);
  let end = plan.end;
  const get = (): Promise<Credentials> => {
    const now = { ...plan, end };
    // The limit was for the start of the job's command; a renewal has the usual time.
    end = null;
    return assume(now, options, io);
  };
  return { plan, credentials: renewing({ get, now: io.now }) };
}

/** What goes wrong later is told on stderr as well: of what an endpoint answers, some tools show nothing. */
function telling(credentials: () => Promise<Credentials>, io: Io): () => Promise<Credentials> {
  let told = "";
  return async () => {
    try {
      return await credentials();
    } catch (error) {
      if (isRolecallError(error) && error.message !== told) {
        told = error.message;
        note(io, `error: no new credentials: ${error.message}`);
        for (const line of error.hints) hint(io, line);
      }
      throw error;
    }
  };
}

/** Runs a command that gets its credentials from an endpoint; gives its status. */
export async function serveCommand(
  options: JobInput & { readonly "use-existing": boolean },
  rest: readonly string[],
  io: Io,
): Promise<number> {
  if (options["use-existing"])
    throw new RolecallError("usage", "exec: --renew and --use-existing: expected one, a session is not renewed");
  const { plan, endpoint } = await openEndpoint(options, io);
  const child = servedEnvironment(
    io.env,
    { ...endpointVariables(endpoint), ...withoutFiles(options, io) },
    plan.region,
  );
  if (!options.quiet) tellServed(child.removed, plan, io);
  const [command = "", ...args] = rest;
  try {
    const end = await runChild(command, args, { env: child.env, interactive: io.stdinIsTerminal });
    // As exec does without --renew.
    if (end.signal) process.kill(process.pid, end.signal);
    return end.status;
  } finally {
    await endpoint.close();
  }
}

function tellServed(removed: readonly string[], plan: Plan, io: Io): void {
  if (removed.length > 0)
    note(io, `left out of the command's environment, they would shadow the credentials: ${removed.join(", ")}`);
  note(
    io,
    `the command asks rolecall for credentials; ${renewalText(plan, io.now()).replace(/^it renews itself/, "they are renewed")}`,
  );
}

/** The variables by which SDKs and the AWS CLI find the endpoint. */
export function endpointVariables({ url, authorization }: CredentialsEndpoint): Record<string, string> {
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization.reveal(),
  };
}

/** Keys in the shared credentials file win over an endpoint: the command does not see that file. */
function withoutFiles({ quiet }: JobInput, io: Io): Record<string, string> {
  const keys = hasKeys(textOf(awsCredentialsPath(io)), "default");
  const setting = credentialSetting(textOf(awsConfigPath(io)), "default");
  if (keys && !quiet) note(io, `the command does not see ${awsCredentialsPath(io)}: its keys would win`);
  if (setting !== null && !quiet)
    note(io, `profile default in ${awsConfigPath(io)} has ${setting}, which wins over the endpoint in most tools`);
  return keys ? { AWS_SHARED_CREDENTIALS_FILE: devNull } : {};
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
