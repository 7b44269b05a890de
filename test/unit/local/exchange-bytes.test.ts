import { get } from "node:http";

import { describe, expect, it } from "vitest";

import type { LocalCloud } from "../../../src/local/index.ts";
import { xmlText } from "../../../src/wire/query.ts";
import { afterTest, AUDIENCE, exchange, keysOf, type Reply, send, setUp, startCloud } from "./support.ts";

const EXCHANGES = "/_rolecall/exchanges";
const NOW = Date.parse("2026-07-09T15:41:37.250Z");

/** The first event of the stream, as it is on the wire. */
function firstEvent(cloud: LocalCloud): Promise<string> {
  return new Promise((resolve) => {
    const headers = { accept: "text/event-stream" };
    const request = get(`${cloud.endpoint}${EXCHANGES}`, { headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("error", () => undefined);
      response.on("data", (chunk: string) => {
        text += chunk;
        const [, event] = text.split("\n\n");
        if (event !== undefined && text.endsWith("\n\n")) resolve(event);
      });
    });
    request.on("error", () => undefined);
    afterTest(() => void request.destroy());
  });
}

/** A record with what differs from run to run replaced by its name. */
function named(text: string, cloud: LocalCloud, reply: Reply, claims: unknown): string {
  const roleId = xmlText(reply.body, "AssumedRoleUser/AssumedRoleId")?.split(":")[0];
  return [
    [JSON.stringify(claims), "<claims>"],
    [xmlText(reply.body, "RequestId") ?? "", "<request>"],
    [keysOf(reply).accessKeyId, "<key>"],
    [roleId ?? "", "<role>"],
    [new URL(cloud.endpoint).host, "<host>"],
  ]
    .filter(([value]) => value !== "")
    .reduce((rest, [value = "", name = ""]) => rest.replaceAll(value, name), text)
    .replaceAll(/(kid"?[: ]"?)[\w-]{43}/g, "$1<kid>")
    .replaceAll(/"eventID":"[0-9a-f-]{36}"/g, '"eventID":"<event>"');
}

async function recorded(branch: string): Promise<{ list: string; lines: string; event: string }> {
  const clock = { time: Date.now() };
  const cloud = await startCloud({ now: () => clock.time });
  await setUp(cloud);
  clock.time = NOW;
  const seconds = Math.floor(NOW / 1000);
  const { token, claims } = await cloud.mint({
    ci: "gitlab",
    project: "acme/shop",
    branch,
    audience: AUDIENCE,
    claims: { iat: seconds, nbf: seconds - 5, exp: seconds + 300 },
  });
  const reply = await exchange(cloud, token, { DurationSeconds: 900 });
  const list = await send(cloud.endpoint, { path: EXCHANGES });
  const lines = await send(cloud.endpoint, { path: EXCHANGES, headers: { accept: "application/x-ndjson" } });
  const name = (text: string): string => named(text, cloud, reply, claims);
  return { list: name(list.body), lines: name(lines.body), event: name(await firstEvent(cloud)) };
}

