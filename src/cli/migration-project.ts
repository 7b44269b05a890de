import { findCi } from "../ci/index.ts";
import { type ProjectFolder, readProjectFolder } from "./project-folder.ts";

/** What a role's entry is made of; null where neither the folder nor the command line tells it. */
export async function readProject(
  ci: string,
  { project: given }: { readonly project: string | undefined },
): Promise<{ project: string; issuer: string | null; folder: ProjectFolder } | null> {
  const folder = await readProjectFolder(process.cwd());
  const project = given ?? projectOf(ci, folder);
  const issuer = issuerOf(ci, folder);
  return project === null || issuer === undefined ? null : { project, issuer, folder };
}

/** The last word of a project's name, as a role may be called. */
export function shortName(project: string): string {
  const last = project.replaceAll(/[{}]/g, "").split("/").at(-1) ?? "";
  return last.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, 57) || "ci";
}

const BY_PATH = new Set(["gitlab", "github", "forgejo"]);

/** A path of another host would be somebody else's project. */
function projectOf(ci: string, { remote }: ProjectFolder): string | null {
  if (!remote || !BY_PATH.has(ci)) return null;
  const host = VENDORS.find(([pattern]) => pattern.test(remote.host))?.[1] ?? SELF_HOSTED;
  return host === ci || (host === SELF_HOSTED && ci !== "github") ? remote.path : null;
}

const SELF_HOSTED = "";

/** Whose projects a host has. */
const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/^gitlab\.com$/, "gitlab"],
  [/^github\.com$/, "github"],
  [/\.ghe\.com$/, "github-enterprise"],
  [/^bitbucket\.org$/, "bitbucket"],
  [/^codeberg\.org$/, "forgejo"],
];

/** Null where it is the vendor's own; undefined where only the customer knows it. */
function issuerOf(ci: string, { remote }: ProjectFolder): string | null | undefined {
  const { host = "", path = "" } = remote ?? {};
  if (ci === "gitlab") return host === "" || VENDORS.some(([one]) => one.test(host)) ? null : `https://${host}`;
  if (ci === "bitbucket" && host === "bitbucket.org")
    return `https://api.bitbucket.org/2.0/workspaces/${path.split("/")[0] ?? ""}/pipelines-config/identity/oidc`;
  return findCi(ci)?.issuer ? null : undefined;
}
