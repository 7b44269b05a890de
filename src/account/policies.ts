import type { Json } from "../core/token.ts";
import type { Target } from "./desired.ts";
import type { Permission } from "./permission.ts";

/** The managed policies as the file writes them. */
export function managedArns(permissions: readonly Permission[]): readonly string[] {
  return permissions.flatMap((one) => (one.kind === "managed" ? [one.arn] : []));
}

/**
 * Presets name their policies. The file's documents are named by their order among themselves: `rolecall-1`,
 * `rolecall-2`; the second of a preset is `rolecall-s3-sync-2`.
 */
export function inlinePolicies(permissions: readonly Permission[], target: Target): { readonly [name: string]: Json } {
  const taken = new Map<string, number>();
  const entries = permissions.flatMap((one) => {
    if (one.kind === "managed") return [];
    const count = (taken.get(one.name ?? "") ?? 0) + 1;
    taken.set(one.name ?? "", count);
    const name = one.name === undefined ? `rolecall-${count}` : `${one.name}${count === 1 ? "" : `-${count}`}`;
    return [[name, fillIn(one.document, target)] as const];
  });
  return Object.fromEntries(entries);
}

/** Puts the account and its partition in place of `$(account)` and `$(partition)`. */
function fillIn(value: Json, target: Target): Json {
  if (typeof value === "string") return fillText(value, target);
  if (Array.isArray(value)) return value.map((one: Json) => fillIn(one, target));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillIn(one, target)]));
}

function fillText(text: string, { account, partition }: Target): string {
  return text.replaceAll("$(account)", account).replaceAll("$(partition)", partition);
}

/** AWS's own policies are in each partition under one name, so a file serves them all. */
export function policyArn(arn: string, target: Target): string {
  return fillText(arn, target).replace(/^arn:[a-z-]+:iam::aws:/, `arn:${target.partition}:iam::aws:`);
}
