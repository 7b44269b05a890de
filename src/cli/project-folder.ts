import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What a folder tells of the project that it is a checkout of. */
export interface ProjectFolder {
  /** Host and path of the remote `origin`, without user and password; null without one. */
  readonly remote: { readonly host: string; readonly path: string } | null;
  /** The remote's default branch, else `main`. */
  readonly branch: string;
  /** Ids of the CIs whose files are there. */
  readonly cis: readonly string[];
}

// Which file says which CI. Sources: the vendors' documentation, as in `file` of each in ci/.
const FILES: readonly (readonly [string, string])[] = [
  ["gitlab", ".gitlab-ci.yml"],
  ["github", ".github/workflows"],
  ["forgejo", ".forgejo/workflows"],
  ["circleci", ".circleci/config.yml"],
  ["jenkins", "Jenkinsfile"],
  ["bitbucket", "bitbucket-pipelines.yml"],
  ["buildkite", ".buildkite"],
];

/** Looks at a folder; what it does not tell is null or empty, never an error. */
export async function readProjectFolder(folder: string): Promise<ProjectFolder> {
  const url = await git(folder, "config", "--get", "remote.origin.url");
  const head = await git(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD");
  const top = (await git(folder, "rev-parse", "--show-toplevel")) ?? folder;
  return {
    remote: url === null ? null : readRemote(url),
    branch: head?.replace(/^origin\//, "") ?? "main",
    cis: FILES.filter(([, file]) => hasContent(join(top, file))).map(([ci]) => ci),
  };
}

/** An empty folder is nobody's. */
function hasContent(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    return readdirSync(path).length > 0;
  } catch {
    return true; // a file
  }
}

/** What git prints, or null where there is no git or it has nothing to say. */
function git(cwd: string, ...args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("git", [...args], { cwd, timeout: 5000 }, (error, stdout) => {
      const text = stdout.trim();
      resolve(error || text === "" ? null : text);
    });
  });
}

/**
 * Host and path of a remote: `https://user@host/a/b.git`, `ssh://git@host:22/a/b`, `git@host:a/b.git`.
 * A file's path is no remote.
 */
export function readRemote(url: string): ProjectFolder["remote"] {
  const [, scpHost, scpPath] = /^(?:[^@/]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(url) ?? [];
  const parsed = scpHost === undefined && URL.canParse(url) ? new URL(url) : null;
  const host = scpHost ?? parsed?.hostname ?? "";
  const path = (scpPath ?? parsed?.pathname ?? "").replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  return host === "" || path === "" ? null : { host, path };
}
