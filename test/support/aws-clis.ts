import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A real AWS CLI of this machine. */
export interface AwsCli {
  readonly path: string;
  /** As it says: `aws-cli/2.9.19 Python/…`. */
  readonly version: string;
}

/** Every AWS CLI on the PATH: some machines have version 1 beside version 2. */
export const AWS_CLIS: readonly AwsCli[] = findAwsClis();

function findAwsClis(): AwsCli[] {
  const folders = [...new Set((process.env["PATH"] ?? "").split(delimiter))];
  const found = folders
    .map((folder) => join(folder, "aws"))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, version: versionOf(path) }));
  return found.filter(({ version }, at) => version !== "" && found.findIndex((one) => one.version === version) === at);
}

function versionOf(path: string): string {
  try {
    // Version 1 once wrote it to stderr.
    return execFileSync(path, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  } catch {
    return "";
  }
}

if (AWS_CLIS.length === 0)
  console.warn("skipped: no AWS CLI on the PATH, so nothing is tried with it (Debian: apt-get install awscli)");
