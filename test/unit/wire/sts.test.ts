import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/core/secret.ts";
import { assumeRoleWithWebIdentity, type AssumeCall } from "../../../src/wire/sts.ts";
import { bodyOf, serve, serveBytes } from "./servers.ts";

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2VjcmV0";
const SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

const RESULT = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>project_path:acme/shop:ref_type:branch:ref:main</SubjectFromWebIdentityToken>
    <Audience>sts.amazonaws.com</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>AROAEXAMPLEEXAMPLE123:job</AssumedRoleId>
      <Arn>arn:aws:sts::123456789012:assumed-role/shop-deploy/job</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>${SECRET_KEY}</SecretAccessKey>
      <SessionToken>IQoJb3JpZ2luX2Vj==</SessionToken>
      <Expiration>2026-11-23T13:00:00Z</Expiration>
    </Credentials>
    <Provider>arn:aws:iam::123456789012:oidc-provider/gitlab.com</Provider>
    <PackedPolicySize>24</PackedPolicySize>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
`;

function refusal(code: string, message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>7-7</RequestId></ErrorResponse>`;
}

interface Sts {
  readonly endpoint: URL;
  readonly seen: {
    method?: string | undefined;
    url?: string | undefined;
    headers?: IncomingHttpHeaders;
    form?: URLSearchParams;
  };
}

/** An STS that answers everything with these bytes, and keeps what it was asked. */
async function sts(status: number, body: string, type = "text/xml"): Promise<Sts> {
  const seen: Sts["seen"] = {};
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    Object.assign(seen, { method, url, headers, form: new URLSearchParams(await bodyOf(request)) });
    response.writeHead(status, { "content-type": type, date: "Mon, 23 Nov 2026 12:00:00 GMT" }).end(body);
  };
  return { endpoint: await serve((request, response) => void answer(request, response)), seen };
}

function call(endpoint: URL, more: Partial<AssumeCall> = {}): AssumeCall {
  const roleArn = "arn:aws:iam::123456789012:role/shop-deploy";
  return { endpoint, roleArn, sessionName: "job", token: new Secret(TOKEN), ...more };
}

/** The error that a call ends in; neither token nor secret is in it. */
async function failure(endpoint: URL, timeout?: number): Promise<Error> {
  const error: unknown = await assumeRoleWithWebIdentity(call(endpoint), {}, timeout).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error("expected a failure");
  const all = inspect(error, { depth: 9, showHidden: true });
  expect(all).not.toContain(TOKEN);
  expect(all).not.toContain(SECRET_KEY);
  return error;
}

describe("the call", () => {
  it("is one form POST, unsigned also where keys are in the environment", async () => {
    const { endpoint, seen } = await sts(200, RESULT);
    const keys = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "x", AWS_SESSION_TOKEN: "y" };
    await assumeRoleWithWebIdentity(call(endpoint), keys);
    expect([seen.method, seen.url]).toEqual(["POST", "/"]);
    expect(Object.fromEntries(seen.form ?? [])).toEqual({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: "arn:aws:iam::123456789012:role/shop-deploy",
      RoleSessionName: "job",
      WebIdentityToken: TOKEN,
    });
    expect(seen.headers).toMatchObject({
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      "user-agent": expect.stringMatching(/^rolecall\//) as string,
    });
    for (const name of ["authorization", "x-amz-date", "x-amz-security-token"]) {
      expect(seen.headers).not.toHaveProperty(name);
    }
  });

  it("names duration, session policy and managed policies where they are asked for", async () => {
    const { endpoint, seen } = await sts(200, RESULT);
    const policy = '{"Version":"2012-10-17","Statement":[]} & more=1';
    const policyArns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/job-function/Billing"];
    await assumeRoleWithWebIdentity(call(endpoint, { duration: 900, policy, policyArns }), {});
    expect(Object.fromEntries(seen.form ?? [])).toMatchObject({
      DurationSeconds: "900",
      Policy: policy,
      "PolicyArns.member.1.arn": policyArns[0],
      "PolicyArns.member.2.arn": policyArns[1],
    });
  });

  it("sends no list of managed policies where there is none", async () => {
    const { endpoint, seen } = await sts(200, RESULT);
    await assumeRoleWithWebIdentity(call(endpoint, { policyArns: [] }), {});
    expect([...(seen.form?.keys() ?? [])].filter((name) => name.startsWith("Policy"))).toEqual([]);
  });
});

