import { RolecallError } from "../core/errors.ts";
import type { Change } from "./change.ts";
import type { Desired, DesiredRole } from "./desired.ts";
import type { Live, LiveRole } from "./live.ts";
import { providerChange } from "./provider-change.ts";
import { roleChange } from "./role-change.ts";
import { MANAGED } from "./tags.ts";

export interface ChangeOptions {
  /** Take over roles that are there already without this configuration's tag. */
  readonly adopt?: boolean;
}

/**
 * What to do so that the account holds what is desired, providers before the roles that trust them.
 * Of providers only audiences are added; roles that are ours become exactly what the file says, save
 * for tags that others gave them.
 *
 * @throws RolecallError `config` when a role is there and not ours, or has another path, which IAM
 *   cannot change; nothing has been changed then
 */
export function changesFor(desired: Desired, live: Live, options: ChangeOptions = {}): readonly Change[] {
  const refusals = desired.roles.flatMap((role) => refusal(role, live.roles.get(role.name), desired, options));
  if (refusals.length > 0) throw refused(refusals);
  return [
    ...desired.providers.map((provider) => providerChange(provider, live.providers.get(provider.arn), desired.config)),
    ...desired.roles.map((role) => roleChange(role, live.roles.get(role.name))),
  ];
}

interface Refusal {
  readonly text: string;
  readonly hint: string;
}

function refusal(
  role: DesiredRole,
  live: LiveRole | undefined,
  { config }: Desired,
  { adopt = false }: ChangeOptions,
): readonly Refusal[] {
  if (!live) return [];
  const owner = live.tags[MANAGED];
  if (live.path !== role.path) {
    const text = `role ${role.name}: expected the path ${role.path}, got ${live.path}, and IAM cannot move a role`;
    return [{ text, hint: `write path: ${live.path}, or give the role another name` }];
  }
  if (owner === config || adopt) return [];
  const got = owner === undefined ? `no tag ${MANAGED}` : `${MANAGED}=${owner}`;
  return [
    {
      text: `role ${role.name} is there already and not ours: expected the tag ${MANAGED}=${config}, got ${got}`,
      hint: `give the role another name in the file; or take it over, which replaces its trust policy and its permissions: --adopt`,
    },
  ];
}

function refused(refusals: readonly Refusal[]): RolecallError {
  const [first, ...others] = refusals.map(({ text }) => text);
  const hints = [...new Set(refusals.map(({ hint }) => hint))];
  return new RolecallError("config", first ?? "", { details: others, hints });
}
