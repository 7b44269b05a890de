import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { parseRoleArn } from "../../../src/core/arn.ts";
import { assumeNextRole, type ChainSource } from "../../../src/wire/sts-chain.ts";
import { CREDENTIALS, SECRET_KEY, SESSION_TOKEN } from "../credentials/example.ts";
import { bodyOf, closedPort, serve } from "./servers.ts";

const NEXT = { role: parseRoleArn("arn:aws:iam::210987654321:role/next", "--then"), sessionName: "job-7" };
const SESSION = "arn:aws:sts::210987654321:assumed-role/next/job-7";

const ANSWER = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><Arn>${SESSION}</Arn><AssumedRoleId>AROA:job-7</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>ASIANEXT</AccessKeyId><SecretAccessKey>next/secret</SecretAccessKey>
<SessionToken>next==</SessionToken><Expiration>2026-11-23T13:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`;

const from = (endpoint: string, env: ChainSource["env"] = {}): ChainSource => ({
  endpoint,
  region: "eu-central-1",
  credentials: CREDENTIALS,
  env,
});

interface Seen {
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly form: Readonly<Record<string, string>>;
}

async function sts(status = 200, body = ANSWER): Promise<{ origin: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
    seen.push({ url: request.url ?? "", headers: request.headers, form });
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  };
  const { origin } = await serve((request, response) => void answer(request, response));
  return { origin, seen };
}

describe("the next role of a chain", () => {
  it("is asked for with the session before, which signs and is not shown, and with all that it is given", async () => {
    const { origin, seen } = await sts();
    const session = await assumeNextRole(from(origin), {
      ...NEXT,
      duration: 900,
      policy: "{}",
      policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      tags: [{ key: "team", value: "web" }],
      transitiveTags: ["team"],
      externalId: "acme-7",
    });
    expect(session).toMatchObject({
      accessKeyId: "ASIANEXT",
      role: SESSION,
      expiration: new Date("2026-11-23T13:00:00Z"),
    });
    expect([session.secretAccessKey.reveal(), session.sessionToken.reveal()]).toEqual(["next/secret", "next=="]);
    expect(seen.map(({ form }) => form)).toEqual([
      {
        Action: "AssumeRole",
        Version: "2011-06-15",
        RoleArn: NEXT.role.arn,
        RoleSessionName: "job-7",
        DurationSeconds: "900",
        Policy: "{}",
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "web",
        "TransitiveTagKeys.member.1": "team",
        ExternalId: "acme-7",
      },
    ]);
    const headers = seen[0]?.headers ?? {};
    expect(headers["authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE\/\d{8}\/eu-central-1\/sts\//,
    );
    expect(headers["x-amz-security-token"]).toBe(SESSION_TOKEN);
    expect(headers["user-agent"]).toMatch(/rolecall\//);
    expect(JSON.stringify(headers)).not.toContain(SECRET_KEY);
  });

  it("is asked for through the proxy of the environment", async () => {
    const proxy = await sts();
    const session = await assumeNextRole(from("http://sts.acme.test", { HTTP_PROXY: proxy.origin }), NEXT);
    expect(session.role).toBe(SESSION);
    expect(proxy.seen.map(({ url, headers }) => [url, headers["host"]])).toEqual([
      ["http://sts.acme.test/", "sts.acme.test"],
    ]);
  });

  it("that is refused says AWS's words once", async () => {
    const refusal = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: x is not authorized to perform: sts:AssumeRole</Message></Error><RequestId>7</RequestId></ErrorResponse>`;
    const { origin, seen } = await sts(403, refusal);
    await expect(assumeNextRole(from(origin), NEXT)).rejects.toThrowWithCode(
      "refused",
      /sts:AssumeRole for .*role\/next: AccessDenied: User: x is not authorized to perform: sts:AssumeRole$/,
    );
    expect(seen).toHaveLength(1);
  });

  it("that AWS does not answer for is unavailable", async () => {
    const asking = assumeNextRole(from(`http://127.0.0.1:${await closedPort()}`), NEXT);
    await expect(asking).rejects.toThrowWithCode("unavailable", /AWS did not answer sts:AssumeRole/);
  }, 20_000);
});
