import { RolecallError } from "../core/errors.ts";
import type { PlatformFacts, ProjectFacts, ServerFacts } from "../core/lint/platform.ts";
import type { LintSubject } from "../core/lint.ts";
import { Secret } from "../core/secret.ts";
import type { AskedProject } from "../doctor/ci-facts-asked.ts";
import { joinNamed, type NamedProject, namedProjects } from "../doctor/ci-facts-named.ts";
import type { Owners } from "../doctor/ci-facts-owner.ts";
import { withFacts } from "../doctor/platform-merge.ts";
import { writeFileAtomic } from "../wire/files.ts";
import { type Api, ask, textOf } from "../wire/rest.ts";
import type { Options } from "./command.ts";
import { counted, type FindingsPlan } from "./findings.ts";
import type { Io } from "./io.ts";
import { FACTS_SOURCES, type FactsSource, type Places } from "./lint-ci-sources.ts";
import { Progress } from "./render/progress.ts";
import { note } from "./report.ts";

/** How `lint` and `audit` come to know the CI's settings. */
export const ASK_CI_OPTIONS = {
  "ask-ci": {
    type: "boolean",
    help: "ask GitHub and GitLab about the projects that policies name, with GH_TOKEN, GITHUB_TOKEN, GITLAB_TOKEN",
  },
  "write-ci-facts": {
    type: "string",
    value: "FILE",
    help: "with --ask-ci: keep what they said, for --ci-facts on a machine without a token",
  },
} as const satisfies Options;

export interface AskCiInput {
  readonly "ask-ci": boolean;
  readonly "write-ci-facts": string | undefined;
  readonly quiet: boolean;
}

/** A CI with a token for it. */
interface Ready {
  readonly source: FactsSource;
  readonly api: Api;
  readonly places: Places;
  readonly owners: Owners;
}

// Of some hundred projects, a line for each would hide all else.
const STEP = 10;

/** Asks about each project once, for however many accounts and files name it. */
export class CiQuestions {
  readonly #ready: ReadonlyMap<string, Ready>;
  readonly #io: Io;
  readonly #asked = new Map<string, { readonly named: NamedProject; readonly answer: Promise<AskedProject> }>();
  readonly #servers = new Map<string, Promise<ServerFacts | null>>();
  /** CIs and issuers that were not asked, and why. */
  readonly #left = new Set<string>();
  readonly #progress: Progress;

