import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";

import { isRolecallError, type RolecallError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import { type AwsOptions, callerIdentity, connectIam } from "../../../src/wire/aws-sdk.ts";

const KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SESSION = "a-session-token";

const warnings: Error[] = [];
process.on("warning", (warning) => warnings.push(warning));

let close: () => void = () => {};
afterEach(() => close());

type Answer = readonly [status: number, body: string];

/** An AWS that answers each action with what the test wants, and keeps the forms it was sent. */
async function aws(answers: { readonly [action: string]: Answer }): Promise<AwsOptions & { forms: URLSearchParams[] }> {
  const forms: URLSearchParams[] = [];
  const server = createServer((request, response) => void answer(request, response, answers, forms));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => server.close();
  const { port } = server.address() as AddressInfo;
  return { ...options(`http://127.0.0.1:${port}`), forms };
}

function options(endpoint: string): AwsOptions {
  const secret = { secretAccessKey: new Secret(KEY), sessionToken: new Secret(SESSION) };
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: "ASIAEXAMPLE", ...secret } };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  answers: { readonly [action: string]: Answer },
  forms: URLSearchParams[],
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const form = new URLSearchParams(Buffer.concat(parts).toString());
  forms.push(form);
  const [status, body] = answers[form.get("Action") ?? ""] ?? [500, "<html>"];
  response.writeHead(status, { "content-type": "text/xml", "x-amzn-requestid": "7", connection: "close" }).end(body);
}

function result(action: string, xml: string): Answer {
  return [200, `<${action}Response><${action}Result>${xml}</${action}Result></${action}Response>`];
}

function refusal(status: number, code: string, message: string): Answer {
  return [
    status,
    `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error><RequestId>7</RequestId></ErrorResponse>`,
  ];
}

async function errorOf(promise: Promise<unknown>): Promise<RolecallError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (isRolecallError(error)) return error;
  throw new Error(`no RolecallError: ${inspect(error)}`);
}

describe("the SDK's note on Node versions", () => {
  it("is not shown, other warnings are, and no child process inherits the switch", async () => {
    const before = { ...process.env };
    await connectIam(options("http://127.0.0.1:9"));
    process.emitWarning("something else");
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings.map(({ message }) => message)).toEqual(["something else"]);
    expect(process.env).toEqual(before);
  });
});

describe("callerIdentity", () => {
  it("says whose the credentials are, partition included", async () => {
    const to = await aws({
      GetCallerIdentity: result(
        "GetCallerIdentity",
        "<Arn>arn:aws-cn:iam::123456789012:user/admin</Arn><UserId>AIDA</UserId><Account>123456789012</Account>",
      ),
    });
    expect(await callerIdentity(to)).toEqual({
      account: "123456789012",
      arn: "arn:aws-cn:iam::123456789012:user/admin",
      userId: "AIDA",
      partition: "aws-cn",
    });
  });
});

