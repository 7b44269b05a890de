import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { RolecallError } from "../core/errors.ts";
import type { AwsKeys } from "../wire/aws-sdk/types.ts";
import { writeFileAtomic } from "../wire/files.ts";
import type { Env } from "./inputs.ts";
import { hasSection, placeEntry, removeEntry } from "./profile-text.ts";

/** The two files of AWS profiles. */
export interface AwsFiles {
  readonly credentials: string;
  readonly config: string;
}

export function awsFiles(env: Env): AwsFiles {
  const folder = join(env["HOME"] || homedir(), ".aws");
  return {
    credentials: env["AWS_SHARED_CREDENTIALS_FILE"] || join(folder, "credentials"),
    config: env["AWS_CONFIG_FILE"] || join(folder, "config"),
  };
}

/** In the config file all profiles but the default one are called so. */
export function configSection(profile: string): string {
  return profile === "default" ? profile : `profile ${profile}`;
}

/** @throws RolecallError `config` for a name that the files cannot hold */
export function parseProfile(name: string): string {
  // oxlint-disable-next-line no-control-regex
  if (!/[\s[\]/\\\u0000-\u001f\u007f]/.test(name)) return name;
  throw new RolecallError(
    "config",
    `aws-profile: expected a name without blanks, square brackets and slashes, got ${JSON.stringify(name.slice(0, 60))}`,
  );
}

/** @throws RolecallError `config` when one of the files has the profile already */
export function refuseTaken(files: AwsFiles, profile: string): void {
  const taken = (path: string, section: string): boolean => hasSection(readIfThere(path) ?? "", section);
  const path = taken(files.credentials, profile)
    ? files.credentials
    : taken(files.config, configSection(profile)) && files.config;
  if (!path) return;
  throw new RolecallError("config", `aws-profile: ${path} has a profile ${profile} already; it is left as it is`, {
    hints: ["overwrite-aws-profile: true sets its credentials aside until the job ends", "or choose another name"],
  });
}

/** Writes keys and region of a profile; what else is in the files stays. */
export async function writeProfile(files: AwsFiles, profile: string, keys: AwsKeys, region: string): Promise<void> {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const settings = [
    ["aws_access_key_id", accessKeyId],
    ["aws_secret_access_key", secretAccessKey.reveal()],
    ...(sessionToken === undefined ? [] : [["aws_session_token", sessionToken.reveal()] as const]),
  ] as const;
  await update(files.credentials, (text) => placeEntry(text, { section: profile, settings }));
  const config = { section: configSection(profile), settings: [["region", region]] as const };
  await update(files.config, (text) => placeEntry(text, config));
}

/** Puts both files back; a file that the action made and nobody else wrote to is deleted. */
export async function removeProfile(files: AwsFiles, profile: string): Promise<void> {
  await restore(files.credentials, profile);
  await restore(files.config, configSection(profile));
}

// Both files may hold keys, so both are for their owner alone.
async function update(path: string, change: (text: string | null) => string): Promise<void> {
  await writeFileAtomic(path, change(readIfThere(path)));
}

async function restore(path: string, section: string): Promise<void> {
  const removed = removeEntry(readIfThere(path) ?? "", section);
  if (!removed.found) return;
  if (removed.deleteFile) await rm(path, { force: true });
  else await writeFileAtomic(path, removed.text);
}

export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new RolecallError("config", `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
