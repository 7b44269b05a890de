import { parseDocument, type ScalarTag } from "yaml";
import { issuerName, providerArn } from "../core/arn.ts";
import type { Provider } from "../core/decide.ts";
import { RolecallError } from "../core/errors.ts";
import { isObject, type Json } from "../core/token.ts";
import { resolve, type Template } from "./lint-intrinsics.ts";
import { objectsOf, readPermissions, readRole, type RoleReading, textOf, textsOf } from "./lint-role.ts";

type Members = { readonly [key: string]: Json };

/** True for what has resources of CloudFormation's kinds. */
export function isCloudFormation(document: Members): boolean {
  const resources = document["Resources"];
  return (
    isObject(resources) &&
    Object.values(resources).some((one) => isObject(one) && /^[A-Z]\w+::/.test(textOf(one["Type"]) ?? ""))
  );
}

/** Roles and providers of a template. */
export function readCloudFormation(
  document: Members,
  from: string,
): {
  readonly roles: readonly RoleReading[];
  readonly providers: readonly Provider[];
  readonly assumed: readonly string[];
} {
  const resources = isObject(document["Resources"]) ? document["Resources"] : {};
  const parameters = isObject(document["Parameters"]) ? document["Parameters"] : {};
  const assumed = new Set<string>();
  const template: Template = {
    resources,
    parameters,
    mappings: document["Mappings"],
    assume: (text) => assumed.add(text),
  };
  const all = Object.entries(resources).flatMap(([id, resource]) => {
    if (!isObject(resource)) return [];
    const properties = resolve(resource["Properties"] ?? {}, template);
    return isObject(properties) ? [{ id, type: textOf(resource["Type"]), properties }] : [];
  });
  const providers = all
    .filter(({ type }) => type === "AWS::IAM::OIDCProvider")
    .flatMap(({ properties }) => providerOfProperties(properties));
  const policies = all.filter(({ type }) => type === "AWS::IAM::Policy" || type === "AWS::IAM::ManagedPolicy");
  const roles = all
    .filter(({ type }) => type === "AWS::IAM::Role")
    .map(({ id, properties }) => {
      const name = textOf(properties["RoleName"]) ?? id;
      const own = policies.filter(({ properties: one }) => textsOf(one["Roles"]).includes(name));
      return roleOfProperties(
        id,
        properties,
        own.flatMap(({ properties: one }) => one["PolicyDocument"] ?? []),
        from,
      );
    });
  return { roles, providers, assumed: [...assumed] };
}

function providerOfProperties(properties: Members): readonly Provider[] {
  const url = textOf(properties["Url"]);
  if (url === undefined) return [];
  return [
    {
      arn: providerArn(url, SOME_ACCOUNT),
      url: issuerName(url),
      audiences: textsOf(properties["ClientIdList"]),
      thumbprints: textsOf(properties["ThumbprintList"]),
    },
  ];
}

/** What `AWS::AccountId` stands for. */
const SOME_ACCOUNT = "123456789012";

function roleOfProperties(id: string, properties: Members, more: readonly Json[], from: string): RoleReading {
  const seconds = Number(properties["MaxSessionDuration"]);
  const boundary = textOf(properties["PermissionsBoundary"]);
  return readRole({
    resource: id,
    from,
    trust: properties["AssumeRolePolicyDocument"],
    at: ["Resources", id, "Properties", "AssumeRolePolicyDocument"],
    maxSessionDuration: Number.isInteger(seconds) && seconds > 0 ? seconds : null,
    permissions: readPermissions(
      [...objectsOf(properties["Policies"]).flatMap((one) => one["PolicyDocument"] ?? []), ...more],
      textsOf(properties["ManagedPolicyArns"]).map((arn) => ({ arn, document: undefined })),
      boundary === undefined ? null : { document: undefined },
    ),
  });
}

// CloudFormation's short forms. Source: CloudFormation guide, intrinsic function reference.
const FUNCTIONS = [
  "Sub",
  "Join",
  "Select",
  "Split",
  "If",
  "FindInMap",
  "ImportValue",
  "Base64",
  "Cidr",
  "GetAZs",
  "Equals",
  "And",
  "Or",
  "Not",
  "Transform",
];

type Kind = "scalar" | "seq" | "map";

/** Tags that leave `{ "Fn::Sub": … }` behind, as the long form does. */
export const TEMPLATE_TAGS = ["Ref", "Condition", "GetAtt", ...FUNCTIONS].flatMap((name) =>
  (["scalar", "seq", "map"] as const).map((kind) => tagFor(name, kind)),
);

function tagFor(name: string, kind: Kind): ScalarTag {
  const key = name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
  const tag = {
    tag: `!${name}`,
    ...(kind === "scalar" ? {} : { collection: kind }),
    resolve(value: string | { toJSON(): Json }): unknown {
      const plain = typeof value === "string" ? value : value.toJSON();
      return { [key]: name === "GetAtt" && typeof plain === "string" ? plain.split(/\.(.*)/s).slice(0, 2) : plain };
    },
  };
  // Of the two kinds of tag that `yaml` has, one type stands for both here.
  return tag as unknown as ScalarTag;
}

/**
 * Reads a template's YAML, short forms of intrinsic functions included.
 *
 * @throws RolecallError `config` for what is not YAML
 */
export function parseTemplate(text: string, from: string): Json {
  const document = parseDocument(text, { customTags: TEMPLATE_TAGS, logLevel: "error" });
  const [error] = document.errors;
  if (error)
    throw new RolecallError("config", `${from} is not YAML: ${error.message.split("\n")[0] ?? ""}`, { cause: error });
  return document.toJS({ maxAliasCount: 100 }) as Json;
}
