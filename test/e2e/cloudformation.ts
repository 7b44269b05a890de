import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** Just enough of CloudFormation for `cdk diff`: one stack, with one topic. */
export interface CloudFormation {
  readonly endpoint: string;
  /** Access keys that requests were signed with, each once. */
  readonly accessKeyIds: () => readonly string[];
}

const STACK = `<member><StackName>shop</StackName><StackId>arn:aws:cloudformation:eu-central-1:123456789012:stack/shop/1</StackId><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member>`;
const TEMPLATE = JSON.stringify({
  Resources: { Topic: { Type: "AWS::SNS::Topic", Properties: { DisplayName: "old" } } },
});

const ANSWERS: Readonly<Record<string, string>> = {
  DescribeStacks: `<Stacks>${STACK}</Stacks>`,
  GetTemplate: `<TemplateBody>${TEMPLATE.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</TemplateBody><StagesAvailable><member>Original</member></StagesAvailable>`,
  ListStackResources: "<StackResourceSummaries></StackResourceSummaries>",
};

export async function startCloudFormation(): Promise<CloudFormation> {
  const keys = new Set<string>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const [, key] = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
      if (key) keys.add(key);
      const action = new URLSearchParams(Buffer.concat(parts).toString()).get("Action") ?? "";
      const result = ANSWERS[action];
      response.writeHead(result === undefined ? 400 : 200, { "content-type": "text/xml" });
      response.end(result === undefined ? refusal(action) : answer(action, result));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, accessKeyIds: () => [...keys] };
}

const NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"';

function answer(action: string, result: string): string {
  return `<${action}Response ${NAMESPACE}><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`;
}

function refusal(action: string): string {
  return `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>ValidationError</Code><Message>no ${action} here</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
}
