import { type GitlabConfig, type GitlabJob, isRecord } from "./gitlab-config.ts";
import { hasGlobalKeys, layerPlace, mayUse, type Planned } from "./gitlab-plan.ts";
import type { Refusal } from "./migration.ts";
import { findPair, lineOf, rangeOf } from "./yaml-file.ts";

export function notesOf(config: GitlabConfig, planned: readonly Planned[]): readonly string[] {
  const isShell = planned.some(({ migrated }) => migrated.image === "shell");
  return [
    ...(config.isOpen
      ? ["it includes files of elsewhere, which were not read: their jobs and templates stay as they are"]
      : []),
    ...(environmentsOf(planned).size > 1
      ? [
          `keys may have been variables of one environment each (${[...environmentsOf(planned)].join(", ")}), and all these jobs take one role now`,
        ]
      : []),
    ...maybeUsers(config, planned),
    ...(isShell ? ["rolecall.sh needs curl or wget in the image"] : []),
  ];
}

/** Jobs that had the file's keys as well, and whose scripts may have used them where nobody sees it. */
function maybeUsers(config: GitlabConfig, planned: readonly Planned[]): readonly string[] {
  if (!hasGlobalKeys(config)) return [];
  const names = config.jobs
    .filter((job) => !job.isHidden && planned.every((one) => one.job !== job))
    .filter(({ scripts }) => [...scripts.before_script, ...scripts.script].some(mayUse))
    .map(({ name }) => name);
  return names.map(
    (name) => `${name} had the file's keys too: if its scripts call AWS, say --job ${JSON.stringify(name)}`,
  );
}

/** Keys of the whole file go only where the jobs that used them are known. */
export function unusedKeys(config: GitlabConfig, planned: readonly Planned[]): readonly Refusal[] {
  const [file] = config.files;
  if (!file || planned.length > 0 || !hasGlobalKeys(config)) return [];
  const offset = rangeOf(findPair(file, file.root, "variables")?.pair.key)[0];
  const reason = "its variables hold keys, and no job calls AWS by name: name the jobs with --job";
  return [{ path: file.path, line: lineOf(file.text, offset), job: null, reason }];
}

function environmentsOf(planned: readonly Planned[]): ReadonlySet<string> {
  const names = planned
    .filter(({ migrated, job }) => !job.isHidden && !migrated.role.includes("$"))
    .map(({ job: { value } }) =>
      isRecord(value["environment"]) ? value["environment"]["name"] : value["environment"],
    );
  return new Set(names.filter((name) => typeof name === "string"));
}

/** Jobs with keys of their own may be of different accounts; one role for all of them would be a guess. */
export function differentKeys(planned: readonly Planned[]): readonly Refusal[] {
  const keys = planned.map(({ job }) => ({ job, key: keyOf(job) })).filter(({ key }) => key !== null);
  const other = keys.find(({ key }) => key !== keys[0]?.key);
  if (!other) return [];
  const place = layerPlace(other.job);
  const reason = `it uses other keys than ${keys[0]?.job.name ?? ""}, and so may be of another account: give each its role by hand`;
  return [{ path: place.file.path, line: lineOf(place.file.text, place.offset), job: other.job.name, reason }];
}

/** Where a job has its key from: the value of the variable, or what its script puts there. */
function keyOf({ value, scripts }: GitlabJob): string | null {
  const { variables } = value;
  const own = isRecord(variables) ? variables["AWS_ACCESS_KEY_ID"] : undefined;
  if (typeof own === "string") return own;
  const text = [...scripts.before_script, ...scripts.script].map((item) => item.value).join("\n");
  return (
    /(?:AWS_ACCESS_KEY_ID=|set aws_access_key_id )["']?(\$\{?[A-Za-z_]\w*\}?|A[A-Z2-7]{19})["']?(?=\s|$)/.exec(
      text,
    )?.[1] ?? null
  );
}
