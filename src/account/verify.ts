import type { PretendedJob, Scope } from "../ci/ci.ts";
import { findCi } from "../ci/index.ts";
import { issuerName } from "../core/arn.ts";
import { decide } from "../core/decide.ts";
import { decisiveCheck } from "../core/fixes.ts";
import { matchGlob, parseGlob } from "../core/glob.ts";
import { readPolicy } from "../core/policy.ts";
import { Secret } from "../core/secret.ts";
import { type Claims, textClaim } from "../core/token.ts";
import type { Iam } from "../wire/aws-sdk.ts";
import type { Desired, DesiredRole } from "./desired.ts";
import { describeScope } from "./grant-words.ts";
import { type Live, readLive } from "./live.ts";

/** One pretended job, and whether IAM as it now is gives it the role as the file says. */
export interface Proof {
  readonly role: string;
  /** `branch main of acme/shop`. */
  readonly job: string;
  /** What the file says. */
  readonly expected: "allowed" | "denied";
  readonly got: "allowed" | "denied";
  /** Where the two differ: what decided. */
  readonly because: string | null;
}

/**
 * Proves what a configuration says by what IAM now holds: reads it again, makes the claims of jobs that the
 * file allows and of their neighbours, and lets `decide` judge them as STS would. What the file says of a
 * job is read from its `allow`, not from the trust policy that was made of it.
 *
 * @throws RolecallError as the calls of {@link Iam}
 */
export async function verify(iam: Iam, desired: Desired, now: number): Promise<readonly Proof[]> {
  const live = await readLive(iam, desired);
  return desired.roles.flatMap((role) => jobsOf(role).map((job) => prove(role, job, live, now)));
}

/** A pretended job, with claims that the CI's own pretending does not know. */
type Job = Omit<PretendedJob, "issuedAt"> & { readonly audience: string; readonly claims: Claims };

function jobsOf({ source }: DesiredRole): readonly Job[] {
  const allowed = source.allow.map((scope) => jobOf(scope, source));
  const all = [...allowed, ...allowed.flatMap(neighbours)];
  return all.filter((job, at) => all.findIndex((one) => JSON.stringify(one) === JSON.stringify(job)) === at);
}

/** A job of a scope; where the scope has a wildcard, some text is put. */
function jobOf(scope: Scope, source: DesiredRole["source"]): Job {
  const { branch, tag, environment, pullRequests } = scope;
  return {
    project: some(projectOf(scope)),
    issuer: source.issuer,
    audience: source.audience,
    ...(branch === undefined ? {} : { branch: some(branch) }),
    ...(tag === undefined ? {} : { tag: some(tag) }),
    ...(environment === undefined ? {} : { environment: some(environment) }),
    ...(pullRequests ? { event: "pull_request" } : {}),
    claims: claimsOf(scope, source),
  };
}

/** The project with its numbers, as `pretend` takes it, where only subjects that have them are admitted. */
function projectOf({ project, ids = {}, immutable }: Scope): string {
  const { repository_id: repositoryId, repository_owner_id: ownerId } = ids;
  if (!immutable || !repositoryId || !ownerId || project.includes("@")) return project;
  const [owner = "", name = ""] = project.split("/");
  return `${owner}@${ownerId}/${name}@${repositoryId}`;
}

/** Claims that a scope tests beside the subject: numbers of projects, workflows, protected branches. */
function claimsOf(scope: Scope, { ci, issuer }: DesiredRole["source"]): Claims {
  const prefix = `${issuerName(issuer)}:`;
  const conditions = findCi(ci)?.conditions(issuer, scope) ?? [];
  const entries = conditions.map(({ key, values }) => [key.slice(prefix.length), some(values.at(-1) ?? "")] as const);
  // The subject is what is pretended.
  return Object.fromEntries(entries.filter(([name]) => name !== "sub"));
}

function some(pattern: string): string {
  return pattern.replaceAll("*", "probe").replaceAll("?", "p");
}

