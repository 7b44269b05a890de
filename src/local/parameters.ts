import type { QueryFields, QueryValue } from "../wire/query.ts";
import { type Refusal, refuse } from "./refusal.ts";

/**
 * Parameters of query calls as tables, and what AWS says of bad ones. Texts and their order were
 * measured: STS repeats the value and names the pattern before the length, IAM (since about 2024)
 * does neither.
 */
export interface Style {
  readonly repeatsValues: boolean;
  readonly patternFirst: boolean;
}

/** Reads one parameter; null when it broke a constraint, which is then in the report. */
export interface Parameter<Value> {
  readonly read: (value: QueryValue | undefined, path: string, report: Report) => { readonly value: Value } | null;
  /** What a list of these says when any of them breaks a constraint. */
  readonly constraints?: readonly string[];
}

export type Shape = Readonly<Record<string, Parameter<unknown>>>;
export type Values<S extends Shape> = { readonly [Name in keyof S]: S[Name] extends Parameter<infer V> ? V : never };

/** Collects what is wrong with the parameters of one call. */
export class Report {
  readonly style: Style;
  readonly violations: string[] = [];
  /** A sentence of the service's own, told when no constraint is broken. */
  sentence: string | null = null;
  malformed: { readonly message: string | null } | null = null;

  constructor(style: Style) {
    this.style = style;
  }

  add(path: string, value: string | null, constraint: string): null {
    const shown =
      this.style.repeatsValues && value !== HIDDEN ? `Value ${value === null ? "null" : `'${value}'`}` : "Value";
    this.violations.push(`${shown} at '${path}' failed to satisfy constraint: ${constraint}`);
    return null;
  }
}

const HIDDEN = "\0hidden";
const NOT_NULL = "Member must not be null";

/** Reads all parameters of a call; every broken constraint is told, in the order of the table. */
export function readParameters<S extends Shape>(
  shape: S,
  fields: QueryFields,
  style: Style,
): { readonly kind: "values"; readonly values: Values<S> } | Refusal {
  const report = new Report(style);
  const values = readShape(shape, fields, "", report);
  if (report.malformed) return refuse(400, "MalformedInput", report.malformed.message);
  if (values) return { kind: "values", values };
  const { violations, sentence } = report;
  if (violations.length === 0 && sentence !== null) return refuse(400, "ValidationError", sentence);
  const count = violations.length === 1 ? "1 validation error" : `${violations.length} validation errors`;
  return refuse(400, "ValidationError", `${count} detected: ${violations.join("; ")}`);
}

function readShape<S extends Shape>(shape: S, fields: QueryFields, prefix: string, report: Report): Values<S> | null {
  const values: Record<string, unknown> = {};
  let good = true;
  for (const [name, member, parameter] of membersOf(shape)) {
    const given = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const result = parameter.read(given, prefix + member, report);
    if (result) values[name] = result.value;
    else good = false;
  }
  return good ? (values as Values<S>) : null;
}

type Member = readonly [name: string, asTold: string, parameter: Parameter<unknown>];
const takenApart = new WeakMap<Shape, readonly Member[]>();

// Shapes are tables in the code: they are taken apart once.
function membersOf(shape: Shape): readonly Member[] {
  const known = takenApart.get(shape);
  if (known) return known;
  const list = Object.entries(shape).map(([name, parameter]): Member => [name, lowerFirst(name), parameter]);
  takenApart.set(shape, list);
  return list;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

export interface TextLimits {
  readonly min?: number;
  readonly max?: number;
  /** As the service model writes it; AWS repeats it in its answer. */
  readonly pattern?: string;
  /** Never repeated, as AWS does for members that its models mark sensitive. */
  readonly sensitive?: boolean;
  /** What IAM says in place of the pattern, and of an empty text: a sentence alone, the first when several would be due. */
  readonly rule?: string;
}

/** A text that must be there. */
export function text(limits: TextLimits = {}): Parameter<string> {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern, sensitive = false, rule } = limits;
  const fits = pattern === undefined ? null : compile(pattern);
  return {
    constraints: constraintsOf(limits),
    read: (given, path, report) => {
      const shown = (value: string | null): string | null => (sensitive ? HIDDEN : value);
      if (given === undefined) return report.add(path, shown(null), NOT_NULL);
      const value = typeof given === "string" ? given : "";
      const length = lengthOf(value);
      const matches = !fits || fits.test(value);
      if (matches && length >= min && length <= max) return { value };
      if (rule !== undefined && length <= max && (length === 0 || length >= min)) {
        report.sentence ??= `The specified value for ${path} is invalid. ${rule}`;
        return null;
      }
      const broken = {
        pattern: matches || rule !== undefined ? [] : [`Member must satisfy regular expression pattern: ${pattern}`],
        length: [
          ...(length > max ? [`Member must have length less than or equal to ${max}`] : []),
          ...(length < min ? [`Member must have length greater than or equal to ${min}`] : []),
        ],
      };
      const order = report.style.patternFirst
        ? [...broken.pattern, ...broken.length]
        : [...broken.length, ...broken.pattern];
      for (const constraint of order) report.add(path, shown(value), constraint);
      return null;
    },
  };
}

