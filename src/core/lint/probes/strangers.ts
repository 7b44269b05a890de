import type { Parts, Shape } from "../shapes/shape.ts";
import type { Probe, ProbeKind } from "../trial.ts";
import { OTHER_CLIENT, type Unit } from "../unit.ts";
import { evil, fill, isPattern, literalPrefix } from "../wildcards.ts";
import type { Anchor } from "./anchors.ts";
import { otherTenants } from "./forms.ts";
import { NOT_IN_REF } from "./not-in-ref.ts";
import { OTHERS } from "./ids.ts";
import { ARRANGED, like, otherProjectFor, probe, strangerFor } from "./probe.ts";

const isArranged = (claim: string): boolean => ARRANGED.has(claim);

/** Tokens of other customers of the issuer. */
export function strangers(unit: Unit, anchor: Anchor): readonly Probe[] {
  const { shape } = unit;
  const who = `a job of another ${shape.tenantWord}`;
  if (shape.tenancy === "sts:RoleSessionName") {
    const { claims } = probe(unit, "stranger", who, { parts: shape.sample, ids: OTHERS, wanted: () => false });
    return [{ kind: "stranger", who, claims, sessionName: strangerFor(unit) }];
  }
  if (shape.tenancy === "aud") {
    const parts = { ...anchor.meant, project: strangerFor(unit) };
    const meant = probe(unit, "stranger", who, { parts, ids: OTHERS, wanted: isArranged });
    return [{ ...meant, claims: { ...meant.claims, aud: OTHER_CLIENT } }];
  }
  const made = strangeParts(unit, anchor).map(({ kind, parts }) =>
    probe(unit, kind, who, { parts, ids: OTHERS, wanted: isArranged }),
  );
  const callers = asksForWorkflow(unit)
    ? strangeParts(unit, anchor).map(({ parts }) =>
        probe(unit, "caller", `${who} that calls the trusted workflow`, {
          parts,
          ids: OTHERS,
          wanted: (claim) => isArranged(claim) || claim === "job_workflow_ref",
        }),
      )
    : [];
  const smuggled = strangeSubjects(unit, anchor).map(({ kind, subject, parts }) =>
    probe(unit, kind, kind === "template" ? `${who} with a subject template of its own` : who, {
      parts,
      ids: OTHERS,
      subject,
      wanted: isArranged,
    }),
  );
  return [...made, ...callers, ...smuggled];
}

/** A reusable workflow, which whoever may read it may call: the statement wants it, or a Deny spares it alone. */
function asksForWorkflow({ tests, spared }: Unit): boolean {
  return [...tests, ...spared].some(({ claim }) => claim === "job_workflow_ref");
}

interface Strange {
  readonly kind: ProbeKind;
  readonly parts: Parts;
}

/** A Deny may hit the usual run, and nothing keeps a stranger from another. */
function otherTails({ shape, role }: Unit): readonly string[] {
  if (role.trust.statements.every(({ effect }) => effect === "Allow")) return [];
  return [...new Set(shape.runs.map(({ tail }) => tail)), ...(shape.template ? ["environment:rolecall-probe"] : [])];
}

function strangeParts(unit: Unit, { value, pattern, meant }: Anchor): readonly Strange[] {
  const { shape } = unit;
  if (shape.afterTenant === null) return [];
  const tenant = like(meant.tenant, strangerFor(unit), OTHERS.tenant);
  const project = like(meant.project, otherProjectFor(unit), OTHERS.project);
  const name = meant.project.split("@")[0] ?? "";
  const named = like(meant.project, name, OTHERS.project);
  const found: Strange[] = [
    { kind: "stranger", parts: { tenant, project: named, tail: meant.tail } },
    { kind: "stranger", parts: { tenant, project, tail: shape.sample.tail } },
    ...otherTails(unit).map((tail): Strange => ({ kind: "stranger", parts: { tenant, project, tail } })),
  ];
  const open = pattern?.tenant.split("@")[0] ?? "";
  if (value !== null && pattern && isPattern(open)) {
    const kind = literalPrefix(open) === "" ? "stranger" : "lookalike";
    const other = like(meant.tenant, evil(open), OTHERS.tenant);
    found.push({ kind, parts: { tenant: other, project: named, tail: meant.tail } });
    found.push({ kind, parts: { tenant: other, project, tail: shape.sample.tail } });
  }
  return found;
}

