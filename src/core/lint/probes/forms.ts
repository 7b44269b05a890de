import { fitting, type Form, type Hole } from "../fitting.ts";
import { readParts, writeSubject } from "../shapes/parts.ts";
import type { Parts, Shape } from "../shapes/shape.ts";
import type { Unit } from "../unit.ts";
import { literalPrefix } from "../wildcards.ts";
import { OTHERS, OWN } from "./ids.ts";
import { NOT_IN_REF } from "./not-in-ref.ts";
import { type Search, searchesFor } from "./searches.ts";

const NAME: Hole = { first: /[A-Za-z0-9]/, rest: /[\w.-]/, usual: "x" };
/** GitLab's projects may be in groups of groups. */
const PATH: Hole = { ...NAME, rest: /[\w./-]/ };
const ANYTHING: Hole = { first: /[^]/, rest: /[^]/, usual: "x" };
const NUMBER: Hole = { first: /\d/, rest: /\d/, usual: "1" };
const REF: Hole = { first: /[A-Za-z0-9]/, rest: /[\w./@-]/, last: /[\w@-]/, usual: "x" };
// What CIs put into subjects besides has its colons escaped.
const WORDS: Hole = { first: /[^:*?]/, rest: /[^:*?]/, usual: "x" };

/** What a name may be: one that only begins or ends so, or any other; also another where one character is open. */
function names(name: string, other: Hole = NAME): readonly Form[] {
  return [[name, other], [other, name], [other], [{ ...other, usual: "z" }]];
}

/** What of a run may be anybody's choice. */
function tailForms({ sample, runs, template }: Shape): readonly Form[] {
  const tails = runs.flatMap(({ tail }) => [tail, tail.replace("rolecall-probe", "rolecall-probe-rolecall-probe")]);
  const forms = [...new Set([sample.tail, ...tails])].map(formOf);
  return template ? [...forms, ["environment:", WORDS]] : forms;
}

const COMMIT: Hole = { first: /[0-9a-f]/, rest: /[0-9a-f]/, usual: "0" };

/** A run's tail, with holes where the names of ref and step and the commit are. */
function formOf(tail: string): Form {
  return tail.split(/(rolecall-probe(?!-)|(?<=:commit:)[0-9a-f]+|(?<=:step:)\w+)/).map((piece, index) => {
    if (index % 2 === 0) return piece;
    if (piece === "rolecall-probe") return REF;
    return /^[0-9a-f]{40}$/.test(piece) ? COMMIT : NAME;
  });
}

function withOthers(form: Form): Form {
  return form.map((piece) => (typeof piece === "string" || piece === COMMIT ? piece : { ...piece, usual: "z" }));
}

/** What stands behind the names of tenant and project: nothing, or ids. */
type Suffixes = readonly (readonly [tenant: Form, project: Form])[];

/** Subjects with ids as well as without, where an issuer writes both. */
function suffixes(shape: Shape, tenant: string | Hole, project: string | Hole): Suffixes {
  const plain = [[], []] as const;
  return shape.template
    ? [
        plain,
        [
          ["@", tenant],
          ["@", project],
        ],
      ]
    : [plain];
}

interface Names {
  readonly tenants: readonly Form[];
  readonly projects: readonly Form[];
  readonly ids: Suffixes;
  readonly tails?: readonly Form[];
}

/** The parts of a subject for each search that has one, in each of these forms. */
function matched(
  shape: Shape,
  searches: readonly Search[],
  { tenants, projects, ids, tails = tailForms(shape) }: Names,
): readonly Parts[] {
  const { lead, afterTenant, afterProject } = shape;
  const found: Parts[] = [];
  for (const tenant of tenants) {
    for (const project of projects) {
      for (const [tenantId, projectId] of ids) {
        const owner: Form = [lead, ...tenant, ...tenantId, afterTenant ?? "", ...project, ...projectId];
        for (const { patterns, avoided } of searches) {
          // Most have nobody else of the kind, whatever the run.
          if (afterProject !== null && fitting(patterns, [...owner, afterProject, ANYTHING]) === null) continue;
          for (const tail of tails) {
            const text = fitting(patterns, afterProject === null ? owner : [...owner, afterProject, ...tail], avoided);
            const parts = text === null ? null : readParts(shape, text);
            if (parts !== null && !NOT_IN_REF.test(refOf(parts.tail))) found.push(parts);
          }
        }
      }
    }
  }
  return found;
}

function refOf(tail: string): string {
  return /^(?:ref:refs\/(?:heads|tags)\/|ref_type:(?:branch|tag):ref:)([^:]*)/.exec(tail)?.[1] ?? "";
}