  /** @throws RolecallError `usage` when there is no token to ask with */
  constructor(command: string, { quiet }: AskCiInput, io: Io) {
    this.#io = io;
    this.#progress = new Progress(io, quiet);
    this.#ready = new Map(
      Object.entries(FACTS_SOURCES).flatMap(([ci, source]) => {
        const token = source.tokens.map((one) => io.env[one]).find(Boolean);
        return token === undefined ? [] : [[ci, readyOf(source, token, io.env)] as const];
      }),
    );
    if (this.#ready.size === 0) {
      const sources = Object.values(FACTS_SOURCES);
      const names = sources.flatMap(({ tokens }) => tokens).join(", ");
      throw new RolecallError("usage", `${command}: --ask-ci: expected a token in the environment: ${names}`, {
        hints: sources.map(({ needs }) => needs),
      });
    }
  }

  /** What the CIs say of the projects that these roles name. @throws RolecallError where a CI takes no token, or does not answer */
  async factsFor(subject: Pick<LintSubject, "roles" | "providers" | "allProviders">): Promise<PlatformFacts> {
    const named = namedProjects(subject.roles, { ...subject, now: this.#io.now() });
    const projects: ProjectFacts[] = [];
    const servers: ServerFacts[] = [];
    for (const one of named) {
      const ready = this.#readyFor(one);
      if (!ready) continue;
      const { facts } = await this.#once(one, ready);
      if (facts) projects.push(facts);
      const server = await this.#server(one.issuer, ready);
      if (server && !servers.includes(server)) servers.push(server);
    }
    return { projects, servers };
  }

  #readyFor({ ci, issuer }: NamedProject): Ready | null {
    const ready = this.#ready.get(ci);
    const source = ready?.source ?? FACTS_SOURCES[ci];
    if (!source) return null;
    if (!ready) this.#left.add(`${source.name} was not asked: ${source.tokens.join(" or ")} is not set`);
    else if (source.isIssuer(issuer, ready.places)) return ready;
    else {
      const host = ci === "github" ? "GH_HOST" : "GITLAB_HOST";
      this.#left.add(
        `projects of ${issuer} were not asked for: the token is for ${ready.places.host} (${host} names another)`,
      );
    }
    return null;
  }

  async #once(named: NamedProject, ready: Ready): Promise<AskedProject> {
    const key = `${named.issuer} ${named.project.toLowerCase()}`;
    const known = this.#asked.get(key);
    const wanted = known ? joinNamed(known.named, named) : named;
    if (known && refsOf(wanted) === refsOf(known.named)) return await known.answer;
    const asking = askProject(wanted, ready);
    this.#asked.set(key, { named: wanted, answer: asking });
    const answer = await asking;
    const count = this.#asked.size;
    if (count % STEP === 1) this.#progress.step(`asked ${ready.source.name} about ${counted(count, "project")}`);
    return answer;
  }

  async #server(issuer: string, { source, api, places }: Ready): Promise<ServerFacts | null> {
    const at = source.version(places);
    if (!at) return null;
    const known = this.#servers.get(issuer) ?? versionOf(api, issuer, at);
    this.#servers.set(issuer, known);
    return await known;
  }

  /** Says what was read and what was not, and keeps it where that is wanted. */
  async finish({ quiet, "write-ci-facts": file }: AskCiInput): Promise<void> {
    this.#progress.end();
    const answers = await Promise.all([...this.#asked.values()].map(({ answer }) => answer));
    const seen = answers.filter(({ facts }) => facts !== null);
    if (!quiet) {
      for (const text of new Set([...this.#left, ...answers.flatMap(({ unread }) => unread)])) note(this.#io, text);
      note(this.#io, `the CIs told of ${seen.length} of ${counted(answers.length, "project")}`);
    }
    if (file === undefined) return;
    const servers = (await Promise.all(this.#servers.values())).filter((one) => one !== null);
    const facts = seen.reduce<PlatformFacts>(
      (all, one) => withFacts(all, { projects: one.facts ? [one.facts] : [] }),
      {},
    );
    await writeFileAtomic(file, `${JSON.stringify(withFacts(facts, { servers }), null, 2)}\n`);
    note(this.#io, `wrote ${file}: --ci-facts ${file} judges by it`);
  }
}

function readyOf(source: FactsSource, token: string, env: Io["env"]): Ready {
  const { name, headers, needs } = source;
  const places = source.places(env);
  return {
    source,
    places,
    owners: new Map(),
    api: { name, base: places.base, headers, needs, token: new Secret(token), env, sleep },
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

async function askProject(named: NamedProject, { source, api, places, owners }: Ready): Promise<AskedProject> {
  const answer = await source.facts(api, named, places, owners);
  if (!answer.facts || answer.facts.state !== undefined) return answer;
  const keys = await keysOf(named.project, source, api, places.web);
  const facts = keys.names ? { ...answer.facts, keyVariables: keys.names } : answer.facts;
  return { facts, unread: [...answer.unread, ...keys.unread] };
}

function refsOf({ branches, tags }: NamedProject): string {
  return `${branches.length} ${tags.length}`;
}

interface KeyNames {
  /** Null where the project's own could not be read. */
  readonly names: readonly string[] | null;
  readonly unread: readonly string[];
}

/** Names of variables that hold keys. */
async function keysOf(project: string, source: FactsSource, api: Api, web: string): Promise<KeyNames> {
  try {
    const { variables, unread } = await source.variables(api, web, project);
    return {
      names: [...new Set(variables.map(({ name }) => name))],
      unread: unread.map((one) => `${project}: ${one}`),
    };
  } catch (error) {
    if (!(error instanceof RolecallError) || error.code !== "config") throw error;
    return { names: null, unread: [`not read: names of variables: ${error.message}`] };
  }
}

async function versionOf(
  api: Api,
  issuer: string,
  [path, name]: readonly [string, string],
): Promise<ServerFacts | null> {
  const answer = await ask(api, path).catch(() => null);
  const version =
    typeof answer === "object" && answer !== null ? textOf((answer as Record<string, unknown>)[name]) : "";
  return version === "" ? null : { issuer, version };
}

/** The questions that the command line asks for; null without `--ask-ci`. @throws RolecallError `usage` */
export function ciQuestions(command: string, input: AskCiInput, io: Io): CiQuestions | null {
  if (input["ask-ci"]) return new CiQuestions(command, input, io);
  if (input["write-ci-facts"] === undefined) return null;
  throw new RolecallError("usage", `${command}: --write-ci-facts goes with --ask-ci`, {
    hints: [`rolecall ${command} --ask-ci --write-ci-facts ${input["write-ci-facts"]}`],
  });
}

/** The plan with what the CIs say of these roles' projects, beside what a file says. */
export async function askedPlan(
  plan: FindingsPlan,
  questions: CiQuestions | null,
  subject: Parameters<CiQuestions["factsFor"]>[0],
): Promise<FindingsPlan> {
  if (!questions) return plan;
  return { ...plan, platform: withFacts(plan.platform ?? {}, await questions.factsFor(subject)) };
}
