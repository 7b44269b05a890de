import { execFile } from "node:child_process";
import type { Env } from "../ci/ci.ts";
import { findOnPath } from "../wire/path-lookup.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { type Profiles, webIdentityOf } from "./profiles.ts";

const { good, bad, unknown } = findingsOf("tools");

const TIMEOUT = 5000;

/** Tools that are asked for their version, and how. */
const TOOLS = [
  { name: "aws", args: ["--version"], version: /aws-cli\/(\S+)/ },
  { name: "cdk", args: ["--version"], version: /(\d+\.\d+\.\d+)/ },
  { name: "terraform", args: ["version"], version: /Terraform v(\S+)/ },
] as const;

/** Versions of the tools that jobs hand their credentials to, where they are installed. */
export async function checkTools(env: Env, profiles: Profiles): Promise<readonly Finding[]> {
  const found = await Promise.all(TOOLS.map((tool) => checkTool(tool, env, profiles)));
  return found.flat();
}

async function checkTool(
  { name, args, version }: (typeof TOOLS)[number],
  env: Env,
  profiles: Profiles,
): Promise<readonly Finding[]> {
  const path = await findOnPath(name, env["PATH"] ?? "");
  if (path === null) return [];
  const said = await ask(path, args, env);
  const [, found] = version.exec(said ?? "") ?? [];
  if (found === undefined) return [unknown(`${name} does not tell its version`)];
  return name === "cdk" ? [checkCdk(found, env, profiles)] : [good(`${name} ${found}`)];
}

/** Without a shell, and without anything of the job that the tool could use or print. */
function ask(path: string, args: readonly string[], env: Env): Promise<string | null> {
  const kept = Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "LANG", "SystemRoot"].flatMap((name) =>
      env[name] === undefined ? [] : [[name, env[name]]],
    ),
  );
  // A version check of Terraform, and CDK's notices, would ask the network.
  const quiet = { CHECKPOINT_DISABLE: "1", CDK_DISABLE_VERSION_CHECK: "1" };
  return new Promise((resolve) => {
    const child = execFile(
      path,
      [...args],
      { env: { ...kept, ...quiet }, timeout: TIMEOUT, encoding: "utf8" },
      (error, stdout, stderr) => resolve(error ? null : `${stdout}\n${stderr}`),
    );
    child.stdin?.end();
  });
}

/** The first version of CDK that follows profiles with a web identity; measured. */
const FIXED = [2, 167, 0] as const;

function checkCdk(version: string, env: Env, profiles: Profiles): Finding {
  if (!isBefore(version, FIXED)) return good(`cdk ${version}`);
  const name = env["AWS_PROFILE"] || env["AWS_DEFAULT_PROFILE"] || "default";
  const kind = webIdentityOf(name, profiles);
  const fix = "cdk 2.167.0 or newer, or rolecall exec -- cdk ...";
  if (kind === "itself")
    return bad(`cdk ${version} does not know profiles with a web identity, as ${name} is one`, { failure: "F66", fix });
  if (kind === "source")
    return bad(`cdk ${version} does not follow source_profile to a web identity, as ${name} does`, {
      failure: "F67",
      fix,
    });
  return good(`cdk ${version} (before 2.167 it knows no profiles with a web identity; there is none here)`);
}

function isBefore(version: string, than: readonly number[]): boolean {
  const parts = version.split(".").map((part) => Number.parseInt(part, 10));
  const at = than.findIndex((part, index) => part !== (parts[index] ?? 0));
  return at >= 0 && (parts[at] ?? 0) < (than[at] ?? 0);
}
