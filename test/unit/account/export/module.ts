import type { Iam, NewRole, Tags } from "../../../../src/wire/aws-sdk.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** Type to label to attributes, as Terraform's JSON has a module's resources. */
export type ModuleResources = Readonly<Record<string, Readonly<Record<string, Attributes>>>>;

interface Module {
  readonly variable: Readonly<Record<string, { readonly default: boolean }>>;
  readonly resource: ModuleResources;
}

export interface Surroundings {
  readonly account: string;
  readonly variables?: Readonly<Record<string, boolean>>;
}

/** A module in Terraform's JSON, as Terraform would read it: resources that are made, templates filled in. */
export function readModule(text: string, { account, variables = {} }: Surroundings): ModuleResources {
  const { variable, resource } = JSON.parse(text) as Module;
  const counted = (attributes: Attributes): boolean => {
    const [, name = ""] = /^\$\{var\.(\w+) \? 1 : 0\}$/.exec(String(attributes["count"])) ?? [];
    return attributes["count"] === undefined || (variables[name] ?? variable[name]?.default ?? false);
  };
  return mapResources(resource, (attributes) => {
    if (!counted(attributes)) return null;
    const { count: _, depends_on: __, ...others } = attributes;
    return evaluate(others, account) as Attributes;
  });
}

function mapResources(all: ModuleResources, map: (one: Attributes) => Attributes | null): ModuleResources {
  return Object.fromEntries(
    Object.entries(all).map(([type, byLabel]) => [
      type,
      Object.fromEntries(
        Object.entries(byLabel).flatMap(([label, attributes]) => {
          const mapped = map(attributes);
          return mapped ? [[label, mapped] as const] : [];
        }),
      ),
    ]),
  );
}

function evaluate(value: unknown, account: string): unknown {
  if (typeof value === "string") return evaluateTemplate(value, account);
  if (Array.isArray(value)) return value.map((one) => evaluate(one, account));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, evaluate(one, account)]));
}

/** `$${` and `%%{` stand for themselves less a sign; a reference to a role is kept for later. */
function evaluateTemplate(text: string, account: string): string {
  return text.replaceAll(/\$\$\{|%%\{|%\{|\$\{([^}]*)\}/g, (found, name: string | undefined) => {
    if (found === "$${" || found === "%%{") return found.slice(1);
    if (name === "local.rolecall_account") return account;
    if (name === "local.rolecall_partition") return "aws";
    if (name?.startsWith("aws_iam_role.")) return name;
    throw new Error(`${found} is not understood here`);
  });
}

/** Makes a module's resources, as the AWS provider would. */
export async function applyModule(iam: Iam, resources: ModuleResources): Promise<void> {
  const of = (type: string): readonly Attributes[] => Object.values(resources[type] ?? {});
  const known = [
    "aws_iam_openid_connect_provider",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
  ];
  const other = Object.keys(resources).find((type) => !known.includes(type));
  if (other !== undefined) throw new Error(`a resource of type ${other}`);
  for (const { url, client_id_list, tags, ...others } of of("aws_iam_openid_connect_provider")) {
    expectNothing(others);
    await iam.createProvider({ url: url as string, audiences: client_id_list as string[], tags: tags as Tags });
  }
  for (const one of of("aws_iam_role")) await createRole(iam, one);
  const roleName = (reference: unknown): string => {
    const [, type = "", label = ""] = /^(\w+)\.(.+)\.name$/.exec(String(reference)) ?? [];
    return String(resources[type]?.[label]?.["name"]);
  };
  for (const { role, policy_arn, ...others } of of("aws_iam_role_policy_attachment")) {
    expectNothing(others);
    await iam.attachPolicy(roleName(role), policy_arn as string);
  }
  for (const { role, name, policy, ...others } of of("aws_iam_role_policy")) {
    expectNothing(others);
    await iam.putInlinePolicy(roleName(role), name as string, policy as string);
  }
}

async function createRole(iam: Iam, attributes: Attributes): Promise<void> {
  const { name, path, description, max_session_duration, permissions_boundary, assume_role_policy, tags, ...others } =
    attributes;
  expectNothing(others);
  const role: NewRole = {
    name: name as string,
    path: (path as string | undefined) ?? "/",
    description: (description as string | undefined) ?? "",
    maxSessionDuration: max_session_duration as number,
    boundary: (permissions_boundary as string | undefined) ?? null,
    trust: assume_role_policy as string,
    tags: tags as Tags,
  };
  await iam.createRole(role);
}

/** An attribute that is not carried over would make the comparison blind. */
function expectNothing(others: Attributes): void {
  const [name] = Object.keys(others);
  if (name !== undefined) throw new Error(`the attribute ${name} is not understood here`);
}

/**
 * A module in Terraform's own language as one expression for `terraform console`, which has no provider: the resources
 * become values, and what is asked of AWS is given.
 */
export function consoleModule(text: string, account: string): string {
  const resources = text
    .replaceAll(/^(?:variable|data|locals)\b[^\n]*\{\n[\s\S]*?^\}\n/gm, "")
    .replaceAll(/^data [^\n]*\{\}\n/gm, "")
    .replaceAll(/^ {2}(?:depends_on|count) +=.*\n/gm, "")
    .replaceAll(/= (aws_iam_role\.\w+\.name)$/gm, '= "$1"')
    .replaceAll(/^resource "(\w+)" "(\w+)" \{$/gm, '"$1.$2" = {');
  return `locals {\nrolecall_account = "${account}"\nrolecall_partition = "aws"\nall = {\n${resources}\n}\n}\n`;
}

/** What `terraform console` gives for {@link consoleModule}, in the shape of {@link readModule}. */
export function resourcesOf(all: Readonly<Record<string, Attributes>>): ModuleResources {
  const tree: Record<string, Record<string, Attributes>> = {};
  for (const [address, attributes] of Object.entries(all)) {
    const [type = "", label = ""] = address.split(".");
    (tree[type] ??= {})[label] = attributes;
  }
  return tree;
}
