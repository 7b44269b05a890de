import { lstat } from "node:fs/promises";

import type { RoleConfig } from "../../account/config.ts";
import { firstConfig } from "../../account/first-config.ts";
import { scopeEntry } from "../../account/scope-entry.ts";
import { CIS, findCi } from "../../ci/index.ts";
import { RolecallError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../wire/files.ts";
import { RESOLVE_OPTIONS, resolve } from "../ci-api.ts";
import { defineCommand } from "../command.ts";
import type { Io } from "../io.ts";
import { type ProjectFolder, readProjectFolder } from "../project-folder.ts";
import { openPrompt, type Prompt } from "../prompt.ts";
import { hint, note } from "../report.ts";

const CI_IDS = CIS.map(({ id }) => id);

export default defineCommand({
  name: "init",
  summary: "write a first rolecall.yaml for the project in this folder",
  usage: "[options]",
  examples: [
    [
      "rolecall init",
      "from the git remote and the CI file of this folder; asks at a terminal for what they do not tell",
    ],
    [
      "rolecall init --ci github --project octo/shop --environment production --resolve",
      "asks nobody but GitHub's API",
    ],
  ],
  options: {
    config: { type: "string", value: "FILE", help: "the file to write (by default rolecall.yaml)" },
    force: { type: "boolean", help: "replace the file when there is one" },
    ci: { type: "string", value: "CI", choices: CI_IDS, help: `the CI: ${CI_IDS.join(", ")}` },
    project: { type: "string", value: "PATH", help: "the project, as its CI names it" },
    branch: { type: "string", value: "NAME", help: "the branch that gets the role (by default the remote's own)" },
    tag: { type: "string", value: "NAME", help: "the tags that get it, instead of a branch" },
    environment: { type: "string", value: "NAME", help: "the environment that gets it, instead of a branch" },
    issuer: { type: "string", value: "URL", help: "the issuer, where the CI has none of its own" },
    role: { type: "string", value: "NAME", help: "the role's name (by default the project's and -deploy)" },
    ...RESOLVE_OPTIONS,
  },
  positionals: [],
  async run({ options }, io) {
    const file = options.config ?? "rolecall.yaml";
    if (!options.force) await refuseOther(file);
    const { ci, project, issuer, folder } = await settle(options, io);
    const resolved = options.resolve ? await resolve({ ci, project, issuer }, options, io) : null;
    const role = options.role ?? `${shortName(project)}-deploy`;
    const { tag, environment } = options;
    const branch =
      options.branch ?? (tag === undefined && environment === undefined ? branchOf(ci, folder) : undefined);
    const entry = { ...scopeEntry({ project, branch, tag, environment }), ...resolved?.ids };
    const first = firstConfig({ ci, issuer, role, entry }, file);
    // It holds no secret, and is meant to be committed.
    await writeFileAtomic(file, first.text, 0o644);
    if (!options.quiet) sayNext(file, first.role, io);
    return 0;
  },
});

interface Given {
  readonly ci: string | undefined;
  readonly project: string | undefined;
  readonly issuer: string | undefined;
}

interface Settled {
  readonly ci: string;
  readonly project: string;
  /** Null where it is the vendor's own. */
  readonly issuer: string | null;
  readonly folder: ProjectFolder;
}

/** What is given, else what the folder tells, else what somebody at the terminal says. */
async function settle({ ci: givenCi, project: givenProject, issuer: givenIssuer }: Given, io: Io): Promise<Settled> {
  const folder = await readProjectFolder(process.cwd());
  const prompt = openPrompt(io);
  try {
    const ci = await chooseCi(givenCi, folder, prompt);
    const project = await chooseProject(ci, givenProject, folder, prompt);
    return { ci, project, issuer: await chooseIssuer(ci, givenIssuer, folder, prompt), folder };
  } finally {
    prompt?.close();
  }
}

async function refuseOther(file: string): Promise<void> {
  const there = await lstat(file).catch(() => null);
  if (!there) return;
  throw new RolecallError("config", `${file} is there already: expected none`, {
    hints: ["--force replaces it; --config FILE names another"],
  });
}

async function chooseCi(given: string | undefined, folder: ProjectFolder, prompt: Prompt | null): Promise<string> {
  const ids = CIS.map(({ id }) => id);
  const byHost = HOSTS.find(([pattern]) => pattern.test(folder.remote?.host ?? ""))?.[1];
  const [only, ...others] = folder.cis;
  const likely = byHost !== undefined && (folder.cis.length === 0 || folder.cis.includes(byHost)) ? byHost : only;
  const sure = given ?? (others.length === 0 ? likely : undefined);
  const ci = sure ?? (await prompt?.ask(`CI (${ids.join(", ")})`, likely ?? ""));
  if (ci !== undefined && findCi(ci)) return ci;
  const seen = folder.cis.length === 0 ? "no CI's file is here" : `there are files of ${folder.cis.join(", ")}`;
  const got = ci === undefined ? seen : `got ${JSON.stringify(ci)}`;
  throw new RolecallError("usage", `init: expected a CI (${ids.join(", ")}), ${got}`, {
    hints: ["rolecall init --ci gitlab"],
  });
}

const HOSTS: readonly (readonly [RegExp, string])[] = [
  [/^gitlab\./, "gitlab"],
  [/^github\.com$|\.ghe\.com$/, "github"],
  [/^bitbucket\.org$/, "bitbucket"],
  [/^codeberg\.org$/, "forgejo"],
];

/** CIs that name a project as its host does. */
const BY_PATH = new Set(["gitlab", "github", "forgejo"]);

function guessProject(ci: string, { remote }: ProjectFolder): string | null {
  if (!remote) return null;
  return BY_PATH.has(ci) ? remote.path : null;
}

async function chooseProject(
  ci: string,
  given: string | undefined,
  folder: ProjectFolder,
  prompt: Prompt | null,
): Promise<string> {
  const { about = "the project", example = "" } = findCi(ci)?.words["project"] ?? {};
  const guess = guessProject(ci, folder);
  const value = given ?? (prompt ? await prompt.ask(about, guess ?? "") : guess);
  if (value) return value;
  throw new RolecallError("usage", `init: expected --project: ${about}, which neither git nor a file here tells`, {
    hints: [`rolecall init --ci ${ci} --project ${JSON.stringify(example)}`],
  });
}

async function chooseIssuer(
  ci: string,
  given: string | undefined,
  folder: ProjectFolder,
  prompt: Prompt | null,
): Promise<string | null> {
  const known = findCi(ci);
  const guess = guessIssuer(ci, folder);
  if (given !== undefined) return given === known?.issuer ? null : given;
  if (guess !== null || known?.issuer) return guess;
  const answer = await prompt?.ask("address of the issuer", "");
  if (answer) return answer;
  throw new RolecallError("usage", `init: expected --issuer, since each customer of ${known?.name ?? ci} has another`, {
    hints: [`--issuer ${known?.pretendedIssuer ?? "https://…"}`],
  });
}

/** The issuer where it follows from the remote's address and is not the vendor's own. */
function guessIssuer(ci: string, { remote }: ProjectFolder): string | null {
  const { host = "", path = "" } = remote ?? {};
  if (host === "") return null;
  if (ci === "gitlab") return host === "gitlab.com" ? null : `https://${host}`;
  if (ci === "forgejo") return `https://${host}/api/actions`;
  if (ci === "bitbucket" && host === "bitbucket.org") {
    return `https://api.bitbucket.org/2.0/workspaces/${path.split("/")[0] ?? ""}/pipelines-config/identity/oidc`;
  }
  if (ci !== "github" || host === "github.com") return null;
  return host.endsWith(".ghe.com") ? `https://token.actions.${host}` : `https://${host}/_services/token`;
}

/** Where branches can be told apart at all. */
function branchOf(ci: string, { branch }: ProjectFolder): string | undefined {
  const known = findCi(ci);
  return known?.scopeParts.includes("branch") && !known.projectAlone ? branch : undefined;
}

/** The last word of a project's name, as a role may be called. */
function shortName(project: string): string {
  const last =
    project
      .replaceAll(/@\d+|[{}]/g, "")
      .split("/")
      .at(-1) ?? "";
  return last.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, 57) || "ci";
}

function sayNext(file: string, { name, audience, ci }: RoleConfig, io: Io): void {
  note(io, `wrote ${file}`);
  const known = findCi(ci);
  note(io, `in ${known?.file ?? "the CI file"}:`);
  for (const line of known?.snippet({ audience }).split("\n") ?? []) note(io, `  ${line}`);
  const role = `arn:aws:iam::ACCOUNT:role/${name}`;
  note(io, `  rolecall exec --role ${role} --audience ${audience} -- aws sts get-caller-identity`);
  hint(
    io,
    `rolecall up --config ${file} tries it on this machine; rolecall plan --config ${file} shows what it changes in AWS`,
  );
}
