import { parse } from "yaml";
import type { WorkflowFacts } from "../core/lint/platform.ts";
import { isObject } from "../core/token.ts";
import { type Api, ask, Forbidden, textOf } from "../wire/rest.ts";

type Item = Readonly<Record<string, unknown>>;

/** The workflows of a repository's default branch. Source: GitHub docs, REST API, repos/contents. */
export async function githubWorkflows(
  api: Api,
  root: string,
  project: string,
  unread: string[],
): Promise<readonly WorkflowFacts[]> {
  const files = (await listed(api, `${root}/contents/.github/workflows`)).filter(
    ({ type, name }) => type === "file" && /\.ya?ml$/.test(textOf(name)),
  );
  const workflows: WorkflowFacts[] = [];
  for (const file of files) {
    const path = textOf(file["path"]);
    const answer = await ask(api, `${root}/contents/${path.split("/").map(encodeURIComponent).join("/")}`);
    const content = isObject(answer) ? textOf(answer["content"]) : "";
    const workflow = readWorkflow(path, Buffer.from(content, "base64").toString("utf8"));
    if (workflow) workflows.push(workflow);
    else unread.push(`not read: ${path} of ${project}: it is no workflow`);
  }
  return workflows;
}

/** None where the folder is not there. */
async function listed(api: Api, path: string): Promise<readonly Item[]> {
  try {
    const answer = await ask(api, path);
    return Array.isArray(answer) ? answer.filter(isObject) : [];
  } catch (error) {
    if (error instanceof Forbidden && error.status === 404) return [];
    throw error;
  }
}

/** When a workflow runs and which of its jobs may have tokens; null for what is none. */
function readWorkflow(path: string, text: string): WorkflowFacts | null {
  let value: unknown;
  try {
    value = parse(text, { logLevel: "silent" });
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  const workflow: Item = value;
  const jobs = isObject(workflow["jobs"]) ? Object.values(workflow["jobs"] as Item).filter(isObject) : [];
  const triggers = triggersOf(workflow["on"]);
  if (jobs.length === 0 || triggers.length === 0) return null;
  const isWide = mayHaveToken(workflow["permissions"]);
  const heirs = jobs.filter((job) => isWide && !("permissions" in job));
  const own = jobs.filter((job) => "permissions" in job && mayHaveToken(job["permissions"]));
  if (heirs.length > 0) return { path, triggers, idToken: "workflow", jobs: heirs.length + own.length };
  return { path, triggers, idToken: own.length > 0 ? "job" : null, jobs: jobs.length };
}

function triggersOf(on: unknown): readonly string[] {
  if (typeof on === "string") return [on];
  if (Array.isArray(on)) return on.map(textOf).filter((one) => one !== "");
  return isObject(on) ? Object.keys(on) : [];
}

function mayHaveToken(permissions: unknown): boolean {
  return permissions === "write-all" || (isObject(permissions) && (permissions as Item)["id-token"] === "write");
}
