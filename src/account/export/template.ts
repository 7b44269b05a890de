import type { Json } from "../../core/token.ts";
import type { DesiredProvider, DesiredRole } from "../desired.ts";
import { fillMarks, isMarked } from "./marks.ts";
import { audienceNote, EXPORTED, madeFrom, type Model, roleTags } from "./model.ts";
import { Names, namesOf, pascal } from "./names.ts";

type Body = { readonly [key: string]: Json };

export interface Resource {
  readonly Type: "AWS::IAM::OIDCProvider" | "AWS::IAM::Role";
  readonly Condition?: string;
  readonly DeletionPolicy?: "Retain";
  readonly UpdateReplacePolicy?: "Retain";
  readonly Properties: Body;
}

export interface TemplateParameter {
  readonly Type: "String";
  readonly AllowedValues: readonly ["no", "yes"];
  readonly Default: "no";
  readonly Description: string;
}

/** A CloudFormation template, by logical ids. Intrinsic functions have their long form. */
export interface Template {
  readonly AWSTemplateFormatVersion: "2010-09-09";
  readonly Description: string;
  /** One for each provider, `yes` where it is there already: CloudFormation cannot adopt it. */
  readonly Parameters: Readonly<Record<string, TemplateParameter>>;
  readonly Mappings?: { readonly Accounts: Readonly<Record<string, { readonly Config: string }>> };
  readonly Conditions: Readonly<Record<string, Body>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** Source: CloudFormation user guide, quotas: a body in a request, resources of a template. */
export const BODY_QUOTA = 51_200;
export const RESOURCE_QUOTA = 500;

/** The name of the parameter that says whether a provider is there. */
function existsName(logicalId: string): string {
  return `${logicalId}Exists`;
}

/** The name of a stack or a stack set: letters, digits and hyphens, a letter first. */
export function stackName(config: string): string {
  return config.replaceAll(/[^A-Za-z0-9]+/g, "-").replace(/^(?![A-Za-z])/, "rolecall-");
}

/** Everything that a stack of this model has. */
export function buildTemplate(model: Model): Template {
  const { desired, account, config } = model;
  const names = new Names(pascal);
  const providers = namesOf(names, desired.providers, "Provider");
  const roles = namesOf(names, desired.roles, "Role");
  const idOf = ({ arn }: DesiredProvider): string => providers.get(arn) ?? "";
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `CI jobs and their roles: ${madeFrom(model)}`,
    Parameters: Object.fromEntries(desired.providers.map((one) => [existsName(idOf(one)), parameter(one)])),
    ...(account ? { Mappings: { Accounts: { [account.id]: { Config: config } } } } : {}),
    Conditions: Object.fromEntries(
      desired.providers.map((one) => [`Create${idOf(one)}`, { "Fn::Equals": [{ Ref: existsName(idOf(one)) }, "no"] }]),
    ),
    Resources: Object.fromEntries([
      ...desired.providers.map((one) => [idOf(one), providerResource(one, idOf(one), model)] as const),
      ...desired.roles.map((one) => [roles.get(one.arn) ?? "", roleResource(one, model, providers)] as const),
    ]),
  };
}

/** The names of a template's parameters, in the order of its providers. */
export function existsParameters({ desired }: Model): readonly string[] {
  return [...namesOf(new Names(pascal), desired.providers, "Provider").values()].map(existsName);
}

function parameter(provider: DesiredProvider): TemplateParameter {
  return {
    Type: "String",
    AllowedValues: ["no", "yes"],
    Default: "no",
    Description: `yes where the account has the provider ${audienceNote(provider)} already`,
  };
}

/** It stays when the stack goes: others may have come to rely on it. */
function providerResource({ url, audiences }: DesiredProvider, id: string, model: Model): Resource {
  return {
    Type: "AWS::IAM::OIDCProvider",
    Condition: `Create${id}`,
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: { Url: url, ClientIdList: audiences, Tags: tagList({ [EXPORTED]: model.config }, model) },
  };
}

function roleResource(role: DesiredRole, model: Model, providers: ReadonlyMap<string, string>): Resource {
  const { name, path, description, maxSessionDuration, boundary, managedPolicies, inlinePolicies } = role;
  const policies = Object.entries(inlinePolicies);
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: name,
      ...(path === "/" ? {} : { Path: path }),
      ...(description === "" ? {} : { Description: description }),
      MaxSessionDuration: maxSessionDuration,
      AssumeRolePolicyDocument: trustDocument(role, providers),
      ...(boundary === null ? {} : { PermissionsBoundary: substituted(boundary) }),
      ...(managedPolicies.length === 0 ? {} : { ManagedPolicyArns: managedPolicies.map(substituted) }),
      ...(policies.length === 0
        ? {}
        : {
            Policies: policies.map(([PolicyName, document]) => ({ PolicyName, PolicyDocument: substituted(document) })),
          }),
      Tags: tagList(roleTags(role, model.config), model),
    },
  };
}

/**
 * The provider's ARN is the same whether the stack makes it or not; that the resource is named where it is made has
 * CloudFormation make it first.
 */
function trustDocument({ trust }: DesiredRole, providers: ReadonlyMap<string, string>): Json {
  const statements = trust.Statement.map((statement) => {
    const { Federated } = statement.Principal;
    const id = providers.get(Federated);
    const arn = substituted(Federated);
    const principal: Json = id === undefined ? arn : { "Fn::If": [`Create${id}`, { Ref: id }, arn] };
    return { ...(substituted(statement) as Body), Principal: { Federated: principal } };
  });
  return { ...trust, Statement: statements };
}

/**
 * The mark's value is looked up by account where the template is for one: in another CloudFormation finds none,
 * and makes nothing.
 */
function tagList(tags: Readonly<Record<string, string>>, { account }: Model): Json {
  return Object.entries(tags).map(([Key, text]) => {
    const isGuard = account !== null && Key === EXPORTED;
    const Value: Json = isGuard ? { "Fn::FindInMap": ["Accounts", { Ref: "AWS::AccountId" }, "Config"] } : text;
    return { Key, Value };
  });
}

const FILLING = { account: "${AWS::AccountId}", partition: "${AWS::Partition}" };

/** `Fn::Sub` where account or partition is in a text; there `${` of the file's own is written `${!`. */
function substituted(value: Json): Json {
  if (typeof value === "string") {
    if (!isMarked(value)) return value;
    return { "Fn::Sub": fillMarks(value, FILLING, (text) => text.replaceAll("${", "${!")) };
  }
  if (Array.isArray(value)) return value.map((one: Json) => substituted(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (isMarked(key)) throw new TypeError(`a key depends on the account: ${key}`);
      return [key, substituted(one)];
    }),
  );
}
