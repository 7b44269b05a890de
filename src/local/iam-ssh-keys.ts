import { createHash, createPublicKey, type KeyObject } from "node:crypto";

import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { findHolder, isRefusal, USERS } from "./iam-holders.ts";
import { oneOf, paging, userName } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { newSshKeyId } from "./ids.ts";
import { type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional, text } from "./parameters.ts";
import type { SshKeyRecord, UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * SSH public keys of users, for CodeCommit: RSA keys, as `ssh-rsa …` or PEM. IAM API reference, UploadSSHPublicKey; it
 * says 2,048 bits at least, and the keys with which others tested it at AWS had 1,024. The text of a key that cannot be
 * read is one that people paste; the others are not verified.
 */

// IAM quotas.
const MOST_KEYS = 5;

const body = text({
  min: 1,
  max: 16_384,
  pattern: String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`,
  rule: "It must contain only printable ASCII characters.",
});
const keyId = text({ min: 20, max: 128, pattern: String.raw`[\w]+` });
const status = oneOf("Active", "Inactive");

/** The fields of an SSH key: each a length of four bytes, and so many bytes. RFC 4253, section 6.6. */
function sshFields(blob: Buffer): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length;) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return [];
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function readSsh(sent: string): KeyObject | null {
  const [, base64 = ""] = /^ssh-rsa\s+([A-Za-z0-9+/=]+)(?:\s|$)/.exec(sent) ?? [];
  const [type, e, n] = sshFields(Buffer.from(base64, "base64"));
  if (type?.toString("latin1") !== "ssh-rsa" || !e || !n) return null;
  return createPublicKey({
    key: { kty: "RSA", e: e.toString("base64url"), n: n.toString("base64url") },
    format: "jwk",
  });
}

/** The RSA key that was sent; null when it is none. */
function readKey(sent: string): KeyObject | null {
  try {
    const key = sent.startsWith("-----BEGIN ") ? createPublicKey(sent) : readSsh(sent);
    return key?.asymmetricKeyType === "rsa" ? key : null;
  } catch {
    return null;
  }
}

// A number that begins with a set bit has a zero byte before it. RFC 4251, mpint.
function mpint(number: string | undefined): Buffer {
  const bytes = Buffer.from(number ?? "", "base64url");
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
}

function sshBlob(key: KeyObject): Buffer {
  const { e, n } = key.export({ format: "jwk" });
  const fields = [Buffer.from("ssh-rsa"), mpint(e), mpint(n)];
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  );
}

/** "The MD5 message digest of the SSH public key", as ssh-keygen -E md5 shows it. */
function fingerprintOf(key: KeyObject): string {
  const digest = createHash("md5").update(sshBlob(key)).digest("hex");
  return (digest.match(/../g) ?? []).join(":");
}

/** The key as the encoding asks; as it was sent when it was sent so, a comment included. */
function bodyIn(encoding: "SSH" | "PEM", { body: sent }: SshKeyRecord): string {
  const key = readKey(sent);
  if (!key || sent.startsWith("-----BEGIN ") === (encoding === "PEM")) return sent;
  return encoding === "PEM"
    ? key.export({ type: "spki", format: "pem" }).toString().trim()
    : `ssh-rsa ${sshBlob(key).toString("base64")}`;
}

function keyXml({ name }: UserRecord, key: SshKeyRecord, encoding?: "SSH" | "PEM"): XmlFields {
  return {
    UserName: name,
    SSHPublicKeyId: key.id,
    Fingerprint: key.fingerprint,
    SSHPublicKeyBody: encoding === undefined ? key.body : bodyIn(encoding, key),
    Status: key.status,
    UploadDate: isoSeconds(key.created / 1000),
  };
}

function put(world: World, user: UserRecord, sshKeys: readonly SshKeyRecord[]): void {
  world.store.changeIam((iam) => USERS.put(iam, { ...user, sshKeys }));
}

const upload = operation({
  parameters: { UserName: userName, SSHPublicKeyBody: body },
  access: userArnOf,
  run: ({ values, world }) => {
    const user = findHolder(USERS, { values, world });
    if (isRefusal(user)) return user;
    const key = readKey(values.SSHPublicKeyBody.trim());
    if (!key) return iamError("UnrecognizedPublicKeyEncoding", "Invalid public key uploaded.");
    const { sshKeys: before = [] } = user;
    const fingerprint = fingerprintOf(key);
    if (before.some((one) => one.fingerprint === fingerprint))
      return iamError("DuplicateSSHPublicKey", "The SSH public key is already associated with the specified user.");
    if (before.length >= MOST_KEYS)
      return iamError("LimitExceeded", `Cannot exceed quota for SSHPublicKeysPerUser: ${MOST_KEYS}`);
    const made: SshKeyRecord = {
      id: newSshKeyId(),
      body: values.SSHPublicKeyBody.trim(),
      fingerprint,
      status: "Active",
      created: world.now(),
    };
    put(world, user, [...before, made]);
    return result({ SSHPublicKey: keyXml(user, made) });
  },
});

const named = { UserName: userName, SSHPublicKeyId: keyId };

function find({
  values,
  world,
}: Pick<Call<{ readonly UserName: string; readonly SSHPublicKeyId: string }>, "values" | "world">):
  | { readonly user: UserRecord; readonly key: SshKeyRecord; readonly others: readonly SshKeyRecord[] }
  | Refusal {
  const user = findHolder(USERS, { values, world });
  if (isRefusal(user)) return user;
  const { sshKeys: all = [] } = user;
  const key = all.find(({ id }) => id === values.SSHPublicKeyId);
  return key
    ? { user, key, others: all.filter((one) => one !== key) }
    : iamError("NoSuchEntity", `The Public Key with id ${values.SSHPublicKeyId} cannot be found.`);
}

const get = operation({
  parameters: { ...named, Encoding: oneOf("SSH", "PEM") },
  access: userArnOf,
  run: (call) => {
    const found = find(call);
    return isRefusal(found) ? found : result({ SSHPublicKey: keyXml(found.user, found.key, call.values.Encoding) });
  },
});

const list = operation({
  parameters: { UserName: optional(userName), ...paging },
  access: userArnOf,
  run: (call) => {
    const user = findUserOrSelf(call);
    if (isRefusal(user)) return user;
    const page = paginate(user.sshKeys ?? [], ({ id }) => id, call.values);
    if (page.kind === "refused") return page;
    const keys = page.items.map((one) => ({
      UserName: user.name,
      SSHPublicKeyId: one.id,
      Status: one.status,
      UploadDate: isoSeconds(one.created / 1000),
    }));
    return result({ SSHPublicKeys: keys, ...page.tail });
  },
});

const update = operation({
  parameters: { ...named, Status: status },
  access: userArnOf,
  run: (call) => {
    const found = find(call);
    if (isRefusal(found)) return found;
    put(call.world, found.user, [...found.others, { ...found.key, status: call.values.Status }]);
    return result();
  },
});

const remove = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => {
    const found = find(call);
    if (isRefusal(found)) return found;
    put(call.world, found.user, found.others);
    return result();
  },
});

export const SSH_KEY_OPERATIONS: Operations = {
  UploadSSHPublicKey: upload,
  GetSSHPublicKey: get,
  ListSSHPublicKeys: list,
  UpdateSSHPublicKey: update,
  DeleteSSHPublicKey: remove,
};
