import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import { isRecord } from "./gitlab-config.ts";
import { addPairs, pairOf, type Path, type Rewrite, scalarText, usesOf } from "./rewrite.ts";
import { plainOf, type YamlFile } from "./yaml-file.ts";

// Source: GitHub docs, workflow syntax (permissions): a block on the job replaces the workflow's, and what is not named
// in it is taken away.

/** What needs more of GITHUB_TOKEN than `contents: read`. */
const TOKEN_USE = /secrets\.GITHUB_TOKEN|github\.token|GH_TOKEN|\bgit push\b|ghcr\.io|\bgh (?:pr|release|issue|api)\b/;
const TOKEN_ACTIONS =
  /^(?:actions\/(?:github-script|labeler|stale|deploy-pages|attest)|softprops\/|peter-evans\/|release-drafter\/|googleapis\/release|github\/codeql|docker\/build-push-action)/;

/** The job's permissions: what it had, and the right to ask for an ID token. */
export function grant(
  rewrite: Rewrite,
  file: YamlFile,
  map: YAMLMap,
  path: Path,
  refuse: (node: unknown, reason: string) => never,
): void {
  const own = pairOf(map, "permissions");
  if (own) {
    if (isMap(own.value)) return grantInMap(rewrite, own.value, [...path, "permissions"], refuse);
    if (scalarText(own.value) === "write-all") return;
    return refuse(own.key, `the job's permissions are ${String(plainOf(file, own.value))}: name them one by one first`);
  }
  const above = pairOf(file.root, "permissions");
  const inherited = above ? plainOf(file, above.value) : null;
  if (inherited === "write-all") return;
  if (above && !isRecord(inherited))
    return refuse(above.key, `the workflow's permissions are ${String(inherited)}: name them one by one first`);
  if (isRecord(inherited) && inherited["id-token"] === "write") return;
  if (!above && usesToken(file, map)) {
    return refuse(
      map,
      "the job uses GITHUB_TOKEN and names no permissions, which would be taken away: name them first, on the job",
    );
  }
  const steps = pairOf(map, "steps") ?? pairOf(map, "uses") ?? map.items[0];
  if (!steps) return;
  const base = isRecord(inherited) ? inherited : { contents: "read" };
  addPairs(rewrite, map, path, { permissions: { "id-token": "write", ...base } }, { before: steps });
}

function grantInMap(
  rewrite: Rewrite,
  permissions: YAMLMap,
  path: Path,
  refuse: (node: unknown, reason: string) => never,
): void {
  const given = pairOf(permissions, "id-token");
  const [first] = permissions.items;
  if (given) {
    if (scalarText(given.value) === "write") return;
    return refuse(given.key, "the job's permissions take the ID token away");
  }
  if (!first) return refuse(permissions, "the job's permissions are empty");
  if (!permissions.flow) return addPairs(rewrite, permissions, path, { "id-token": "write" }, { before: first });
  const [start] = first.key && isScalar(first.key) ? (first.key.range ?? [0]) : [0];
  rewrite.edits.push({ start, end: start, text: "id-token: write, " });
  let owner: unknown = rewrite.wanted;
  for (const step of path) owner = (owner as Record<string, unknown>)[String(step)];
  if (isRecord(owner)) owner["id-token"] = "write";
}

function usesToken(file: YamlFile, map: YAMLMap): boolean {
  const [start, end] = map.range ?? [0, 0];
  if (TOKEN_USE.test(file.text.slice(start, end))) return true;
  const steps = pairOf(map, "steps")?.value;
  return isSeq(steps) && steps.items.some((step) => isMap(step) && usesOf(step, TOKEN_ACTIONS));
}
