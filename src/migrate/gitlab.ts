import { byHandOf, KEY_NAMES, readItem } from "./credential-commands.ts";
import type { FileEdits } from "./edit.ts";
import {
  GITLAB_FILE,
  type GitlabConfig,
  type GitlabJob,
  imageOf,
  isRecord,
  readGitlabConfig,
  type ScriptItem,
} from "./gitlab-config.ts";
import { allEdits } from "./gitlab-edits.ts";
import { differentKeys, notesOf, unusedKeys } from "./gitlab-notes.ts";
import {
  hasOwnKeys,
  isUsed,
  layerPlace,
  placeOf,
  type Planned,
  type Plans,
  type Refuse,
  Refused,
} from "./gitlab-plan.ts";
import { verified } from "./gitlab-proof.ts";
import { gitlabRuns } from "./runs-as.ts";
import { hasLine, type JobLine, needsLine, planPhase } from "./gitlab-script.ts";
import {
  audienceFor,
  type Files,
  type Migration,
  NO_MIGRATION,
  type Refusal,
  roleFor,
  type Setup,
} from "./migration.ts";
import { evalLine, imageKind, type LineSetup, withByHand } from "./rolecall-line.ts";
import { NO_ROLE } from "./step-script.ts";
import { CannotSplice } from "./splice.ts";
import { isStandIn } from "./stand-in-keys.ts";
import { lineOf, type YamlFile } from "./yaml-file.ts";

/** The variable of a new ID token. */
const TOKEN = "ROLECALL_TOKEN";

/** Plans the move of `.gitlab-ci.yml` and of the files that it includes. */
export function migrateGitlab(files: Files, setup: Setup, main = GITLAB_FILE): Migration {
  const config = readGitlabConfig(files, main);
  if (config.unreadable.length > 0) {
    return { ...NO_MIGRATION, ci: "gitlab", refusals: config.unreadable.map((one) => ({ ...one, job: null })) };
  }
  const plans: Plans = new Map();
  const refusals: Refusal[] = [];
  const planned: Planned[] = [];
  for (const job of config.jobs) {
    try {
      const one = planJob(job, config, setup, plans);
      if (one) planned.push(one);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusals.push(error.refusal);
    }
  }
  refusals.push(...differentKeys(planned, setup), ...unusedKeys(config, planned));
  const result = edited(config, planned, plans, refusals);
  return {
    ci: "gitlab",
    jobs: planned.filter(({ job }) => !job.isHidden).map(({ migrated }) => migrated),
    notes: notesOf(config, planned, setup),
    ...result,
  };
}

/** @returns null when the job needs nothing */
function planJob(job: GitlabJob, config: GitlabConfig, setup: Setup, plans: Plans): Planned | null {
  // Keys that only stand in for some are of a job that talks to no real AWS.
  if (standsIn(job)) return null;
  // A template that no job runs is changed with the jobs that do.
  if (job.isHidden && isUsed(job, config)) return null;
  const main = [...job.scripts.before_script, ...job.scripts.script];
  const after = job.scripts.after_script;
  if (main.length === 0 && after.length === 0) return null;
  const refuse = (item: { file: YamlFile; offset: number }, reason: string): never => {
    throw new Refused({ path: item.file.path, line: lineOf(item.file.text, item.offset), job: job.name, reason });
  };
  const isNamed = setup.jobs.includes(job.name) || hasOwnKeys(job);
  if (!needsLine(main, setup) && !needsLine(after, setup) && !(isNamed && !hasLine(main))) return null;
  const [problem] = job.problems;
  if (problem) refuse(problem, problem.reason);
  const byHand = handOf([...main, ...after], refuse);
  const line = lineOfJob(job, byHand, setup, refuse);
  const anchors = [
    ...planPhase(main, line, { isNamed, scripts: setup.scripts }, plans, refuse),
    ...planPhase(after, line, { isNamed: false, scripts: setup.scripts }, plans, refuse),
  ];
  if (anchors.length === 0) return null;
  if (line.role === null) refuse(placeOf(anchors[0]), NO_ROLE);
  const { token, audience, role } = line;
  return {
    job,
    token,
    audience,
    anchors,
    migrated: {
      path: anchors[0]?.file.path ?? "",
      name: job.name,
      image: line.image,
      role: role ?? "",
      audience,
      tokenEnv: token,
      line: line.text,
      runs: gitlabRuns(job.value),
    },
  };
}

function standsIn({ value: { variables } }: GitlabJob): boolean {
  return isRecord(variables) && KEY_NAMES.some((name) => name in variables && isStandIn(variables[name]));
}

