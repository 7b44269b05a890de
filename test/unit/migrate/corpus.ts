import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Files } from "../../../src/migrate/migration.ts";

const HERE = fileURLToPath(new URL("./corpus/", import.meta.url));

/** Where a CI's file is expected. */
const PLACES: Readonly<Record<string, string>> = {
  gitlab: ".gitlab-ci.yml",
  github: ".github/workflows/main.yml",
  circleci: ".circleci/config.yml",
  bitbucket: "bitbucket-pipelines.yml",
};

/** A project as it may be found: one CI file, or a folder of them. */
export interface Case {
  readonly name: string;
  readonly ci: string;
  readonly files: Files;
}

/** The projects that can be moved; their patch is beside them. */
export function goodCases(): readonly Case[] {
  return Object.keys(PLACES).flatMap((ci) =>
    readdirSync(join(HERE, ci))
      .filter((name) => !name.endsWith(".patch"))
      .map((name) => ({
        name: `${ci}/${name.replace(/\.yml$/, "")}`,
        ci,
        files: read(join(HERE, ci, name), PLACES[ci] ?? ""),
      })),
  );
}

/** The projects that must be refused. */
export function refusedCases(): readonly Case[] {
  return readdirSync(join(HERE, "refused")).map((file) => {
    const name = file.replace(/\.yml$/, "");
    const ci = name.split("-")[0] ?? "";
    return { name, ci, files: read(join(HERE, "refused", file), PLACES[ci] ?? "") };
  });
}

export function patchOf(name: string): string {
  return readFileSync(join(HERE, `${name}.patch`), "utf8");
}

function read(path: string, place: string): Files {
  if (statSync(path).isFile()) return new Map([[place, readFileSync(path, "utf8")]]);
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names.map((entry) => {
      const full = join(entry.parentPath, entry.name);
      return [full.slice(path.length + 1), readFileSync(full, "utf8")];
    }),
  );
}
