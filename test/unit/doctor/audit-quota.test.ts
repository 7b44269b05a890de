import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { accountFromFiles, accountFromIam } from "../../../src/cli/audit-source.ts";
import { Secret } from "../../../src/core/secret.ts";
import { audit, type AuditedAccount } from "../../../src/doctor/audit.ts";
import { createLocalCloud } from "../../../src/local/index.ts";
import { connectIam } from "../../../src/wire/aws-sdk.ts";
import { type AccountReading, readAccount } from "../../../src/wire/aws-sdk/audit-calls.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { NOW } from "../cli/fake-io.ts";

const GITHUB = "token.actions.githubusercontent.com";
const ACCOUNT = "123456789012";

function trust(subjects: number): string {
  const names = Array.from({ length: subjects }, (_, index) => `repo:acme@1/shop-${index}@2:environment:production`);
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com", [`${GITHUB}:sub`]: names } },
      },
    ],
  });
}

const LONG = trust(60);

/** The local cloud as an account whose quota was raised, and that has a policy of that length. */
async function frontOf(to: string, quota: number | null): Promise<string> {
  const raised = (action: string, body: string): string =>
    action === "GetAccountSummary"
      ? body.replace(/(AssumeRolePolicySizeQuota<\/key>\s*<value>)\d+/, `$1${quota ?? 0}`)
      : body.replaceAll(encodeURIComponent(trust(1)), encodeURIComponent(LONG));
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      const action = new URLSearchParams(body.toString()).get("Action") ?? "";
      if (action === "GetAccountSummary" && quota === null) {
        outgoing.writeHead(403).end("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
        return;
      }
      const forwarded = request(to, { method: "POST", headers: incoming.headers }, (answer) => {
        const received: Buffer[] = [];
        answer.on("data", (part: Buffer) => received.push(part));
        answer.on("end", () => {
          outgoing.writeHead(answer.statusCode ?? 500, { "content-type": "text/xml" });
          outgoing.end(raised(action, Buffer.concat(received).toString()));
        });
      });
      forwarded.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function readWith(quota: number | null): Promise<AccountReading> {
  const cloud = await createLocalCloud({ account: ACCOUNT });
  onTestFinished(() => cloud.close());
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const credentials = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const iam = await connectIam({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  await iam.createProvider({ url: `https://${GITHUB}`, audiences: ["sts.amazonaws.com"], tags: {} });
  const settings = { path: "/", description: "", boundary: null, tags: {}, maxSessionDuration: 3600 };
  await iam.createRole({ name: "deploy", trust: trust(1), ...settings });
  const endpoint = await frontOf(`${cloud.endpoint}/`, quota);
  const options = { endpoint, region: "us-east-1", credentials };
  return await readAccount(
    options,
    () => undefined,
    () => Promise.resolve(),
  );
}

function tooLong(account: AuditedAccount): readonly string[] {
  return audit(account, NOW)
    .findings.filter(({ rule }) => rule === "T035")
    .map(({ message }) => message);
}

it("judges the length of a trust policy by the account's own quota, which is asked for where one is longer", async () => {
  expect(LONG.length).toBeGreaterThan(2048);
  const raised = await readWith(4096);
  expect(raised.trustPolicyQuota).toBe(4096);
  expect(tooLong(accountFromIam(raised, ACCOUNT))).toEqual([]);
  const lower = await readWith(2500);
  expect(tooLong(accountFromIam(lower, ACCOUNT))).toEqual([`the trust policy has ${LONG.length} characters of 2500`]);
});

it("judges by the default where the account may not be asked", async () => {
  const reading = await readWith(null);
  expect(reading.trustPolicyQuota).toBeNull();
  expect(tooLong(accountFromIam(reading, ACCOUNT))).toEqual([`the trust policy has ${LONG.length} characters of 2048`]);
});

it("reads the quota of a saved account beside it, or in it", async () => {
  const file = (name: string, value: object): string => {
    const path = join(tempDir(onTestFinished), name);
    writeFileSync(path, JSON.stringify(value));
    return path;
  };
  const role = {
    RoleName: "deploy",
    Arn: `arn:aws:iam::${ACCOUNT}:role/deploy`,
    AssumeRolePolicyDocument: JSON.parse(LONG) as unknown,
  };
  const summary = { SummaryMap: { AssumeRolePolicySizeQuota: 4096, Roles: 1 } };
  const details = file("account.json", { RoleDetailList: [role] });
  expect(tooLong(await accountFromFiles([details]))).toHaveLength(1);
  expect(tooLong(await accountFromFiles([details, file("summary.json", summary)]))).toEqual([]);
  expect(tooLong(await accountFromFiles([file("all.json", { RoleDetailList: [role], ...summary })]))).toEqual([]);
});
