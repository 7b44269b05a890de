import type * as IamSdk from "@aws-sdk/client-iam";
import type { STSClientConfig } from "@aws-sdk/client-sts";

import { PARTITIONS, type Partition, shorten } from "../core/arn.ts";
import { type ErrorCode, RolecallError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";

// Everything signed goes through the AWS SDK, for its credential chain. Both clients are imported
// inside functions only, so that a bundler puts each into a chunk of its own.

/** Long-term or temporary keys; `Credentials` of core fits. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
}

/** Where calls go and who makes them; what is left out comes from the SDK's own chains. */
export interface AwsOptions {
  /** URL of the service, for a local AWS. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly credentials?: AwsKeys | undefined;
}

/** Who the credentials belong to. */
export interface CallerIdentity {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
  readonly partition: Partition;
}

export type Tags = Readonly<Record<string, string>>;

/** An OIDC provider as IAM returns it. */
export interface IamProvider {
  /** Without scheme. */
  readonly url: string;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
  readonly tags: Tags;
}

export interface NewProvider {
  /** With scheme. */
  readonly url: string;
  readonly audiences: readonly string[];
  readonly tags: Tags;
}

/** A role as IAM returns it. */
export interface IamRole {
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  /** JSON, no longer URL-encoded. */
  readonly trust: string;
  /** Seconds. */
  readonly maxSessionDuration: number;
  readonly description: string;
  /** ARN of the permissions boundary. */
  readonly boundary: string | null;
  readonly tags: Tags;
}

export type NewRole = Omit<IamRole, "arn">;

interface ProviderCalls {
  getProvider(arn: string): Promise<IamProvider | null>;
  /** Leaves the thumbprints to IAM, which ignores them for certificates of public CAs. Gives the ARN. */
  createProvider(provider: NewProvider): Promise<string>;
  addAudience(arn: string, audience: string): Promise<void>;
  tagProvider(arn: string, tags: Tags): Promise<void>;
}

interface RoleCalls {
  getRole(name: string): Promise<IamRole | null>;
  /** Gives the ARN. */
  createRole(role: NewRole): Promise<string>;
  /** @param trust the new policy, JSON */
  setTrust(name: string, trust: string): Promise<void>;
  /** IAM resets what UpdateRole leaves out, so both are always given. */
  updateRole(name: string, settings: Pick<IamRole, "description" | "maxSessionDuration">): Promise<void>;
  /** @param boundary ARN of a policy, or null to have none */
  setBoundary(name: string, boundary: string | null): Promise<void>;
  tagRole(name: string, tags: Tags): Promise<void>;
}

interface PolicyCalls {
  /** ARNs of the managed policies that are attached. */
  attachedPolicies(role: string): Promise<readonly string[]>;
  attachPolicy(role: string, arn: string): Promise<void>;
  detachPolicy(role: string, arn: string): Promise<void>;
  /** Names of the inline policies. */
  inlinePolicies(role: string): Promise<readonly string[]>;
  /** JSON, or null when there is none of that name. */
  getInlinePolicy(role: string, name: string): Promise<string | null>;
  putInlinePolicy(role: string, name: string, document: string): Promise<void>;
  deleteInlinePolicy(role: string, name: string): Promise<void>;
}

/**
 * The calls of IAM that rolecall makes, with plain values both ways.
 *
 * Get calls answer null for what does not exist. All reject with a RolecallError: `refused` when AWS
 * does not allow the call or does not know the keys, `config` when there are no credentials or IAM
 * does not take a value, `unavailable` when AWS does not answer.
 */
export interface Iam extends ProviderCalls, RoleCalls, PolicyCalls {}

/** Connects to IAM; nothing is sent before the first call. */
export async function connectIam(options: AwsOptions = {}): Promise<Iam> {
  const sdk = await import("@aws-sdk/client-iam");
  const client = await regional(options, (config) => new sdk.IAMClient(config));
  return { ...providerCalls(sdk, client), ...roleCalls(sdk, client), ...policyCalls(sdk, client) };
}

/**
 * Asks STS whose credentials these are.
 *
 * @throws RolecallError as {@link Iam}
 */
export async function callerIdentity(options: AwsOptions = {}): Promise<CallerIdentity> {
  const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
  const client = await regional(options, (config) => new STSClient(config));
  const answer = await call("sts:GetCallerIdentity", "", () => client.send(new GetCallerIdentityCommand({})));
  const { Account: account = "", Arn: arn = "", UserId: userId = "" } = answer;
  return { account, arn, userId, partition: partitionOfArn(arn) };
}

function partitionOfArn(arn: string): Partition {
  const name = arn.split(":")[1];
  const known = Object.keys(PARTITIONS) as Partition[];
  return known.find((partition) => partition === name) ?? "aws";
}

type ClientConfig = IamSdk.IAMClientConfig & STSClientConfig;

/** A client with the region of the options, of the environment or profile, or else us-east-1, where IAM is. */
async function regional<Client extends { readonly config: { region(): Promise<string> } }>(
  options: AwsOptions,
  make: (config: ClientConfig) => Client,
): Promise<Client> {
  const config = clientConfig(options);
  const client = withoutNodeWarning(() => make(config));
  try {
    await client.config.region();
    return client;
  } catch {
    return withoutNodeWarning(() => make({ ...config, region: PARTITIONS.aws.defaultRegion }));
  }
}

function clientConfig({ endpoint, region, credentials }: AwsOptions): ClientConfig {
  // Of the two variables the SDK for JavaScript reads only AWS_REGION.
  const chosen = region ?? (process.env["AWS_REGION"] ? undefined : process.env["AWS_DEFAULT_REGION"]);
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(chosen ? { region: chosen } : {}),
    ...(credentials === undefined ? {} : { credentials: sdkCredentials(credentials) }),
  };
}

function sdkCredentials({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys) {
  return {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
  };
}

const WARNING_SWITCH = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/**
 * Makes a client without the SDK's note on Node versions that it will drop, which no user of rolecall
 * can act on. The SDK reads the switch when the first client is made and then remembers it; the
 * variable is put back, so that no child process gets it. Source: @aws-sdk/core, emitWarningIfUnsupportedVersion.
 */
function withoutNodeWarning<Client>(make: () => Client): Client {
  const before = process.env[WARNING_SWITCH];
  process.env[WARNING_SWITCH] = "true";
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[WARNING_SWITCH];
    else process.env[WARNING_SWITCH] = before;
  }
}

type Sdk = typeof IamSdk;

function providerCalls(sdk: Sdk, client: IamSdk.IAMClient): ProviderCalls {
  return {
    async getProvider(arn) {
      const command = new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
      const answer = await callOrNull("iam:GetOpenIDConnectProvider", arn, () => client.send(command));
      if (!answer) return null;
      const { Url = "", ClientIDList = [], ThumbprintList = [], Tags = [] } = answer;
      return { url: Url, audiences: ClientIDList, thumbprints: ThumbprintList, tags: fromTagList(Tags) };
    },
    async createProvider({ url, audiences, tags }) {
      const command = new sdk.CreateOpenIDConnectProviderCommand({
        Url: url,
        ClientIDList: [...audiences],
        Tags: toTagList(tags),
      });
      const answer = await call("iam:CreateOpenIDConnectProvider", url, () => client.send(command));
      return answer.OpenIDConnectProviderArn ?? "";
    },
    async addAudience(arn, audience) {
      const command = new sdk.AddClientIDToOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn: arn,
        ClientID: audience,
      });
      await call("iam:AddClientIDToOpenIDConnectProvider", arn, () => client.send(command));
    },
    async tagProvider(arn, tags) {
      const command = new sdk.TagOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn: arn,
        Tags: toTagList(tags),
      });
      await call("iam:TagOpenIDConnectProvider", arn, () => client.send(command));
    },
  };
}

