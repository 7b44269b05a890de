import { homedir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../credentials/cache-folder.ts";
import type { Io } from "./io.ts";

/** The AWS config file, by the variable that AWS CLI and SDKs read. */
export function awsConfigPath(io: Io): string {
  return io.env["AWS_CONFIG_FILE"] || join(home(io), ".aws", "config");
}

export function awsCredentialsPath(io: Io): string {
  return io.env["AWS_SHARED_CREDENTIALS_FILE"] || join(home(io), ".aws", "credentials");
}

/** Where kept sessions are. */
export function cachePath(io: Io): string {
  return cacheFolder(io.env, home(io));
}

function home(io: Io): string {
  return io.env["HOME"] || homedir();
}
