import * as v from "valibot";

const tags = v.array(v.object({ key: v.string(), value: v.string() }));
const provider = v.object({
  arn: v.string(),
  url: v.string(),
  audiences: v.array(v.string()),
  thumbprints: v.array(v.string()),
  tags,
  created: v.number(),
});
const holder = {
  arn: v.string(),
  name: v.string(),
  path: v.string(),
  id: v.string(),
  boundary: v.optional(v.string()),
  tags,
  inline: v.record(v.string(), v.string()),
  attached: v.array(v.string()),
  created: v.number(),
};
const role = v.object({
  ...holder,
  trust: v.string(),
  description: v.optional(v.string()),
  maxSessionDuration: v.number(),
});
const accessKey = v.object({
  id: v.string(),
  secret: v.string(),
  active: v.boolean(),
  created: v.number(),
  given: v.optional(v.boolean()),
});
const login = v.object({ created: v.number(), reset: v.boolean(), password: v.optional(v.string()) });
const dated = { id: v.string(), body: v.string(), status: v.string(), created: v.number() };
const serviceCredential = v.object({
  id: v.string(),
  service: v.string(),
  userName: v.string(),
  active: v.boolean(),
  created: v.number(),
  expires: v.optional(v.number()),
});
const user = v.object({
  ...holder,
  keys: v.array(accessKey),
  login: v.optional(login),
  serviceCredentials: v.optional(v.array(serviceCredential)),
  sshKeys: v.optional(v.array(v.object({ ...dated, fingerprint: v.string() }))),
  certificates: v.optional(v.array(v.object(dated))),
});
const group = v.object({ ...holder, members: v.array(v.string()) });
const policy = v.object({
  arn: v.string(),
  name: v.string(),
  path: v.string(),
  id: v.string(),
  description: v.optional(v.string()),
  tags,
  versions: v.array(v.object({ id: v.string(), document: v.string(), created: v.number() })),
  inForce: v.string(),
  newest: v.number(),
  created: v.number(),
  updated: v.number(),
});
const retiredKey = v.object({ kid: v.string(), n: v.string(), e: v.string() });
const issuerKey = v.object({
  kid: v.string(),
  privateKey: v.string(),
  retired: v.optional(v.array(retiredKey), []),
});
const instanceProfile = v.object({
  arn: v.string(),
  name: v.string(),
  path: v.string(),
  id: v.string(),
  role: v.optional(v.string()),
  tags,
  created: v.number(),
});
const samlProvider = v.object({
  arn: v.string(),
  metadata: v.string(),
  tags,
  created: v.number(),
  uuid: v.optional(v.string()),
  encryption: v.optional(v.string()),
  keys: v.optional(v.array(v.object({ id: v.string(), created: v.number() }))),
});
const mfaDevice = v.object({
  arn: v.string(),
  seed: v.optional(v.string()),
  tags,
  created: v.number(),
  assigned: v.optional(v.object({ userId: v.string(), since: v.number(), drift: v.number(), lastStep: v.number() })),
});
const serverCertificate = v.object({
  arn: v.string(),
  name: v.string(),
  path: v.string(),
  id: v.string(),
  body: v.string(),
  chain: v.optional(v.string()),
  tags,
  created: v.number(),
  expires: v.number(),
});
const outbound = v.object({
  issuer: v.string(),
  enabled: v.boolean(),
  keys: v.object({ RS256: v.string(), ES384: v.string() }),
});
const use = v.object({ at: v.number(), service: v.string(), region: v.string() });
/** The content of a state file. */
export const stateDocument = v.object({
  rolecall: v.literal(1),
  identity: v.object({
    account: v.pipe(v.string(), v.regex(/^\d{12}$/)),
    admin: v.object({ accessKeyId: v.string(), secretAccessKey: v.string(), userId: v.string() }),
    sealingKey: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/)),
  }),
  issuers: v.record(v.string(), issuerKey),
  providers: v.array(provider),
  roles: v.array(role),
  // What came later may be missing in an old file.
  users: v.optional(v.array(user), []),
  groups: v.optional(v.array(group), []),
  policies: v.optional(v.array(policy), []),
  instanceProfiles: v.optional(v.array(instanceProfile), []),
  samlProviders: v.optional(v.array(samlProvider), []),
  mfaDevices: v.optional(v.array(mfaDevice), []),
  serverCertificates: v.optional(v.array(serverCertificate), []),
  tokenVersion: v.optional(v.number()),
  outbound: v.optional(outbound),
  passwordPolicy: v.optional(v.record(v.string(), v.union([v.number(), v.boolean()]))),
  alias: v.optional(v.string()),
  report: v.optional(v.object({ content: v.string(), created: v.number() })),
  uses: v.optional(v.record(v.string(), use), {}),
});
