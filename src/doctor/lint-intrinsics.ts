import { providerArn } from "../core/arn.ts";
import { isObject, type Json } from "../core/token.ts";

type Members = { readonly [key: string]: Json };

/** What intrinsic functions look things up in. */
export interface Template {
  readonly resources: Members;
  readonly parameters: Members;
  readonly mappings: Json | undefined;
  /** The resources that are being worked out: one that refers to itself has no value. */
  readonly within?: readonly string[];
  /** Is told what stands for something that only a deployment knows. */
  readonly assume: (text: string) => void;
}

const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::AccountId": "123456789012",
  "AWS::Partition": "aws",
  "AWS::Region": "us-east-1",
  "AWS::StackName": "stack",
  "AWS::StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/1",
  "AWS::URLSuffix": "amazonaws.com",
};

/** A value where a text is needed; lists and objects are none. */
function plain(value: Json | undefined): string {
  return value === undefined || typeof value === "object" ? "" : String(value);
}

/** `AWS::NoValue`, which takes a property away. */
const NOTHING = Symbol("AWS::NoValue");

type Resolved = Json | typeof NOTHING;

/** A value of a template with its functions worked out, as far as a template alone allows. */
export function resolve(value: Json, template: Template): Json {
  const resolved = resolveValue(value, template);
  return resolved === NOTHING ? null : resolved;
}

function resolveValue(value: Json, template: Template): Resolved {
  if (Array.isArray(value)) {
    return value.map((one: Json) => resolveValue(one, template)).filter((one): one is Json => one !== NOTHING);
  }
  if (!isObject(value)) return value;
  const [name = "", ...others] = Object.keys(value);
  const call = others.length === 0 && Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (call) return call(value[name] ?? null, template);
  const entries = Object.entries(value).map(([key, one]) => [key, resolveValue(one, template)] as const);
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, Json] => entry[1] !== NOTHING));
}

const FUNCTIONS: Readonly<Record<string, (argument: Json, template: Template) => Resolved>> = {
  Ref: (name, template) => (name === "AWS::NoValue" ? NOTHING : reference(plain(name), template)),
  "Fn::GetAtt": (path, template) => {
    const [id = "", attribute = ""] = Array.isArray(path) ? path.map(plain) : plain(path).split(/\.(.*)/s);
    return attributeOf(id, attribute, template);
  },
  "Fn::Sub": substitute,
  "Fn::Join": (argument, template) => {
    const [separator, list] = Array.isArray(argument) ? (argument as readonly Json[]) : [];
    const parts = resolve(list ?? [], template);
    return Array.isArray(parts) ? parts.map(plain).join(plain(separator ?? "")) : "";
  },
  "Fn::Split": (argument, template) => {
    const [separator, text] = Array.isArray(argument) ? (argument as readonly Json[]) : [];
    return plain(resolve(text ?? "", template)).split(plain(separator ?? ","));
  },
  "Fn::Select": (argument, template) => {
    const [index, list] = Array.isArray(argument) ? (argument as readonly Json[]) : [];
    const parts = resolve(list ?? [], template);
    return Array.isArray(parts) ? ((parts as readonly Json[])[Number(index)] ?? "") : "";
  },
  "Fn::If": (argument, template) => {
    const [condition, yes] = Array.isArray(argument) ? (argument as readonly Json[]) : [];
    template.assume(`the condition ${plain(condition)} is true`);
    return resolveValue(yes ?? "", template);
  },
  "Fn::FindInMap": (argument, template) => {
    const keys = Array.isArray(argument) ? argument.map((one: Json) => plain(resolve(one, template))) : [];
    let found: Json | undefined = template.mappings;
    for (const key of keys) found = isObject(found) ? found[key] : undefined;
    return found ?? unknown(`the mapping ${keys.join(".")}`, template);
  },
  "Fn::ImportValue": (name, template) => unknown(`the import ${plain(resolve(name, template))}`, template),
};

function reference(name: string, template: Template): Json {
  const pseudo = PSEUDO[name];
  if (pseudo !== undefined) return pseudo;
  const parameter = template.parameters[name];
  if (isObject(parameter)) {
    const { Default: value, Type: type } = parameter;
    if (value === undefined) return unknown(`the parameter ${name}`, template, name);
    template.assume(`the parameter ${name} has its default`);
    const isList = typeof type === "string" && /List/.test(type) && typeof value === "string";
    return isList ? value.split(",").map((one) => one.trim()) : value;
  }
  return attributeOf(name, "Ref", template);
}

function attributeOf(id: string, attribute: string, outer: Template): Json {
  const { within = [] } = outer;
  if (within.includes(id)) return unknown(`${id}.${attribute}`, outer, id);
  const template = { ...outer, within: [...within, id] };
  const resource = template.resources[id];
  const properties = isObject(resource) && isObject(resource["Properties"]) ? resource["Properties"] : {};
  const type = isObject(resource) ? resource["Type"] : undefined;
  if (type === "AWS::IAM::OIDCProvider") return providerArn(plain(resolve(properties["Url"] ?? "", template)), ACCOUNT);
  if (type === "AWS::IAM::Role") {
    const name = plain(resolve(properties["RoleName"] ?? id, template));
    return attribute === "Arn" ? `arn:aws:iam::${ACCOUNT}:role/${name}` : name;
  }
  return unknown(`${id}.${attribute}`, template, id);
}

const ACCOUNT = "123456789012";

function unknown(what: string, { assume }: Template, text = "rolecall-unknown"): string {
  assume(`${what} is a text without wildcards`);
  return text;
}

function substitute(argument: Json, template: Template): Json {
  const [text, own] = Array.isArray(argument) ? (argument as readonly Json[]) : [argument];
  const names = isObject(own) ? own : {};
  return plain(text).replaceAll(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    const key = name.trim();
    if (Object.hasOwn(names, key)) return plain(resolve(names[key] ?? "", template));
    const [id = "", attribute] = key.split(/\.(.*)/s);
    return plain(attribute === undefined ? reference(key, template) : attributeOf(id, attribute, template));
  });
}
