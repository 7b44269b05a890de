import type { Json } from "../../core/token.ts";
import { fillMarks } from "./marks.ts";

/** A value of Terraform's: plain ones, an expression of its language, a JSON document as text. */
export type Value = Json | Expression | Name | JsonText | readonly Value[] | { readonly [key: string]: Value };

class Expression {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

class Name {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

class JsonText {
  readonly document: Json;
  constructor(document: Json) {
    this.document = document;
  }
}

/** `local.account`, as it stands. */
export function expression(source: string): Expression {
  return new Expression(source);
}

/** A type, or a thing that is depended on: in Terraform's JSON it is no template. */
export function bareName(source: string): Name {
  return new Name(source);
}

/** A policy, which IAM takes as text. */
export function jsonText(document: Json): JsonText {
  return new JsonText(document);
}

/** A block: `resource "aws_iam_role" "shop" { … }`. */
export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  readonly attributes: { readonly [name: string]: Value };
  /** Nested, after the attributes. */
  readonly blocks?: readonly Block[];
}

/** How account and partition are had within a template string. */
export const FILLING = {
  account: "${local.rolecall_account}",
  partition: "${local.rolecall_partition}",
};

/** Blocks in Terraform's language, as `terraform fmt` writes it. */
export function renderHcl(blocks: readonly Block[], head: readonly string[]): string {
  const comment = head.map((line) => `# ${line}`).join("\n");
  return `${[comment, ...blocks.map((block) => blockLines(block).join("\n"))].join("\n\n")}\n`;
}

function blockLines({ type, labels, attributes, blocks = [] }: Block): readonly string[] {
  const nested = blocks.flatMap((block, index) => [
    ...(index > 0 || Object.keys(attributes).length > 0 ? [""] : []),
    ...blockLines(block),
  ]);
  const head = [type, ...labels.map((label) => JSON.stringify(label)), "{"].join(" ");
  if (Object.keys(attributes).length + blocks.length === 0) return [`${head}}`];
  return [head, ...indent([...entryLines(attributes, (name) => name), ...nested]), "}"];
}

/**
 * Entries of a block or an object. `terraform fmt` aligns the signs of neighbouring lines, and a value of several
 * lines parts neighbours. Source: hashicorp/hcl, hclwrite/format.go.
 */
function entryLines(entries: { readonly [name: string]: Value }, key: (name: string) => string): readonly string[] {
  const all = Object.entries(entries).map(([name, value]) => ({ key: key(name), lines: valueLines(value) }));
  return all.flatMap(({ key: name, lines: [first = "", ...more] }, index) => {
    const width = more.length > 0 ? columns(name) : runWidth(all, index);
    return [`${name}${" ".repeat(width - columns(name))} = ${first}`, ...more];
  });
}

interface Entry {
  readonly key: string;
  readonly lines: readonly string[];
}

/** The widest key among the neighbours on one line each, this one among them. */
function runWidth(all: readonly Entry[], index: number): number {
  let start = index;
  while (all[start - 1]?.lines.length === 1) start -= 1;
  let end = index;
  while (all[end + 1]?.lines.length === 1) end += 1;
  return Math.max(...all.slice(start, end + 1).map(({ key }) => columns(key)));
}

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

function columns(text: string): number {
  return [...GRAPHEMES.segment(text)].length;
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

function valueLines(value: Value): readonly string[] {
  if (value instanceof Expression || value instanceof Name) return [value.source];
  if (value instanceof JsonText) return wrap("jsonencode(", valueLines(value.document), ")");
  if (typeof value === "string") return [quoted(value)];
  if (typeof value !== "object" || value === null) return [JSON.stringify(value)];
  if (Array.isArray(value)) return listLines(value);
  const lines = entryLines(value as { readonly [name: string]: Value }, (name) => keyText(name));
  return lines.length === 0 ? ["{}"] : ["{", ...indent(lines), "}"];
}

/** A list stands on one line unless something in it does not, or it would be long. */
function listLines(values: readonly Value[]): readonly string[] {
  const items = values.map(valueLines);
  const flat = `[${items.map(([first = ""]) => first).join(", ")}]`;
  if (items.every(({ length }) => length === 1) && flat.length <= 100) return [flat];
  return ["[", ...indent(items.flatMap((lines) => wrap("", lines, ","))), "]"];
}

function wrap(before: string, lines: readonly string[], after: string): readonly string[] {
  return lines.map((line, index) => {
    const start = index === 0 ? before : "";
    return `${start}${line}${index === lines.length - 1 ? after : ""}`;
  });
}

function keyText(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) && !RESERVED.has(name) ? name : quoted(name);
}

// As a key these would be read as values.
const RESERVED = new Set(["null", "true", "false", "for"]);

/** A string of the file's, with account and partition filled in. */
function quoted(text: string): string {
  return `"${fillMarks(text, FILLING, (literal, isBeforeMark) => escapeTemplate(escapeText(literal), isBeforeMark))}"`;
}

/** Terraform's escapes are JSON's but for two. Source: Terraform language, strings and templates. */
function escapeText(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/\\[\\bf]/g, (found) => ({ "\\b": "\\u0008", "\\f": "\\u000c" })[found] ?? found);
}

/**
 * Keeps `${` and `%{` from beginning a template, and a sign at the end from making the one behind it text.
 * Source: Terraform language, strings and templates.
 */
function escapeTemplate(text: string, isBeforeMark: boolean): string {
  const escaped = text.replaceAll(/[$%](?=\{)/g, (sign) => `${sign}${sign}`);
  return isBeforeMark ? escaped.replace(/[$%]+$/, (sign) => `\${"${sign}"}`) : escaped;
}

/** A value for Terraform's JSON syntax, in which every string is a template. */
export function toJson(value: Value): Json {
  if (value instanceof Expression) return `\${${value.source}}`;
  if (value instanceof Name) return value.source;
  if (value instanceof JsonText) return templateOf(JSON.stringify(value.document));
  if (typeof value === "string") return templateOf(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one: Value) => toJson(one));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one)]));
}

function templateOf(text: string): string {
  return fillMarks(text, FILLING, escapeTemplate);
}
