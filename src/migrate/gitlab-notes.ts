import { isForVault, keyNamedIn } from "./credential-commands.ts";
import { type GitlabConfig, type GitlabJob, isRecord } from "./gitlab-config.ts";
import { hasGlobalKeys, layerPlace, mayUse, type Planned } from "./gitlab-plan.ts";
import type { Refusal, Setup } from "./migration.ts";
import { differentSources, oneRoleForAll } from "./step-script.ts";
import { findPair, lineOf, plainOf, rangeOf, scalarsOf } from "./yaml-file.ts";

export function notesOf(config: GitlabConfig, planned: readonly Planned[], setup: Setup): readonly string[] {
  const isShell = planned.some(({ migrated }) => migrated.image === "shell");
  return [
    ...(config.isOpen
      ? [
          "it includes files of elsewhere, which were not read: their jobs and templates stay as they are",
          ...unreadTemplates(config, planned),
        ]
      : []),
    ...oneRoleForAll(environmentsOf(planned, setup)),
    ...maybeUsers(config, planned),
    ...(config.files.some((file) => scalarsOf(file).some(({ name, value }) => isForVault(`${name}: ${value}`)))
      ? ["CI_JOB_JWT, which Vault is given here, is gone since GitLab 17: its jobs need id_tokens of their own"]
      : []),
    ...(isShell ? ["rolecall.sh needs curl or wget in the image"] : []),
  ];
}

function unreadTemplates({ jobs }: GitlabConfig, planned: readonly Planned[]): readonly string[] {
  const known = new Set(jobs.map(({ name }) => name));
  return planned.flatMap(({ job }) => {
    const names = job.layers.flatMap(({ file, map }) => {
      const value = plainOf(file, findPair(file, map, "extends")?.pair.value);
      const all: readonly unknown[] = Array.isArray(value) ? value : [value];
      return all.filter((name) => typeof name === "string" && !known.has(name));
    });
    const listed = [...new Set(names)].join(", ");
    return names.length > 0
      ? [`${job.name} extends ${listed}, which was not read: see that its image has curl or wget`]
      : [];
  });
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

function environmentsOf(planned: readonly Planned[], { roles }: Setup): ReadonlySet<string> {
  const names = planned
    .filter(({ migrated, job }) => !job.isHidden && !migrated.role.includes("$") && !roles?.has(job.name))
    .map(({ job: { value } }) =>
      isRecord(value["environment"]) ? value["environment"]["name"] : value["environment"],
    );
  return new Set(names.filter((name) => typeof name === "string"));
}

/** Jobs with keys of their own may be of different accounts; one role for all of them would be a guess. */
export function differentKeys(planned: readonly Planned[], { roles }: Setup): readonly Refusal[] {
  const sources = planned.flatMap(({ job }) => {
    const key = keyOf(job);
    const { file, offset } = layerPlace(job);
    if (key === null || roles?.has(job.name)) return [];
    return [{ job: job.name, key, path: file.path, line: lineOf(file.text, offset) }];
  });
  return differentSources(sources);
}

/** Where a job has its key from: the value of the variable, or what its script puts there. */
function keyOf({ value, scripts }: GitlabJob): string | null {
  const { variables } = value;
  const own = isRecord(variables) ? variables["AWS_ACCESS_KEY_ID"] : undefined;
  if (typeof own === "string") return own;
  const text = [...scripts.before_script, ...scripts.script].map((item) => item.value).join("\n");
  return keyNamedIn(text);
}
