import { gunzipSync } from "node:zlib";
import { RolecallError } from "../../core/errors.ts";
import { isObject } from "../../core/token.ts";

/** What a record of CloudTrail tells, as far as it matters here. */
export interface TrailEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** `s3.amazonaws.com`. */
  readonly source: string;
  /** `PutObject`. */
  readonly name: string;
  readonly accessKeyId: string;
  /** Of a user its name, of an exchange the token's `sub`. */
  readonly userName: string;
  readonly region: string;
  /** ARNs of what it was done to; often none. */
  readonly resources: readonly string[];
  /** Empty when the call was let through. */
  readonly error: string;
  /** The role of an exchange, ARN. */
  readonly role: string;
}

type Fields = { readonly [key: string]: unknown };

// A day's log of a busy account is some hundred megabytes; a gzip that becomes more than this is no log of anybody's.
const LARGEST = 512 * 1024 * 1024;

/**
 * Reads an export of CloudTrail: a log file of its bucket (`{"Records": [...]}`, gzip or not), what `aws cloudtrail
 * lookup-events` answers (`{"Events": [...]}`), a list of records, or a record a line.
 *
 * @throws RolecallError `config` when it is none of them
 */
export function readTrail(bytes: Buffer, file: string): readonly TrailEvent[] {
  const text = unpacked(bytes, file);
  const value = parse(text);
  const list = value === undefined ? lines(text) : recordsOf(value);
  if (!list) {
    throw new RolecallError(
      "config",
      `${file} is no export of CloudTrail: expected {"Records": [...]}, {"Events": [...]}, a list or a record a line`,
      {
        hints: [
          "aws cloudtrail lookup-events --lookup-attributes AttributeKey=AccessKeyId,AttributeValue=AKIA... > events.json",
        ],
      },
    );
  }
  return list.flatMap((one) => trailEvent(one) ?? []);
}

function unpacked(bytes: Buffer, file: string): string {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString("utf8");
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST }).toString("utf8");
  } catch (error) {
    throw new RolecallError("config", `${file} cannot be unpacked: ${(error as Error).message}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function lines(text: string): readonly unknown[] | null {
  const values = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(parse);
  return values.length > 0 && values.every(isObject) ? values : null;
}

function recordsOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (!isObject(value)) return null;
  const list = value["Records"] ?? value["Events"];
  if (Array.isArray(list)) return list as readonly unknown[];
  return "eventName" in value ? [value] : null;
}

/** One record, or one event of a lookup, which holds its record as text. */
export function trailEvent(value: unknown): TrailEvent | null {
  const inner =
    isObject(value) && typeof value["CloudTrailEvent"] === "string" ? parse(value["CloudTrailEvent"]) : value;
  if (!isObject(inner)) return null;
  const record: Fields = inner;
  const identity = fieldsOf(record["userIdentity"]);
  const time = Date.parse(textOf(record["eventTime"]));
  if (Number.isNaN(time) || textOf(record["eventName"]) === "") return null;
  const resources = Array.isArray(record["resources"]) ? (record["resources"] as readonly unknown[]) : [];
  return {
    time,
    source: textOf(record["eventSource"]),
    name: textOf(record["eventName"]),
    accessKeyId: textOf(identity["accessKeyId"]),
    userName: textOf(identity["userName"]),
    region: textOf(record["awsRegion"]),
    resources: resources.map((one) => textOf(fieldsOf(one)["ARN"])).filter((arn) => arn.startsWith("arn:")),
    error: textOf(record["errorCode"]),
    role: textOf(fieldsOf(record["requestParameters"])["roleArn"]),
  };
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The last exchange of a token for a role; null when no record says so. */
export function lastExchange(events: readonly TrailEvent[], role: string): TrailEvent | null {
  return events
    .filter((event) => event.name === "AssumeRoleWithWebIdentity" && event.error === "" && event.role === role)
    .reduce<TrailEvent | null>((last, event) => (last && last.time >= event.time ? last : event), null);
}
