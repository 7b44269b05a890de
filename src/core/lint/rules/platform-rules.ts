import { matchGlob, parseGlob } from "../../glob.ts";
import { type Claims, showClaim } from "../../token.ts";
import type { Found } from "../finding.ts";
import { isUpTo } from "../platform.ts";
import { acceptedProof } from "../proof.ts";
import type { Rule, RoleFacts } from "../rule.ts";
import { writeSubject } from "../shapes/parts.ts";
import { type Probe, tryProbe } from "../trial.ts";
import { isPattern } from "../wildcards.ts";
import { jobsWithRole, type KnownJob } from "./known-projects.ts";

/** A finding about a job with the role, when the same job's token, so changed, gets it too. */
function foundWith({ meant: { unit, probe } }: KnownJob, changed: Partial<Probe>, message: string): readonly Found[] {
  const other = { ...probe, ...changed };
  if (tryProbe(unit.policy, unit.provider, other, unit).outcome !== "allowed") return [];
  return [{ statement: unit.index, path: `Statement[${unit.index}]`, message, proof: acceptedProof(unit, other) }];
}

/** Once for each message: several subjects of a policy are often of one project. */
function eachOnce(facts: RoleFacts, find: (job: KnownJob) => readonly Found[]): readonly Found[] {
  const found = jobsWithRole(facts).flatMap(find);
  return found.filter((one, index) => found.findIndex(({ message }) => message === one.message) === index);
}

function unprotectedEnvironment(job: KnownJob): readonly Found[] {
  const name = /^environment:([^:]+)/.exec(job.parts.tail)?.[1];
  const { environments, project } = job.project;
  if (name === undefined || environments === undefined || isPattern(name)) return [];
  const known = environments.find((one) => one.name === name);
  if (known?.protected) return [];
  const how = known ? "anybody who may push may deploy to it" : "is not there: the first job that names it makes it";
  return foundWith(
    job,
    { who: "a job on a branch of its own", claims: { ...job.meant.probe.claims, ref: "refs/heads/rolecall-probe" } },
    `the environment ${name} of ${project} ${known ? `has no rule: ${how}` : how}`,
  );
}

/** The branch or tag that a subject names. */
const REF = /^(?:ref:refs\/(heads|tags)\/|ref_type:(branch|tag):ref:)([^:]+)/;

function unprotectedRef(job: KnownJob): readonly Found[] {
  const [, github, gitlab, name = ""] = REF.exec(job.parts.tail) ?? [];
  const isTag = github === "tags" || gitlab === "tag";
  const names = isTag ? job.project.protectedTags : job.project.protectedBranches;
  if (name === "" || names === undefined || names.some((one) => matchGlob(parseGlob(one), name))) return [];
  const { claims } = job.meant.probe;
  // GitLab's token tells it, and on gitlab.com a condition may ask for it.
  const changed: Claims = claims["ref_protected"] === undefined ? claims : { ...claims, ref_protected: "false" };
  const what = `${isTag ? "the tag" : "the branch"} ${name}`;
  return foundWith(
    job,
    { who: "whoever may push", claims: changed },
    `${what} of ${job.project.project} is not protected: whoever may push has the role`,
  );
}

function pullRequestTarget(job: KnownJob): readonly Found[] {
  const { unit, probe } = job.meant;
  const workflow = (job.project.workflows ?? []).find(
    ({ triggers, idToken }) => idToken !== null && triggers.includes("pull_request_target"),
  );
  if (!workflow) return [];
  // Which of these subjects GitHub writes for that event is not documented.
  return ["pull_request", "ref:refs/heads/main"].flatMap((tail) => {
    const sub = writeSubject(unit.shape, { ...job.parts, tail });
    return foundWith(
      job,
      {
        who: "a pull request of a fork",
        claims: { ...probe.claims, sub },
        assumed: `a pull_request_target's subject ends in ${tail}`,
      },
      `${workflow.path} runs on pull_request_target with id-token: write, so a fork's pull request has the role`,
    );
  });
}

