import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { main } from "../../../src/cli/main.ts";
import { fakeIo } from "./fake-io.ts";

const GITHUB = "token.actions.githubusercontent.com";

interface Asked {
  readonly operation: string;
  readonly input: { readonly Expression?: string; readonly NextToken?: string; readonly Limit?: number };
  readonly authorization: string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** AWS Config's JSON protocol, as its API reference has it: `X-Amz-Target`, results as texts of JSON, `NextToken`. */
async function fakeConfig(
  answer: (asked: Asked, before: readonly Asked[]) => Answer,
): Promise<{ readonly endpoint: string; readonly asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
    const one: Asked = {
      operation: String(incoming.headers["x-amz-target"]),
      input: JSON.parse(Buffer.concat(parts).toString()) as Asked["input"],
      authorization: incoming.headers.authorization ?? "",
    };
    const { status, body } = answer(one, [...asked]);
    asked.push(one);
    outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
    outgoing.end(JSON.stringify(body));
  };
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  onTestFinished(() => void vi.unstubAllEnvs());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function trust(account: string, subject: string): string {
  const Condition = {
    StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" },
    StringLike: { [`${GITHUB}:sub`]: subject },
  };
  const Principal = { Federated: `arn:aws:iam::${account}:oidc-provider/${GITHUB}` };
  const statement = { Effect: "Allow", Principal, Action: "sts:AssumeRoleWithWebIdentity", Condition };
  return encodeURIComponent(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
}

const EVERYTHING = encodeURIComponent(
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
);

/** As a recorder writes a role down, documents URL-encoded. */
function roleRow(accountId: string, name: string, subject: string, policies: readonly string[] = []): string {
  return JSON.stringify({
    accountId,
    configuration: {
      arn: `arn:aws:iam::${accountId}:role/${name}`,
      roleName: name,
      createDate: "2025-01-01T00:00:00.000Z",
      assumeRolePolicyDocument: trust(accountId, subject),
      attachedManagedPolicies: policies.map((policyArn) => ({ policyArn, policyName: "p" })),
      rolePolicyList: [],
      permissionsBoundary: null,
    },
  });
}

const POLICY = "arn:aws:iam::111111111111:policy/all";
const RESULTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "AWS::IAM::Role": [
    [
      roleRow("111111111111", "deploy", "repo:acme*", [POLICY]),
      roleRow("222222222222", "good", "repo:acme@7/shop@9:environment:prod"),
    ],
    // Recorded in another Region too.
    [roleRow("111111111111", "deploy", "repo:acme*", [POLICY])],
  ],
  "AWS::IAM::Policy": [
    [
      JSON.stringify({
        accountId: "111111111111",
        configuration: {
          arn: POLICY,
          policyVersionList: [
            { versionId: "v1", isDefaultVersion: false, document: "%7B%7D" },
            { versionId: "v2", isDefaultVersion: true, document: EVERYTHING },
          ],
        },
      }),
    ],
  ],
  "AWS::IAM::OIDCProvider": [
    [
      JSON.stringify({
        accountId: "111111111111",
        configuration: {
          Arn: `arn:aws:iam::111111111111:oidc-provider/${GITHUB}`,
          Url: GITHUB,
          ClientIdList: ["sts.amazonaws.com", "https://old.test"],
          ThumbprintList: [],
        },
      }),
    ],
  ],
};

function pageOf({ input }: Asked): Answer {
  const type = /resourceType = '([^']+)'/.exec(input.Expression ?? "")?.[1] ?? "";
  const pages = RESULTS[type] ?? [];
  const at = Number(input.NextToken ?? 0);
  const more = at + 1 < pages.length ? { NextToken: String(at + 1) } : {};
  return { status: 200, body: { Results: pages[at] ?? [], QueryInfo: { SelectFields: [] }, ...more } };
}

