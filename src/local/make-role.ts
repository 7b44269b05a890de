import { RolecallError } from "../core/errors.ts";
import { encodeQuery, parseQuery, type QueryInputFields, type XmlFields } from "../wire/query.ts";
import { IAM } from "./iam.ts";
import type { NewProvider, NewRole, PolicyDocument } from "./new-role.ts";
import type { Origin } from "./operation.ts";
import { withoutEntry } from "./records.ts";
import { randomUuid } from "./random.ts";
import type { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/**
 * Makes a provider as IAM would.
 *
 * @returns its ARN
 * @throws RolecallError `config` with IAM's code and text when IAM would refuse it
 */
export async function makeProvider(world: World, { url, audiences = [] }: NewProvider): Promise<string> {
  const answer = await callIam(world, [
    "CreateOpenIDConnectProvider",
    { Url: url, ClientIDList: unlessEmpty(audiences) },
  ]);
  const { OpenIDConnectProviderArn: arn } = answer ?? {};
  return typeof arn === "string" ? arn : "";
}

/**
 * Makes a role with its policies, or, when IAM would refuse any of it, nothing.
 *
 * @returns its ARN
 * @throws RolecallError as {@link makeProvider}
 */
export async function makeRole(world: World, role: NewRole): Promise<string> {
  const { name: RoleName, policies = {}, managedPolicyArns = [], tags = {} } = role;
  const rest = [
    ...Object.entries(policies).map(([PolicyName, document]): IamCall => [
      "PutRolePolicy",
      { RoleName, PolicyName, PolicyDocument: textOf(document) },
    ]),
    ...managedPolicyArns.map((PolicyArn): IamCall => ["AttachRolePolicy", { RoleName, PolicyArn }]),
  ];
  await callIam(world, [
    "CreateRole",
    {
      RoleName,
      Path: role.path,
      AssumeRolePolicyDocument: textOf(role.trustPolicy),
      MaxSessionDuration: role.maxSessionDuration,
      PermissionsBoundary: role.permissionsBoundary,
      Tags: unlessEmpty(Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))),
    },
  ]);
  try {
    for (const call of rest) await callIam(world, call);
  } catch (error) {
    world.store.changeIam((iam) => ({ ...iam, roles: withoutEntry(iam.roles, RoleName) }));
    await world.store.saved();
    throw error;
  }
  return world.store.iam.roles.get(RoleName)?.arn ?? "";
}

function textOf(document: PolicyDocument): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

/** Undefined is not sent; an empty list would be sent as an empty text. */
function unlessEmpty<Item>(list: readonly Item[]): readonly Item[] | undefined {
  return list.length === 0 ? undefined : list;
}

type IamCall = readonly [action: string, parameters: QueryInputFields];

// Parameters are told as IAM tells them.
const STYLE = { repeatsValues: false, patternFirst: false };

/** Performs a call that nobody signed and everybody may make: whoever holds the cloud owns the account. */
async function callIam(world: World, [action, parameters]: IamCall): Promise<XmlFields | null> {
  const { store, weather, now } = world;
  const before = store.iam;
  const prepared = IAM[action]?.prepare(parseQuery(encodeQuery(parameters)), STYLE, world, originOfOwner());
  const answer = prepared?.kind === "prepared" ? await prepared.run(null) : prepared;
  if (answer?.kind === "refused") throw refused(action, answer);
  weather.noteWrite(before, store.iam, now());
  await store.saved();
  return answer?.kind === "result" ? answer.result : null;
}

function originOfOwner(): Origin {
  return {
    requestId: randomUuid(),
    sourceIp: "127.0.0.1",
    userAgent: undefined,
    region: "us-east-1",
    host: undefined,
  };
}

function refused(action: string, { code, message }: Refusal): RolecallError {
  return new RolecallError("config", [action, code, message ?? ""].filter((part) => part !== "").join(": "));
}