/** Since then a fork's pipeline has the fork's own subject. Source: gitlab-org/gitlab, issue 561735. */
const FORKS_KEPT_SUBJECT = "18.2.1";

function forkPipelines({ context }: RoleFacts, job: KnownJob): readonly Found[] {
  const { unit, probe } = job.meant;
  if (job.project.forksGetTokens !== true) return [];
  const message = `pipelines of forks of ${job.project.project} get its tokens, and with them the role`;
  if (unit.shape.id === "circleci") return foundWith(job, { who: "a fork's pipeline" }, message);
  const server = context.platform?.servers?.find(({ issuer }) => issuer === unit.provider.url);
  if (unit.shape.id === "gitlab" || (server && !isUpTo(server.version, FORKS_KEPT_SUBJECT))) return [];
  const assumed = server ? {} : { assumed: `the server is GitLab ${FORKS_KEPT_SUBJECT} or older` };
  return foundWith(job, { who: "a fork's merge request", claims: probe.claims, ...assumed }, message);
}

function wideIdToken(job: KnownJob): readonly Found[] {
  const workflow = (job.project.workflows ?? []).find(({ idToken, jobs }) => idToken === "workflow" && jobs > 1);
  if (!workflow) return [];
  return foundWith(
    job,
    { who: "any job of the workflow" },
    `each of the ${workflow.jobs} jobs of ${workflow.path} may have a token, not only the one that needs the role`,
  );
}

function keysStillThere(job: KnownJob): readonly Found[] {
  const { keyVariables = [], project } = job.project;
  if (keyVariables.length === 0) return [];
  const text = `${project} still has ${keyVariables.join(", ")}: AWS's tools take keys before tokens`;
  return [{ message: text, proof: { kind: "observed", text } }];
}

const HOUR = 3600;

function longToken(job: KnownJob, { context }: RoleFacts): readonly Found[] {
  const { unit, probe } = job.meant;
  const { jobTimeout, project } = job.project;
  if (jobTimeout === undefined || jobTimeout <= HOUR || !unit.shape.id.startsWith("gitlab")) return [];
  // A minute before its end.
  const iat = Math.floor(context.now / 1000) - jobTimeout + 60;
  return foundWith(
    job,
    {
      who: "whoever finds the token in a log",
      claims: { ...probe.claims, iat, exp: iat + jobTimeout },
      assumed: `it was issued ${jobTimeout - 60} seconds ago`,
    },
    `tokens of ${project} are good for ${jobTimeout / HOUR} hours, as long as its jobs may run`,
  );
}

function enterpriseIssuer({ units, context, meant }: RoleFacts): readonly Found[] {
  return units.flatMap((unit): readonly Found[] => {
    if (unit.provider.url !== "token.actions.githubusercontent.com") return [];
    const job = meant.find((one) => one.unit === unit && one.allowedBy === unit.index);
    if (!job) return [];
    const name = /^repo:([^/@:]+)/.exec(showClaim(job.probe.claims, "sub"))?.[1];
    const known = context.platform?.enterprises?.find(({ owner }) => owner.toLowerCase() === name?.toLowerCase());
    if (!known && !unit.tests.some(({ claim }) => claim === "enterprise_id")) return [];
    const whose = known ? `the enterprise ${known.slug}` : "an enterprise";
    return [
      {
        statement: unit.index,
        path: `Statement[${unit.index}].Principal.Federated`,
        message: `the jobs are of ${whose}, and the provider is the issuer of all of GitHub`,
        proof: acceptedProof(unit, job.probe),
        ...(known ? { fix: `have tokens issued by ${unit.provider.url}/${known.slug}, and a provider for it` } : {}),
      },
    ];
  });
}

