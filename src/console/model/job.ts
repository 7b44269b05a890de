import type { Ci, PretendedJob } from "../../ci/ci.ts";
import { findCi } from "../../ci/index.ts";
import type { Claims } from "../../core/token.ts";
import { type Account, type AccountRole, providerOf, trustedProviders } from "./account.ts";

/** What is chosen in the playground; the address bar holds all of it. Empty text is: as the CI does by default. */
export interface Job {
  readonly ci: string;
  readonly project: string;
  readonly ref: "branch" | "tag";
  /** Of the branch or tag. */
  readonly name: string;
  readonly environment: string;
  /** The CI's own word; {@link FORK} for a pull request of somebody else's fork. */
  readonly event: string;
  readonly audience: string;
  /** Of a self-managed instance. */
  readonly issuer: string;
  /** GitHub: a subject with ids. */
  readonly immutable: boolean;
  /** Seconds of the session. */
  readonly duration: string;
  /** ARN. */
  readonly role: string;
}

/** A pull or merge request from a fork, which is no event of any CI but a matter of whose project runs the job. */
export const FORK = "fork";

/** Whose fork it is. */
export const FORKER = "mallory";

/** Until anything is chosen: the example. */
export const FIRST_JOB: Job = {
  ci: "gitlab",
  project: "acme/shop",
  ref: "branch",
  name: "main",
  environment: "",
  event: "",
  audience: "",
  issuer: "",
  immutable: false,
  duration: "",
  role: "",
};

const FIELDS = [
  "ci",
  "project",
  "ref",
  "name",
  "environment",
  "event",
  "audience",
  "issuer",
  "duration",
  "role",
] as const;

/** A job as the part of an address behind `?`; what is as it is by default is left out. */
export function jobQuery(job: Job): string {
  const query = new URLSearchParams();
  for (const field of FIELDS) if (job[field] !== FIRST_JOB[field]) query.set(field, job[field]);
  if (job.immutable) query.set("immutable", "1");
  return query.toString();
}

/** Reads {@link jobQuery}; what it does not know it leaves as it is by default. */
export function readJob(query: string): Job {
  const given = new URLSearchParams(query);
  const text = (field: (typeof FIELDS)[number]): string => given.get(field) ?? FIRST_JOB[field];
  return {
    ci: findCi(text("ci")) ? text("ci") : FIRST_JOB.ci,
    project: text("project"),
    ref: text("ref") === "tag" ? "tag" : "branch",
    name: text("name"),
    environment: text("environment"),
    event: text("event"),
    audience: text("audience"),
    issuer: text("issuer"),
    immutable: given.get("immutable") === "1",
    duration: text("duration"),
    role: text("role"),
  };
}

/** The CI that a job is of. */
export function ciOf({ ci }: Pick<Job, "ci">): Ci {
  const found = findCi(ci) ?? findCi("custom");
  if (!found) throw new Error("there is no CI custom");
  return found;
}

/** What starts jobs, in each CI's own words, for those whose tokens tell it. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  gitlab: ["push", "merge_request_event", FORK, "schedule", "web", "api", "pipeline", "trigger"],
  github: ["push", "pull_request", FORK, "pull_request_target", "schedule", "workflow_dispatch", "release"],
};

export function eventsOf({ ci }: Pick<Job, "ci">): readonly string[] {
  return EVENTS[ci] ?? [];
}

/** GitHub gives jobs of a fork's pull request no ID token. GitHub docs, "Permissions for the GITHUB_TOKEN". */
export function hasNoToken({ ci, event }: Pick<Job, "ci" | "event">): boolean {
  return event === FORK && ci === "github";
}

/** The audience that the token has: what was typed, or what suits the account. */
export function audienceOf(job: Job, account: Account | null): string {
  if (job.audience !== "") return job.audience;
  const ci = ciOf(job);
  const own = ci.defaultAudience(named(job));
  if (ci.fixedAudience && own !== null) return own;
  const [first] = account ? (providerOf(account, issuerOf(job))?.audiences ?? []) : [];
  return first ?? own ?? "sts.amazonaws.com";
}

function named({ project, issuer }: Job): Pick<PretendedJob, "project" | "issuer"> {
  return { project, ...(issuer === "" ? {} : { issuer }) };
}

export function issuerOf(job: Job): string {
  return job.issuer === "" ? ciOf(job).pretendedIssuer : job.issuer;
}

/** The same as the files of `ci/` and the local cloud's mint want it. */
export function pretendedJob(job: Job, account: Account | null, now: number): PretendedJob {
  const fork = job.event === FORK;
  const event = fork ? (eventsOf(job)[1] ?? "") : job.event;
  return {
    ...named(job),
    project: fork ? forkOf(job.project) : job.project,
    [job.ref]: job.name === "" ? "main" : job.name,
    ...(job.environment === "" ? {} : { environment: job.environment }),
    ...(event === "" ? {} : { event }),
    ...(job.immutable ? { immutable: true } : {}),
    audience: audienceOf(job, account),
    issuedAt: Math.floor(now / 1000),
  };
}

/** The same project, in somebody else's name. */
export function forkOf(project: string): string {
  return `${FORKER}/${project.split("/").at(-1) ?? project}`;
}

/** The claims of the ID token that a job would have; null where it would have none. */
export function claimsOf(job: Job, account: Account | null, now: number): Claims | null {
  return hasNoToken(job) ? null : ciOf(job).pretend(pretendedJob(job, account, now));
}

/** The fields that the tokens of a CI tell apart: the others are not asked for. Found out by trying. */
export function fieldsOf(job: Job): ReadonlySet<"ref" | "environment" | "event" | "immutable" | "issuer" | "audience"> {
  const plain: Job = { ...FIRST_JOB, ci: job.ci, project: job.project, issuer: job.issuer };
  const told = (other: Partial<Job>): boolean => say(plain) !== say({ ...plain, ...other });
  const fields = {
    ref: told({ name: "another" }) || told({ ref: "tag" }),
    environment: told({ environment: "production" }),
    event: eventsOf(job).length > 0,
    immutable: told({ immutable: true }),
    issuer: told({ issuer: "https://ci.example.com" }),
    audience: ciOf(job).fixedAudience !== true,
  };
  return new Set((Object.keys(fields) as (keyof typeof fields)[]).filter((field) => fields[field]));
}

function say(job: Job): string {
  return JSON.stringify(ciOf(job).pretend(pretendedJob(job, null, 0)));
}

/** The role that is asked for: what was chosen, or the first that trusts the issuer at all. */
export function chosenRole(job: Job, account: Account): AccountRole | null {
  if (job.role !== "") return account.roles.find(({ arn }) => arn === job.role) ?? null;
  const provider = providerOf(account, issuerOf(job))?.arn;
  return (
    account.roles.find((role) => provider !== undefined && trustedProviders(role).includes(provider)) ??
    account.roles.find((role) => trustedProviders(role).length > 0) ??
    account.roles[0] ??
    null
  );
}
