import { readRoleArn } from "../../arn.ts";
import type { Found, Proof } from "../finding.ts";
import { showClaim } from "../../token.ts";
import { acceptedProof } from "../proof.ts";
import type { Rule, RoleFacts } from "../rule.ts";
import { type Probe, tryProbe } from "../trial.ts";
import type { Unit } from "../unit.ts";
import { permits, permitted, powerOf } from "./permissions.ts";

const WEAK: ReadonlySet<string> = new Set(["T001", "T002", "T003", "T004", "T009", "T012", "T031", "T032", "T033"]);

/** An administrator is worse behind a trust policy that lets strangers in. */
function admin({ role, accepted }: RoleFacts): readonly Found[] {
  const { administers: call } = powerOf(role);
  if (!call) return [];
  const weak = accepted.some(({ cause }) => WEAK.has(cause.rule));
  return [
    {
      severity: weak ? "critical" : "high",
      message: weak ? "the role is an administrator's, and its trust policy is weak" : "the role is an administrator's",
      proof: permitted(call),
    },
  ];
}

function privilegeEscalation({ role }: RoleFacts): readonly Found[] {
  const { administers, escalates: calls } = powerOf(role);
  if (administers !== null) return [];
  const [first] = calls;
  if (!first) return [];
  const names = [...new Set(calls.map(({ action }) => action))].join(", ");
  return [{ message: `whoever has the role can have more: ${names}`, proof: permitted(first) }];
}

function noBoundary({ role }: RoleFacts): readonly Found[] {
  const { permissions } = role;
  // Of an administrator R001 has said more.
  if (!permissions || permissions.boundary !== null || powerOf(role).administers !== null) return [];
  const account = readRoleArn(role.resource)?.account ?? "123456789012";
  const call = { action: "iam:CreateRole", resource: `arn:aws:iam::${account}:role/rolecall-probe` };
  return permits(role, call)
    ? [{ message: "the role makes roles, and nothing bounds what they may do", proof: permitted(call) }]
    : [];
}

const HOUR = 3600;

function longSession({ role, meant }: RoleFacts): readonly Found[] {
  const seconds = role.maxSessionDuration;
  if (seconds === null || seconds <= HOUR) return [];
  for (const { unit, probe, allowedBy } of meant) {
    if (allowedBy === null) continue;
    const long = { ...probe, duration: seconds };
    const found = tryProbe(role.trust, unit.provider, long, { ...unit, maxSessionDuration: seconds });
    if (found.outcome !== "allowed") continue;
    return [
      {
        severity: seconds >= 12 * HOUR ? "medium" : "low",
        message: `a job can have credentials for ${seconds / HOUR} hours, and so can whoever steals them`,
        proof: acceptedProof(unit, long),
      },
    ];
  }
  return [];
}

const DAYS_90 = 90 * 24 * HOUR * 1000;

function unused({ role, context }: RoleFacts): readonly Found[] {
  const { lastUsed, created } = role;
  if (lastUsed === undefined) return [];
  const since = lastUsed ?? created;
  if (since === undefined || context.now - since <= DAYS_90) return [];
  const days = Math.floor((context.now - since) / (24 * HOUR * 1000));
  const text = lastUsed === null ? `IAM knows of no use; made ${days} days ago` : `last used ${days} days ago`;
  return [{ message: text, proof: { kind: "observed", text } }];
}

function accept(role: RoleFacts["role"], unit: Unit, probe: Probe): Proof | null {
  if (tryProbe(role.trust, unit.provider, probe, unit).outcome !== "allowed") return null;
  return acceptedProof(unit, probe);
}

/** Pull requests and the main branch have one role, by whatever statements. */
function planAndApply({ role, accepted, meant }: RoleFacts): readonly Found[] {
  const pull = accepted.find(({ probe }) => probe.kind === "pull-request");
  // Where every branch is let in, T005 has said more.
  if (!pull || accepted.some(({ probe }) => probe.kind === "branch")) return [];
  const main = meant.find(
    ({ allowedBy, probe, unit }) =>
      allowedBy !== null &&
      unit.provider.arn === pull.unit.provider.arn &&
      /ref:(refs\/heads\/)?(main|master)$|:environment:/.test(showClaim(probe.claims, "sub")) &&
      isForPushes(role, unit, probe),
  );
  const proof = main ? accept(role, pull.unit, pull.probe) : null;
  return main && proof
    ? [{ message: `one role for pull requests and for ${showClaim(main.probe.claims, "sub")}`, proof }]
    : [];
}

