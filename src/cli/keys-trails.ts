import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { RolecallError } from "../core/errors.ts";
import { readTrail, type TrailEvent, trailEvent } from "../migrate/keys/trail.ts";
import { lookupEvents, type TrailQuestion } from "../wire/aws-sdk/trail-calls.ts";
import type { Options } from "./command.ts";
import type { Io } from "./io.ts";

/** Options about CloudTrail. */
export const TRAIL_OPTIONS = {
  "no-lookup": { type: "boolean", help: "do not ask CloudTrail" },
  region: {
    type: "string",
    value: "REGION",
    multiple: true,
    help: "a region to ask CloudTrail in; may be repeated (by default the environment's, and us-east-1)",
  },
} as const satisfies Options;

interface TrailInput {
  readonly "endpoint-url": string | undefined;
  readonly region: readonly string[];
}

/** The regions in which CloudTrail is asked. */
export function trailRegions({ region }: Pick<TrailInput, "region">, { env }: Pick<Io, "env">): readonly string[] {
  const own = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "us-east-1";
  return region.length > 0 ? region : [...new Set([own, "us-east-1"])];
}

/**
 * Asks CloudTrail in one region.
 *
 * @throws RolecallError `refused` or `unavailable`
 */
export async function askTrail(
  region: string,
  question: TrailQuestion,
  mostPages: number,
  options: TrailInput,
  { env }: Pick<Io, "env">,
): Promise<{ readonly events: readonly TrailEvent[]; readonly truncated: boolean }> {
  // Where the SDK would look for it too.
  const endpoint = options["endpoint-url"] ?? (env["AWS_ENDPOINT_URL_CLOUDTRAIL"] || env["AWS_ENDPOINT_URL"]);
  const wait = async (milliseconds: number): Promise<void> => await pause(milliseconds);
  const answer = await lookupEvents({ endpoint: endpoint || undefined, region }, question, wait, mostPages);
  const events = answer.events.flatMap((CloudTrailEvent) => trailEvent({ CloudTrailEvent }) ?? []);
  return { events, truncated: answer.truncated };
}

/** Whether an error is that of a cloud without CloudTrail, as the local one is. */
export function isMissing({ message }: RolecallError): boolean {
  return message.includes("UnsupportedOperation");
}

/**
 * The records of saved exports of CloudTrail.
 *
 * @throws RolecallError `config` for a file that cannot be read or is none
 */
export async function readTrails(files: readonly string[]): Promise<readonly TrailEvent[]> {
  const events: TrailEvent[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((error: unknown) => {
      throw new RolecallError("config", `${file} cannot be read: ${(error as Error).message}`);
    });
    // One by one: a spread of a large log would be more arguments than a call takes.
    for (const event of readTrail(bytes, file)) events.push(event);
  }
  return events;
}
