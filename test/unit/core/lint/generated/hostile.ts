import { decide } from "../../../../../src/core/decide.ts";
import type { Policy } from "../../../../../src/core/policy.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import type { Claims } from "../../../../../src/core/token.ts";
import { NOW, ROLE } from "../cases.ts";
import { AUDIENCE, type Issuer, type Job, OTHER_AUDIENCE, OWNER } from "./issuers.ts";
import { providerArn } from "./policies.ts";

// Tokens that octo/web did not mean, made of what issuers write and of the policy's own patterns with something put
// in; nothing of it is the linter's.

/** How far from the owner somebody is. */
export const FOREIGN = ["own", "same job, other client or id", "other run", "other project", "outsider"] as const;

export interface Hostile {
  readonly issuer: Issuer;
  readonly claims: Claims;
  readonly sessionName: string;
  /** Index into {@link FOREIGN}. */
  readonly rank: number;
  readonly kind: "who" | "recycled" | "audience";
}

/** How a real request comes, beside the token. */
const REQUEST = {
  sourceIp: "203.0.113.9",
  userAgent: "aws-sdk",
  secureTransport: true,
  region: "us-east-1",
} as const;

/** True when the token gets the role. */
export function getsIn(
  trust: Policy,
  url: string,
  audiences: readonly string[],
  { claims, sessionName }: Pick<Hostile, "claims" | "sessionName">,
): boolean {
  const seconds = NOW / 1000;
  return (
    decide({
      token: { raw: new Secret(""), header: { alg: "RS256" }, claims: { ...claims, iat: seconds, exp: seconds + 60 } },
      signature: "valid",
      provider: { arn: providerArn(url), url, audiences, thumbprints: [] },
      role: { arn: ROLE, trust, maxSessionDuration: 3600 },
      request: { roleArn: ROLE, sessionName, ...REQUEST },
      now: NOW,
    }).outcome === "allowed"
  );
}

const STRANGER = { tenantId: "900", projectId: "901" };

const OWNER_IDS = { tenantId: OWNER.tenantId, projectId: OWNER.projectId };

/** Pieces that somebody may put where a pattern is open. */
const FILLS = [
  "",
  "mallory",
  "mallory/tool",
  "mallory/web",
  "evil",
  "-evil",
  "evil/tool",
  "/evil",
  "evil/tool:ref:refs/heads/x",
  "evil/tool:ref_type:branch:ref:x",
  "tool",
  "tool:ref:refs/heads/main",
  "web:ref:refs/heads/mine",
  "mine",
  "-mine",
  "mine/",
  ":ref:refs/heads/mine",
  "environment:mine",
  "ref:refs/heads/mine/",
  "900",
  "900/evil@901:ref:refs/heads/x",
  "tool:workspace:prod:run_phase:apply",
  "mallory:project:tool:workspace:prod:run_phase:apply",
  "mallory:pipeline:tool:ref:refs/heads/main:commit:abc:step:build",
  "tool:ref:refs/heads/mine:commit:abc:step:build",
  ":commit:abc:step:build",
  "-mine:commit:abc:step:build",
];
const LETTERS = ["m", "9"];

function filled(pattern: string): readonly string[] {
  const all = [pattern];
  for (const letter of LETTERS) {
    const text = pattern.replaceAll("?", letter);
    for (const fill of FILLS) {
      all.push(text.replaceAll("*", fill));
      // The first open place is somebody's own, what is behind it is kept.
      all.push(text.replace("*", fill).replaceAll("*", ""));
      all.push(text.replace("*", fill).replaceAll("*", "9"));
      all.push(text.replace("*", "").replaceAll("*", fill));
    }
    if (!pattern.includes("?")) break;
  }
  return [...new Set(all)];
}

/** Jobs of anybody, whatever the policy says. */
function everybody({ runs }: Issuer): readonly Job[] {
  const people = [
    { tenant: "mallory", project: "tool", ...STRANGER },
    { tenant: "mallory", project: "web", ...STRANGER },
    { tenant: "octo-evil", project: "web", ...STRANGER },
    { tenant: "evil-octo", project: "web", ...STRANGER },
    { tenant: "oxto", project: "web", ...STRANGER },
    { tenant: OWNER.tenant, project: "tool", tenantId: OWNER.tenantId, projectId: "901" },
    { tenant: OWNER.tenant, project: "web-evil", tenantId: OWNER.tenantId, projectId: "901" },
    { tenant: OWNER.tenant, project: "evil-web", tenantId: OWNER.tenantId, projectId: "901" },
    { tenant: OWNER.tenant, project: "wxb", tenantId: OWNER.tenantId, projectId: "901" },
    { ...OWNER },
    { ...OWNER, ...STRANGER },
  ];
  const names = ["main", "mine"];
  const ends = runs.flatMap((run) => (run.includes("*") ? names.map((name) => run.replace("*", name)) : [run]));
  const jobs = people.flatMap((one) => ends.map((run) => ({ ...one, run })));
  return [...jobs, ...jobs.filter(({ run }) => run === ends[0]).map((one) => ({ ...one, withIds: true }))];
}

