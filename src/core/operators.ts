import { type Glob, matchArnGlob, matchGlob } from "./glob.ts";

/** A policy value ready to be compared: its text, and the same with `*` and `?` as wildcards. */
export interface Wanted {
  readonly text: string;
  readonly glob: Glob;
}

/** What one condition operator does with one policy value and one request value. */
export interface Operator {
  readonly name: string;
  /** A negated operator is true only when no policy value matches. */
  readonly negated: boolean;
  /** Whether `${…}` is expanded in its values. */
  readonly variables: boolean;
  /** Whether the *positive* form matches; unparsable values never do. */
  readonly matches: (wanted: Wanted, got: string) => boolean;
}

type Matches = Operator["matches"];

const same: Matches = (wanted, got) => wanted.text === got;
const sameFolded: Matches = (wanted, got) => wanted.text.toLowerCase() === got.toLowerCase();
const like: Matches = (wanted, got) => matchGlob(wanted.glob, got);
const arn: Matches = (wanted, got) => matchArnGlob(wanted.glob, got);

function ordered(read: (text: string) => number | null, holds: (difference: number) => boolean): Matches {
  return (wanted, got) => {
    const left = read(got);
    const right = read(wanted.text);
    return left !== null && right !== null && holds(left - right);
  };
}

const ORDERS = {
  Equals: (difference: number) => difference === 0,
  LessThan: (difference: number) => difference < 0,
  LessThanEquals: (difference: number) => difference <= 0,
  GreaterThan: (difference: number) => difference > 0,
  GreaterThanEquals: (difference: number) => difference >= 0,
};

function readNumber(text: string): number | null {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

// W3C profile of ISO 8601, or seconds since 1970. AWS IAM guide, date condition operators.
const ISO_DATE = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/;

function readDate(text: string): number | null {
  if (ISO_DATE.test(text) && text.length > 4) {
    const milliseconds = Date.parse(text);
    return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
  }
  return readNumber(text);
}

const sameTruth: Matches = (wanted, got) =>
  /^(true|false)$/i.test(got) && wanted.text.toLowerCase() === got.toLowerCase();

const sameBytes: Matches = (wanted, got) => {
  const left = decodeBase64(wanted.text);
  return left !== null && left === decodeBase64(got);
};

function decodeBase64(text: string): string | null {
  try {
    return atob(text);
  } catch {
    return null;
  }
}

interface Network {
  readonly address: bigint;
  readonly bits: number;
}

function readIpv4(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function readIpv6(text: string): bigint | null {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return null;
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const all = [...left, ...Array.from({ length: Math.max(missing, 0) }, () => "0"), ...right];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

function readNetwork(text: string): Network | null {
  const [host = "", prefix, more] = text.split("/");
  const bits = host.includes(":") ? 128 : 32;
  const address = bits === 32 ? readIpv4(host) : readIpv6(host);
  if (address === null || more !== undefined) return null;
  // A bare address is its own network. AWS IAM guide, IP address condition operators.
  if (prefix === undefined) return { address, bits };
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return null;
  const shift = BigInt(bits - Number(prefix));
  return { address: (address >> shift) << shift, bits };
}

const inNetwork: Matches = (wanted, got) => {
  const address = readNetwork(got);
  const network = readNetwork(wanted.text);
  if (!address || !network || address.bits !== network.bits) return false;
  const shift = BigInt(network.bits - Number(wanted.text.split("/")[1] ?? network.bits));
  return address.address >> shift === network.address >> shift;
};

function pair(positive: string, negative: string, variables: boolean, matches: Matches): Operator[] {
  return [
    { name: positive, negated: false, variables, matches },
    { name: negative, negated: true, variables, matches },
  ];
}

function orderedFamily(family: string, read: (text: string) => number | null): Operator[] {
  const six = Object.entries(ORDERS).map(([order, holds]) => ({
    name: `${family}${order}`,
    negated: false,
    variables: false,
    matches: ordered(read, holds),
  }));
  const notEquals = {
    name: `${family}NotEquals`,
    negated: true,
    variables: false,
    matches: ordered(read, ORDERS.Equals),
  };
  return [...six, notEquals];
}

/**
 * The condition operators of IAM, `Null` apart, which asks for presence and not for a value.
 * Source: AWS IAM guide, reference_policies_elements_condition_operators.
 */
export const OPERATORS: readonly Operator[] = [
  ...pair("StringEquals", "StringNotEquals", true, same),
  ...pair("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", true, sameFolded),
  ...pair("StringLike", "StringNotLike", true, like),
  ...orderedFamily("Numeric", readNumber),
  ...orderedFamily("Date", readDate),
  // The operators page says that variables work under Bool, the variables page that they do not.
  { name: "Bool", negated: false, variables: false, matches: sameTruth },
  { name: "BinaryEquals", negated: false, variables: false, matches: sameBytes },
  ...pair("IpAddress", "NotIpAddress", false, inNetwork),
  // ArnEquals and ArnLike behave identically. Same page.
  ...pair("ArnEquals", "ArnNotEquals", true, arn),
  ...pair("ArnLike", "ArnNotLike", true, arn),
];

// Whether IAM reads operator names case-sensitively is not documented; the lenient reading is kept in one place.
const BY_NAME = new Map(OPERATORS.map((operator) => [operator.name.toLowerCase(), operator]));

export type OperatorName =
  | { readonly kind: "null" }
  | {
      readonly kind: "compare";
      readonly operator: Operator;
      readonly set: "ForAnyValue" | "ForAllValues" | null;
      readonly ifExists: boolean;
    };

// The operators of an account's policies come again with every request; texts that are none are not kept.
const MOST_KEPT = 500;
const kept = new Map<string, OperatorName>();

/** Reads an operator as policies write it, with set prefix and `IfExists`; null when IAM has none such. */
export function readOperator(text: string): OperatorName | null {
  const known = kept.get(text);
  if (known) return known;
  const name = parseOperator(text);
  if (!name) return null;
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(text, name);
  return name;
}

function parseOperator(text: string): OperatorName | null {
  const match = /^(?:(ForAnyValue|ForAllValues):)?([a-z]+?)(IfExists)?$/i.exec(text);
  const [, prefix, name, suffix] = match ?? [];
  if (!name) return null;
  if (name.toLowerCase() === "null") return prefix || suffix ? null : { kind: "null" };
  const operator = BY_NAME.get(name.toLowerCase());
  if (!operator) return null;
  const set = prefix === undefined ? null : prefix.toLowerCase() === "foranyvalue" ? "ForAnyValue" : "ForAllValues";
  return { kind: "compare", operator, set, ifExists: suffix !== undefined };
}
