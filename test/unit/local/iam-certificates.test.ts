import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import {
  CreateUserCommand,
  DeleteServerCertificateCommand,
  DeleteSigningCertificateCommand,
  DeleteUserCommand,
  GenerateCredentialReportCommand,
  GetAccountSummaryCommand,
  GetCredentialReportCommand,
  GetServerCertificateCommand,
  type IAMClient,
  ListServerCertificatesCommand,
  ListServerCertificateTagsCommand,
  ListSigningCertificatesCommand,
  TagServerCertificateCommand,
  UntagServerCertificateCommand,
  UpdateServerCertificateCommand,
  UpdateSigningCertificateCommand,
  UploadServerCertificateCommand,
  type UploadServerCertificateCommandInput,
  UploadSigningCertificateCommand,
} from "@aws-sdk/client-iam";
import { beforeAll, describe, expect, it } from "vitest";

import { type Certificate, makeCertificate } from "../wire/servers.ts";
import { ACCOUNT, iamClient, refusal, startCloud, tempFolder } from "./support.ts";

const certificates: Certificate[] = [];
beforeAll(() => {
  for (const name of ["one.example.com", "two.example.com", "three.example.com"])
    certificates.push(makeCertificate(tempFolder(), `DNS:${name}`));
});

function certificate(at: number): { readonly cert: string; readonly key: string } {
  const { cert = "", key = "" } = certificates[at] ?? {};
  return { cert: String(cert), key: String(key) };
}

/** A certificate with another last byte, which is of its signature. */
function tampered(cert: string): string {
  const { raw } = new X509Certificate(cert);
  const bytes = Buffer.from(raw);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

const UNREADABLE = {
  code: "MalformedCertificate",
  status: 400,
  message: "Unable to parse certificate. Please ensure the certificate is in PEM format.",
};
const ann = { UserName: "ann" };
const upload = (iam: IAMClient, at: number): Promise<string> =>
  iam
    .send(new UploadSigningCertificateCommand({ ...ann, CertificateBody: certificate(at).cert }))
    .then(({ Certificate: made }) => made?.CertificateId ?? "");

async function reported(iam: IAMClient): Promise<readonly string[]> {
  await iam.send(new GenerateCredentialReportCommand({}));
  const { Content = new Uint8Array() } = await iam.send(new GetCredentialReportCommand({}));
  const [head = "", ...rows] = Buffer.from(Content).toString().split("\n");
  const row = rows.find((one) => one.startsWith("ann,"))?.split(",") ?? [];
  return head.split(",").flatMap((name, at) => (/^cert_\d_active$/.test(name) ? [row[at] ?? ""] : []));
}

// What is expected here was verified at AWS by moto: test_iam_signing_certificates.py.
describe("a signing certificate", () => {
  it("is uploaded, told of as it was sent, put out of use and deleted", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ann));
    const { cert } = certificate(0);
    const made = await iam.send(new UploadSigningCertificateCommand({ ...ann, CertificateBody: `${cert.trim()}\n` }));
    const { CertificateId = "" } = made.Certificate ?? {};
    expect(CertificateId).toMatch(/^[A-Z2-7]{32}$/);
    expect(made.Certificate).toMatchObject({ ...ann, CertificateBody: `${cert.trim()}\n`, Status: "Active" });
    expect(await reported(iam)).toEqual(["true", "false"]);
    await upload(iam, 1);
    expect(await reported(iam)).toEqual(["true", "true"]);
    await iam.send(new UpdateSigningCertificateCommand({ ...ann, CertificateId, Status: "Inactive" }));
    expect(await reported(iam)).toEqual(["false", "true"]);
    const { Certificates: all = [] } = await iam.send(new ListSigningCertificatesCommand(ann));
    expect(new Set(all.map(({ Status }) => Status))).toEqual(new Set(["Active", "Inactive"]));
    expect(await refusal(upload(iam, 2))).toEqual({
      code: "LimitExceeded",
      status: 409,
      message: "Cannot exceed quota for CertificatesPerUser: 2",
    });
    expect(await refusal(upload(iam, 1))).toMatchObject({ code: "DuplicateCertificate", status: 409 });
    // rebuy-de/aws-nuke#671.
    expect(await refusal(iam.send(new DeleteUserCommand(ann)))).toMatchObject({
      code: "DeleteConflict",
      message: "Cannot delete entity, must delete certificates first.",
    });
    for (const one of all)
      await iam.send(new DeleteSigningCertificateCommand({ ...ann, CertificateId: one.CertificateId }));
    await iam.send(new DeleteUserCommand(ann));
  });

  it("is not one that cannot be read, and is missed by its id", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand(ann));
    const { cert } = certificate(0);
    for (const CertificateBody of ["notacert", `${cert}${cert}`, cert.replace("MII", "MIJ")])
      expect(await refusal(iam.send(new UploadSigningCertificateCommand({ ...ann, CertificateBody })))).toEqual({
        code: "MalformedCertificate",
        status: 400,
        message: `Certificate ${CertificateBody} is malformed.`,
      });
    const CertificateId = "x".repeat(32);
    expect(
      await refusal(iam.send(new UpdateSigningCertificateCommand({ ...ann, CertificateId, Status: "Inactive" }))),
    ).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: `The Certificate with id ${CertificateId} cannot be found.`,
    });
  });
});