function roleCalls(sdk: Sdk, client: IamSdk.IAMClient): RoleCalls {
  return {
    async getRole(name) {
      const command = new sdk.GetRoleCommand({ RoleName: name });
      const answer = await callOrNull("iam:GetRole", name, () => client.send(command));
      return answer?.Role ? fromRole(answer.Role) : null;
    },
    async createRole(role) {
      const command = new sdk.CreateRoleCommand({
        RoleName: role.name,
        Path: role.path,
        AssumeRolePolicyDocument: role.trust,
        Description: role.description,
        MaxSessionDuration: role.maxSessionDuration,
        Tags: toTagList(role.tags),
        ...(role.boundary === null ? {} : { PermissionsBoundary: role.boundary }),
      });
      const answer = await call("iam:CreateRole", role.name, () => client.send(command));
      return answer.Role?.Arn ?? "";
    },
    async setTrust(name, trust) {
      const command = new sdk.UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: trust });
      await call("iam:UpdateAssumeRolePolicy", name, () => client.send(command));
    },
    async updateRole(name, { description, maxSessionDuration }) {
      const command = new sdk.UpdateRoleCommand({
        RoleName: name,
        Description: description,
        MaxSessionDuration: maxSessionDuration,
      });
      await call("iam:UpdateRole", name, () => client.send(command));
    },
    async setBoundary(name, boundary) {
      if (boundary === null) {
        const command = new sdk.DeleteRolePermissionsBoundaryCommand({ RoleName: name });
        await call("iam:DeleteRolePermissionsBoundary", name, () => client.send(command));
        return;
      }
      const command = new sdk.PutRolePermissionsBoundaryCommand({ RoleName: name, PermissionsBoundary: boundary });
      await call("iam:PutRolePermissionsBoundary", name, () => client.send(command));
    },
    async tagRole(name, tags) {
      const command = new sdk.TagRoleCommand({ RoleName: name, Tags: toTagList(tags) });
      await call("iam:TagRole", name, () => client.send(command));
    },
  };
}