/** What of a run's tail says for which ref it is: the commit and the step are every run's own. */
function runOf(tail: string): string {
  return tail.replace(/:commit:.*$/, "");
}

function nameOf(part: string): string {
  return part.split("@")[0] ?? "";
}

/** Names of owners and projects that differ by case alone are one's own, on GitHub as on GitLab. */
function isSame(name: string, own: string): boolean {
  return name.toLowerCase() === own.toLowerCase();
}

function idOf(part: string, otherwise: string): string {
  return part.split("@")[1] ?? otherwise;
}

/** Subjects of other tenants that a value matches. */
export function otherTenants(unit: Unit, value: string | null, meant: Parts): readonly Parts[] {
  const { shape } = unit;
  if (reaches(value, `${shape.lead}${meant.tenant}${shape.afterTenant ?? ""}`)) return [];
  const own = nameOf(meant.tenant);
  const ids = suffixes(shape, OTHERS.tenant, OTHERS.project);
  const all = matched(shape, searchesFor(unit, value), { tenants: names(own), projects: [projectForm(shape)], ids });
  return all.filter(({ tenant }) => !isSame(nameOf(tenant), own));
}

/** Subjects of a tenant that has got the name since: the name is the same and the ids are others. */
export function newOwners(unit: Unit, value: string | null, meant: Parts): readonly Parts[] {
  const { shape } = unit;
  const own = nameOf(meant.tenant);
  if (!shape.template || reaches(value, `${shape.lead}${own}${shape.afterTenant ?? ""}`)) return [];
  const ids = suffixes(shape, OTHERS.tenant, OTHERS.project).slice(1);
  return matched(shape, searchesFor(unit, value), { tenants: [[own]], projects: [projectForm(shape)], ids });
}

/** Subjects of other projects of the same tenant. */
export function otherProjects(unit: Unit, value: string | null, meant: Parts): readonly Parts[] {
  const { shape } = unit;
  if (reaches(value, writeSubject(shape, { ...meant, tail: "" }))) return [];
  const own = nameOf(meant.project);
  const projects = shape.sample.project.includes(":") ? wordForms(shape, own) : names(own, holeOf(shape));
  const ids = suffixes(shape, idOf(meant.tenant, OWN.tenant), OTHERS.project);
  const all = matched(shape, searchesFor(unit, value), { tenants: [[nameOf(meant.tenant)]], projects, ids });
  return all.filter(({ project }) => !isSame(nameOf(project), own));
}

/** Subjects of other runs of the same project. */
export function otherRuns(unit: Unit, value: string | null, meant: Parts): readonly Parts[] {
  const { shape } = unit;
  const ids = suffixes(shape, idOf(meant.tenant, OWN.tenant), idOf(meant.project, OWN.project));
  const tails = tailForms(shape);
  const own = {
    tenants: [[nameOf(meant.tenant)]],
    projects: [[nameOf(meant.project)]],
    ids,
    // Where single characters are open, another name than the one that was meant.
    tails: [...tails, ...tails.map(withOthers)],
  };
  return matched(shape, searchesFor(unit, value), own).filter(({ tail }) => runOf(tail) !== runOf(meant.tail));
}

/** The subject that a value is for, where its form does not tell, or where it is not the only one that is tested. */
export function anyOf(unit: Unit, value: string): Parts | null {
  const { shape } = unit;
  const ids = suffixes(shape, NUMBER, NUMBER);
  const any = { tenants: [[NAME]], projects: [projectForm(shape)], ids };
  return matched(shape, searchesFor(unit, value), any)[0] ?? null;
}

/** What stands before a value's first wildcard holds so much of a subject that nothing of it is open. */
function reaches(value: string | null, beginning: string): boolean {
  if (value === null) return false;
  const prefix = literalPrefix(value);
  return prefix.startsWith(beginning) && (prefix.length > beginning.length || /[/:]$/.test(beginning));
}

/** `project:shop:workspace:prod` has more names than one. */
function projectForm(shape: Shape): Form {
  const words = shape.sample.project.split(":");
  return words.flatMap((word, index) => [
    ...(index === 0 ? [] : [":"]),
    ...(words.length > 1 && index % 2 === 0 ? [word] : [holeOf(shape)]),
  ]);
}

/** As before, and with each of the names in turn one that only begins so. */
function wordForms(shape: Shape, project: string): readonly Form[] {
  const words = project.split(":");
  const likeOwn = words.flatMap((_, which): Form[] =>
    which % 2 === 0
      ? []
      : [words.flatMap((word, index) => [...(index === 0 ? [] : [":"]), word, ...(index === which ? [NAME] : [])])],
  );
  return [projectForm(shape), ...likeOwn];
}

function holeOf({ lead }: Shape): Hole {
  return lead === "project_path:" ? PATH : NAME;
}