/** Who is behind a subject that an issuer would write. */
function identified(job: Job): readonly Job[] {
  const { withIds, tenant, project } = job;
  if (withIds) return isPossible(job) ? [job] : [];
  if (tenant.toLowerCase() !== OWNER.tenant) return [{ ...job, ...STRANGER }];
  const projectId = project.toLowerCase() === OWNER.project ? OWNER.projectId : "901";
  return [{ ...job, tenantId: OWNER.tenantId, projectId }];
}

/** An id is of one name and no other, and a project is of one tenant. */
function isPossible({ tenant, project, tenantId, projectId }: Job): boolean {
  const isOwnTenant = tenantId === OWNER.tenantId;
  const isOwnProject = projectId === OWNER.projectId;
  return (!isOwnTenant || tenant === OWNER.tenant) && (!isOwnProject || (isOwnTenant && project === OWNER.project));
}

function subjectValues({ statements }: Policy, key: string): readonly string[] {
  const values = statements.flatMap(({ conditions }) =>
    conditions.filter((one) => one.key.toLowerCase() === key).flatMap((one) => one.values),
  );
  return [...new Set(values)];
}

/** What a claim may be in a token of one's own, where a policy asks for it. */
function asked({ statements }: Policy, key: string): readonly string[] {
  return statements
    .flatMap(({ conditions }) => conditions.filter((one) => one.key.toLowerCase() === key.toLowerCase()))
    .flatMap(({ values }) => values.map((value) => value.replaceAll("*", "x")));
}

/** Every hostile token for one of a policy's issuers. */
export function hostileTokens(trust: Policy, issuer: Issuer): readonly Hostile[] {
  const { url, read, subject, claims: claimsOf } = issuer;
  const values = subjectValues(trust, `${url}:sub`);
  const sessionNames = ["probe", ...asked(trust, "sts:RoleSessionName")];
  const made = [
    ...everybody(issuer),
    ...values
      .flatMap(filled)
      .flatMap((text) => read(text) ?? [])
      .flatMap(identified),
  ];
  const seen = new Set<string>();
  return made.flatMap((job): readonly Hostile[] => {
    const sub = subject(job);
    const key = `${sub} ${job.tenantId} ${job.projectId}`;
    if (seen.has(key) || read(sub) === null) return [];
    seen.add(key);
    // Where a token tells no ids, nobody can see that a name is another's now.
    const tellsIds = JSON.stringify(claimsOf(job)) !== JSON.stringify(claimsOf({ ...job, ...OWNER_IDS }));
    if (!tellsIds && job.tenantId === STRANGER.tenantId && job.tenant === OWNER.tenant) return [];
    const recycled = job.tenant === OWNER.tenant && job.tenantId !== OWNER.tenantId;
    const rank = recycled ? 1 : rankOf(job, values);
    const own = { iss: `https://${url}`, aud: AUDIENCE, sub, ...claimsOf(job) };
    const tokens: Claims[] = [own];
    if (rank >= 3 || recycled) tokens.push(...arranged(trust, issuer, own, rank >= 4 || recycled));
    const all = tokens.flatMap((claims) => sessionNames.map((sessionName) => ({ issuer, claims, sessionName })));
    const others =
      rank <= 1 && !recycled
        ? all.map((one): Hostile => ({
            ...one,
            claims: { ...one.claims, aud: OTHER_AUDIENCE },
            rank: 1,
            kind: "audience",
          }))
        : [];
    if (rank === 0) return others;
    return [...all.map((one): Hostile => ({ ...one, rank, kind: recycled ? "recycled" : "who" })), ...others];
  });
}

const EVERYBODY_MAY_CALL = "octo/flows/.github/workflows/deploy.yml@refs/heads/main";

/** The same job as it would be arranged in a project of one's own to look like what a policy asks for. */
function arranged(trust: Policy, { url }: Issuer, own: Claims, calls: boolean): readonly Claims[] {
  const more: Record<string, string> = {};
  for (const claim of ["workflow", "pipeline_source", "build_branch"]) {
    const [value] = asked(trust, `${url}:${claim}`);
    if (own[claim] !== undefined && value !== undefined) more[claim] = value;
  }
  // Of an environment's job the subject does not say the ref.
  const [ref] = asked(trust, `${url}:ref`);
  if (ref !== undefined && typeof own["environment"] === "string") more["ref"] = ref;
  const alike = { ...own, ...more };
  const found: Claims[] = Object.keys(more).length > 0 ? [alike] : [];
  // That other projects of the owner's call the trusted workflow is what it is for.
  if (calls && asked(trust, `${url}:job_workflow_ref`).length > 0)
    found.push({ ...alike, job_workflow_ref: EVERYBODY_MAY_CALL });
  return found;
}

/** How foreign a job is to the owner of these subjects: a run is the owner's own where a value spells it out. */
export function rankOf({ tenant, project, run }: Job, values: readonly string[]): number {
  // A name in another case is the same name to GitHub and GitLab.
  if (tenant.toLowerCase() !== OWNER.tenant) return 4;
  if (project.toLowerCase() !== OWNER.project) return 3;
  // Every policy here is for main, and for what it spells out.
  const isMain = /(^|:|refs\/heads\/)main(:commit:|$)/.test(run) && !/tag/.test(run);
  return isMain || values.some((value) => value.endsWith(run)) ? 0 : 2;
}
