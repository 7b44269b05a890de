import { type Answer, operation, result } from "./operation.ts";
import { integer, optional, text } from "./parameters.ts";
import type { Principal } from "./principal.ts";
import { refuse } from "./refusal.ts";
import { UNSIGNED } from "./sts-assume-role.ts";
import { readMfa } from "./sts-mfa.ts";
import { issueKeys } from "./sts-session.ts";
import { mfa } from "./sts-shapes.ts";
import type { World } from "./world.ts";

// STS API reference, GetSessionToken: 12 hours when nothing is said.
export const DEFAULT_DURATION = 43_200;
export const tokenDuration = optional(integer({ min: 900, max: 129_600 }));

/** Gives a user temporary keys with the user's own rights. */
export const getSessionToken = operation({
  parameters: { DurationSeconds: tokenDuration, ...mfa },
  access: "signer",
  run: ({ principal, values, world }) =>
    refuseTemporary("GetSessionToken", principal) ?? sessionOf(principal, values, world),
});

interface Asked {
  readonly DurationSeconds: number | undefined;
  readonly SerialNumber: string | undefined;
  readonly TokenCode: string | undefined;
}

function sessionOf(principal: Principal | null, values: Asked, world: World): Answer {
  if (principal?.kind !== "user") return UNSIGNED;
  const proof = readMfa(values, principal, world);
  if (proof.kind === "refused") return proof;
  const { DurationSeconds: seconds = DEFAULT_DURATION } = values;
  const issuedAt = Math.floor(world.now() / 1000);
  const { userId } = principal;
  const times = { issuedAt, expiresAt: issuedAt + seconds, mfaAt: proof.at ?? undefined };
  const session = { userName: principal.user.name, userId, ...times };
  return result({ Credentials: issueKeys(world, session).fields });
}

/** Refuses temporary credentials what only a user's own keys may ask for. The texts are in reports from AWS up to 2026. */
export function refuseTemporary(action: string, principal: Principal | null): Answer | null {
  const permanent = principal?.kind === "user" && !principal.temporary;
  return permanent ? null : refuse(403, "AccessDenied", `Cannot call ${action} with session credentials`);
}

/** Nothing here encodes a message, so that none can be decoded. */
export const decodeAuthorizationMessage = operation({
  parameters: { EncodedMessage: text({ min: 1, max: 10_240 }) },
  access: () => "*",
  // The text is unverified; code and status are of the API model.
  run: () => refuse(400, "InvalidAuthorizationMessageException", "Message is not valid"),
});
