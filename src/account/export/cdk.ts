import type { Json } from "../../core/token.ts";
import { type Exported, headLines, type Model } from "./model.ts";
import { pascal } from "./names.ts";
import { quotaNotes } from "./cloudformation.ts";
import { buildTemplate, type Resource, stackName, type Template } from "./template.ts";

const CLASSES = { "AWS::IAM::OIDCProvider": "iam.CfnOIDCProvider", "AWS::IAM::Role": "iam.CfnRole" } as const;

/**
 * A stack of the CDK that synthesizes to the template of `cloudformation`: its constructs are the resources
 * themselves, since those of a higher level would write trust policies of their own.
 */
export function exportCdk(model: Model): Exported {
  const template = buildTemplate(model);
  const text = [
    ...headLines(model, "cdk").map((line) => `// ${line}`),
    'import * as cdk from "aws-cdk-lib";',
    'import * as iam from "aws-cdk-lib/aws-iam";',
    'import type { Construct } from "constructs";',
    "",
    ...stackClass(model, template),
    "",
    ...app(model),
    "",
  ].join("\n");
  const name = "rolecall-stack.ts";
  return {
    files: [{ name, text }],
    notes: [`cdk deploy --app "npx tsx ${name}"`, ...quotaNotes(JSON.stringify(template), template)],
  };
}

function className({ config }: Model): string {
  const words = config.split(/[^A-Za-z0-9]+/).filter((word) => word.toLowerCase() !== "rolecall");
  return `${pascal(["rolecall", ...words])}Stack`;
}

function stackClass(model: Model, { Description, Parameters, Mappings, Conditions, Resources }: Template): string[] {
  const lines = [
    `this.templateOptions.description = ${JSON.stringify(Description)};`,
    ...(Mappings ? [`new cdk.CfnMapping(this, "Accounts", { mapping: ${literal(Mappings.Accounts)} });`] : []),
    ...Object.entries(Parameters).map(
      ([id, { Type, AllowedValues, Default, Description: description }]) =>
        `const ${local(id)} = new cdk.CfnParameter(this, "${id}", ${literal({
          type: Type,
          allowedValues: AllowedValues,
          default: Default,
          description,
        })});`,
    ),
    ...Object.entries(Conditions).map(([id, body]) => {
      const [parameter] = body["Fn::Equals"] as readonly [{ readonly Ref: string }, string];
      const expression = `cdk.Fn.conditionEquals(${local(parameter.Ref)}.valueAsString, "no")`;
      return `const ${local(id)}Condition = new cdk.CfnCondition(this, "${id}", { expression: ${expression} });`;
    }),
    ...Object.entries(Resources).flatMap(([id, resource]) => resourceLines(id, resource)),
  ];
  return [
    `export class ${className(model)} extends cdk.Stack {`,
    "  constructor(scope: Construct, id: string, props?: cdk.StackProps) {",
    "    super(scope, id, props);",
    ...lines.flatMap((line) => line.split("\n").map((one) => (one === "" ? "" : `    ${one}`))),
    "  }",
    "}",
  ];
}

function resourceLines(id: string, resource: Resource): readonly string[] {
  const { Type, Properties, Condition, DeletionPolicy } = resource;
  const name = local(id);
  return [
    "",
    `const ${name} = new ${CLASSES[Type]}(this, "${id}", ${literal(properties(Properties))});`,
    ...(Condition === undefined ? [] : [`${name}.cfnOptions.condition = ${local(Condition)}Condition;`]),
    ...(DeletionPolicy === undefined
      ? []
      : ["deletionPolicy", "updateReplacePolicy"].map(
          (policy) => `${name}.cfnOptions.${policy} = cdk.CfnDeletionPolicy.RETAIN;`,
        )),
  ];
}

/** The app: a person's credentials must be the account's, and the template has no rule about bootstrapping. */
function app(model: Model): readonly string[] {
  const env = model.account ? [`  env: { account: "${model.account.id}" },`] : [];
  return [
    "const app = new cdk.App();",
    `new ${className(model)}(app, ${JSON.stringify(stackName(model.config))}, {`,
    ...env,
    "  synthesizer: new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),",
    "});",
  ];
}

function local(id: string): string {
  return `${id.charAt(0).toLowerCase()}${id.slice(1)}`;
}

/** CloudFormation's property names as the CDK has them; documents stay as they are. */
function properties(body: Resource["Properties"]): Json {
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [local(key), propertyValue(key, value)]));
}

function propertyValue(key: string, value: Json): Json {
  if ((key !== "Tags" && key !== "Policies") || !Array.isArray(value)) return value;
  return value.map((one: Json) =>
    Object.fromEntries(
      Object.entries(one as { readonly [key: string]: Json }).map(([name, part]) => [local(name), part]),
    ),
  );
}

/** A value as TypeScript, two spaces a step. */
function literal(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const lines: readonly string[] = Array.isArray(value)
    ? value.map((one: Json) => literal(one))
    : Object.entries(value).map(([key, one]) => `${propertyName(key)}: ${literal(one)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{ ", " }"];
  const call = intrinsic(value);
  if (call !== null) return call;
  const flat = `${open}${lines.join(", ")}${close}`;
  if (lines.length === 0) return `${open.trim()}${close.trim()}`;
  if (flat.length <= 100 && !flat.includes("\n")) return flat;
  return `${open.trim()}\n${lines.map((line) => `${line.replaceAll(/^/gm, "  ")},\n`).join("")}${close.trim()}`;
}

function intrinsic(value: Json): string | null {
  const { "Fn::Sub": sub, "Fn::FindInMap": find, "Fn::If": choice, Ref: ref } = value as Readonly<Record<string, Json>>;
  if (typeof sub === "string") return `cdk.Fn.sub(${JSON.stringify(sub)})`;
  if (typeof ref === "string") return ref === "AWS::AccountId" ? "cdk.Aws.ACCOUNT_ID" : `${local(ref)}.ref`;
  if (Array.isArray(find)) return `cdk.Fn.findInMap(${find.map((one: Json) => literal(one)).join(", ")})`;
  return Array.isArray(choice) ? `cdk.Fn.conditionIf(${choice.map((one: Json) => literal(one)).join(", ")})` : null;
}

function propertyName(key: string): string {
  // A computed name, since `__proto__` written plainly would set the prototype.
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