describe("IAM", () => {
  it("gives a role with plain values, its policy decoded and what IAM leaves out filled in", async () => {
    const role = `<Role><Path>/ci/</Path><RoleName>shop</RoleName><RoleId>AROA</RoleId><Arn>arn</Arn>
      <CreateDate>2026-11-01T00:00:00Z</CreateDate>
      <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>
      <Tags><member><Key>a</Key><Value>b</Value></member></Tags></Role>`;
    const iam = await connectIam(await aws({ GetRole: result("GetRole", role) }));
    expect(await iam.getRole("shop")).toEqual({
      name: "shop",
      arn: "arn",
      path: "/ci/",
      trust: '{"Version":"2012-10-17"}',
      maxSessionDuration: 3600,
      description: "",
      boundary: null,
      tags: { a: "b" },
    });
  });

  it("gives null for what is not there", async () => {
    const missing = refusal(404, "NoSuchEntity", "not found");
    const iam = await connectIam(
      await aws({ GetRole: missing, GetOpenIDConnectProvider: missing, GetRolePolicy: missing }),
    );
    expect(await iam.getRole("shop")).toBeNull();
    expect(await iam.getProvider("arn:aws:iam::123456789012:oidc-provider/gitlab.com")).toBeNull();
    expect(await iam.getInlinePolicy("shop", "rolecall-1")).toBeNull();
  });

  it("creates a provider without a thumbprint", async () => {
    const to = await aws({
      CreateOpenIDConnectProvider: result(
        "CreateOpenIDConnectProvider",
        "<OpenIDConnectProviderArn>arn</OpenIDConnectProviderArn>",
      ),
    });
    const iam = await connectIam(to);
    expect(await iam.createProvider({ url: "https://gitlab.com", audiences: ["a"], tags: { k: "v" } })).toBe("arn");
    expect(Object.fromEntries(to.forms[0] ?? [])).toEqual({
      Action: "CreateOpenIDConnectProvider",
      Version: "2010-05-08",
      Url: "https://gitlab.com",
      "ClientIDList.member.1": "a",
      "Tags.member.1.Key": "k",
      "Tags.member.1.Value": "v",
    });
  });

  it("reads lists to their last page", async () => {
    const page = (name: string, more: string): Answer =>
      result("ListRolePolicies", `<PolicyNames><member>${name}</member></PolicyNames>${more}`);
    const answers: { [action: string]: Answer } = {
      ListRolePolicies: page("a", "<IsTruncated>true</IsTruncated><Marker>m</Marker>"),
    };
    const to = await aws(answers);
    const iam = await connectIam(to);
    const names = iam.inlinePolicies("shop");
    while (to.forms.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    answers["ListRolePolicies"] = page("b", "<IsTruncated>false</IsTruncated>");
    expect(await names).toEqual(["a", "b"]);
    expect(to.forms[1]?.get("Marker")).toBe("m");
  });
});

describe("an error of AWS", () => {
  it.each<[string, number, string]>([
    ["AccessDenied", 403, "refused"],
    ["InvalidClientTokenId", 403, "refused"],
    ["SignatureDoesNotMatch", 403, "refused"],
    ["ExpiredToken", 403, "refused"],
    ["EntityAlreadyExists", 409, "config"],
    ["LimitExceeded", 409, "config"],
    ["MalformedPolicyDocument", 400, "config"],
    ["NoSuchEntity", 404, "config"],
    ["ConcurrentModification", 409, "unavailable"],
    ["SomethingNew", 400, "unexpected"],
  ])("%s keeps its name and gets a code of ours", async (name, status, code) => {
    const iam = await connectIam(await aws({ TagRole: refusal(status, name, "because") }));
    const error = await errorOf(iam.tagRole("shop", { a: "b" }));
    expect({ code: error.code, details: error.details }).toEqual({ code, details: ["request id 7"] });
    expect(error.message).toMatch(new RegExp(`iam:TagRole for shop: ${name}: because$`));
  });

  it("names both sides", async () => {
    const text = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: iam:TagRole";
    const iam = await connectIam(await aws({ TagRole: refusal(403, "AccessDenied", text) }));
    const { message } = await errorOf(iam.tagRole("shop", {}));
    expect(message).toBe(`AWS refused iam:TagRole for shop: AccessDenied: ${text}`);
  });

  it("lets out no secret, although AWS repeats the request", async () => {
    const text = `does not match.\n\nThe canonical string should have been 'POST x-amz-security-token:${SESSION}'`;
    const iam = await connectIam(await aws({ TagRole: refusal(403, "SignatureDoesNotMatch", text) }));
    const error = await errorOf(iam.tagRole("shop", {}));
    const everything = inspect(error, { depth: 20, showHidden: true });
    expect(everything).toContain("SignatureDoesNotMatch");
    expect(everything).not.toContain(SESSION);
    expect(everything).not.toContain(KEY);
  });
});

describe("an account without credentials", () => {
  it("is told where credentials come from", async () => {
    const before = { ...process.env };
    onTestFinished(() => {
      process.env = before;
    });
    process.env = { HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" };
    const iam = await connectIam({ endpoint: "http://127.0.0.1:9" });
    const { code, message, hints } = await errorOf(iam.getRole("shop"));
    expect(code).toBe("config");
    expect(message).toMatch(/^no AWS credentials for iam:GetRole for shop: /);
    expect(hints.join()).toContain("AWS_PROFILE");
  });
});

describe("an AWS that does not answer", () => {
  it("is unavailable when nobody listens", async () => {
    const iam = await connectIam(options("http://127.0.0.1:9"));
    const error = await errorOf(iam.getRole("shop"));
    expect(error.code).toBe("unavailable");
    expect(error.message).toContain("AWS did not answer iam:GetRole for shop: ECONNREFUSED");
  });

  it("is unavailable when it fails inside", async () => {
    const iam = await connectIam(await aws({ GetRole: refusal(500, "ServiceFailure", "oops") }));
    expect((await errorOf(iam.getRole("shop"))).code).toBe("unavailable");
  });

  it("is unavailable when something else answers in its place", async () => {
    const iam = await connectIam(await aws({ GetRole: [502, "<html><body>Bad gateway</body></html>"] }));
    expect((await errorOf(iam.getRole("shop"))).code).toBe("unavailable");
  });
});