/** What the CI's settings leave open behind a trust policy. */
export const PLATFORM_RULES: readonly Rule[] = [
  {
    id: "P008",
    name: "enterprise-issuer-unused",
    severity: "info",
    title: "jobs of an enterprise come from the issuer that all of GitHub has",
    probe: "the token that was meant, from token.actions.githubusercontent.com",
    fix: "have the enterprise's tokens issued by token.actions.githubusercontent.com/<slug>, and a provider for it",
    source: "GitHub docs, OpenID Connect: a unique token URL for an enterprise",
    role: enterpriseIssuer,
  },
  {
    id: "S001",
    name: "environment-unprotected",
    severity: "high",
    title: "the subject names an environment that anybody who may push can deploy to",
    probe: "a job on a branch of its own that names the environment",
    fix: "give the environment reviewers, or the branches that may deploy to it",
    source: "GitHub docs, deployment environments: a name that is not there is made on use",
    needs: "environments of the project",
    role: (facts) => eachOnce(facts, unprotectedEnvironment),
  },
  {
    id: "S002",
    name: "ref-unprotected",
    severity: "medium",
    title: "the subject names a branch or a tag that is not protected",
    probe: "the token that was meant, from whoever may push",
    fix: "protect it; on gitlab.com a condition on ref_protected closes it too",
    source: "GitHub docs, rulesets; GitLab docs, protected branches; Unit 42",
    needs: "protected branches and tags of the project",
    role: (facts) => eachOnce(facts, unprotectedRef),
  },
  {
    id: "S003",
    name: "pull-request-target",
    severity: "high",
    title: "a workflow that runs for forks' pull requests may have tokens",
    probe: "a token of that workflow, for a fork's pull request",
    fix: "two workflows: one that looks at the pull request, and another with id-token: write after the merge",
    source: "GitHub docs, events: pull_request_target; zizmor, dangerous-triggers; Unit 42",
    needs: "workflows of the project",
    role: (facts) => eachOnce(facts, pullRequestTarget),
  },
  {
    id: "S004",
    name: "fork-pipelines",
    severity: "medium",
    title: "pipelines of forks get the project's tokens",
    probe: "the token that was meant, in a fork's pipeline",
    fix: "switch it off: GitLab ci_allow_fork_pipelines_to_run_in_parent_project, CircleCI pass secrets to forks",
    source: "GitLab docs, merge request pipelines; gitlab-org/gitlab 561735; CircleCI docs, OpenID Connect tokens",
    needs: "what forks of the project get",
    role: (facts) => eachOnce(facts, (job) => forkPipelines(facts, job)),
  },
  {
    id: "S005",
    name: "id-token-for-all-jobs",
    severity: "low",
    title: "id-token: write stands at the workflow, and so is every job's",
    probe: "the token that was meant, of another job of the workflow",
    fix: "write permissions: id-token: write at the one job",
    source: "GitHub docs, assigning permissions to jobs; zizmor, excessive-permissions",
    needs: "workflows of the project",
    role: (facts) => eachOnce(facts, wideIdToken),
  },
  {
    id: "S006",
    name: "keys-still-there",
    severity: "high",
    title: "the project has an access key beside the role",
    probe: "names of its variables and secrets",
    fix: "delete them: rolecall keys retire does it in a safe order",
    source: "AWS SDKs and tools guide, credential provider chain: keys of the environment come first",
    needs: "names of the project's variables",
    role: (facts) => eachOnce(facts, keysStillThere),
  },
  {
    id: "S007",
    name: "long-token",
    severity: "low",
    title: "jobs' tokens are good for longer than an hour",
    probe: "the token that was meant, a minute before its end",
    fix: "a shorter job timeout: GitLab's ID tokens end with it",
    source: "GitLab docs, ID token authentication: the token's expiry is the job's timeout",
    needs: "the job timeout of the project",
    role: (facts) => eachOnce(facts, (job) => longToken(job, facts)),
  },
];
