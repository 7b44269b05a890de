import { RolecallError } from "../core/errors.ts";
import type { IamProvider, NewProvider, NewRole } from "../wire/aws-sdk.ts";
import type { Desired, DesiredProvider, DesiredRole } from "./desired.ts";
import type { Live, LiveRole } from "./live.ts";
import { sameDocument } from "./same-document.ts";
import { ADOPTED, audienceTags, MANAGED, type Tags } from "./tags.ts";

/** One call to IAM that changes something. */
export type Step =
  | { readonly kind: "create-provider"; readonly provider: NewProvider }
  | { readonly kind: "tag-provider"; readonly arn: string; readonly tags: Tags }
  | { readonly kind: "add-audience"; readonly arn: string; readonly audience: string }
  | { readonly kind: "create-role"; readonly role: NewRole }
  | { readonly kind: "tag-role"; readonly role: string; readonly tags: Tags }
  | { readonly kind: "set-trust"; readonly role: string; readonly trust: string }
  | {
      readonly kind: "update-role";
      readonly role: string;
      readonly description: string;
      readonly maxSessionDuration: number;
    }
  | { readonly kind: "set-boundary"; readonly role: string; readonly boundary: string | null }
  | { readonly kind: "attach-policy"; readonly role: string; readonly arn: string }
  | { readonly kind: "detach-policy"; readonly role: string; readonly arn: string }
  | { readonly kind: "put-policy"; readonly role: string; readonly name: string; readonly document: string }
  | { readonly kind: "delete-policy"; readonly role: string; readonly name: string };

/** What becomes of one provider or role; `keep` has no steps. */
export interface Change {
  readonly action: "create" | "update" | "add-audience" | "keep";
  readonly kind: "provider" | "role";
  /** A role's name, a provider's URL. */
  readonly name: string;
  readonly arn: string;
  /** What is made or altered, for people: `trust policy`, `audience https://shop.test`. */
  readonly what: readonly string[];
  /** In the order in which they must be made. */
  readonly steps: readonly Step[];
}

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

function providerChange(provider: DesiredProvider, live: IamProvider | undefined, config: string): Change {
  const { arn, url, audiences } = provider;
  const change = { kind: "provider", name: url, arn } as const;
  const missing = audiences.filter((audience) => !live?.audiences.includes(audience));
  const what = missing.map((audience) => `audience ${audience}`);
  if (!live) {
    const tags = { [MANAGED]: config, ...audienceTags(audiences, config, 1) };
    const step: Step = { kind: "create-provider", provider: { url, audiences, tags } };
    return { ...change, action: "create", what, steps: [step] };
  }
  if (missing.length === 0) return { ...change, action: "keep", what: [], steps: [] };
  return { ...change, action: "add-audience", what, steps: audienceSteps(arn, missing, live, config) };
}

/** Tagged first: an audience that was added and not tagged would be taken for somebody else's. */
function audienceSteps(
  arn: string,
  audiences: readonly string[],
  { tags: taken }: IamProvider,
  config: string,
): readonly Step[] {
  const tags = audienceTags(audiences, config, Object.keys(taken).length);
  return [
    ...(Object.keys(tags).length > 0 ? [{ kind: "tag-provider", arn, tags } as const] : []),
    ...audiences.map((audience): Step => ({ kind: "add-audience", arn, audience })),
  ];
}

function roleChange(role: DesiredRole, live: LiveRole | undefined): Change {
  const parts = live ? roleParts(role, live) : newRoleParts(role);
  return {
    action: live ? (parts.length > 0 ? "update" : "keep") : "create",
    kind: "role",
    name: role.name,
    arn: role.arn,
    what: parts.map(({ what }) => what),
    steps: parts.map(({ step }) => step),
  };
}

interface Part {
  readonly what: string;
  readonly step: Step;
}

function newRoleParts(role: DesiredRole): readonly Part[] {
  const { name, path, description, maxSessionDuration, boundary, tags } = role;
  const trust = JSON.stringify(role.trust);
  const step: Step = {
    kind: "create-role",
    role: { name, path, trust, description, maxSessionDuration, boundary, tags },
  };
  return [{ what: "trust policy", step }, ...policyParts(role, { managedPolicies: [], inlinePolicies: new Map() })];
}

/** The tags first, so that a run which is cut short leaves no role altered that is not marked. */
function roleParts(role: DesiredRole, live: LiveRole): readonly Part[] {
  return [...tagParts(role, live), ...settingParts(role, live), ...policyParts(role, live)];
}

function tagParts({ name: role, tags: desired }: DesiredRole, { tags: live }: LiveRole): readonly Part[] {
  const adopted = live[MANAGED] === undefined ? { [ADOPTED]: "true" } : {};
  const tags = Object.fromEntries(
    Object.entries({ ...desired, ...adopted }).filter(([key, value]) => live[key] !== value),
  );
  if (Object.keys(tags).length === 0) return [];
  return [{ what: `tags ${Object.keys(tags).join(", ")}`, step: { kind: "tag-role", role, tags } }];
}

function settingParts(desired: DesiredRole, live: LiveRole): readonly Part[] {
  const { name: role, description, maxSessionDuration, boundary } = desired;
  const parts: Part[] = [];
  if (live.boundary !== boundary) {
    parts.push({ what: "permissions boundary", step: { kind: "set-boundary", role, boundary } });
  }
  if (live.description !== description || live.maxSessionDuration !== maxSessionDuration) {
    const what = live.maxSessionDuration === maxSessionDuration ? "description" : "maximum session duration";
    parts.push({ what, step: { kind: "update-role", role, description, maxSessionDuration } });
  }
  if (!sameDocument(live.trust, desired.trust)) {
    parts.push({ what: "trust policy", step: { kind: "set-trust", role, trust: JSON.stringify(desired.trust) } });
  }
  return parts;
}

type Policies = Pick<LiveRole, "managedPolicies" | "inlinePolicies">;

/** What is taken away goes first: an account allows a role only so many policies. */
function policyParts(desired: DesiredRole, live: Policies): readonly Part[] {
  const { name: role } = desired;
  const inline = Object.entries(desired.inlinePolicies);
  return [
    ...live.managedPolicies
      .filter((arn) => !desired.managedPolicies.includes(arn))
      .map((arn): Part => ({ what: `without policy ${arn}`, step: { kind: "detach-policy", role, arn } })),
    ...[...live.inlinePolicies.keys()]
      .filter((name) => !Object.hasOwn(desired.inlinePolicies, name))
      .map((name): Part => ({ what: `without policy ${name}`, step: { kind: "delete-policy", role, name } })),
    ...desired.managedPolicies
      .filter((arn) => !live.managedPolicies.includes(arn))
      .map((arn): Part => ({ what: `policy ${arn}`, step: { kind: "attach-policy", role, arn } })),
    ...inline
      .filter(([name, document]) => !sameDocument(live.inlinePolicies.get(name) ?? "", document))
      .map(([name, document]): Part => ({
        what: `policy ${name}`,
        step: { kind: "put-policy", role, name, document: JSON.stringify(document) },
      })),
  ];
}
