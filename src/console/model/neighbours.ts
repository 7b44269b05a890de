import { decide } from "../../core/decide.ts";
import { type Account, type AccountRole, providerOf, roleOf, trustedProviders } from "./account.ts";
import { claimsOf, eventsOf, fieldsOf, FORK, hasNoToken, issuerOf, type Job } from "./job.ts";
import { durationOf, SESSION, unsigned } from "./play.ts";

/** What makes a job another than the one that was chosen. */
export type Kind = "chosen" | "main" | "branch" | "tag" | "pull" | "fork" | "environment" | "project" | "group";

export interface Row {
  readonly kind: Kind;
  readonly job: Job;
  /** One for each role of the matrix. */
  readonly cells: readonly Cell[];
}

export type Cell = "allowed" | "refused" | "no-token";

export interface Matrix {
  readonly roles: readonly AccountRole[];
  readonly rows: readonly Row[];
}

/** More would not fit beside each other. */
const MOST_ROLES = 6;

/** Who else would be let in: jobs that somebody may think of, against the roles that trust their issuer. */
export function matrixOf(job: Job, target: AccountRole | null, account: Account, now: number): Matrix {
  const provider = providerOf(account, issuerOf(job))?.arn;
  const trusting = account.roles.filter(
    (role) => role !== target && provider !== undefined && trustedProviders(role).includes(provider),
  );
  const roles = [...(target ? [target] : []), ...trusting].slice(0, MOST_ROLES);
  const rows = neighboursOf(job).map(({ kind, job: neighbour }) => ({
    kind,
    job: neighbour,
    cells: roles.map((role) => cellOf(neighbour, role, account, now)),
  }));
  return { roles, rows };
}

function cellOf(job: Job, role: AccountRole, account: Account, now: number): Cell {
  const claims = claimsOf(job, account, now);
  if (!claims || hasNoToken(job)) return "no-token";
  const duration = durationOf(job);
  const { outcome } = decide({
    token: unsigned(claims),
    signature: "unchecked",
    provider: providerOf(account, issuerOf(job)),
    role: roleOf(role),
    request: {
      roleArn: role.arn,
      sessionName: SESSION,
      secureTransport: true,
      region: "us-east-1",
      ...(duration === undefined ? {} : { duration }),
    },
    now,
  });
  return outcome === "allowed" ? "allowed" : "refused";
}

/** Jobs beside the chosen one, as far as the CI's tokens tell them apart; the chosen one is first. */
function neighboursOf(job: Job): readonly Omit<Row, "cells">[] {
  const fields = fieldsOf(job);
  const events = eventsOf(job);
  // The kind of thing that is varied is all that is varied: event and environment are the plain ones elsewhere.
  const plain: Job = { ...job, environment: "", event: "" };
  const all: readonly (Omit<Row, "cells"> | null)[] = [
    { kind: "chosen", job },
    fields.has("ref") ? { kind: "main", job: { ...plain, ref: "branch", name: "main" } } : null,
    fields.has("ref") ? { kind: "branch", job: { ...plain, ref: "branch", name: "feature/login" } } : null,
    fields.has("ref") ? { kind: "tag", job: { ...plain, ref: "tag", name: "v1.2.3" } } : null,
    events[1] === undefined
      ? null
      : { kind: "pull", job: { ...plain, ref: "branch", name: "feature/login", event: events[1] } },
    events.includes(FORK) ? { kind: "fork", job: { ...plain, ref: "branch", name: "main", event: FORK } } : null,
    fields.has("environment") ? { kind: "environment", job: { ...plain, environment: "production" } } : null,
    { kind: "project", job: { ...plain, project: otherProject(job.project) } },
    isPath(job.project) ? { kind: "group", job: { ...plain, project: otherGroup(job.project) } } : null,
  ];
  const rows = all.filter((row) => row !== null);
  const same = (a: Job, b: Job): boolean => JSON.stringify(a) === JSON.stringify(b);
  return rows.filter(({ job: theirs }, at) => rows.findIndex((row) => same(row.job, theirs)) === at);
}

function isPath(project: string): boolean {
  return project.includes("/") && !project.includes("://");
}

function otherProject(project: string): string {
  return `${project}-other`;
}

function otherGroup(project: string): string {
  return project.replace(/^[^/]*/, (group) => `other-${group}`);
}