// Broken into lines for reading only.
const ALLOWED = `{"time":"2026-07-09T15:41:37.250Z","requestId":"<request>","roleArn":"arn:aws:iam::123456789012:role/deploy","sessionName":"job-1","header":{"alg":"RS256","kid":"<kid>"}
,"claims":<claims>
,"decision":{"outcome":"allowed","statement":0
,"checks":[{"kind":"shape","pass":true,"subject":"crit","wanted":"a JWT without critical header extensions","got":"none"}
,{"kind":"claims","pass":true,"subject":"claims","wanted":"the claims iss, sub, aud, iat, exp","got":"all of them"}
,{"kind":"provider","pass":true,"subject":"iss","wanted":"a provider for the issuer in account 123456789012","got":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"}
,{"kind":"signature","pass":true,"subject":"signature","wanted":"RS or ES 256-512 by a published key of the issuer","got":"valid (alg RS256, kid <kid>)"}
,{"kind":"lifetime","pass":true,"subject":"exp","wanted":"after 2026-07-09T15:36:37Z (now less 300 s)","got":"2026-07-09T15:46:37Z"}
,{"kind":"lifetime","pass":true,"subject":"iat","wanted":"up to 2026-07-09T15:46:37Z (now plus 300 s)","got":"2026-07-09T15:41:37Z"}
,{"kind":"lifetime","pass":true,"subject":"nbf","wanted":"up to 2026-07-09T15:46:37Z (now plus 300 s)","got":"2026-07-09T15:41:32Z"}
,{"kind":"audience","pass":true,"subject":"aud","wanted":"one of the provider's audiences: https://gitlab.com","got":"https://gitlab.com"}
,{"kind":"role","pass":true,"subject":"role","wanted":"arn:aws:iam::123456789012:role/deploy","got":"exists"}
,{"statement":0,"action":"sts:AssumeRoleWithWebIdentity","kind":"principal","pass":true,"subject":"Principal","wanted":"arn:aws:iam::123456789012:oidc-provider/gitlab.com","got":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"}
,{"statement":0,"action":"sts:AssumeRoleWithWebIdentity","kind":"action","pass":true,"subject":"Action","wanted":"sts:AssumeRoleWithWebIdentity","got":"sts:AssumeRoleWithWebIdentity"}
,{"statement":0,"action":"sts:AssumeRoleWithWebIdentity","kind":"condition","pass":true,"subject":"gitlab.com:sub","wanted":"StringEquals project_path:acme/shop:ref_type:branch:ref:main","got":"project_path:acme/shop:ref_type:branch:ref:main"}
,{"kind":"trust","pass":true,"subject":"trust policy","action":"sts:AssumeRoleWithWebIdentity","wanted":"a statement that allows, and none that denies","got":"statement 1 allows","statement":0}
,{"kind":"duration","pass":true,"subject":"DurationSeconds","wanted":"at most 3600 (the role's MaxSessionDuration)","got":"900"}]
,"session":{"subject":"project_path:acme/shop:ref_type:branch:ref:main","audience":"https://gitlab.com","tags":{},"transitiveTagKeys":[],"sourceIdentity":null}}
,"answer":{"status":200,"code":null,"message":null}
,"session":"arn:aws:sts::123456789012:assumed-role/deploy/job-1"
,"event":{"eventVersion":"1.08","userIdentity":{"type":"WebIdentityUser","principalId":"arn:aws:iam::123456789012:oidc-provider/gitlab.com:https://gitlab.com:project_path:acme/shop:ref_type:branch:ref:main","userName":"project_path:acme/shop:ref_type:branch:ref:main","identityProvider":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"},"eventTime":"2026-07-09T15:41:37Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity","awsRegion":"us-east-1","sourceIPAddress":"127.0.0.1"
,"requestParameters":{"roleArn":"arn:aws:iam::123456789012:role/deploy","roleSessionName":"job-1","durationSeconds":900}
,"responseElements":{"credentials":{"accessKeyId":"<key>","sessionToken":"HIDDEN_DUE_TO_SECURITY_REASONS","expiration":"Jul 9, 2026, 3:56:37 PM"},"subjectFromWebIdentityToken":"project_path:acme/shop:ref_type:branch:ref:main"
,"assumedRoleUser":{"assumedRoleId":"<role>:job-1","arn":"arn:aws:sts::123456789012:assumed-role/deploy/job-1"},"provider":"arn:aws:iam::123456789012:oidc-provider/gitlab.com","audience":"https://gitlab.com"},"additionalEventData":{"RequestDetails":{"awsServingRegion":"us-east-1","endpointType":"regional"},"identityProviderConnectionVerificationMethod":"IAMTrustStore"}
,"requestID":"<request>","eventID":"<event>","readOnly":true
,"resources":[{"accountId":"123456789012","type":"AWS::IAM::Role","ARN":"arn:aws:iam::123456789012:role/deploy"}]
,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management"
,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"<host>"}}}`;

