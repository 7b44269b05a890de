import { isoSeconds } from "../core/iso-date.ts";
import type { XmlFields } from "../wire/query.ts";
import { checkChain, checkPrivateKey, pem, readCertificate } from "./iam-certificates.ts";
import { isRefusal } from "./iam-holders.ts";
import { resourceTagOperations } from "./iam-resource-tags.ts";
import { iamName, paging, path, pathPrefix, tagList } from "./iam-shapes.ts";
import { mergeTags, tagsXml } from "./iam-tags.ts";
import { newUniqueId } from "./ids.ts";
import { operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional } from "./parameters.ts";
import { type IamState, type ServerCertificateRecord, withEntry, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * Certificates for TLS servers. Answers, and the text of one that is not there: recorded from AWS, 2026-02
 * (localstack#13783). The private key is checked and not kept.
 */

const certificateName = iamName(128);
const named = { ServerCertificateName: certificateName };

// IAM quotas.
const MOST_CERTIFICATES = 20;

function arnFor(at: string, name: string, { store }: World): string {
  return `arn:aws:iam::${store.identity.account}:server-certificate${at}${name}`;
}

function arnOf(name: string, world: World): string {
  return world.store.iam.serverCertificates.get(name)?.arn ?? arnFor("/", name, world);
}

const access = ({ ServerCertificateName: name }: { readonly ServerCertificateName: string }, world: World): string =>
  arnOf(name, world);

function find(name: string, { store }: World): ServerCertificateRecord | Refusal {
  return (
    store.iam.serverCertificates.get(name) ??
    iamError("NoSuchEntity", `The Server Certificate with name ${name} cannot be found.`)
  );
}

function put(certificate: ServerCertificateRecord, { store }: World): void {
  store.changeIam((iam) => ({
    ...iam,
    serverCertificates: withEntry(iam.serverCertificates, certificate.name, certificate),
  }));
}

// As with users and roles, names that differ only in case are one name.
function checkName(name: string, { serverCertificates }: IamState): Refusal | null {
  const taken = [...serverCertificates.keys()].some((one) => one.toLowerCase() === name.toLowerCase());
  return taken ? iamError("EntityAlreadyExists", `The Server Certificate with name ${name} already exists.`) : null;
}

function checkQuota({ serverCertificates }: IamState): Refusal | null {
  return serverCertificates.size < MOST_CERTIFICATES
    ? null
    : iamError("LimitExceeded", `Cannot exceed quota for ServerCertificatesPerAccount: ${MOST_CERTIFICATES}`);
}

function metadataXml(certificate: ServerCertificateRecord): XmlFields {
  return {
    Path: certificate.path,
    ServerCertificateName: certificate.name,
    ServerCertificateId: certificate.id,
    Arn: certificate.arn,
    UploadDate: isoSeconds(certificate.created / 1000),
    Expiration: isoSeconds(certificate.expires / 1000),
  };
}

const upload = operation({
  parameters: {
    Path: optional(path),
    ...named,
    CertificateBody: pem(),
    PrivateKey: pem({ sensitive: true }),
    CertificateChain: optional(pem({ max: 2_097_152 })),
    Tags: optional(tagList),
  },
  access: ({ Path: at = "/", ServerCertificateName: name }, world) => arnFor(at, name, world),
  run: ({ values, world }) => {
    const { Path: at = "/", ServerCertificateName: name, CertificateChain: chain } = values;
    const { iam } = world.store;
    const tags = mergeTags([], values.Tags ?? [], "exact");
    if (tags.kind === "refused") return tags;
    const certificate = readCertificate(values.CertificateBody);
    if ("kind" in certificate) return certificate;
    const problem =
      checkPrivateKey(certificate, values.PrivateKey) ??
      (chain === undefined ? null : checkChain(certificate, chain)) ??
      checkName(name, iam) ??
      checkQuota(iam);
    if (problem) return problem;
    const made: ServerCertificateRecord = {
      arn: arnFor(at, name, world),
      name,
      path: at,
      id: newUniqueId("ASCA"),
      body: values.CertificateBody.trim(),
      chain: chain?.trim(),
      tags: tags.tags,
      created: world.now(),
      expires: Date.parse(certificate.validTo),
    };
    put(made, world);
    const shown = made.tags.length > 0 ? tagsXml(made.tags) : undefined;
    return result({ ServerCertificateMetadata: metadataXml(made), Tags: shown });
  },
});

const get = operation({
  parameters: named,
  access,
  run: ({ values, world }) => {
    const certificate = find(values.ServerCertificateName, world);
    if (isRefusal(certificate)) return certificate;
    return result({
      ServerCertificate: {
        ServerCertificateMetadata: metadataXml(certificate),
        CertificateBody: certificate.body,
        CertificateChain: certificate.chain,
        Tags: tagsXml(certificate.tags),
      },
    });
  },
});

const list = operation({
  parameters: { PathPrefix: optional(pathPrefix), ...paging },
  access: ({ PathPrefix: prefix = "/" }, world) => arnFor(prefix, "", world),
  run: ({ values, world }) => {
    const { PathPrefix: prefix = "/" } = values;
    const matching = [...world.store.iam.serverCertificates.values()].filter((one) => one.path.startsWith(prefix));
    const page = paginate(matching, ({ name }) => name, values);
    if (page.kind === "refused") return page;
    return result({ ServerCertificateMetadataList: page.items.map(metadataXml), ...page.tail });
  },
});

const update = operation({
  parameters: { ...named, NewPath: optional(path), NewServerCertificateName: optional(certificateName) },
  access,
  run: ({ values, world }) => {
    const before = find(values.ServerCertificateName, world);
    if (isRefusal(before)) return before;
    const { NewPath: at = before.path, NewServerCertificateName: name = before.name } = values;
    const renamed = name.toLowerCase() !== before.name.toLowerCase();
    const problem = renamed ? checkName(name, world.store.iam) : null;
    if (problem) return problem;
    world.store.changeIam((iam) => ({
      ...iam,
      serverCertificates: withoutEntry(iam.serverCertificates, before.name),
    }));
    put({ ...before, name, path: at, arn: arnFor(at, name, world) }, world);
    return result();
  },
});

const remove = operation({
  parameters: named,
  access,
  run: ({ values: { ServerCertificateName: name }, world }) => {
    const certificate = find(name, world);
    if (isRefusal(certificate)) return certificate;
    world.store.changeIam((iam) => ({ ...iam, serverCertificates: withoutEntry(iam.serverCertificates, name) }));
    return result();
  },
});

export const SERVER_CERTIFICATE_OPERATIONS: Operations = {
  UploadServerCertificate: upload,
  GetServerCertificate: get,
  ListServerCertificates: list,
  UpdateServerCertificate: update,
  DeleteServerCertificate: remove,
  ...resourceTagOperations<ServerCertificateRecord>({
    title: "ServerCertificate",
    parameter: "ServerCertificateName",
    shape: certificateName,
    arnOf,
    find,
    put,
  }),
};
