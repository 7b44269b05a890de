import { lstat, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Finding } from "../core/lint/finding.ts";
import { type HclFile, moduleSource, placeInHcl } from "../doctor/lint-hcl.ts";

/** Reads the configuration that a plan stands beside, module by module, as far as findings ask for it. */
export class HclFiles {
  readonly #folder: string;
  readonly #read = new Map<string, Promise<readonly HclFile[]>>();

  /** @param plan path of the plan: the configuration is in its folder */
  constructor(plan: string) {
    this.#folder = dirname(plan);
  }

  /** A finding with the file, line and columns of the configuration; as it is where they cannot be told. */
  async locate(finding: Finding): Promise<Finding> {
    const [, modules = "", name] = /^((?:module\.[^.]+\.)*)aws_iam_role\.([^.[]+)/.exec(finding.resource) ?? [];
    const folder = await this.#folderOf(modules);
    const place = name === undefined || folder === null ? null : placeInHcl(await this.#files(folder), name, finding);
    return place ? { ...finding, from: place.path, line: place.region.line, region: place.region } : finding;
  }

  async #folderOf(modules: string): Promise<string | null> {
    let folder = this.#folder;
    for (const [, name = ""] of modules.matchAll(/module\.([^.[]+)/g)) {
      const source = moduleSource(await this.#files(folder), name);
      if (source === null) return null;
      folder = join(folder, source);
    }
    return folder;
  }

  #files(folder: string): Promise<readonly HclFile[]> {
    const known = this.#read.get(folder) ?? readFolder(folder);
    this.#read.set(folder, known);
    return known;
  }
}

// A configuration is written by people.
const LARGEST = 1024 * 1024;

async function readFolder(folder: string): Promise<readonly HclFile[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".tf")).toSorted();
  const files: HclFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const stat = await lstat(path).catch(() => null);
    if (stat?.isFile() && stat.size <= LARGEST) files.push({ path, text: await readFile(path, "utf8") });
  }
  return files;
}
