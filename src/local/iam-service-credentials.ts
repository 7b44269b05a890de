import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { isRefusal } from "./iam-holders.ts";
import { byAge, changeOwned, findOwned, type OwnedKind, putOwned } from "./iam-owned.ts";
import { flag, oneOf, paging, userName } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { newSecretAccessKey, newUniqueId } from "./ids.ts";
import { operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { integer, optional, text } from "./parameters.ts";
import type { ServiceCredentialRecord, UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

/**
 * Passwords of a user for one service. Nothing here takes them, so that they are told once and not kept. Answers and
 * texts: recorded from AWS, 2025-03 and 2026-02 (localstack, test_iam.py), unless said otherwise.
 */

const SERVICES = new Set([
  "bedrock.amazonaws.com",
  "cassandra.amazonaws.com",
  "codecommit.amazonaws.com",
  "logs.amazonaws.com",
]);

// Of these it is an API key, which may end: told in other members, the alias is not verified. IAM API reference,
// ServiceSpecificCredential.
const API_KEYS = new Set(["bedrock.amazonaws.com", "logs.amazonaws.com"]);
const DAY = 24 * 60 * 60 * 1000;

// IAM guide: two for each service.
const MOST = 2;

function notSupported(service: string): Refusal {
  return iamError("NoSuchEntity", `No such service ${service} is supported for Service Specific Credentials`);
}

const CREDENTIALS: OwnedKind<ServiceCredentialRecord, "ServiceSpecificCredentialId"> = {
  parameter: "ServiceSpecificCredentialId",
  all: ({ serviceCredentials = [] }) => serviceCredentials,
  put: (user, serviceCredentials) => ({ ...user, serviceCredentials }),
  missing: (id) => `No such credential ${id} exists`,
};

function credentialXml(
  { name }: UserRecord,
  credential: ServiceCredentialRecord,
  now: number,
  secret?: string,
): XmlFields {
  const { expires, service, userName: alias } = credential;
  return {
    CreateDate: isoSeconds(credential.created / 1000),
    ExpirationDate: expires === undefined ? undefined : isoSeconds(expires / 1000),
    ServiceName: service,
    ...(API_KEYS.has(service)
      ? { ServiceCredentialAlias: alias, ServiceCredentialSecret: secret }
      : { ServiceUserName: alias, ServicePassword: secret }),
    ServiceSpecificCredentialId: credential.id,
    UserName: name,
    Status: statusOf(credential, now),
  };
}

function statusOf({ active, expires }: ServiceCredentialRecord, now: number): string {
  if (expires !== undefined && expires <= now) return "Expired";
  return active ? "Active" : "Inactive";
}

const create = operation({
  parameters: {
    UserName: userName,
    ServiceName: text(),
    CredentialAgeDays: optional(integer({ min: 1, max: 36_600 })),
  },
  access: userArnOf,
  run: (call) => {
    const { values, world } = call;
    const user = findUserOrSelf(call);
    if (isRefusal(user)) return user;
    const { ServiceName: service } = values;
    if (!SERVICES.has(service)) return notSupported(service);
    const before = CREDENTIALS.all(user);
    const same = before.filter((one) => one.service === service).length;
    // Unverified.
    if (same >= MOST)
      return iamError("LimitExceeded", `Cannot exceed quota for ServiceSpecificCredentialsPerUser: ${MOST}`);
    const made: ServiceCredentialRecord = {
      id: newUniqueId("ACCA"),
      service,
      // The second one's name is as documented for CodeCommit.
      userName: `${user.name}${same === 0 ? "" : `+${same}`}-at-${world.store.identity.account}`,
      active: true,
      created: world.now(),
      expires: values.CredentialAgeDays === undefined ? undefined : world.now() + values.CredentialAgeDays * DAY,
    };
    putOwned(CREDENTIALS, world, user, [...before, made]);
    return result({ ServiceSpecificCredential: credentialXml(user, made, world.now(), newSecretAccessKey()) });
  },
});

const list = operation({
  parameters: {
    UserName: optional(userName),
    ServiceName: optional(text()),
    AllUsers: optional(flag),
    ...paging,
  },
  access: (values, world) =>
    values.AllUsers ? `arn:aws:iam::${world.store.identity.account}:user/*` : userArnOf(values, world),
  run: (call) => {
    const { values, world } = call;
    const own = values.AllUsers ? null : findUserOrSelf(call);
    if (own && isRefusal(own)) return own;
    const { ServiceName: service } = values;
    if (service !== undefined && !SERVICES.has(service)) return notSupported(service);
    const wanted = (own ? [own] : [...world.store.iam.users.values()]).flatMap((user) =>
      CREDENTIALS.all(user)
        .filter((one) => service === undefined || one.service === service)
        .map((one) => ({ user, one })),
    );
    const page = paginate(wanted, ({ one }) => byAge(one), values);
    if (page.kind === "refused") return page;
    const shown = page.items.map(({ user, one }) => credentialXml(user, one, world.now()));
    return result({ ServiceSpecificCredentials: shown, ...page.tail });
  },
});

const named = {
  UserName: optional(userName),
  ServiceSpecificCredentialId: text({ min: 20, max: 128, pattern: String.raw`[\w]+` }),
};

const update = operation({
  parameters: { ...named, Status: oneOf("Active", "Inactive") },
  access: userArnOf,
  run: (call) => changeOwned(CREDENTIALS, call, (one) => ({ ...one, active: call.values.Status === "Active" })),
});

const reset = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => {
    const found = findOwned(CREDENTIALS, call);
    if (isRefusal(found)) return found;
    const shown = credentialXml(found.user, found.one, call.world.now(), newSecretAccessKey());
    return result({ ServiceSpecificCredential: shown });
  },
});

const remove = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => changeOwned(CREDENTIALS, call, () => null),
});

export const SERVICE_CREDENTIAL_OPERATIONS: Operations = {
  CreateServiceSpecificCredential: create,
  ListServiceSpecificCredentials: list,
  UpdateServiceSpecificCredential: update,
  ResetServiceSpecificCredential: reset,
  DeleteServiceSpecificCredential: remove,
};
