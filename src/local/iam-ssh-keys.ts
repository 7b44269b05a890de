import { createHash, createPublicKey, type KeyObject } from "node:crypto";

import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { findHolder, isRefusal, USERS } from "./iam-holders.ts";
import { changeOwned, findOwned, listOwned, type OwnedKind, putOwned } from "./iam-owned.ts";
import { oneOf, paging, userName } from "./iam-shapes.ts";
import { userArnOf } from "./iam-users.ts";
import { newSshKeyId } from "./ids.ts";
import { operation, type Operations, result } from "./operation.ts";
import { optional, text } from "./parameters.ts";
import type { SshKeyRecord, UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";

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

const SSH_KEYS: OwnedKind<SshKeyRecord, "SSHPublicKeyId"> = {
  parameter: "SSHPublicKeyId",
  all: ({ sshKeys = [] }) => sshKeys,
  put: (user, sshKeys) => ({ ...user, sshKeys }),
  missing: (id) => `The Public Key with id ${id} cannot be found.`,
};

function metadataXml({ name }: UserRecord, { id, status, created }: SshKeyRecord): XmlFields {
  return { UserName: name, SSHPublicKeyId: id, Status: status, UploadDate: isoSeconds(created / 1000) };
}

function keyXml(user: UserRecord, key: SshKeyRecord, encoding?: "SSH" | "PEM"): XmlFields {
  return {
    ...metadataXml(user, key),
    Fingerprint: key.fingerprint,
    SSHPublicKeyBody: encoding === undefined ? key.body : bodyIn(encoding, key),
  };
}

// The codes are those that the API reference has for a malformed key and for an encoding that is not known; the text was
// seen with the second.
function unreadable(sent: string): Refusal {
  const isKnown = /^(ssh-rsa\s|-----BEGIN )/.test(sent);
  return iamError(isKnown ? "InvalidPublicKey" : "UnrecognizedPublicKeyEncoding", "Invalid public key uploaded.");
}

const upload = operation({
  parameters: { UserName: userName, SSHPublicKeyBody: body },
  access: userArnOf,
  run: ({ values, world }) => {
    const user = findHolder(USERS, { values, world });
    if (isRefusal(user)) return user;
    const key = readKey(values.SSHPublicKeyBody.trim());
    if (!key) return unreadable(values.SSHPublicKeyBody.trim());
    const before = SSH_KEYS.all(user);
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
    putOwned(SSH_KEYS, world, user, [...before, made]);
    return result({ SSHPublicKey: keyXml(user, made) });
  },
});

const named = { UserName: userName, SSHPublicKeyId: keyId };

const get = operation({
  parameters: { ...named, Encoding: oneOf("SSH", "PEM") },
  access: userArnOf,
  run: (call) => {
    const found = findOwned(SSH_KEYS, call);
    return isRefusal(found) ? found : result({ SSHPublicKey: keyXml(found.user, found.one, call.values.Encoding) });
  },
});

const list = operation({
  parameters: { UserName: optional(userName), ...paging },
  access: userArnOf,
  run: (call) => listOwned(SSH_KEYS, call, "SSHPublicKeys", metadataXml),
});

const update = operation({
  parameters: { ...named, Status: oneOf("Active", "Inactive") },
  access: userArnOf,
  run: (call) => changeOwned(SSH_KEYS, call, (key) => ({ ...key, status: call.values.Status })),
});

const remove = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => changeOwned(SSH_KEYS, call, () => null),
});

export const SSH_KEY_OPERATIONS: Operations = {
  UploadSSHPublicKey: upload,
  GetSSHPublicKey: get,
  ListSSHPublicKeys: list,
  UpdateSSHPublicKey: update,
  DeleteSSHPublicKey: remove,
};
