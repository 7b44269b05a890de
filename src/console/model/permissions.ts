import { readPolicy, type Statement } from "../../core/policy.ts";
import type { AccountRole } from "./account.ts";

/** What a role may do, for a glance. */
export interface Permissions {
  /** By service: the actions that are allowed, as they are written; `*` is the service `*`. */
  readonly services: readonly { readonly service: string; readonly actions: readonly string[] }[];
  /** Some statement denies. */
  readonly denies: boolean;
  /** Names of attached policies whose content this cloud does not know. */
  readonly unknown: readonly string[];
  /** Names of policies, inline and attached. */
  readonly names: readonly string[];
}

export function permissionsOf({ inline, attached }: AccountRole): Permissions {
  const documents = [...Object.values(inline), ...attached.flatMap(({ document }) => document ?? [])];
  const statements = documents.flatMap((document) => {
    const reading = readPolicy(document);
    return reading.kind === "policy" ? reading.policy.statements : [];
  });
  const byService = new Map<string, Set<string>>();
  for (const action of statements.filter(({ effect }) => effect === "Allow").flatMap(actionsOf)) {
    const [service = "", name] = action.split(":");
    const actions = byService.get(service) ?? new Set();
    byService.set(service, actions.add(name ?? "*"));
  }
  return {
    services: [...byService].map(([service, actions]) => ({ service, actions: [...actions] })),
    denies: statements.some(({ effect }) => effect === "Deny"),
    unknown: attached.filter(({ document }) => document === null).map(({ arn }) => policyName(arn)),
    names: [...Object.keys(inline), ...attached.map(({ arn }) => policyName(arn))],
  };
}

// What is not excluded is allowed: everything, but for those.
function actionsOf({ actions, notActions }: Statement): readonly string[] {
  return actions ?? (notActions ? ["*"] : []);
}

export function policyName(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