/** Other customers whose subjects a pattern takes although it looks closed. */
export function fittedStrangers(unit: Unit, { value, meant }: Anchor): readonly Probe[] {
  const { shape } = unit;
  if (shape.afterTenant === null || shape.tenancy) return [];
  const own = meant.tenant.split("@")[0] ?? "";
  const who = `a job of another ${shape.tenantWord}`;
  const callsIt = asksForWorkflow(unit);
  return otherTenants(unit, value, meant).flatMap((parts) => {
    const [name = ""] = parts.tenant.split("@");
    const kind = name.startsWith(own) || name.endsWith(own) ? "lookalike" : "stranger";
    const making = { parts, ids: OTHERS, wanted: isArranged };
    const calling = { ...making, wanted: (claim: string) => isArranged(claim) || claim === "job_workflow_ref" };
    const plain = probe(unit, kind, who, making);
    return callsIt ? [plain, probe(unit, "caller", `${who} that calls the trusted workflow`, calling)] : [plain];
  });
}

interface Subject {
  readonly kind: ProbeKind;
  readonly subject: string;
  readonly parts: Parts;
}

/** Words of a GitHub subject that say whose it is. */
const OWNED = /(^|:)(repo|repository|repository_owner|repository_id|repository_owner_id|enterprise|job_workflow_ref):/;
/** Those that a workflow's author chooses. Source: GitHub docs, include_claim_keys. */
const CHOSEN =
  /^(workflow|workflow_ref|environment|ref|ref_type|context|head_ref|base_ref|actor|actor_id|event_name|runner_environment|ref_protected|sha|run_id):/;

/** Subjects that are no `tenant/project:tail`: those of issuers of another kind, and what a stranger can choose to look like. */
function strangeSubjects(unit: Unit, { value, meant }: Anchor): readonly Subject[] {
  const { shape, tests } = unit;
  const parts: Parts = { tenant: strangerFor(unit), project: otherProjectFor(unit), tail: shape.sample.tail };
  if (shape.afterTenant === null) {
    // What a separator ends is a whole name; which one, only the issuer's owner knows.
    const isOpen = value !== null && /[^:/|*?](?<!%2F|%252F)\*|^\*/i.test(value);
    const subjects = [parts.tenant, ...(isOpen ? [evil(value)] : [])];
    return subjects.map((subject, index) => ({
      kind: index === 0 || literalPrefix(value ?? "") === "" ? "stranger" : "lookalike",
      subject,
      parts,
    }));
  }
  const found: Subject[] = [];
  if (value !== null && isPattern(value)) {
    const [before = "", ...after] = value.split("*");
    const rest = after.join("");
    const tenantEnds = shape.lead.length + meant.tenant.length + shape.afterTenant.length;
    if (rest !== "" && before.length < tenantEnds) {
      for (const subject of smuggle(shape, parts, rest)) found.push({ kind: "stranger", subject, parts });
    }
  }
  const exact = value !== null && shape.template && CHOSEN.test(value) && !OWNED.test(value);
  if (exact && tests.some(({ claim }) => claim === "sub")) {
    found.push({ kind: "template", subject: fill(value, "rolecall-probe"), parts });
  }
  return found;
}

/** Subjects of a stranger that end as a pattern does: by the name of a branch, or of a workflow in a template of one's own. */
function smuggle(shape: Shape, { tenant, project }: Parts, rest: string): readonly string[] {
  const ending = rest.replaceAll("?", "x");
  const own = `${shape.lead}${tenant}${shape.afterTenant ?? ""}${project}`;
  const subjects: string[] = [];
  const branch = ending.replace(/^\//, "");
  if (shape.template && !NOT_IN_REF.test(branch)) subjects.push(`${own}:ref:refs/heads/${branch}`);
  if (shape.template) {
    const [word = "", ...more] = ending.replace(/^:/, "").split(":");
    const tail = more.join(":") === "" ? "ref:refs/heads/main" : more.join(":");
    if (word !== "") subjects.push(`${own}:workflow:${word}:${tail}`);
  }
  return subjects;
}