function policyCalls(sdk: Sdk, client: IamSdk.IAMClient): PolicyCalls {
  return {
    attachedPolicies: (role) =>
      call("iam:ListAttachedRolePolicies", role, async () => {
        const pages = sdk.paginateListAttachedRolePolicies({ client }, { RoleName: role });
        return await collect(pages, (page) => (page.AttachedPolicies ?? []).map(({ PolicyArn = "" }) => PolicyArn));
      }),
    async attachPolicy(role, arn) {
      const command = new sdk.AttachRolePolicyCommand({ RoleName: role, PolicyArn: arn });
      await call("iam:AttachRolePolicy", role, () => client.send(command));
    },
    async detachPolicy(role, arn) {
      const command = new sdk.DetachRolePolicyCommand({ RoleName: role, PolicyArn: arn });
      await call("iam:DetachRolePolicy", role, () => client.send(command));
    },
    inlinePolicies: (role) =>
      call("iam:ListRolePolicies", role, async () => {
        const pages = sdk.paginateListRolePolicies({ client }, { RoleName: role });
        return await collect(pages, (page) => page.PolicyNames ?? []);
      }),
    async getInlinePolicy(role, name) {
      const command = new sdk.GetRolePolicyCommand({ RoleName: role, PolicyName: name });
      const answer = await callOrNull("iam:GetRolePolicy", `${role}/${name}`, () => client.send(command));
      return answer ? decodeDocument(answer.PolicyDocument) : null;
    },
    async putInlinePolicy(role, name, document) {
      const command = new sdk.PutRolePolicyCommand({ RoleName: role, PolicyName: name, PolicyDocument: document });
      await call("iam:PutRolePolicy", `${role}/${name}`, () => client.send(command));
    },
    async deleteInlinePolicy(role, name) {
      const command = new sdk.DeleteRolePolicyCommand({ RoleName: role, PolicyName: name });
      await call("iam:DeleteRolePolicy", `${role}/${name}`, () => client.send(command));
    },
  };
}

async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[],
): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...items(page));
  return all;
}

function fromRole(role: IamSdk.Role): IamRole {
  return {
    name: role.RoleName ?? "",
    arn: role.Arn ?? "",
    path: role.Path ?? "/",
    trust: decodeDocument(role.AssumeRolePolicyDocument),
    // IAM leaves out what has its default. Source: IAM API reference, Role.
    maxSessionDuration: role.MaxSessionDuration ?? 3600,
    description: role.Description ?? "",
    boundary: role.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
    tags: fromTagList(role.Tags ?? []),
  };
}

/** IAM returns policy documents URL-encoded (RFC 3986). Source: IAM API reference, GetRole. */
function decodeDocument(document: string | undefined): string {
  return decodeURIComponent(document ?? "");
}

