import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { pem, readCertificate } from "./iam-certificates.ts";
import { isRefusal, USERS } from "./iam-holders.ts";
import { existingUserName, oneOf, paging } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { newCertificateId } from "./ids.ts";
import { type Call, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional, text } from "./parameters.ts";
import type { SigningCertificateRecord, UserRecord } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * Certificates that users sign with. The texts of a third one and of one that is not there, and the code of one that
 * cannot be read, were verified at AWS by moto (test_iam_signing_certificates.py), and that the body is told as it was
 * sent; the text of a second same one was not.
 */

const user = { UserName: optional(existingUserName) };
const named = { ...user, CertificateId: text({ min: 24, max: 128, pattern: String.raw`[\w]+` }) };

// IAM quotas.
const MOST_CERTIFICATES = 2;

function certificateXml({ name }: UserRecord, certificate: SigningCertificateRecord): XmlFields {
  return {
    UserName: name,
    CertificateId: certificate.id,
    CertificateBody: certificate.body,
    Status: certificate.status,
    UploadDate: isoSeconds(certificate.created / 1000),
  };
}

function put(world: World, owner: UserRecord, certificates: readonly SigningCertificateRecord[]): void {
  world.store.changeIam((iam) => USERS.put(iam, { ...owner, certificates }));
}

const upload = operation({
  parameters: { ...user, CertificateBody: pem() },
  access: userArnOf,
  run: (call) => {
    const { values, world } = call;
    const owner = findUserOrSelf(call);
    if (isRefusal(owner)) return owner;
    const certificate = readCertificate(values.CertificateBody);
    if ("kind" in certificate) return certificate;
    const { certificates: before = [] } = owner;
    const { CertificateBody: body } = values;
    if (before.some((one) => one.body.trim() === body.trim()))
      return iamError("DuplicateCertificate", "The Certificate already exists.");
    if (before.length >= MOST_CERTIFICATES)
      return iamError("LimitExceeded", `Cannot exceed quota for CertificatesPerUser: ${MOST_CERTIFICATES}`);
    const made = { id: newCertificateId(), body, status: "Active", created: world.now() };
    put(world, owner, [...before, made]);
    return result({ Certificate: certificateXml(owner, made) });
  },
});

const list = operation({
  parameters: { ...user, ...paging },
  access: userArnOf,
  run: (call) => {
    const owner = findUserOrSelf(call);
    if (isRefusal(owner)) return owner;
    const page = paginate(owner.certificates ?? [], ({ id }) => id, call.values);
    if (page.kind === "refused") return page;
    return result({ Certificates: page.items.map((one) => certificateXml(owner, one)), ...page.tail });
  },
});

interface Found {
  readonly owner: UserRecord;
  readonly at: number;
  readonly all: readonly SigningCertificateRecord[];
}

function find(call: Call<{ readonly UserName: string | undefined; readonly CertificateId: string }>): Found | Refusal {
  const owner = findUserOrSelf(call);
  if (isRefusal(owner)) return owner;
  const { CertificateId: wanted } = call.values;
  const { certificates: all = [] } = owner;
  const at = all.findIndex(({ id }) => id === wanted);
  return at < 0 ? iamError("NoSuchEntity", `The Certificate with id ${wanted} cannot be found.`) : { owner, at, all };
}

const update = operation({
  parameters: { ...named, Status: oneOf("Active", "Inactive") },
  access: userArnOf,
  run: (call) => {
    const found = find(call);
    if (isRefusal(found)) return found;
    const { Status: status } = call.values;
    // Their order is that of the credential report's columns.
    const changed = found.all.map((one, at) => (at === found.at ? { ...one, status } : one));
    put(call.world, found.owner, changed);
    return result();
  },
});

const remove = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => {
    const found = find(call);
    if (isRefusal(found)) return found;
    put(
      call.world,
      found.owner,
      found.all.filter((_, at) => at !== found.at),
    );
    return result();
  },
});

export const SIGNING_CERTIFICATE_OPERATIONS: Operations = {
  UploadSigningCertificate: upload,
  ListSigningCertificates: list,
  UpdateSigningCertificate: update,
  DeleteSigningCertificate: remove,
};