function handOf(items: readonly ScriptItem[], refuse: Refuse): ReturnType<typeof byHandOf> & object {
  const texts = items.flatMap(({ value }) =>
    readItem(value)
      .commands.filter(({ role }) => role === "sets" || role === "serves")
      .map(({ text }) => text),
  );
  const byHand = byHandOf(texts);
  if ("conflict" in byHand) refuse(placeOf(items[0]), `${byHand.conflict}: which one is rolecall's?`);
  const chained = items.find(({ value }) => /\bsts assume-role(?!-with)/.test(value));
  if (chained && texts.length > 0)
    refuse(
      placeOf(chained),
      "it takes a second role by aws sts assume-role: rolecall creds --then ARN does both, by hand",
    );
  return byHand;
}

function lineOfJob(job: GitlabJob, byHand: ReturnType<typeof byHandOf>, setup: Setup, refuse: Refuse): JobLine {
  if ("conflict" in byHand) throw new RangeError(byHand.conflict);
  const scripts = Object.values(job.scripts).flatMap((items) => items.map(({ value }) => value));
  const image = imageKind(imageOf(job.value), scripts);
  const tokens = isRecord(job.value["id_tokens"]) ? job.value["id_tokens"] : {};
  const old = /^CI_JOB_JWT(_V[12])?$/.test(byHand.token ?? "") && !(byHand.token !== null && byHand.token in tokens);
  const role = roleFor(setup, job.name);
  const { token, audience } = chooseToken(tokens, old ? null : byHand.token, audienceFor(setup, role), (reason) =>
    refuse(layerPlace(job), reason),
  );
  const base: LineSetup = { image, role, tokenEnv: token };
  const full = { ...withByHand(base, byHand), tokenEnv: token };
  if (image === "shell" && hasNoCheckout(job))
    refuse(layerPlace(job), "the job has no checkout (GIT_STRATEGY), so that it cannot have rolecall.sh");
  const elsewhere = evalLine({ ...full, checkout: "$CI_PROJECT_DIR" });
  return { text: evalLine(full), elsewhere, token, audience, role: full.role, image };
}

function hasNoCheckout({ value: { variables } }: GitlabJob): boolean {
  return isRecord(variables) && /^(?:none|empty)$/.test(String(variables["GIT_STRATEGY"]));
}

function chooseToken(
  tokens: Record<string, unknown>,
  named: string | null,
  wanted: string | null,
  refuse: (reason: string) => never,
): { token: string; audience: string } {
  const audienceOf = (name: string): unknown => (isRecord(tokens[name]) ? tokens[name]["aud"] : undefined);
  const fitting = Object.keys(tokens).find((name) => wanted !== null && audienceOf(name) === wanted);
  const name = named ?? fitting ?? (TOKEN in tokens ? TOKEN : null);
  if (name !== null && name in tokens) {
    const audience = audienceOf(name);
    if (typeof audience !== "string")
      return refuse(`the ID token ${name} has several audiences, of which AWS takes none`);
    if (wanted !== null && wanted !== audience) {
      return refuse(`the ID token ${name} is for ${audience}, and rolecall.yaml's role wants ${wanted}`);
    }
    return { token: name, audience };
  }
  if (named !== null && !named.startsWith("CI_JOB"))
    return refuse(`the ID token ${named} is in no id_tokens: of the job`);
  return { token: TOKEN, audience: wanted ?? refuse("no audience is known: give --audience, or a rolecall.yaml") };
}

/** Makes the edits, first with tokens where scripts are shared, then in each job alone; the first that proves right. */
function edited(
  config: GitlabConfig,
  planned: readonly Planned[],
  plans: Plans,
  refusals: readonly Refusal[],
): Pick<Migration, "files" | "refusals"> {
  const attempts = [true, false].map((isShared) => {
    try {
      const edits = allEdits(config, planned, plans, isShared);
      const files = config.files.map((file): FileEdits => ({
        path: file.path,
        text: file.text,
        edits: edits.get(file.path) ?? [],
      }));
      return {
        files: files.filter((file) => file.edits.length > 0),
        refusals: verified(config, files, planned, plans),
      };
    } catch (error) {
      if (!(error instanceof CannotSplice || error instanceof RangeError)) throw error;
      const [file] = config.files;
      const offset = error instanceof CannotSplice ? error.offset : 0;
      return {
        files: [],
        refusals: [
          { path: file?.path ?? "", line: lineOf(file?.text ?? "", offset), job: null, reason: error.message },
        ],
      };
    }
  });
  const best = attempts.find((one) => one.refusals.length === 0) ?? attempts[1];
  // Where a job is refused already, what is left of it is no news.
  return { files: best?.files ?? [], refusals: refusals.length > 0 ? refusals : (best?.refusals ?? []) };
}
