import { isMap, isSeq, type YAMLMap } from "yaml";
import { keySetBy } from "./github-by-hand.ts";
import { keyOfStep } from "./github-configure.ts";
import { isRecord } from "./gitlab-config.ts";
import type { MigratedJob, Setup } from "./migration.ts";
import { pairOf, type Rewrite, scalarText, startRewrite, usesOf } from "./rewrite.ts";
import { callsAws, commandsOf, mayCallAws } from "./shell-commands.ts";
import { CannotSplice } from "./splice.ts";
import { hasKeysIn, type KeySource } from "./step-script.ts";
import { keyName, lineOf, mapOf, plainOf, rangeOf, type YamlFile } from "./yaml-file.ts";

// What workflows of GitHub and their steps say. Source: GitHub docs, workflow syntax, as of November 2026.

/** Actions that use the job's credentials. */
const AWS_ACTIONS =
  /^(?:aws-actions\/(?!configure-aws-credentials)|aws\/|docker\/login-action@.*ecr|hashicorp\/terraform|pulumi\/actions@|serverless\/github-action@|einaregilsson\/beanstalk-deploy@)/;

export interface Workflow {
  readonly file: YamlFile;
  readonly rewrite: Rewrite;
  readonly jobs: readonly { readonly name: string; readonly map: YAMLMap }[];
  /** Keys stood in the workflow's own `env:`, so that every job had them. */
  readonly hasGlobalKeys: boolean;
}

export function workflowOf(file: YamlFile): Workflow {
  const map = mapOf(file, pairOf(file.root, "jobs")?.value);
  return {
    file,
    rewrite: startRewrite(file),
    jobs: (map?.items ?? []).flatMap((pair) => (isMap(pair.value) ? [{ name: keyName(pair), map: pair.value }] : [])),
    hasGlobalKeys: hasKeysIn(file.root, "env"),
  };
}

/** By the job's name; `FILE:NAME` where several files have one of it. */
export function roleOf({ roles }: Setup, { file }: Workflow, name: string): string | null {
  return roles?.get(`${file.path.split("/").at(-1) ?? ""}:${name}`) ?? roles?.get(name) ?? null;
}

/** Where a job has its key from. */
export function sourcesOf({ file }: Workflow, { name, map }: Workflow["jobs"][number]): readonly KeySource[] {
  const steps = pairOf(map, "steps")?.value;
  const all = isSeq(steps) ? steps.items.filter((step) => isMap(step)) : [];
  const keys = [
    ...all.map(keyOfStep),
    ...all.map(keySetBy),
    ...[file.root, map, ...all].map((one) => {
      const env = pairOf(one, "env")?.value;
      return isMap(env) ? scalarText(pairOf(env, "AWS_ACCESS_KEY_ID")?.value) : null;
    }),
  ].filter((key) => key !== null);
  const line = lineOf(file.text, rangeOf(map)[0]);
  return keys.map((key) => {
    if (/secrets\[|\|\||&&|\bmatrix\./.test(key))
      throw new CannotSplice("its key is chosen while it runs: each choice needs a role of its own", rangeOf(map)[0]);
    return { job: name, key, path: file.path, line };
  });
}

/** Actions of others that had keys in their environment: whether they know session tokens is not to be seen here. */
export function actionsWithKeys({ map }: Workflow["jobs"][number]): readonly string[] {
  const steps = pairOf(map, "steps")?.value;
  return (isSeq(steps) ? steps.items : []).flatMap((step) => {
    if (!isMap(step) || !hasKeysIn(step, "env") || !usesOther(step) || usesOf(step, AWS_ACTIONS)) return [];
    return [
      `${scalarText(pairOf(step, "uses")?.value) ?? ""} had keys in its env: it must take AWS_SESSION_TOKEN as well`,
    ];
  });
}

export function environmentsOf(
  workflows: readonly Workflow[],
  jobs: readonly MigratedJob[],
  setup: Setup,
): ReadonlySet<string> {
  const names = workflows.flatMap((workflow) =>
    workflow.jobs.flatMap(({ name, map }) => {
      const isMoved = jobs.some((job) => job.name === name && job.path === workflow.file.path);
      if (!isMoved || roleOf(setup, workflow, name) !== null) return [];
      const environment = plainOf(workflow.file, pairOf(map, "environment")?.value);
      return [isRecord(environment) ? environment["name"] : environment];
    }),
  );
  return new Set(names.filter((name) => typeof name === "string"));
}

export function notesOn(file: YamlFile): readonly string[] {
  const on = plainOf(file, pairOf(file.root, "on")?.value);
  const names =
    typeof on === "string" ? [on] : Array.isArray(on) ? on.map(String) : isRecord(on) ? Object.keys(on) : [];
  return names.includes("pull_request")
    ? [`${file.path} runs for pull requests: those from forks and of Dependabot get no ID token`]
    : [];
}

/** A job that had the workflow's keys, and whose steps may have used them where nobody sees it. */
export function maybeUses({ hasGlobalKeys }: Workflow, { map }: Workflow["jobs"][number]): boolean {
  const steps = pairOf(map, "steps")?.value;
  if (!hasGlobalKeys || !isSeq(steps)) return false;
  return steps.items.some((step) => isMap(step) && (runsScript(step) || usesOther(step)));
}

/** An action of somebody else's may read the keys from its environment. */
export function usesOther(step: YAMLMap): boolean {
  return usesOf(step, /^(?!(?:\.\/)?actions\/|docker\/setup|hashicorp\/setup|pnpm\/action-setup)/);
}

export function runsScript(step: YAMLMap): boolean {
  const run = scalarText(pairOf(step, "run")?.value);
  return run !== null && commandsOf(run).some(({ text }) => mayCallAws(text));
}

export function usesAws(step: YAMLMap, { scripts }: Setup): boolean {
  const run = scalarText(pairOf(step, "run")?.value);
  if (run !== null && commandsOf(run).some(({ text }) => callsAws(text, scripts))) return true;
  return usesOf(step, AWS_ACTIONS);
}