// AWS's patterns are Java's. Without the u flag JavaScript reads them alike; \p needs the flag.
function compile(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, pattern.includes("\\p{") ? "u" : "");
}

function constraintsOf({ min, max, pattern }: TextLimits): readonly string[] {
  return [
    ...(max === undefined ? [] : [`Member must have length less than or equal to ${max}`]),
    ...(min === undefined ? [] : [`Member must have length greater than or equal to ${min}`]),
    ...(pattern === undefined ? [] : [`Member must satisfy regular expression pattern: ${pattern}`]),
    NOT_NULL,
  ];
}

// Measured at STS: lengths are counted in code points.
function lengthOf(value: string): number {
  return /[\ud800-\udbff]/.test(value) ? Array.from(value).length : value.length;
}

/** A whole number that must be there. Measured: `+900` and `0900` are numbers, `900.0` is not. */
export function integer({ min, max }: { readonly min: number; readonly max: number }): Parameter<number> {
  return {
    read: (given, path, report) => {
      if (given === undefined) return report.add(path, null, NOT_NULL);
      const value = typeof given === "string" && /^[+-]?\d{1,20}$/.test(given) ? Number(given) : Number.NaN;
      if (!(value >= -2_147_483_648 && value <= 2_147_483_647)) {
        report.malformed ??= { message: given === "" ? "missing value for decimal type" : null };
        return null;
      }
      if (value < min) return report.add(path, String(value), `Member must have value greater than or equal to ${min}`);
      if (value > max) return report.add(path, String(value), `Member must have value less than or equal to ${max}`);
      return { value };
    },
  };
}

/** A parameter that may be left out. */
export function optional<Value>(parameter: Parameter<Value>): Parameter<Value | undefined> {
  return {
    read: (given, path, report) => (given === undefined ? { value: undefined } : parameter.read(given, path, report)),
  };
}

/** Fields inside a parameter. */
export function structure<S extends Shape>(shape: S): Parameter<Values<S>> {
  return {
    read: (given, path, report) => {
      const fields = typeof given === "object" && !isList(given) ? given : {};
      const value = readShape(shape, fields, `${path}.`, report);
      return value ? { value } : null;
    },
  };
}

/**
 * A list that must be there; an empty text is an empty list. `sparse`: what IAM says of its members does not end in that
 * they must not be null (recorded of OIDC providers, 2026-02; of keys of tags it does).
 */
export function listOf<Value>(
  item: Parameter<Value>,
  { max, sparse = false }: { readonly max?: number; readonly sparse?: boolean } = {},
): Parameter<readonly Value[]> {
  return {
    read: (given, path, report) => {
      if (given === undefined) return report.add(path, null, NOT_NULL);
      const members = typeof given === "object" && isList(given) ? given : [];
      const shown = `[${members.map((one) => (typeof one === "string" ? one : "…")).join(", ")}]`;
      let good = true;
      if (max !== undefined && members.length > max) {
        report.add(path, shown, `Member must have length less than or equal to ${max}`);
        good = false;
      }
      const values = item.constraints ? readTexts(item, members, report) : readMembers(item, members, path, report);
      if (!values && item.constraints) {
        const told = item.constraints.filter((constraint) => !sparse || constraint !== NOT_NULL);
        report.add(path, shown, `Member must satisfy constraint: [${told.join(", ")}]`);
      }
      return values && good ? { value: values } : null;
    },
  };
}

// A list of texts breaks its constraints as a whole, a list of structures member by member. Measured at IAM.
function readTexts<Value>(
  item: Parameter<Value>,
  members: readonly QueryValue[],
  report: Report,
): readonly Value[] | null {
  return readMembers(item, members, "", new Report(report.style));
}

function readMembers<Value>(
  item: Parameter<Value>,
  members: readonly QueryValue[],
  path: string,
  report: Report,
): readonly Value[] | null {
  const results = members.map((one, at) => item.read(one, `${path}.${at + 1}.member`, report));
  const good = results.filter((result) => result !== null);
  return good.length === results.length ? good.map(({ value }) => value) : null;
}

function isList(value: object): value is readonly QueryValue[] {
  return Array.isArray(value);
}
