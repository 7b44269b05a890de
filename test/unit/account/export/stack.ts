import { isMap, isScalar, parse, type ScalarTag, type CollectionTag, isSeq } from "yaml";
import type { Iam, NewRole, Tags } from "../../../../src/wire/aws-sdk.ts";

/** A template as CloudFormation reads it: intrinsic functions in their long form. */
export interface StackTemplate {
  readonly Description?: string;
  readonly Parameters?: Readonly<
    Record<string, { readonly Default: string; readonly AllowedValues: readonly string[] }>
  >;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, StackResource>>;
}

interface StackResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const SHORT_FORMS = ["Ref", "Sub", "Equals", "FindInMap", "If"];

/** Reads YAML as CloudFormation does, version 1.1 with tags. */
export function readTemplate(text: string): StackTemplate {
  const customTags = SHORT_FORMS.flatMap((name): (ScalarTag | CollectionTag)[] => {
    const key = name === "Ref" ? name : `Fn::${name}`;
    return [
      { tag: `!${name}`, resolve: (value) => ({ [key]: value }) },
      {
        tag: `!${name}`,
        collection: "seq",
        resolve: (node) => ({ [key]: isSeq(node) ? node.items.map(plain) : null }),
      },
    ];
  });
  return parse(text, { version: "1.1", customTags, stringKeys: true }) as StackTemplate;
}

function plain(node: unknown): unknown {
  if (isScalar(node)) return node.value;
  return isMap(node) || isSeq(node) ? (node.toJSON() as unknown) : node;
}

export interface Surroundings {
  readonly account: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Makes a template's resources as CloudFormation would, each after those that it refers to. */
export async function createStack(iam: Iam, template: StackTemplate, around: Surroundings): Promise<readonly string[]> {
  const stack = new Stack(template, around);
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (resource.Condition !== undefined && !stack.holds(resource.Condition)) continue;
    await create(iam, id, resource, stack);
  }
  return [...stack.made.keys()];
}

async function create(iam: Iam, id: string, { Type, Properties }: StackResource, stack: Stack): Promise<void> {
  const properties = stack.value(Properties) as Record<string, unknown>;
  if (Type === "AWS::IAM::OIDCProvider") {
    const { Url, ClientIdList, Tags: tags, ...others } = properties;
    expectNothing(id, others);
    const provider = { url: Url as string, audiences: ClientIdList as string[], tags: tagsOf(tags) };
    stack.made.set(id, await iam.createProvider(provider));
    return;
  }
  if (Type !== "AWS::IAM::Role") throw new Error(`${id}: a resource of type ${Type}`);
  const { RoleName, AssumeRolePolicyDocument, ManagedPolicyArns = [], Policies = [], ...settings } = properties;
  const { Path, Description, MaxSessionDuration, PermissionsBoundary, Tags: tags, ...others } = settings;
  expectNothing(id, others);
  const role: NewRole = {
    name: RoleName as string,
    path: (Path as string | undefined) ?? "/",
    description: (Description as string | undefined) ?? "",
    maxSessionDuration: MaxSessionDuration as number,
    boundary: (PermissionsBoundary as string | undefined) ?? null,
    trust: JSON.stringify(AssumeRolePolicyDocument),
    tags: tagsOf(tags),
  };
  stack.made.set(id, await iam.createRole(role));
  for (const arn of ManagedPolicyArns as string[]) await iam.attachPolicy(role.name, arn);
  for (const policy of Policies as { PolicyName: string; PolicyDocument: unknown }[])
    await iam.putInlinePolicy(role.name, policy.PolicyName, JSON.stringify(policy.PolicyDocument));
}

/** A property that is not carried over would make the comparison blind. */
function expectNothing(id: string, others: Readonly<Record<string, unknown>>): void {
  const [name] = Object.keys(others);
  if (name !== undefined) throw new Error(`${id}: the property ${name} is not understood here`);
}

function tagsOf(list: unknown): Tags {
  return Object.fromEntries((list as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));
}

class Stack {
  /** Logical id to ARN. */
  readonly made = new Map<string, string>();
  readonly #template: StackTemplate;
  readonly #around: Surroundings;

  constructor(template: StackTemplate, around: Surroundings) {
    this.#template = template;
    this.#around = around;
  }

  holds(condition: string): boolean {
    const body = this.#template.Conditions?.[condition] as Record<string, [unknown, unknown]> | undefined;
    if (!body?.["Fn::Equals"]) throw new Error(`there is no condition ${condition}`);
    const [left, right] = body["Fn::Equals"].map((one) => this.value(one));
    return left === right;
  }

  value(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.value(one));
    if (typeof value !== "object" || value === null) return value;
    const [call, ...others] = Object.entries(value);
    if (call && others.length === 0 && (call[0] === "Ref" || call[0].startsWith("Fn::"))) return this.#call(...call);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.value(one)]));
  }

  #call(name: string, argument: unknown): unknown {
    if (name === "Ref") return this.#ref(argument as string);
    if (name === "Fn::Sub") return this.#substitute(argument as string);
    const list = argument as [string, unknown, unknown];
    if (name === "Fn::If") return this.value(this.holds(list[0]) ? list[1] : list[2]);
    if (name !== "Fn::FindInMap") throw new Error(`there is no function ${name} here`);
    const [map = "", first = "", second = ""] = list.map((one) => this.value(one) as string);
    const found = this.#template.Mappings?.[map]?.[first]?.[second];
    if (found === undefined) throw new Error(`Template error: Unable to get mapping for ${map}::${first}::${second}`);
    return found;
  }

  #ref(name: string): string {
    const { account, parameters = {} } = this.#around;
    const found =
      { "AWS::AccountId": account, "AWS::Partition": "aws" }[name] ??
      parameters[name] ??
      this.#template.Parameters?.[name]?.Default ??
      this.made.get(name);
    if (found === undefined) throw new Error(`nothing is called ${name}`);
    return found;
  }

  /** `${!x}` stands for `${x}`, every other name for a value. */
  #substitute(text: string): string {
    return text.replaceAll(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) =>
      literal === "!" ? `\${${name}}` : this.#ref(name),
    );
  }
}
