import { readdir, readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readRoleArn, type RoleArn } from "../core/arn.ts";
import { isRolecallError } from "../core/errors.ts";
import { parseRegion, stsEndpoint } from "../core/endpoint.ts";
import { findFork } from "../credentials/fork.ts";
import type { Inputs } from "../doctor/check-inputs.ts";
import type { Surroundings } from "../doctor/check-environment.ts";
import { joinProfiles, type Profiles, readProfiles } from "../doctor/profiles.ts";
import { isLoopback } from "../wire/proxy.ts";
import { given, parseEndpoint } from "./assume.ts";
import type { Input, Options } from "./command.ts";
import { detectCi } from "./find-token.ts";
import { awsConfigPath, awsCredentialsPath } from "./home.ts";
import type { Io } from "./io.ts";
import { JOB_OPTIONS } from "./job-options.ts";
import { ROLE_SOURCE_OPTIONS } from "./role-source.ts";

export const DOCTOR_OPTIONS = {
  ...JOB_OPTIONS,
  "trust-policy": { ...ROLE_SOURCE_OPTIONS.policy },
  "provider-audience": ROLE_SOURCE_OPTIONS["provider-audience"],
  offline: { type: "boolean", help: "ask neither issuer nor AWS" },
  json: { type: "boolean", help: "as JSON" },
} as const satisfies Options;

export type DoctorInput = Input<typeof DOCTOR_OPTIONS>["options"];

/** Where doctor stands: everything that can be known without asking anybody. */
export interface DoctorPlace {
  readonly surroundings: Surroundings;
  readonly inputs: Inputs;
  readonly role: RoleArn | null;
  /** STS; null when the endpoint or the region that were given are none. */
  readonly endpoint: URL | null;
  /** A local AWS plays the issuers itself. */
  readonly isLocal: boolean;
}

export async function readPlace(options: DoctorInput, io: Io): Promise<DoctorPlace> {
  const role = given("role", options, io) ?? emptyRole(io);
  const arn = readRoleArn(role?.value ?? "");
  const endpoint = endpointOf(options, arn, io);
  return {
    surroundings: await readSurroundings(
      { ci: options.ci, role: role?.value ?? "", allowFork: options["allow-fork"] },
      io,
    ),
    inputs: { role, sessionName: given("session-name", options, io) },
    role: arn,
    endpoint,
    isLocal: endpoint !== null && isLoopback(endpoint.hostname),
  };
}

/** What of environment and home decides who a client of AWS is. `role`: as it was given, empty when it was not. */
export async function readSurroundings(
  { ci, role, allowFork }: { readonly ci: string | undefined; readonly role: string; readonly allowFork: boolean },
  io: Io,
): Promise<Surroundings> {
  const detected = detectCi(io, ci);
  return {
    env: io.env,
    ci: detected && { name: detected.ci.name, because: detected.evidence.because },
    profiles: await readAllProfiles(io),
    cachedSessions: await countCached(io),
    role,
    fork: allowFork ? null : findFork(io.env, (path) => readFileSync(path, "utf8")),
  };
}

/** A variable that is there and empty says more than none. */
function emptyRole({ env }: Io): Inputs["role"] {
  const name = JOB_OPTIONS.role.env.find((one) => env[one] === "");
  return name === undefined ? null : { value: "", from: name };
}

function endpointOf(options: DoctorInput, role: RoleArn | null, io: Io): URL | null {
  try {
    const own = given("endpoint-url", options, io);
    if (own) return parseEndpoint(own.value, own.from);
    const region = given("region", options, io);
    return stsEndpoint(
      role?.partition ?? "aws",
      role && region ? parseRegion(region.value, region.from, role) : undefined,
    );
  } catch (error) {
    if (isRolecallError(error)) return null;
    throw error;
  }
}

async function readAllProfiles(io: Io): Promise<Profiles> {
  const texts = await Promise.all([awsConfigPath(io), awsCredentialsPath(io)].map(readText));
  return joinProfiles(...texts.map(readProfiles));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

/** The AWS CLI's cache is beside its config by default. Source: AWS CLI guide, cli-configure-role. */
async function countCached(io: Io): Promise<number> {
  const home = dirname(awsConfigPath({ ...io, env: { ...io.env, AWS_CONFIG_FILE: undefined } }));
  try {
    return (await readdir(join(home, "cli", "cache"))).filter((name) => name.endsWith(".json")).length;
  } catch {
    return 0;
  }
}
