import { timingSafeEqual } from "node:crypto";

import { Secret } from "../core/secret.ts";
import { type KeyLookup, verifySignature } from "../wire/sigv4.ts";
import type { LocalRequest } from "./http.ts";
import type { Principal, RoleSession, User } from "./principal.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { openSession, sessionSecret } from "./session.ts";
import type { World } from "./world.ts";

const INVALID = refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid");
const EXPIRED = refuse(403, "ExpiredToken", "The security token included in the request is expired");

/** Finds out who signed a request, or refuses it in AWS's words. */
export function authenticate(
  request: LocalRequest,
  world: World,
): { readonly kind: "principal"; readonly principal: Principal; readonly region: string } | Refusal {
  let principal: Principal | null = null;
  const find: KeyLookup = (accessKeyId, sessionToken) => {
    const key = sessionToken === null ? userKey(accessKeyId, world) : sessionKey(accessKeyId, sessionToken, world);
    if ("kind" in key) return { ...key, message: key.message ?? "" };
    ({ principal } = key);
    return { kind: "key", secretAccessKey: key.secretAccessKey };
  };
  const result = verifySignature(request, { find, now: world.now() });
  if (result.kind === "refused") return refuse(result.status, result.code, result.message);
  return principal ? { kind: "principal", principal, region: result.region } : INVALID;
}

interface Key {
  readonly principal: Principal;
  readonly secretAccessKey: Secret;
}

function userKey(accessKeyId: string, { store }: World): Key | Refusal {
  const { account, admin } = store.identity;
  if (!same(accessKeyId, admin.accessKeyId)) return INVALID;
  // Not root: root may not assume roles, and nobody should get used to it.
  const principal: User = {
    kind: "user",
    name: "admin",
    account,
    arn: `arn:aws:iam::${account}:user/admin`,
    userId: admin.userId,
  };
  return { principal, secretAccessKey: new Secret(admin.secretAccessKey) };
}

function sessionKey(accessKeyId: string, token: string, { store, now }: World): Key | Refusal {
  const key = Buffer.from(store.identity.sealingKey, "base64");
  const session = openSession(token, accessKeyId, key);
  if (!session) return INVALID;
  if (session.expiresAt * 1000 <= now()) return EXPIRED;
  // A role that was made anew under the same name has another id.
  const role = store.iam.roles.get(session.roleName);
  if (!role || role.id !== session.roleId) return INVALID;
  const { account } = store.identity;
  const { roleName, sessionName } = session;
  const principal: RoleSession = {
    kind: "session",
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
    userId: `${role.id}:${sessionName}`,
    session,
    role,
  };
  return { principal, secretAccessKey: sessionSecret(accessKeyId, key) };
}

function same(given: string, held: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(held)];
  return a.length === b.length && timingSafeEqual(a, b);
}
