import { actionsOf, isUnverified } from "./trail-actions.ts";
import type { TrailEvent } from "./trail.ts";

/** What records of CloudTrail say that a user's keys were used for. */
export interface Usage {
  /** Action to the ARNs that it was done to, none when a record names none. */
  readonly actions: ReadonlyMap<string, readonly string[]>;
  readonly notes: readonly string[];
}

// What a policy would list beyond these is better said with a wildcard, by a person.
const MOST_RESOURCES = 10;

/** Calls that give out credentials of their own, whose calls carry another key id. */
const DERIVING = new Set(["AssumeRole", "GetSessionToken", "GetFederationToken"]);

/**
 * Reads what one user did, with these keys.
 *
 * @param keys ids; records of other keys, the console's sessions too, are not counted
 */
export function usageOf(events: readonly TrailEvent[], keys: readonly string[]): Usage {
  const own = events.filter(({ accessKeyId }) => keys.includes(accessKeyId));
  const actions = new Map<string, Set<string> | null>();
  const passed = own.filter(({ error }) => error === "");
  for (const event of passed) {
    const needed = actionsOf(event);
    for (const action of needed) {
      const known = actions.get(action);
      // One call that names no resource makes the others no measure, and so does one whose name, which others may have
      // chosen, would be a pattern in a policy.
      const isPattern = event.resources.some((arn) => /[*?$]/.test(arn));
      // Of a call that needs two actions, as a copy does, the record does not say which resource is for which.
      const isTold = event.resources.length > 0 && !isPattern && needed.length === 1;
      if (known === null || !isTold) actions.set(action, null);
      else actions.set(action, new Set([...(known ?? []), ...event.resources]));
    }
  }
  const found = [...actions].map(
    ([action, arns]) => [action, arns === null || arns.size > MOST_RESOURCES ? [] : [...arns].toSorted()] as const,
  );
  return { actions: new Map(found), notes: notesOf(own) };
}

function notesOf(own: readonly TrailEvent[]): readonly string[] {
  const failed = own.filter(({ error }) => error !== "").length;
  const unverified = new Set(own.filter(isUnverified).map(({ source, name }) => `${source} ${name}`));
  const deriving = [
    ...new Set(own.filter(({ name, error }) => error === "" && DERIVING.has(name)).map(({ name }) => name)),
  ];
  return [
    ...[...unverified].map((event) => `unverified: IAM's name for the action of ${event}`),
    ...(failed > 0 ? [`calls that failed are not counted: ${failed}`] : []),
    ...deriving.map(
      (name) => `the key was used for sts:${name}: what was done with those credentials is not in this policy`,
    ),
    ...(deriving.includes("AssumeRole") ? ["roles that were taken must trust the new role too"] : []),
  ];
}