describe("a server certificate", () => {
  const www = { ServerCertificateName: "www" };
  const send = (iam: IAMClient, more: Partial<UploadServerCertificateCommandInput> = {}) => {
    const { cert, key } = certificate(0);
    return iam.send(new UploadServerCertificateCommand({ ...www, CertificateBody: cert, PrivateKey: key, ...more }));
  };

  // Recorded from AWS, 2026-02: localstack, resource_providers/test_iam.snapshot.json, test_server_certificate.
  it("is answered as AWS was recorded to answer it, and its key is not kept", async () => {
    const state = join(tempFolder(), "state.json");
    const iam = iamClient(await startCloud({ state }));
    const { cert, key } = certificate(0);
    const made = await send(iam, { CertificateBody: `${cert.trim()}\n` });
    const metadata = {
      Path: "/",
      ...www,
      Arn: `arn:aws:iam::${ACCOUNT}:server-certificate/www`,
      ServerCertificateId: expect.stringMatching(/^ASCA[A-Z2-7]{17}$/) as string,
      UploadDate: expect.any(Date) as Date,
      Expiration: new Date(new X509Certificate(cert).validTo),
    };
    expect(made.ServerCertificateMetadata).toEqual(metadata);
    expect((await iam.send(new GetServerCertificateCommand(www))).ServerCertificate).toEqual({
      CertificateBody: cert.trim(),
      ServerCertificateMetadata: metadata,
      Tags: [],
    });
    const { ServerCertificateMetadataList: all } = await iam.send(new ListServerCertificatesCommand({}));
    expect(all).toEqual([metadata]);
    expect((await iam.send(new GetAccountSummaryCommand({}))).SummaryMap).toMatchObject({ ServerCertificates: 1 });
    const secret = key.split("\n").find((line) => line.length > 40) ?? "";
    expect(readFileSync(state, "utf8")).toContain("BEGIN CERTIFICATE");
    expect(readFileSync(state, "utf8")).not.toContain(secret);
    expect(secret).not.toBe("");
    const again = iamClient(await startCloud({ state }));
    expect((await again.send(new ListServerCertificatesCommand({}))).ServerCertificateMetadataList).toEqual([metadata]);
    await iam.send(new DeleteServerCertificateCommand(www));
    expect(await refusal(iam.send(new GetServerCertificateCommand(www)))).toEqual({
      code: "NoSuchEntity",
      status: 404,
      message: "The Server Certificate with name www cannot be found.",
    });
  });

  it("is renamed, moved, found by its path and tagged", async () => {
    const iam = iamClient(await startCloud());
    await send(iam, { Path: "/cdn/", Tags: [{ Key: "a", Value: "1" }] });
    await send(iam, { ServerCertificateName: "other" });
    const names = async (PathPrefix: string) =>
      (await iam.send(new ListServerCertificatesCommand({ PathPrefix }))).ServerCertificateMetadataList?.map(
        ({ ServerCertificateName }) => ServerCertificateName,
      );
    expect(await names("/cdn/")).toEqual(["www"]);
    expect(await names("/")).toEqual(["other", "www"]);
    const change = { NewPath: "/edge/", NewServerCertificateName: "web" };
    await iam.send(new UpdateServerCertificateCommand({ ...www, ...change }));
    const web = { ServerCertificateName: "web" };
    expect((await iam.send(new GetServerCertificateCommand(web))).ServerCertificate).toMatchObject({
      ServerCertificateMetadata: { ...web, Path: "/edge/", Arn: `arn:aws:iam::${ACCOUNT}:server-certificate/edge/web` },
      Tags: [{ Key: "a", Value: "1" }],
    });
    expect(
      await refusal(iam.send(new UpdateServerCertificateCommand({ ...web, NewServerCertificateName: "Other" }))),
    ).toMatchObject({ code: "EntityAlreadyExists", status: 409 });
    await iam.send(new TagServerCertificateCommand({ ...web, Tags: [{ Key: "A", Value: "2" }] }));
    await iam.send(new UntagServerCertificateCommand({ ...web, TagKeys: ["a"] }));
    expect((await iam.send(new ListServerCertificateTagsCommand(web))).Tags).toEqual([{ Key: "A", Value: "2" }]);
  });

  it.each<[string, () => Partial<UploadServerCertificateCommandInput>, object]>([
    ["a certificate that cannot be read", () => ({ CertificateBody: "certbody" }), UNREADABLE],
    ["a key that cannot be read", () => ({ PrivateKey: "privatekey" }), { code: "MalformedCertificate", status: 400 }],
    ["another's key", () => ({ PrivateKey: certificate(1).key }), { code: "KeyPairMismatch", status: 400 }],
    [
      "a chain that does not begin with the issuer",
      () => ({ CertificateChain: certificate(1).cert }),
      { code: "MalformedCertificate", message: expect.stringMatching(/invalid certificate is: -1$/) as string },
    ],
    [
      "a chain whose issuer did not sign it, whatever its names say",
      () => ({ CertificateBody: tampered(certificate(0).cert), CertificateChain: certificate(0).cert }),
      { code: "MalformedCertificate", message: expect.stringMatching(/invalid certificate is: -1$/) as string },
    ],
    [
      "a chain that is not in order",
      () => ({ CertificateChain: `${certificate(0).cert}\n${certificate(1).cert}` }),
      { code: "MalformedCertificate", message: expect.stringMatching(/invalid certificate is: 0$/) as string },
    ],
    [
      "a key with an emoji, which is not repeated",
      () => ({ PrivateKey: "😀" }),
      {
        code: "ValidationError",
        message: "The specified value for privateKey is invalid. It must contain only printable ASCII characters.",
      },
    ],
  ])("is not taken with %s", async (_, more, expected) => {
    expect(await refusal(send(iamClient(await startCloud()), more()))).toMatchObject(expected);
  });

  it("is told with its chain, which begins with its issuer", async () => {
    const iam = iamClient(await startCloud());
    const { cert } = certificate(0);
    await send(iam, { CertificateChain: cert });
    expect((await iam.send(new GetServerCertificateCommand(www))).ServerCertificate).toMatchObject({
      CertificateChain: cert.trim(),
    });
  });
});