/** Jobs that differ from one in a single thing. */
function neighbours(job: Job): readonly Job[] {
  const { branch, tag, environment, project, issuer = "", audience, claims } = job;
  // The ref of another branch or tag is what is pretended of it.
  const { ref: _, ...others } = claims;
  const rest = { issuer, audience, claims: others };
  const ref = { ...(branch === undefined ? {} : { branch }), ...(tag === undefined ? {} : { tag }) };
  const here = { ...rest, project };
  const inEnvironment = environment === undefined ? {} : { environment };
  return [
    { ...job, audience: `${job.audience}/other` },
    ...(branch === undefined
      ? []
      : [
          { ...here, ...inEnvironment, branch: `${branch}-other` },
          { ...here, ...inEnvironment, tag: branch },
        ]),
    ...(tag === undefined
      ? []
      : [
          { ...here, ...inEnvironment, tag: `other-${tag}` },
          { ...here, ...inEnvironment, branch: tag },
        ]),
    ...(environment === undefined ? [] : [{ ...here, ...ref, environment: `${environment}-other` }]),
    ...(isPath(project) ? [otherName(project), otherGroup(project)].map((one) => ({ ...job, project: one })) : []),
  ];
}

/** Issuers whose projects are ids or whole subjects have no look-alikes to try. */
function isPath(project: string): boolean {
  return /^[\w.-]+(\/[\w.-]+)+$/.test(project);
}

function otherName(project: string): string {
  return `${project}-other`;
}

function otherGroup(project: string): string {
  return `other-${project}`;
}

function prove(role: DesiredRole, job: Job, live: Live, now: number): Proof {
  const { source } = role;
  const claims = claimsOfJob(job, source, now);
  const expected =
    source.allow.some((scope) => includes(scope, job, claims, source)) && job.audience === source.audience;
  const { outcome, because } = judgeClaims(role, claims, live, now);
  const wanted = expected ? "allowed" : "denied";
  return {
    role: role.name,
    job: describeJob(job, source.audience),
    expected: wanted,
    got: outcome,
    because: outcome === wanted ? null : because,
  };
}

function claimsOfJob({ claims, ...job }: Job, { ci }: DesiredRole["source"], now: number): Claims {
  return { ...findCi(ci)?.pretend({ ...job, issuedAt: Math.floor(now / 1000) }), ...claims };
}

/** What the file says, read without a look at the trust policy. */
function includes(scope: Scope, job: Job, claims: Claims, source: DesiredRole["source"]): boolean {
  const { branch, tag, environment, pullRequests } = scope;
  if (!fits(projectOf(scope), job.project)) return false;
  if (!Object.entries(claimsOf(scope, source)).every(([name, value]) => claims[name] === value)) return false;
  if (environment !== undefined && !fits(environment, job.environment)) return false;
  if (pullRequests) return job.event === "pull_request";
  if (branch !== undefined && !fits(branch, job.branch)) return false;
  return tag === undefined || fits(tag, job.tag);
}

function fits(pattern: string, value: string | undefined): boolean {
  return value !== undefined && matchGlob(parseGlob(pattern), value);
}

interface Judgement {
  readonly outcome: Proof["got"];
  readonly because: string;
}

/**
 * Whether a token, if its signature is good, is one for a role; what is there is given by `live`.
 */
export function judgeClaims(role: DesiredRole, claims: Claims, live: Live, now: number): Judgement {
  const held = live.roles.get(role.name);
  const reading = readPolicy(held?.trust ?? "");
  const provider = [...live.providers].find(([, { url }]) => url === issuerName(textClaim(claims, "iss") ?? ""));
  const decision = decide({
    token: { raw: new Secret(""), header: { alg: "RS256" }, claims },
    signature: "unchecked",
    provider: provider ? { arn: provider[0], ...provider[1] } : null,
    role:
      held && reading.kind === "policy"
        ? { arn: held.arn, trust: reading.policy, maxSessionDuration: held.maxSessionDuration }
        : null,
    request: { roleArn: role.arn, sessionName: "rolecall-verify", duration: 900 },
    now,
  });
  if (decision.outcome === "allowed")
    return { outcome: "allowed", because: `statement ${decision.statement + 1} allows` };
  const check = decisiveCheck(decision);
  const because = check ? `${check.subject}: wanted ${check.wanted}, got ${check.got}` : decision.messages["2026"];
  return { outcome: "denied", because };
}

function describeJob({ audience, event, project, branch, tag, environment }: Job, own: string): string {
  const text = describeScope({
    project,
    ...(branch === undefined ? {} : { branch }),
    ...(tag === undefined ? {} : { tag }),
    ...(environment === undefined ? {} : { environment }),
    ...(event === "pull_request" ? { pullRequests: true as const } : {}),
  });
  return audience === own ? text : `${text} with another audience`;
}
