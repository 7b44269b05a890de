import { applyEdits, type FileEdits } from "./edit.ts";
import { type GitlabConfig, type GitlabJob, isRecord, readGitlabConfig, type ScriptItem } from "./gitlab-config.ts";
import { isKeyName, isUsed, layerPlace, type Planned, type Plans } from "./gitlab-plan.ts";
import { leftovers } from "./leftovers.ts";
import type { Refusal } from "./migration.ts";
import { sameValue } from "./same-value.ts";
import { isStandIn } from "./stand-in-keys.ts";
import { lineOf } from "./yaml-file.ts";

/** Reads the new files as GitLab would, and compares every job with what was planned of it. */
export function verified(
  before: GitlabConfig,
  files: readonly FileEdits[],
  planned: readonly Planned[],
  plans: Plans,
): readonly Refusal[] {
  const texts = new Map(files.map(({ path, text, edits }) => [path, applyEdits(text, edits)]));
  const [main] = before.files;
  const after = readGitlabConfig(texts, main?.path);
  const at = (reason: string, job: GitlabJob | null): Refusal => {
    const place = job ? layerPlace(job) : null;
    return {
      path: place?.file.path ?? main?.path ?? "",
      line: place ? lineOf(place.file.text, place.offset) : 1,
      job: job?.name ?? null,
      reason,
    };
  };
  const [broken] = after.unreadable;
  if (broken) return [at(`the new file could not be read: ${broken.reason}`, null)];
  const wrong = before.jobs.flatMap((job) => {
    const now = after.jobs.find(({ name }) => name === job.name);
    const reason = now ? differenceOf(job, now, planned, plans, before) : "the job would be gone";
    return reason === null ? [] : [at(reason, job)];
  });
  if (after.jobs.length !== before.jobs.length) wrong.push(at("there would be another number of jobs", null));
  if (!sameValue(withoutKeys(before.rest), withoutKeys(after.rest)))
    wrong.push(at("something outside of the jobs would change", null));
  return [...wrong, ...files.flatMap(({ path, text }) => leftovers(path, texts.get(path) ?? text, text))];
}

function differenceOf(
  job: GitlabJob,
  now: GitlabJob,
  planned: readonly Planned[],
  plans: Plans,
  config: GitlabConfig,
): string | null {
  const plan = planned.find((one) => one.job.name === job.name);
  const isTemplate = job.isHidden && !plan;
  for (const key of ["before_script", "script", "after_script"] as const) {
    const wanted = job.scripts[key].flatMap((item) => plannedValues(item, plans));
    if (!plan && !isTemplate && job.scripts[key].some(({ place }) => plans.has(place)))
      return "it shares a script with a job that is changed, and needs no credentials itself";
    if (
      !sameValue(
        wanted,
        now.scripts[key].map(({ value }) => value.trimEnd()),
      )
    )
      return `${key} would not be what was planned`;
  }
  if (isTemplate && isUsed(job, config)) return null;
  const expected = withoutKeys(job.value);
  const got = now.value;
  if (plan && isRecord(expected)) {
    const tokens = isRecord(expected["id_tokens"]) ? expected["id_tokens"] : {};
    const wanted = {
      ...expected,
      id_tokens: { ...tokens, [plan.token]: tokens[plan.token] ?? { aud: plan.audience } },
    };
    return sameValue(wanted, got) ? null : "keys of the job beside its script would change";
  }
  if (isTemplate) return null;
  return sameValue(expected, got) ? null : "the job would change, and is not among the planned ones";
}

function plannedValues(item: ScriptItem, plans: Plans): readonly string[] {
  const value = item.value.trimEnd();
  const plan = plans.get(item.place)?.plan;
  if (!plan) return [value];
  if (plan.kind === "delete") return [];
  if (plan.kind === "before") return [plan.line, value];
  return [plan.kind === "replace" ? plan.line : plan.value.trimEnd()];
}

/** A value without the variables that hold keys; `variables` that held nothing else are gone. */
function withoutKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKeys);
  if (!isRecord(value)) return value;
  const { variables } = value;
  if (!isRecord(variables)) return value;
  const kept = Object.fromEntries(
    Object.entries(variables).filter(([name, one]) => !isKeyName(name) || isStandIn(one)),
  );
  if (Object.keys(kept).length === Object.keys(variables).length) return value;
  const { variables: _, ...rest } = value;
  return Object.keys(kept).length === 0 ? rest : { ...rest, variables: kept };
}