interface TagItem {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

function fromTagList(tags: readonly TagItem[]): Tags {
  return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Makes a call; `NoSuchEntity` is an answer: there is none. */
async function callOrNull<Answer>(
  operation: string,
  subject: string,
  run: () => Promise<Answer>,
): Promise<Answer | null> {
  return await call(operation, subject, async () => {
    try {
      return await run();
    } catch (error) {
      if (readFailure(error).name === "NoSuchEntity") return null;
      throw error;
    }
  });
}

async function call<Answer>(operation: string, subject: string, run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    throw asRolecallError(error, subject === "" ? operation : `${operation} for ${subject}`);
  }
}

/** What an error of the SDK tells; the error itself holds the request, signature included. */
interface Failure {
  /** The service's error code without the word Exception, Node's error code, or the SDK's class. */
  readonly name: string;
  readonly message: string;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly requestId: string | null;
}

interface SdkError {
  readonly name?: string;
  readonly code?: unknown;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

function readFailure(error: unknown): Failure {
  const { name = "Error", code, message = "", $metadata } = (error ?? {}) as SdkError;
  const status = $metadata?.httpStatusCode ?? null;
  // Node's network errors are all called "Error" and told apart by code.
  const called = status === null && typeof code === "string" ? code : name;
  return {
    // IAM says NoSuchEntity where the SDK's class is called NoSuchEntityException.
    name: called.replace(/Exception$/, ""),
    message: firstLine(message),
    status,
    requestId: $metadata?.requestId ?? null,
  };
}

/** AWS's text on a wrong signature goes on with the whole request, session token included. */
function firstLine(text: string): string {
  return shorten(text.split("\n", 1)[0]?.trim() ?? "", 400);
}

interface Meaning {
  readonly code: ErrorCode;
  /** Begins the message, where the code's own verdict would not be true. */
  readonly verdict?: string;
  readonly hint?: string;
}

const DENIED: Meaning = { code: "refused", hint: "the credentials in use need to be allowed this action" };
const UNKNOWN_KEYS: Meaning = {
  code: "refused",
  hint: "aws sts get-caller-identity shows whether the credentials are good, and whose they are",
};
const EXPIRED: Meaning = { code: "refused", hint: "get fresh credentials: aws sso login, or aws login" };
const NO_CREDENTIALS: Meaning = {
  code: "config",
  verdict: "no AWS credentials for",
  hint: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; aws configure list shows what is found",
};
const NOT_TAKEN: Meaning = { code: "config" };
const UNAVAILABLE: Meaning = { code: "unavailable", hint: "try again; what was done so far is kept" };

/** AWS's codes and the SDK's errors, by what they mean to us. Source: IAM API reference, common errors. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ["AccessDenied", DENIED],
  ["UnauthorizedOperation", DENIED],
  ["InvalidClientTokenId", UNKNOWN_KEYS],
  ["UnrecognizedClient", UNKNOWN_KEYS],
  ["SignatureDoesNotMatch", UNKNOWN_KEYS],
  ["IncompleteSignature", UNKNOWN_KEYS],
  ["MissingAuthenticationToken", UNKNOWN_KEYS],
  ["ExpiredToken", EXPIRED],
  ["RequestExpired", EXPIRED],
  ["CredentialsProviderError", NO_CREDENTIALS],
  ["TokenProviderError", EXPIRED],
  ["NoSuchEntity", NOT_TAKEN],
  ["InvalidInput", NOT_TAKEN],
  ["ValidationError", NOT_TAKEN],
  ["MalformedPolicyDocument", NOT_TAKEN],
  ["PolicyNotAttachable", NOT_TAKEN],
  ["UnmodifiableEntity", NOT_TAKEN],
  ["LimitExceeded", { code: "config", hint: "service-quotas shows the account's quotas and can ask for more" }],
  ["EntityAlreadyExists", { code: "config", hint: "somebody else made it meanwhile; run the command again" }],
  ["ConcurrentModification", { code: "unavailable", hint: "somebody else changes it; run the command again" }],
  ["OpenIdIdpCommunicationError", { code: "unavailable", hint: "IAM must reach the issuer over the internet" }],
  ["Throttling", UNAVAILABLE],
  ["TimeoutError", UNAVAILABLE],
]);

const VERDICTS: { readonly [code in ErrorCode]?: string } = {
  refused: "AWS refused",
  config: "AWS did not take",
  unavailable: "AWS did not answer",
};

function asRolecallError(error: unknown, what: string): RolecallError {
  const failure = readFailure(error);
  const { code, hint, verdict = VERDICTS[code] ?? "unexpected answer to" } = meaningOf(failure);
  const reason = failure.message === "" ? failure.name : `${failure.name}: ${failure.message}`;
  // The SDK's error is no cause of ours: its hidden $response leads to the signed request.
  return new RolecallError(code, `${verdict} ${what}: ${reason}`, {
    details: failure.requestId === null ? [] : [`request id ${failure.requestId}`],
    hints: hint === undefined ? [] : [hint],
  });
}

function meaningOf({ name, status }: Failure): Meaning {
  const known = MEANINGS.get(name);
  if (known) return known;
  if (status !== null && status >= 500) return UNAVAILABLE;
  // ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED …
  return status === null && /^[A-Z][A-Z0-9_]+$/.test(name) ? UNAVAILABLE : { code: "unexpected" };
}