async function audited(endpoint: string, ...more: readonly string[]) {
  const io = fakeIo();
  const status = await main(
    ["audit", "--from", "config", "--region", "eu-west-1", "--endpoint-url", endpoint, ...more],
    io,
  );
  return { status, stdout: io.stdout, stderr: io.stderr };
}

it("judges every account of an aggregator, page by page, and waits out throttling", async () => {
  const { endpoint, asked } = await fakeConfig((one, before) =>
    before.length === 1
      ? { status: 400, body: { __type: "ThrottlingException", message: "Rate exceeded" } }
      : one.operation.endsWith(".DescribeConfigurationAggregators")
        ? { status: 200, body: { ConfigurationAggregators: [{ ConfigurationAggregatorName: "org" }] } }
        : pageOf(one),
  );
  const { status, stdout, stderr } = await audited(endpoint);
  expect(status).toBe(3);
  expect(stdout).toMatch(/^ {2}critical R001 admin: /m);
  expect(stdout).toMatch(/^ {2}critical T003 /m);
  expect(stdout).toMatch(/^ {2}low {6}P004 orphan-audience: a token for https:\/\/old\.test /m);
  expect(stdout).toMatch(/^account 111111111111: 1 role, 1 of them for OIDC tokens; 1 provider; 5 requests$/m);
  expect(stdout).toMatch(/^account 222222222222: 1 role, 1 of them for OIDC tokens; 0 providers$/m);
  expect(stdout).not.toMatch(/access keys|R004|R005/);
  expect(stderr).toMatch(/does not hold how long a role's sessions may be, when it was last used, nor access keys/);
  expect(stderr).toMatch(/account 222222222222: AWS Config has none of its OIDC providers/);

  expect(asked.map(({ operation }) => operation.split(".")[1])).toEqual([
    "DescribeConfigurationAggregators",
    ...Array.from({ length: 5 }, () => "SelectAggregateResourceConfig"),
  ]);
  for (const { operation, input, authorization } of asked) {
    expect(operation).toMatch(/^StarlingDoveService\./);
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-west-1\/config\/aws4_request/,
    );
    if (operation.endsWith("SelectAggregateResourceConfig"))
      expect(input).toMatchObject({ ConfigurationAggregatorName: "org", Limit: 100 });
    // The most that the service takes.
    expect((input.Expression ?? "").length).toBeLessThan(4096);
  }
});

it.each<readonly [string, Answer, number, RegExp]>([
  [
    "several aggregators",
    {
      status: 200,
      body: { ConfigurationAggregators: [{ ConfigurationAggregatorName: "a" }, { ConfigurationAggregatorName: "b" }] },
    },
    2,
    /expected --aggregator, since there are several: a, b/,
  ],
  ["none", { status: 200, body: { ConfigurationAggregators: [] } }, 2, /AWS Config has no aggregator here/],
  [
    "nobody who may",
    { status: 400, body: { __type: "com.amazonaws#AccessDeniedException", Message: "no" } },
    3,
    /AWS refused config:DescribeConfigurationAggregators: AccessDeniedException: no/,
  ],
])("says what is wrong with %s", async (_, answer, expected, message) => {
  const { endpoint } = await fakeConfig(() => answer);
  const { status, stderr } = await audited(endpoint);
  expect([status, stderr]).toEqual([expected, expect.stringMatching(message)]);
});

it("says that an aggregator has recorded nothing of IAM, and which is not there", async () => {
  const empty = await fakeConfig(() => ({ status: 200, body: { Results: [] } }));
  expect((await audited(empty.endpoint, "--aggregator", "org")).stderr).toMatch(
    /the aggregator org has no role and no OIDC provider/,
  );
  const missing = await fakeConfig(() => ({
    status: 400,
    body: { __type: "NoSuchConfigurationAggregatorException", message: "The configuration aggregator does not exist." },
  }));
  const { status, stderr } = await audited(missing.endpoint, "--aggregator", "x");
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/NoSuchConfigurationAggregatorException: The configuration aggregator does not exist/),
  ]);
});