describe("STS's answer", () => {
  it("of a session has its keys, its end and its ARN", async () => {
    const { endpoint } = await sts(200, RESULT);
    const answer = await assumeRoleWithWebIdentity(call(endpoint), {});
    if (answer.kind !== "credentials") throw new Error("expected credentials");
    const { secretAccessKey, sessionToken, ...rest } = answer.credentials;
    expect(rest).toEqual({
      accessKeyId: "ASIAIOSFODNN7EXAMPLE",
      expiration: new Date("2026-11-23T13:00:00Z"),
      role: "arn:aws:sts::123456789012:assumed-role/shop-deploy/job",
    });
    expect([secretAccessKey.reveal(), sessionToken.reveal()]).toEqual([SECRET_KEY, "IQoJb3JpZ2luX2Vj=="]);
    expect(inspect(answer, { depth: 9 })).not.toContain(SECRET_KEY);
  });

  it.each([
    [403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"],
    [400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  please reference"],
    [500, "InternalFailure", "Unknown error validating third-party token"],
    [503, "ServiceUnavailable", ""],
  ])("of %i %s is a refusal in its own words, with its clock and request id", async (status, code, message) => {
    const { endpoint } = await sts(status, refusal(code, message));
    expect(await assumeRoleWithWebIdentity(call(endpoint), {})).toEqual({
      kind: "refused",
      code,
      message,
      status,
      requestId: "7-7",
      date: new Date("2026-11-23T12:00:00Z"),
    });
  });

  it("is read with its entities", async () => {
    const { endpoint } = await sts(
      400,
      refusal("ValidationError", "Value &apos;a&lt;b&apos; at &#39;x&#39; &amp; more"),
    );
    expect(await assumeRoleWithWebIdentity(call(endpoint), {})).toMatchObject({ message: "Value 'a<b' at 'x' & more" });
  });
});

describe("what is no answer of STS", () => {
  it.each([
    [
      "a login page",
      200,
      "<!doctype html><title>Sign in</title><p>Code",
      "text/html; charset=utf-8",
      "text/html",
      true,
    ],
    ["a proxy's refusal", 403, "<html><Code>403</Code></html>", "text/html", "text/html", true],
    ["a redirect", 302, "", "text/html", "text/html", true],
    ["a gateway's trouble", 502, "<html>Bad Gateway</html>", "text/html", "text/html", false],
    ["trouble without a word", 500, "", "", "no content type", false],
    ["JSON", 200, '{"Credentials":{}}', "application/json", "application/json", true],
    ["nothing", 200, "", "text/xml", "text/xml", true],
    ["half an answer", 200, RESULT.slice(0, RESULT.indexOf("</SessionToken>")), "text/xml", "text/xml", true],
    ["an answer without an end", 200, RESULT.replace(/<Expiration>.*<\/Expiration>/, ""), "text/xml", "text/xml", true],
    ["an end that is no time", 200, RESULT.replace("2026-11-23T13:00:00Z", "soon"), "text/xml", "text/xml", true],
    ["a session with status 202", 202, RESULT, "text/xml", "text/xml", true],
    ["a key that a shell would run", 200, RESULT.replace("ASIA", "ASIA;id;"), "text/xml", "text/xml", true],
    ["a secret in two lines", 200, RESULT.replace(SECRET_KEY, "a&#10;b"), "text/xml", "text/xml", true],
    ["a token with a command in it", 200, RESULT.replace("==", "$(id)"), "text/xml", "text/xml", true],
  ])("%s: %i", async (_, status, body, type, told, permanent) => {
    const { endpoint } = await sts(status, body, type);
    expect(await failure(endpoint)).toMatchObject({
      code: "unavailable",
      message: `${endpoint.origin} does not answer like STS: expected its XML, got status ${status} with ${told}`,
      permanent,
    });
  });

  it("is one that breaks off", async () => {
    const head = `HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: ${RESULT.length}\r\n\r\n`;
    const port = await serveBytes((socket) => socket.once("data", () => socket.end(head + RESULT.slice(0, -200))));
    const error = await failure(new URL(`http://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ code: "unavailable", permanent: false });
    expect(error.message).toContain("cannot be reached");
  });

  it("is none in the time that is left", async () => {
    const endpoint = await serve(() => {});
    expect((await failure(endpoint, 100)).message).toBe(`${endpoint.origin} cannot be reached: no answer within 0.1 s`);
  });
});
