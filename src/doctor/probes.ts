import type { Ci, PretendedJob, Scope } from "../ci/ci.ts";
import { issuerName } from "../core/arn.ts";
import { COMMON_KEYS, issuerClaims } from "../core/condition-keys.ts";
import { audiencesOf, type Claims, showClaim, textClaim, timeClaim } from "../core/token.ts";

/** A job beside the one asked about: whoever is let in with it is let in by accident. */
export interface Probe {
  /** `branch main-other of acme/shop`. */
  readonly job: string;
  readonly claims: Claims;
}

/**
 * The neighbours of a token: other branches, tags, environments, projects, groups, spellings, a pull request, a fork,
 * another audience. Where the CI is known they are jobs as it would make them; of every other token the subject is
 * varied.
 */
export function probesOf(claims: Claims, ci: Ci | null): readonly Probe[] {
  const scope = ci?.scopeOf(claims) ?? null;
  const jobs = ci && scope ? neighbours(claims, ci, scope) : [];
  const all = [...jobs, ...variedSubjects(claims), ...otherAudience(claims)];
  return all.filter(({ claims: theirs }, at) => all.findIndex((one) => same(one.claims, theirs)) === at);
}

/** What a trust policy can see of a token; two tokens of which it sees the same are one to AWS. */
export function visible(claims: Claims): string {
  const names = [...COMMON_KEYS, "azp", ...issuerClaims(issuerName(textClaim(claims, "iss") ?? ""))];
  return JSON.stringify([textClaim(claims, "iss"), ...names.map((name) => claims[name] ?? null)]);
}

function same(left: Claims, right: Claims): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function neighbours(claims: Claims, ci: Ci, scope: Scope): readonly Probe[] {
  const own = jobOf(claims, scope);
  const refs = { ...pick(own, "branch"), ...pick(own, "tag") };
  const { branch, tag, environment, project } = own;
  const { branch: _, tag: __, environment: ___, event: ____, ...bare } = own;
  const jobs: readonly (readonly [string, PretendedJob])[] = [
    [
      `branch ${branch ?? tag ?? "main"}-other of ${project}`,
      { ...own, ...noTag(own), branch: `${branch ?? tag ?? "main"}-other` },
    ],
    [`branch feature/probe of ${project}`, { ...bare, branch: "feature/probe" }],
    [`tag ${tag ?? "v0"}-other of ${project}`, { ...bare, tag: `${tag ?? "v0"}-other` }],
    [`a tag of the branch's name in ${project}`, { ...bare, tag: branch ?? "main" }],
    [`a pull request of ${project}`, { ...bare, branch: "feature/probe", event: pullRequest(ci) }],
    [
      `environment ${environment ?? "probe"}-other of ${project}`,
      { ...bare, ...refs, environment: `${environment ?? "probe"}-other` },
    ],
    ...(environment === undefined
      ? []
      : ([
          [`another branch with the environment ${environment}`, { ...bare, environment, branch: "feature/probe" }],
        ] as const)),
    [`the same job without an environment in ${project}`, { ...bare, ...refs }],
    ...(isPath(project)
      ? ([
          [`the project ${project}-other`, { ...own, project: `${project}-other` }],
          [`the project other-${project}`, { ...own, project: `other-${project}` }],
          [
            `the fork eve/${project.split("/").at(-1) ?? ""}`,
            { ...own, project: `eve/${project.split("/").at(-1) ?? ""}` },
          ],
          [`the project ${swapCase(project)}`, { ...own, project: swapCase(project) }],
        ] as const)
      : []),
  ];
  // What the job's own claims say beside its scope stays: tags of the session, subjects of another form.
  const special = Object.fromEntries(
    Object.entries(claims).filter(([name]) => name.startsWith("https://aws.amazon.com/")),
  );
  return jobs
    .map(([job, pretended]) => ({ job, claims: { ...ci.pretend(pretended), ...special } }))
    .filter(
      (probe) =>
        probe.claims["sub"] !== claims["sub"] ||
        visible(probe.claims) !== visible(claims) ||
        probe.claims["ref"] !== claims["ref"],
    );
}

function jobOf(claims: Claims, scope: Scope): PretendedJob {
  const party = textClaim(claims, "azp");
  const issuer = textClaim(claims, "iss");
  const exp = timeClaim(claims["exp"]);
  const iat = timeClaim(claims["iat"]) ?? 0;
  const environment = scope.environment ?? textClaim(claims, "environment");
  return {
    project: scope.project,
    ...pick(scope, "branch"),
    ...pick(scope, "tag"),
    ...(environment === undefined ? {} : { environment }),
    ...(scope.pullRequests ? { event: "pull_request" } : {}),
    audience: party ?? audiencesOf(claims)[0] ?? "",
    ...(issuer === undefined ? {} : { issuer }),
    issuedAt: iat,
    ...(exp === null ? {} : { expiresIn: exp - iat }),
  };
}

function pick<Name extends "branch" | "tag">(from: { readonly [name in Name]?: string }, name: Name) {
  const value = from[name];
  return (value === undefined ? {} : { [name]: value }) as { [name in Name]?: string };
}

/** A job of a branch has no tag beside it. */
function noTag(job: PretendedJob): { readonly tag?: string } {
  return job.tag === undefined ? {} : ({ tag: undefined } as unknown as { readonly tag?: string });
}

function pullRequest({ id }: Ci): string {
  return id === "gitlab" ? "merge_request_event" : "pull_request";
}

function isPath(project: string): boolean {
  return /^[\w.-]+(\/[\w.-]+)+$/.test(project);
}

function swapCase(text: string): string {
  const first = text.charAt(0);
  return (first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase()) + text.slice(1);
}

/** Subjects that begin or end as this one does: what a pattern written in haste lets in. */
function variedSubjects(claims: Claims): readonly Probe[] {
  const sub = showClaim(claims, "sub");
  if (sub === "") return [];
  const texts = [`${sub}-other`, `other-${sub}`, swapCase(sub), sub.replace(/[^:/]+$/, "probe")];
  return texts
    .filter((text) => text !== sub)
    .map((text) => ({ job: `the subject ${text}`, claims: { ...claims, sub: text } }));
}

function otherAudience(claims: Claims): readonly Probe[] {
  const name = claims["azp"] === undefined ? "aud" : "azp";
  const audience = textClaim(claims, name) ?? audiencesOf(claims)[0] ?? "";
  return [{ job: `this job with the audience ${audience}/other`, claims: { ...claims, [name]: `${audience}/other` } }];
}
