import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { pem, readCertificate } from "./iam-certificates.ts";
import { isRefusal } from "./iam-holders.ts";
import { changeOwned, listOwned, type OwnedKind, putOwned } from "./iam-owned.ts";
import { existingUserName, oneOf, paging } from "./iam-shapes.ts";
import { findUserOrSelf, userArnOf } from "./iam-users.ts";
import { newCertificateId } from "./ids.ts";
import { operation, type Operations, result } from "./operation.ts";
import { optional, text } from "./parameters.ts";
import type { SigningCertificateRecord, UserRecord } from "./records.ts";
import { iamError } from "./refusal.ts";

/**
 * Certificates that users sign with. Answers and texts: recorded from AWS, 2026-02 (localstack#13783); the body is told
 * as it was sent (verified at AWS by moto). The text of a second same one is not verified.
 */

const user = { UserName: optional(existingUserName) };
const named = { ...user, CertificateId: text({ min: 24, max: 128, pattern: String.raw`[\w]+` }) };

// IAM quotas.
const MOST_CERTIFICATES = 2;

const CERTIFICATES: OwnedKind<SigningCertificateRecord, "CertificateId"> = {
  parameter: "CertificateId",
  all: ({ certificates = [] }) => certificates,
  // Their order is that of the credential report's columns.
  put: (owner, certificates) => ({ ...owner, certificates }),
  missing: (id) => `The Certificate with id ${id} cannot be found.`,
};

function certificateXml({ name }: UserRecord, certificate: SigningCertificateRecord): XmlFields {
  return {
    UserName: name,
    CertificateId: certificate.id,
    CertificateBody: certificate.body,
    Status: certificate.status,
    UploadDate: isoSeconds(certificate.created / 1000),
  };
}

const upload = operation({
  parameters: { ...user, CertificateBody: pem() },
  access: userArnOf,
  run: (call) => {
    const { values, world } = call;
    const owner = findUserOrSelf(call);
    if (isRefusal(owner)) return owner;
    const { CertificateBody: body } = values;
    if ("kind" in readCertificate(body)) return iamError("MalformedCertificate", `Certificate ${body} is malformed.`);
    const before = CERTIFICATES.all(owner);
    if (before.some((one) => one.body.trim() === body.trim()))
      return iamError("DuplicateCertificate", "The Certificate already exists.");
    if (before.length >= MOST_CERTIFICATES)
      return iamError("LimitExceeded", `Cannot exceed quota for CertificatesPerUser: ${MOST_CERTIFICATES}`);
    const made = { id: newCertificateId(), body, status: "Active", created: world.now() };
    putOwned(CERTIFICATES, world, owner, [...before, made]);
    return result({ Certificate: certificateXml(owner, made) });
  },
});

const list = operation({
  parameters: { ...user, ...paging },
  access: userArnOf,
  run: (call) => listOwned(CERTIFICATES, call, "Certificates", certificateXml),
});

const update = operation({
  parameters: { ...named, Status: oneOf("Active", "Inactive") },
  access: userArnOf,
  run: (call) => changeOwned(CERTIFICATES, call, (one) => ({ ...one, status: call.values.Status })),
});

const remove = operation({
  parameters: named,
  access: userArnOf,
  run: (call) => changeOwned(CERTIFICATES, call, () => null),
});

export const SIGNING_CERTIFICATE_OPERATIONS: Operations = {
  UploadSigningCertificate: upload,
  ListSigningCertificates: list,
  UpdateSigningCertificate: update,
  DeleteSigningCertificate: remove,
};
