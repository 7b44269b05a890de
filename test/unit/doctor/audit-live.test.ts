import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { accountFromIam } from "../../../src/cli/audit-source.ts";
import { Secret } from "../../../src/core/secret.ts";
import { audit } from "../../../src/doctor/audit.ts";
import { createLocalCloud } from "../../../src/local/index.ts";
import { connectIam } from "../../../src/wire/aws-sdk.ts";
import { readAccount } from "../../../src/wire/aws-sdk/audit-calls.ts";

/** Passes everything on, as it is, and keeps which actions were asked for. */
async function countingFront(to: string): Promise<{ endpoint: string; actions: string[] }> {
  const actions: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      actions.push(new URLSearchParams(body.toString()).get("Action") ?? "");
      const forwarded = request(
        `${to}${incoming.url ?? "/"}`,
        { method: incoming.method, headers: incoming.headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        },
      );
      forwarded.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, actions };
}

const ROLES = 1000;
const GITHUB = "token.actions.githubusercontent.com";

function trust(account: string, subject: string): string {
  const condition = {
    StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" },
    StringLike: { [`${GITHUB}:sub`]: subject },
  };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${GITHUB}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: condition,
      },
    ],
  });
}

it("reads 1,000 roles of a live account in one page of each list, and judges them", async () => {
  const cloud = await createLocalCloud();
  onTestFinished(() => cloud.close());
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  await iam.createProvider({
    url: `https://${GITHUB}`,
    audiences: ["sts.amazonaws.com", "nobody-tests-this"],
    tags: {},
  });
  await iam.createProvider({ url: "https://gitlab.com", audiences: ["sts.amazonaws.com"], tags: {} });
  const make = async (index: number): Promise<void> => {
    const subject = index === 7 ? "repo:acme*" : `repo:acme@1/shop-${index}@2:environment:prod`;
    const settings = {
      path: "/",
      description: "",
      boundary: null,
      tags: {},
      maxSessionDuration: index === 9 ? 43_200 : 3600,
    };
    await iam.createRole({ name: `ci-${index}`, trust: trust(cloud.account, subject), ...settings });
  };
  for (let start = 0; start < ROLES; start += 20)
    await Promise.all(Array.from({ length: 20 }, (_, index) => make(start + index)));
  await iam.attachPolicy("ci-7", "arn:aws:iam::aws:policy/AdministratorAccess");

  const front = await countingFront(cloud.endpoint);
  const seen: number[] = [];
  const reading = await readAccount(
    { endpoint: front.endpoint, region: "us-east-1", credentials },
    (roles) => seen.push(roles),
    () => Promise.resolve(),
  );

  expect(seen).toEqual([ROLES]);
  expect(front.actions.toSorted()).toEqual(
    [
      "GetAccountAuthorizationDetails",
      "ListRoles",
      "ListOpenIDConnectProviders",
      "GetOpenIDConnectProvider",
      "GetOpenIDConnectProvider",
      // STARTED, then COMPLETE.
      "GenerateCredentialReport",
      "GenerateCredentialReport",
      "GetCredentialReport",
    ].toSorted(),
  );
  expect(reading.requests).toBe(front.actions.length);

  const result = audit(accountFromIam(reading, cloud.account), Date.now());
  expect(result.counts).toEqual({ roles: ROLES, forTokens: ROLES, providers: 2 });
  const arn = (name: string): string => `arn:aws:iam::${cloud.account}:${name}`;
  expect(result.findings.map(({ rule, severity, resource }) => [rule, severity, resource])).toEqual([
    ["R001", "critical", arn("role/ci-7")],
    ["T003", "critical", arn("role/ci-7")],
    ["R004", "medium", arn("role/ci-9")],
    ["P003", "low", arn("oidc-provider/gitlab.com")],
    ["P004", "low", arn(`oidc-provider/${GITHUB}`)],
  ]);
  expect(result.keys?.map(({ user }) => user)).toEqual(["admin"]);
}, 120_000);
