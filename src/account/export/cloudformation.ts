import { Document, isMap, isScalar, type Node, Scalar, visit, YAMLSeq } from "yaml";

import { type Exported, headLines, type Model } from "./model.ts";
import { BODY_QUOTA, buildTemplate, RESOURCE_QUOTA, stackName, type Template } from "./template.ts";

/** A template for one stack, as YAML with the short forms of intrinsic functions, or as JSON. */
export function exportCloudFormation(model: Model, { json }: { readonly json: boolean }): Exported {
  const template = buildTemplate(model);
  const text = json
    ? `${JSON.stringify(template, null, 2)}\n`
    : renderYaml(template, headLines(model, "cloudformation"));
  const name = json ? "rolecall.template.json" : "rolecall.template.yaml";
  return {
    files: [{ name, text }],
    notes: [
      `aws cloudformation deploy --stack-name ${stackName(model.config)} --template-file ${name} --capabilities CAPABILITY_NAMED_IAM`,
      ...quotaNotes(text, template),
    ],
  };
}

export function quotaNotes(text: string, { Resources }: Template): readonly string[] {
  const size = Buffer.byteLength(text);
  const count = Object.keys(Resources).length;
  return [
    ...(size > BODY_QUOTA
      ? [`the template has ${size} bytes: above ${BODY_QUOTA} CloudFormation takes it from S3 only (--s3-bucket)`]
      : []),
    ...(count > RESOURCE_QUOTA
      ? [`the template has ${count} resources, and CloudFormation takes ${RESOURCE_QUOTA}: make two files of the roles`]
      : []),
  ];
}

/** @param head lines of the comment at the top */
export function renderYaml(template: Template, head: readonly string[]): string {
  // CloudFormation reads YAML 1.1, in which a bare no, yes or 2012-10-17 is not text.
  const document = new Document(template, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  visit(document, { Map: (_, node) => shortForm(node) });
  document.commentBefore = head.map((line) => ` ${line}`).join("\n");
  return document.toString({ lineWidth: 0, singleQuote: false });
}

/** `{ Ref: x }` as `!Ref x`, `{ Fn::Sub: x }` as `!Sub x`. */
function shortForm(node: Node): Node | undefined {
  if (!isMap(node) || node.items.length !== 1) return undefined;
  const [pair] = node.items;
  const key = isScalar(pair?.key) ? String(pair.key.value) : "";
  const [, name] = /^(?:Fn::(Sub|Equals|FindInMap|If)|Ref)$/.exec(key) ?? [];
  if (key !== "Ref" && name === undefined) return undefined;
  const value = pair?.value;
  if (!(value instanceof Scalar) && !(value instanceof YAMLSeq)) return undefined;
  value.tag = `!${name ?? "Ref"}`;
  if (value instanceof YAMLSeq && name !== "If") value.flow = true;
  return value;
}
