import { oneOf } from "./iam-shapes.ts";
import { operation, type Operations, result } from "./operation.ts";
import { newOutbound } from "./outbound-issuer.ts";
import { iamError } from "./refusal.ts";
import type { World } from "./world.ts";

/** Settings of the account that STS goes by. Which tokens its global endpoint gives is kept and told, and changes nothing. */

const setPreferences = operation({
  parameters: { GlobalEndpointTokenVersion: oneOf("v1Token", "v2Token") },
  access: () => "*",
  run: ({ values, world }) => {
    const tokenVersion = values.GlobalEndpointTokenVersion === "v1Token" ? 1 : 2;
    world.store.changeIam((iam) => ({ ...iam, tokenVersion }));
    return result();
  },
});

// Texts recorded from AWS, 2026-09.
function says({ store }: World, what: string): string {
  return `Outbound identity federation is ${what} for account ${store.identity.account}`;
}

const enable = operation({
  parameters: {},
  access: () => "*",
  run: async ({ world }) => {
    const { store } = world;
    const enabled = (): boolean => store.iam.outbound?.enabled === true;
    // Recorded: enabled again, an account has the issuer and the keys that it had.
    const made = enabled() ? null : (store.iam.outbound ?? (await newOutbound()));
    // Another call may have enabled it while the keys were made.
    if (!made || enabled()) return iamError("FeatureEnabled", says(world, "already enabled"));
    const outbound = { ...(store.iam.outbound ?? made), enabled: true };
    store.changeIam((iam) => ({ ...iam, outbound }));
    return result({ IssuerIdentifier: outbound.issuer });
  },
});

const disable = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    const { outbound } = world.store.iam;
    if (!outbound?.enabled) return iamError("FeatureDisabled", says(world, "already disabled"));
    world.store.changeIam((iam) => ({ ...iam, outbound: { ...outbound, enabled: false } }));
    return result();
  },
});

const info = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    const { outbound } = world.store.iam;
    return outbound?.enabled
      ? result({ IssuerIdentifier: outbound.issuer, JwtVendingEnabled: true })
      : iamError("FeatureDisabled", says(world, "disabled"));
  },
});

export const FEDERATION_SETTING_OPERATIONS: Operations = {
  SetSecurityTokenServicePreferences: setPreferences,
  EnableOutboundWebIdentityFederation: enable,
  DisableOutboundWebIdentityFederation: disable,
  GetOutboundWebIdentityFederationInfo: info,
};
