import { readParts } from "../shapes/parts.ts";
import type { Shape } from "../shapes/shape.ts";

type Mending = readonly [RegExp, string];

const EVERYWHERE: readonly Mending[] = [
  [/^\s+|\s+$/g, ""],
  [/\/$/, ""],
];

/** What people write and the issuer does not, by the shape of its subjects. Sources: the vendors' pages, as in `src/ci/`. */
const BY_LEAD: Readonly<Record<string, readonly Mending[]>> = {
  "repo:": [
    [/^repo:\s*/i, "repo:"],
    [/^repo:(https?:\/\/)?github\.com\//i, "repo:"],
    [/^(repo:[^/:]+\/[^/:]+)\.git(:|$)/, "$1$2"],
    // The subject has the whole ref.
    [/^(repo:[^/:]+\/[^/:]+:ref:)(?!refs\/)(?=[^*?])/, "$1refs/heads/"],
    [/^(repo:[^/:]+\/[^/:]+:)branch:/, "$1ref:refs/heads/"],
    [/^(repo:[^/:]+\/[^/:]+:)tag:/, "$1ref:refs/tags/"],
    [/^(repo:[^/:]+\/[^/:]+:)pull[-_ ]?requests?$/i, "$1pull_request"],
    [/^(repo:[^/:]+\/[^/:]+:)env(ironment)?:/i, "$1environment:"],
  ],
  "project_path:": [
    [/^project_path:\s*\/?/i, "project_path:"],
    // GitLab's ref is the name alone.
    [/^(project_path:[^:]+:ref_type:branch:ref:)refs\/heads\//, "$1"],
    [/^(project_path:[^:]+:ref_type:tag:ref:)refs\/tags\//, "$1"],
    [/^(project_path:[^:]+:ref_type:)(heads|branches):/i, "$1branch:"],
    [/^(project_path:[^:]+:ref_type:)tags:/i, "$1tag:"],
  ],
};

/** A subject as the issuer would write it, or null when it is so already, or is of no known form. */
export function asIssued(shape: Shape, value: string): string | null {
  const own = BY_LEAD[shape.lead];
  if (!own) return null;
  const mended = [...EVERYWHERE, ...own].reduce((text, [wrong, right]) => text.replace(wrong, right), value);
  return mended === value || readParts(shape, mended) === null ? null : mended;
}
