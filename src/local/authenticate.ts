import { Secret } from "../core/secret.ts";
import { type KeyLookup, verifySignature } from "../wire/sigv4.ts";
import { ownerOfKey } from "./admin-user.ts";
import type { LocalRequest } from "./http.ts";
import type { FederatedSession, Principal, RoleSession, User } from "./principal.ts";
import type { UserRecord } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { openSession, type Session, type UserSession } from "./session.ts";
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
  if (!principal) return INVALID;
  const { region, service } = result;
  const used = usedBy(principal, result.accessKeyId);
  if (used !== null) world.store.noteUse(used, { at: world.now(), service, region });
  return { kind: "principal", principal, region };
}

function usedBy(principal: Principal, accessKeyId: string): string | null {
  if (principal.kind === "session") return principal.role.id;
  return principal.temporary ? null : accessKeyId;
}

interface Key {
  readonly principal: Principal;
  readonly secretAccessKey: Secret;
}

function userKey(accessKeyId: string, { store }: World): Key | Refusal {
  const owned = ownerOfKey(store.iam, accessKeyId);
  if (!owned?.key.active) return INVALID;
  const { user, key } = owned;
  return { principal: userPrincipal(user, store.identity.account, false), secretAccessKey: new Secret(key.secret) };
}

function userPrincipal(user: UserRecord, account: string, temporary: boolean): User {
  const { arn, id: userId, name } = user;
  return { kind: "user", name, user, account, arn, userId, temporary, federated: null };
}

function sessionKey(accessKeyId: string, token: string, world: World): Key | Refusal {
  const key = Buffer.from(world.store.identity.sealingKey, "base64");
  const opened = openSession(token, accessKeyId, key);
  if (!opened) return INVALID;
  const { session, secretAccessKey } = opened;
  if (session.expiresAt * 1000 <= world.now()) return EXPIRED;
  const principal = "userName" in session ? sessionUser(session, world) : roleSession(session, world);
  return principal ? { principal, secretAccessKey } : INVALID;
}

// A user that was renamed keeps the sessions, one that was made anew under the same name does not.
function sessionUser(session: UserSession | FederatedSession, { store }: World): User | null {
  const user = [...store.iam.users.values()].find(({ id }) => id === session.userId);
  if (!user) return null;
  const { account } = store.identity;
  const { mfaAt, expiresAt, scopes } = session;
  const principal: User = { ...userPrincipal(user, account, true), mfaAt, expiresAt, scopes };
  if (!("federatedName" in session)) return principal;
  const { federatedName: name } = session;
  const arn = `arn:aws:sts::${account}:federated-user/${name}`;
  return { ...principal, arn, userId: `${account}:${name}`, federated: session };
}

function roleSession(session: Session, { store }: World): RoleSession | null {
  // A role that was made anew under the same name has another id.
  const role = store.iam.roles.get(session.roleName);
  if (!role || role.id !== session.roleId) return null;
  const { account } = store.identity;
  const { roleName, sessionName } = session;
  return {
    kind: "session",
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
    userId: `${role.id}:${sessionName}`,
    session,
    role,
  };
}
