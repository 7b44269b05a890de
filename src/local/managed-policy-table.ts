import { createHash } from "node:crypto";

import { account } from "./aws-policies/account.ts";
import { compute } from "./aws-policies/compute.ts";
import { containers } from "./aws-policies/containers.ts";
import { data } from "./aws-policies/data.ts";
import { delivery } from "./aws-policies/delivery.ts";
import { events } from "./aws-policies/events.ts";
import { jobFunctions } from "./aws-policies/job-functions.ts";
import { encodeBase32 } from "./ids.ts";
import type { PolicyRecord } from "./records.ts";

/**
 * The AWS-managed policies that people attach, as the AWS managed policy reference has them (spring 2026). A policy is
 *
 *     = service-role/AWSLambdaRole v1 2015-04-06T16:16:20Z 2015-04-06T16:16:20Z -
 *       Description, in the indented lines behind the first.
 *     Allow Sid
 *     a lambda:InvokeFunction GetFunction
 *     r arn:… arn:…
 *     c {"Bool": {"aws:SecureTransport": "true"}}
 *
 * name with path, version in force, dates of the policy and of that version, AWS's id where it is known; then each
 * statement: `a` actions, `n` NotAction, `r` resources (`*` when left out), `q` NotResource, `c` conditions. A name
 * without a service is of the service before it. One value alone is a text in the document, with `+` behind the letter
 * a list of one. An indented line belongs to the line before it.
 */
const TABLE = [account, jobFunctions, compute, containers, data, delivery, events];

const HOME = "arn:aws:iam::aws:policy/";

// The texts stand in functions, so that V8 passes over them at the start; they are taken apart by the first who asks,
// and each policy only when it is wanted.
let entries: ReadonlyMap<string, string> | null = null;
const records = new Map<string, PolicyRecord>();

function entriesByArn(): ReadonlyMap<string, string> {
  entries ??= new Map(
    TABLE.flatMap((text) => text().split(/^= /m).slice(1)).map((entry) => [
      HOME + entry.slice(0, entry.indexOf(" ")),
      entry,
    ]),
  );
  return entries;
}

/** The AWS-managed policy of an ARN, as far as it has a content here. */
export function awsPolicy(arn: string): PolicyRecord | undefined {
  const known = records.get(arn);
  if (known) return known;
  const entry = entriesByArn().get(arn);
  if (entry === undefined) return undefined;
  const record = parseEntry(arn, entry);
  records.set(arn, record);
  return record;
}

/** Every AWS-managed policy that has a content here. */
export function awsPolicies(): readonly PolicyRecord[] {
  return [...entriesByArn().keys()].flatMap((arn) => awsPolicy(arn) ?? []);
}

function parseEntry(arn: string, entry: string): PolicyRecord {
  const [head = "", ...lines] = entry
    .trimEnd()
    .replaceAll(/\n {2}/g, " ")
    .split("\n");
  const [named = "", version = "", since = "", changed = "", id, ...description] = head.split(" ");
  const [created, updated] = [Date.parse(since), Date.parse(changed)];
  const at = named.lastIndexOf("/") + 1;
  const document = JSON.stringify({ Version: "2012-10-17", Statement: parseStatements(lines) });
  return {
    arn,
    name: named.slice(at),
    path: `/${named.slice(0, at)}`,
    id: id === "-" || id === undefined ? madeUpId(arn) : id,
    description: description.length > 0 ? description.join(" ") : undefined,
    tags: [],
    versions: [{ id: version, document, created: updated }],
    inForce: version,
    newest: Number(version.slice(1)),
    created,
    updated,
  };
}

// The same from one start to the next.
function madeUpId(arn: string): string {
  return `ANPA${encodeBase32(createHash("sha256").update(arn).digest()).slice(0, 17)}`;
}

type Statement = Record<string, unknown>;

const ELEMENTS: Readonly<Record<string, string>> = { a: "Action", n: "NotAction", r: "Resource", q: "NotResource" };

function parseStatements(lines: readonly string[]): readonly Statement[] {
  const statements: Statement[] = [];
  for (const line of lines) {
    const [word = "", ...rest] = line.split(" ");
    const [letter = "", isList] = word;
    const element = ELEMENTS[letter];
    const current = statements.at(-1);
    if (word === "c" && current) current["Condition"] = JSON.parse(rest.join(" "));
    else if (element !== undefined && current) current[element] = valuesOf(element, rest, isList === "+");
    else statements.push({ ...(rest[0] === undefined ? {} : { Sid: rest[0] }), Effect: word });
  }
  return statements.map((one) => ("Resource" in one || "NotResource" in one ? one : { ...one, Resource: "*" }));
}

function valuesOf(element: string, words: readonly string[], isList: boolean): string | readonly string[] {
  const values = element.endsWith("Action") ? withServices(words) : words;
  const [only] = values;
  return values.length === 1 && only !== undefined && !isList ? only : values;
}

function withServices(words: readonly string[]): readonly string[] {
  let service = "";
  return words.map((word) => {
    if (word === "*") return word;
    if (!word.includes(":")) return `${service}:${word}`;
    service = word.slice(0, word.indexOf(":"));
    return word;
  });
}
