import { RolecallError } from "../core/errors.ts";
import type { IamProvider } from "../wire/aws-sdk.ts";
import type { Change } from "./change.ts";
import type { Desired, DesiredProvider, DesiredRole } from "./desired.ts";
import { type Live, type LiveRole, withoutSlash } from "./live.ts";
import { providerChange, providerRemoval } from "./provider-change.ts";
import { roleChange, roleRemoval } from "./role-change.ts";
import { ADOPTED, MANAGED } from "./tags.ts";

export interface ChangeOptions {
  /** Take over roles that are there already without this configuration's tag. */
  readonly adopt?: boolean;
  /** What the providers of a private authority must have, by URL: SHA-1 in hex. */
  readonly thumbprints?: Readonly<Record<string, readonly string[]>>;
}

/**
 * What to do so that the account holds what is desired and nothing else of ours: providers before the
 * roles that trust them; then what takes away, roles before their providers. Roles that are ours become
 * exactly what the file says, save for tags that others gave them. What bears our mark and is not asked
 * for goes; a configuration that asks for nothing is how all is taken away.
 *
 * @throws RolecallError `config` when a role is there and not ours, or has another path, which IAM
 *   cannot change; nothing has been changed then
 */
export function changesFor(desired: Desired, live: Live, options: ChangeOptions = {}): readonly Change[] {
  const { config, providers, roles } = desired;
  const full = providers.flatMap((provider) => roomRefusal(provider, live.providers.get(provider.arn)));
  const held = roles.flatMap((role) => refusal(role, findRole(live, role.name), desired, options));
  const refusals = [...full, ...held];
  if (refusals.length > 0) throw refused(refusals);
  const wanted = new Set(roles.map(({ name }) => name));
  const stale = [...live.roles.values()].filter(({ name, tags }) => !wanted.has(name) && tags[MANAGED] === config);
  return [
    ...providers.map((provider) => ({
      ...providerChange(provider, live.providers.get(provider.arn), config, options.thumbprints?.[provider.url]),
      notes: slashNotes(provider.arn, live),
    })),
    ...roles.map((role) => roleChange(role, live.roles.get(role.name))),
    ...stale.map(roleRemoval),
    ...removals(desired, live, stale),
  ];
}

function removals({ config, providers, roles }: Desired, live: Live, stale: readonly LiveRole[]): readonly Change[] {
  const going = stale.filter(({ tags }) => tags[ADOPTED] === undefined).map(({ name }) => name);
  const ours = new Set([...going, ...roles.map(({ name }) => name)]);
  return [...live.providers].flatMap(([arn, provider]) => {
    const others = live.trusting.filter((one) => one.provider === arn && !ours.has(one.role));
    const wanted = providers.find((one) => one.arn === arn)?.audiences ?? null;
    return providerRemoval({ arn, live: provider, others, config }, wanted) ?? [];
  });
}

/** IAM knows no two roles whose names differ in case alone. Source: IAM API reference, CreateRole. */
function findRole({ roles }: Live, name: string): LiveRole | undefined {
  return roles.get(name) ?? [...roles.values()].find((role) => role.name.toLowerCase() === name.toLowerCase());
}

/** A slash makes it another provider, which no token of the issuer fits. */
function slashNotes(arn: string, { providers }: Live): readonly string[] {
  const others = [...providers.keys()].filter((one) => one !== arn && withoutSlash(one) === withoutSlash(arn));
  return others.map((one) => `${one} is another provider, by the slash at its end; it is left alone`);
}

interface Refusal {
  readonly text: string;
  readonly hint: string;
}

/** IAM's limit, which cannot be raised. Source: IAM API reference, CreateOpenIDConnectProvider. */
const MOST_AUDIENCES = 100;

function roomRefusal({ url, audiences }: DesiredProvider, live: IamProvider | undefined): readonly Refusal[] {
  const held = live?.audiences ?? [];
  const missing = audiences.filter((audience) => !held.includes(audience)).length;
  if (held.length + missing <= MOST_AUDIENCES || missing === 0) return [];
  return [
    {
      text: `provider ${url}: expected room for ${missing} more of ${MOST_AUDIENCES} audiences, got ${held.length} that are there`,
      hint: "let roles share an audience; or take away those that nobody needs: aws iam remove-client-id-from-open-id-connect-provider",
    },
  ];
}

function refusal(
  role: DesiredRole,
  live: LiveRole | undefined,
  { config }: Desired,
  { adopt = false }: ChangeOptions,
): readonly Refusal[] {
  if (!live) return [];
  const owner = live.tags[MANAGED];
  if (live.name !== role.name) {
    const text = `role ${role.name}: expected that name to be free, got the role ${live.name}, and IAM does not tell them apart`;
    return [{ text, hint: `write ${live.name}, or give the role another name` }];
  }
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