/** GitLab's merge requests have the subjects of branches; the pipeline's source tells them apart. */
function isForPushes(role: RoleFacts["role"], unit: Unit, probe: Probe): boolean {
  if (probe.claims["pipeline_source"] !== "merge_request_event") return true;
  return accept(role, unit, { ...probe, claims: { ...probe.claims, pipeline_source: "push" } }) !== null;
}

const MANY_PROJECTS = 5;

/** Production shares its role with other environments, or many projects have one. */
function shared({ role, units, meant }: RoleFacts): readonly Found[] {
  const live = meant.filter(({ allowedBy }) => allowedBy !== null);
  const subjects = live.map(({ probe }) => ({ probe, subject: showClaim(probe.claims, "sub") }));
  const environments = new Map(
    subjects.flatMap(({ probe, subject }) => {
      const name = /:environment:([^:]+)/.exec(subject)?.[1];
      return name === undefined ? [] : [[name, probe] as const];
    }),
  );
  const names = [...environments.keys()];
  const production = names.find((name) => /^prod/i.test(name));
  const [unit] = units;
  if (!unit) return [];
  const other = names.find((name) => !/^prod/i.test(name));
  const probe = other === undefined ? undefined : environments.get(other);
  if (production !== undefined && probe) {
    const proof = accept(role, unit, probe);
    if (proof) return [{ message: `one role for ${names.join(", ")}`, proof }];
  }
  const projects = new Map(subjects.map((one) => [/^[^:]*:([^:]+)/.exec(one.subject)?.[1] ?? one.subject, one.probe]));
  if (projects.size <= MANY_PROJECTS) return [];
  const proof = accept(role, unit, [...projects.values()].at(-1) as Probe);
  return proof ? [{ message: `one role for ${projects.size} projects`, proof }] : [];
}

/** What a role may do, for how long, and for whom. */
export const ROLE_RULES: readonly Rule[] = [
  {
    id: "R001",
    name: "admin",
    severity: "high",
    title: "a CI job is an administrator",
    probe: "calls that only an administrator can make",
    fix: "a policy for what the job does, and a permissions boundary",
    source: "AWS IAM guide, security best practices: least privilege",
    role: admin,
  },
  {
    id: "R002",
    name: "privilege-escalation",
    severity: "high",
    title: "whoever has the role can give themselves more",
    probe: "iam:UpdateAssumeRolePolicy on itself, iam:PassRole and sts:AssumeRole on any role, and the like",
    fix: "name the roles and policies, or bound the role",
    source: "AWS IAM guide, permissions boundaries; Rhino Security Labs, AWS privilege escalation methods",
    role: privilegeEscalation,
  },
  {
    id: "R003",
    name: "no-boundary",
    severity: "low",
    title: "the role makes roles and has no permissions boundary",
    probe: "iam:CreateRole",
    fix: "set a boundary, and let it make only roles that have it (iam:PermissionsBoundary)",
    source: "AWS IAM guide, permissions boundaries",
    role: noBoundary,
  },
  {
    id: "R004",
    name: "long-session",
    severity: "low",
    title: "credentials live longer than an hour",
    probe: "the token that was meant, with DurationSeconds at the maximum",
    fix: "MaxSessionDuration 3600",
    source: "AWS IAM guide, modify a role's maximum session duration",
    role: longSession,
  },
  {
    id: "R005",
    name: "unused",
    severity: "low",
    title: "nobody has used the role for 90 days",
    probe: "RoleLastUsed",
    fix: "delete the role",
    source: "AWS IAM guide, last used information; IAM keeps 400 days of it",
    role: unused,
  },
  {
    id: "R006",
    name: "plan-and-apply",
    severity: "medium",
    title: "one role for pull requests and for the main branch",
    probe: "a pull request's token, and one of the main branch",
    fix: "two roles: one that reads, for pull requests, and one that writes",
    source: "Unit 42, poisoned pipeline execution",
    role: planAndApply,
  },
  {
    id: "R007",
    name: "prod-shared",
    severity: "medium",
    title: "production shares its role with other environments, or many projects have one",
    probe: "tokens of each of them",
    fix: "one role for each environment",
    source: "AWS Well-Architected, SEC03: grant least privilege access",
    role: shared,
  },
];