const DENIED = `{"time":"2026-07-09T15:41:37.250Z","requestId":"<request>","roleArn":"arn:aws:iam::123456789012:role/deploy","sessionName":"job-1","header":{"alg":"RS256","kid":"<kid>"}
,"claims":<claims>
,"decision":{"outcome":"denied","cause":"not-authorized","code":"AccessDenied","status":403
,"messages":{"2025":"Not authorized to perform sts:AssumeRoleWithWebIdentity","2026":"Not authorized to perform sts:AssumeRoleWithWebIdentity"}
,"checks":[{"kind":"shape","pass":true,"subject":"crit","wanted":"a JWT without critical header extensions","got":"none"}
,{"kind":"claims","pass":true,"subject":"claims","wanted":"the claims iss, sub, aud, iat, exp","got":"all of them"}
,{"kind":"provider","pass":true,"subject":"iss","wanted":"a provider for the issuer in account 123456789012","got":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"}
,{"kind":"signature","pass":true,"subject":"signature","wanted":"RS or ES 256-512 by a published key of the issuer","got":"valid (alg RS256, kid <kid>)"}
,{"kind":"lifetime","pass":true,"subject":"exp","wanted":"after 2026-07-09T15:36:37Z (now less 300 s)","got":"2026-07-09T15:46:37Z"}
,{"kind":"lifetime","pass":true,"subject":"iat","wanted":"up to 2026-07-09T15:46:37Z (now plus 300 s)","got":"2026-07-09T15:41:37Z"}
,{"kind":"lifetime","pass":true,"subject":"nbf","wanted":"up to 2026-07-09T15:46:37Z (now plus 300 s)","got":"2026-07-09T15:41:32Z"}
,{"kind":"audience","pass":true,"subject":"aud","wanted":"one of the provider's audiences: https://gitlab.com","got":"https://gitlab.com"}
,{"kind":"role","pass":true,"subject":"role","wanted":"arn:aws:iam::123456789012:role/deploy","got":"exists"}
,{"statement":0,"action":"sts:AssumeRoleWithWebIdentity","kind":"principal","pass":true,"subject":"Principal","wanted":"arn:aws:iam::123456789012:oidc-provider/gitlab.com","got":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"}
,{"statement":0,"action":"sts:AssumeRoleWithWebIdentity","kind":"action","pass":true,"subject":"Action","wanted":"sts:AssumeRoleWithWebIdentity","got":"sts:AssumeRoleWithWebIdentity"}
,{"statement":0,"action":"sts:AssumeRoleWithWebIdentity","kind":"condition","pass":false,"subject":"gitlab.com:sub","wanted":"StringEquals project_path:acme/shop:ref_type:branch:ref:main","got":"project_path:acme/shop:ref_type:branch:ref:other"}
,{"kind":"trust","pass":false,"subject":"trust policy","action":"sts:AssumeRoleWithWebIdentity","wanted":"a statement that allows, and none that denies","got":"no statement allows"}]}
,"answer":{"status":403,"code":"AccessDenied","message":"Not authorized to perform sts:AssumeRoleWithWebIdentity"}
,"session":null
,"event":{"eventVersion":"1.08","userIdentity":{"type":"WebIdentityUser","principalId":"arn:aws:iam::123456789012:oidc-provider/gitlab.com:https://gitlab.com:project_path:acme/shop:ref_type:branch:ref:other","userName":"project_path:acme/shop:ref_type:branch:ref:other","identityProvider":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"},"eventTime":"2026-07-09T15:41:37Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity","awsRegion":"us-east-1","sourceIPAddress":"127.0.0.1","errorCode":"AccessDenied","errorMessage":"An unknown error occurred"
,"requestParameters":{"roleArn":"arn:aws:iam::123456789012:role/deploy","roleSessionName":"job-1","durationSeconds":900}
,"responseElements":null
,"requestID":"<request>","eventID":"<event>","readOnly":true
,"resources":[{"accountId":"123456789012","type":"AWS::IAM::Role","ARN":"arn:aws:iam::123456789012:role/deploy"}]
,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management"
,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"<host>"}}}`;

describe("the bytes of an exchange's record", () => {
  it.each([
    ["allowed", "main", ALLOWED],
    ["denied", "other", DENIED],
  ])("when %s are these, in every form", async (_, branch, record) => {
    const text = record.replaceAll("\n", "");
    const { list, lines, event } = await recorded(branch);
    expect(lines).toBe(`${text}\n`);
    expect(list).toBe(`[${text}]\n`);
    expect(event).toBe(`id: <request>\nevent: exchange\ndata: ${text}`);
  });
});
