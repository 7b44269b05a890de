import { randomUUID } from "node:crypto";

import { oneOf } from "./iam-shapes.ts";
import { operation, type Operations, result } from "./operation.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * Settings of the account that STS goes by: which tokens its global endpoint gives, and whether the account has an
 * issuer of its own. Both are kept and told, and change nothing here. Texts are not verified.
 */

const setPreferences = operation({
  parameters: { GlobalEndpointTokenVersion: oneOf("v1Token", "v2Token") },
  access: () => "*",
  run: ({ values, world }) => {
    const tokenVersion = values.GlobalEndpointTokenVersion === "v1Token" ? 1 : 2;
    world.store.changeIam((iam) => ({ ...iam, tokenVersion }));
    return result();
  },
});

function disabled(): Refusal {
  return iamError("FeatureDisabled", "Outbound web identity federation is disabled for this account.");
}

function setIssuer({ store }: World, outboundIssuer: string | undefined): void {
  store.changeIam((iam) => ({ ...iam, outboundIssuer }));
}

const enable = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    if (world.store.iam.outboundIssuer !== undefined)
      return iamError("FeatureEnabled", "Outbound web identity federation is already enabled for this account.");
    // The form is that of the IAM guide, outbound identity federation.
    const issuer = `https://${randomUUID()}.tokens.sts.global.api.aws`;
    setIssuer(world, issuer);
    return result({ IssuerIdentifier: issuer });
  },
});

const disable = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    if (world.store.iam.outboundIssuer === undefined) return disabled();
    setIssuer(world, undefined);
    return result();
  },
});

const info = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    const { outboundIssuer: issuer } = world.store.iam;
    return issuer === undefined ? disabled() : result({ IssuerIdentifier: issuer, JwtVendingEnabled: true });
  },
});

export const FEDERATION_SETTING_OPERATIONS: Operations = {
  SetSecurityTokenServicePreferences: setPreferences,
  EnableOutboundWebIdentityFederation: enable,
  DisableOutboundWebIdentityFederation: disable,
  GetOutboundWebIdentityFederationInfo: info,
};
