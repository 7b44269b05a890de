import { Context, evaluateCondition } from "../conditions.ts";
import type { AssumeRequest } from "../decide.ts";
import { readOperator } from "../operators.ts";
import type { Statement } from "../policy.ts";
import { fill } from "./wildcards.ts";

/** How a probe is sent: what STS sees of the request beside token, role and session name. */
export interface ProbeRequest {
  readonly how: Pick<AssumeRequest, "sourceIp" | "userAgent" | "secureTransport" | "region">;
  /** What of it the statement asks for, in words; null when it asks for nothing. */
  readonly assumed: string | null;
}

/** Addresses for documentation (RFC 5737): nobody's. */
const ADDRESSES = ["203.0.113.9", "198.51.100.9", "192.0.2.9"];

interface Row {
  readonly key: string;
  readonly member: "sourceIp" | "userAgent" | "region";
  readonly usual: readonly string[];
  readonly words: string;
}

const ROWS: readonly Row[] = [
  { key: "aws:SourceIp", member: "sourceIp", usual: ADDRESSES, words: "comes from" },
  { key: "aws:UserAgent", member: "userAgent", usual: ["rolecall-probe"], words: "has the user agent" },
  { key: "aws:RequestedRegion", member: "region", usual: ["us-east-1", "eu-west-1"], words: "is sent to" },
];

/** A request as a statement wants it: whoever sends one chooses region and user agent, and an insider the address. */
export function requestFor(statement: Statement): ProbeRequest {
  const how: Record<string, string> = {};
  const asked: string[] = [];
  for (const { key, member, usual, words } of ROWS) {
    const conditions = statement.conditions.filter((one) => one.key.toLowerCase() === key.toLowerCase());
    const wanted = conditions.filter(({ operator }) => !isNegated(operator)).flatMap(({ values }) => values);
    const candidates = [...usual, ...wanted.map((value) => fill(value.replace(/\/\d+$/, ""), "x"))];
    const passes = (value: string): boolean =>
      conditions.every((one) => evaluateCondition(one, new Context([[key, value]]), false).pass);
    const found = candidates.find(passes) ?? candidates[0] ?? "";
    how[member] = found;
    if (conditions.length > 0) asked.push(`${words} ${found}`);
  }
  return {
    how: { ...how, secureTransport: true },
    assumed: asked.length === 0 ? null : `the request ${asked.join(" and ")}`,
  };
}

/** As the SDKs send it. */
export const USUAL_REQUEST: ProbeRequest = requestFor({ effect: "Allow", conditions: [] });

function isNegated(text: string): boolean {
  const operator = readOperator(text);
  return operator?.kind === "compare" && operator.operator.negated;
}
