import { renderXml, resultXml, type XmlFields } from "../wire/query.ts";
import type { CallName, Place } from "./call-name.ts";
import { type LocalResponse, xml } from "./http.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** What an account without anything in it says to a read call. */
type EmptyAnswer =
  | { readonly kind: "ec2" | "query" | "rest-xml"; readonly xmlns: string; readonly fields: XmlFields }
  | { readonly kind: "json"; readonly body: unknown }
  | Refusal;

type Empty = (call: CallName, place: Place) => EmptyAnswer;

const json =
  (body: unknown): Empty =>
  () => ({ kind: "json", body });

const EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/";
const ec2 =
  (set: string): Empty =>
  () => ({ kind: "ec2", xmlns: EC2, fields: { [set]: [] } });

const CLOUDFORMATION = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
const stacks =
  (list: string): Empty =>
  () => ({ kind: "query", xmlns: CLOUDFORMATION, fields: { [list]: [] } });

// CloudFormation's text, as its clients look for it: `cdk` takes it to mean that a stack is new.
const noStack: Empty = ({ parameters }) =>
  refuse(400, "ValidationError", `Stack with id ${text(parameters["StackName"])} does not exist`);

const noBucket: Empty = () => refuse(404, "NoSuchBucket", "The specified bucket does not exist");

// SSM answers this one without a text.
const noParameter: Empty = () => refuse(400, "ParameterNotFound", null);

const missing =
  (message: (call: CallName) => string): Empty =>
  (call) =>
    refuse(400, "ResourceNotFoundException", message(call));

/** By action. Source of the members: the service models (botocore 1.43.11). */
const EMPTY: Readonly<Record<string, Empty>> = {
  "cloudformation:DescribeStacks": (call, place) =>
    call.parameters["StackName"] === undefined ? stacks("Stacks")(call, place) : noStack(call, place),
  "cloudformation:DescribeStackEvents": noStack,
  "cloudformation:DescribeStackResources": noStack,
  "cloudformation:GetTemplate": noStack,
  "cloudformation:ListExports": stacks("Exports"),
  "cloudformation:ListStackResources": noStack,
  "cloudformation:ListStacks": stacks("StackSummaries"),
  "dynamodb:DescribeTable": missing(
    ({ parameters }) => `Requested resource not found: Table: ${text(parameters["TableName"])} not found`,
  ),
  "dynamodb:ListTables": json({ TableNames: [] }),
  "ec2:DescribeAccountAttributes": ec2("accountAttributeSet"),
  "ec2:DescribeAddresses": ec2("addressesSet"),
  "ec2:DescribeImages": ec2("imagesSet"),
  "ec2:DescribeInstances": ec2("reservationSet"),
  "ec2:DescribeInternetGateways": ec2("internetGatewaySet"),
  "ec2:DescribeKeyPairs": ec2("keySet"),
  "ec2:DescribeNatGateways": ec2("natGatewaySet"),
  "ec2:DescribeRouteTables": ec2("routeTableSet"),
  "ec2:DescribeSecurityGroups": ec2("securityGroupInfo"),
  "ec2:DescribeSubnets": ec2("subnetSet"),
  "ec2:DescribeVolumes": ec2("volumeSet"),
  "ec2:DescribeVpcEndpoints": ec2("vpcEndpointSet"),
  "ec2:DescribeVpcs": ec2("vpcSet"),
  "ecr:DescribeRepositories": json({ repositories: [] }),
  "eks:ListClusters": json({ clusters: [] }),
  "kms:ListAliases": json({ Aliases: [], Truncated: false }),
  "kms:ListKeys": json({ Keys: [], Truncated: false }),
  "lambda:ListFunctions": json({ Functions: [] }),
  "logs:DescribeLogGroups": json({ logGroups: [] }),
  "s3:GetObject": noBucket,
  "s3:ListAllMyBuckets": (_, { account }) => ({
    kind: "rest-xml",
    xmlns: "http://s3.amazonaws.com/doc/2006-03-01/",
    fields: { Owner: { ID: account.padStart(64, "0") }, Buckets: {} },
  }),
  "s3:GetBucketLocation": noBucket,
  "s3:ListBucket": noBucket,
  "s3:ListBucketVersions": noBucket,
  "secretsmanager:GetSecretValue": missing(() => "Secrets Manager can't find the specified secret."),
  "secretsmanager:ListSecrets": json({ SecretList: [] }),
  "ssm:DescribeParameters": json({ Parameters: [] }),
  "ssm:GetParameter": noParameter,
  "ssm:GetParameters": ({ parameters }) => ({
    kind: "json",
    body: { Parameters: [], InvalidParameters: Array.isArray(parameters["Names"]) ? parameters["Names"] : [] },
  }),
  "ssm:GetParametersByPath": json({ Parameters: [] }),
  "sqs:ListQueues": json({ QueueUrls: [] }),
};

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Answers a read call as an empty account does; null for a call that needs more than that. */
export function answerEmpty(call: CallName, place: Place, requestId: string): LocalResponse | Refusal | null {
  const empty = Object.hasOwn(EMPTY, call.action) ? EMPTY[call.action] : undefined;
  if (!empty) return null;
  const answer = empty(call, place);
  if (answer.kind === "refused") return answer;
  if (answer.kind === "json") return jsonAnswer(answer.body, requestId);
  const attributes = ` xmlns="${answer.xmlns}"`;
  const body = {
    query: () => resultXml(call.operation, answer.xmlns, answer.fields, requestId),
    ec2: () => renderXml(`${call.operation}Response`, { requestId, ...answer.fields }, attributes),
    "rest-xml": () => renderXml(`${call.operation}Result`, answer.fields, attributes),
  }[answer.kind]();
  return xml(200, body, requestId);
}

function jsonAnswer(value: unknown, requestId: string): LocalResponse {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": requestId };
  return { status: 200, headers, body: JSON.stringify(value) };
}
