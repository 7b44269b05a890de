import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DisableOutboundWebIdentityFederationCommand,
  EnableOutboundWebIdentityFederationCommand,
  GetOutboundWebIdentityFederationInfoCommand,
  type IAMClient,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  TagUserCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  GetWebIdentityTokenCommand,
  type GetWebIdentityTokenCommandInput,
  type STSClient,
} from "@aws-sdk/client-sts";
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import type { Json } from "../../../src/core/token.ts";
import type { LocalCloud } from "../../../src/local/index.ts";
import { encodeQuery } from "../../../src/wire/query.ts";
import { signed } from "./signed.ts";
import { ACCOUNT, FORM, iamClient, refusal, startCloud, stsClient, tempFolder } from "./support.ts";

const AUDIENCE = "https://api.test";
const SELF = `arn:aws:sts::${ACCOUNT}:self`;
const NAMESPACE = "https://sts.amazonaws.com/";
const TAGS = [{ Key: "team", Value: "test" }];

type Asked = Partial<GetWebIdentityTokenCommandInput>;

function ask(sts: STSClient, more: Asked = {}) {
  const input = { Audience: [AUDIENCE], SigningAlgorithm: "RS256", ...more };
  return sts.send(new GetWebIdentityTokenCommand(input));
}

async function tokenOf(sts: STSClient, more: Asked = {}): Promise<string> {
  return (await ask(sts, more)).WebIdentityToken ?? "";
}

async function enable(cloud: LocalCloud): Promise<string> {
  const { IssuerIdentifier } = await iamClient(cloud).send(new EnableOutboundWebIdentityFederationCommand({}));
  return IssuerIdentifier ?? "";
}

function documents(cloud: LocalCloud, issuer: string): string {
  return `${cloud.endpoint}/_rolecall/issuers/${new URL(issuer).host}/.well-known/`;
}

async function read(url: string): Promise<unknown> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return answer.json();
}

function policy(...statements: { readonly [element: string]: Json }[]): string {
  const all = statements.map((one) => ({ Effect: "Allow", Resource: "*", ...one }));
  return JSON.stringify({ Version: "2012-10-17", Statement: all });
}

/** Keys of a user who may do what the statements say. */
async function user(cloud: LocalCloud, ...statements: { readonly [element: string]: Json }[]): Promise<STSClient> {
  const iam = iamClient(cloud);
  await iam.send(new CreateUserCommand({ UserName: "ann" }));
  if (statements.length > 0) {
    const named = { UserName: "ann", PolicyName: "p", PolicyDocument: policy(...statements) };
    await iam.send(new PutUserPolicyCommand(named));
  }
  return stsClient(cloud, await accessKey(iam));
}

async function accessKey(iam: IAMClient) {
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
  return { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
}

const GET = { Action: "sts:GetWebIdentityToken" };
const TAG = { Action: "sts:TagGetWebIdentityToken" };
const ANN = `arn:aws:iam::${ACCOUNT}:user/ann`;

const notAllowed = (action = "sts:GetWebIdentityToken", by = "identity-based policy", who = ANN) => ({
  code: "AccessDenied",
  status: 403,
  message: `User: ${who} is not authorized to perform: ${action} on resource: ${SELF} because no ${by} allows the ${action} action`,
});

const DISABLED = {
  code: "OutboundWebIdentityFederationDisabledException",
  status: 403,
  message: "OutboundWebIdentityFederation is disabled.",
};

describe("a token of the account's own issuer", () => {
  it.each([
    ["RS256", "RSA_0"],
    ["ES384", "EC384_0"],
  ])("is verified by another library with the published keys when signed with %s", async (SigningAlgorithm, kid) => {
    const cloud = await startCloud();
    const issuer = await enable(cloud);
    const before = Math.floor(Date.now() / 1000);
    const answer = await ask(stsClient(cloud), { SigningAlgorithm });
    const token = answer.WebIdentityToken ?? "";
    const discovery = (await read(`${documents(cloud, issuer)}openid-configuration`)) as { jwks_uri: string };
    const keys = createLocalJWKSet((await read(discovery.jwks_uri)) as JSONWebKeySet);
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer, audience: AUDIENCE });
    expect(protectedHeader).toEqual({ kid, typ: "JWT", alg: SigningAlgorithm });
    expect(payload).toEqual({
      iss: issuer,
      sub: `arn:aws:iam::${ACCOUNT}:user/admin`,
      aud: AUDIENCE,
      iat: payload.iat,
      exp: (payload.iat ?? 0) + 300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      [NAMESPACE]: {
        aws_account: ACCOUNT,
        source_region: "eu-central-1",
        principal_id: `arn:aws:iam::${ACCOUNT}:user/admin`,
      },
    });
    expect(payload.iat).toBeGreaterThanOrEqual(before);
    expect(Math.floor((answer.Expiration?.getTime() ?? 0) / 1000)).toBe(payload.exp);
    // One character of the signature changed.
    const forged = token.slice(0, -10) + (token.at(-10) === "A" ? "B" : "A") + token.slice(-9);
    await expect(jwtVerify(forged, keys)).rejects.toThrow("signature verification failed");
  });

  it("has the documents that AWS serves, whether the feature is on or off", async () => {
    const cloud = await startCloud();
    const issuer = await enable(cloud);
    const base = documents(cloud, issuer);
    expect(issuer).toMatch(/^https:\/\/[0-9a-f-]{36}\.tokens\.sts\.global\.api\.aws$/);
    expect(await read(`${base}openid-configuration`)).toEqual({
      issuer,
      jwks_uri: `${base}jwks.json`,
      claims_supported: ["sub", "iss", "aud", "exp", "iat", "jti", NAMESPACE],
      id_token_signing_alg_values_supported: ["RS256", "ES384"],
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
    });
    const keys = (await read(`${base}jwks.json`)) as JSONWebKeySet;
    expect(keys.keys.map((key) => Object.keys(key).toSorted())).toEqual([
      ["alg", "e", "kid", "kty", "n", "use"],
      ["alg", "crv", "kid", "kty", "use", "x", "y"],
    ]);
    const iam = iamClient(cloud);
    await iam.send(new DisableOutboundWebIdentityFederationCommand({}));
    expect(await read(`${base}jwks.json`)).toEqual(keys);
    expect(await enable(cloud)).toBe(issuer);
    expect(await read(`${base}jwks.json`)).toEqual(keys);
    expect((await fetch(`${base}other.json`)).status).toBe(404);
    expect((await fetch(`${base}jwks.json`, { method: "POST" })).status).toBe(405);
  });

  it("is signed with the same keys after a restart", async () => {
    const state = join(tempFolder(), "state.json");
    const first = await startCloud({ state });
    const issuer = await enable(first);
    const keys = (await read(`${documents(first, issuer)}jwks.json`)) as JSONWebKeySet;
    await first.close();
    const token = await tokenOf(stsClient(await startCloud({ state })));
    expect((await jwtVerify(token, createLocalJWKSet(keys))).payload.iss).toBe(issuer);
  });

  it("has several audiences as a list, a repeated one too, and lasts as long as was asked", async () => {
    const cloud = await startCloud();
    await enable(cloud);
    const sts = stsClient(cloud);
    expect(decodeJwt(await tokenOf(sts, { Audience: ["one", "two"] })).aud).toEqual(["one", "two"]);
    const { aud, exp = 0, iat } = decodeJwt(await tokenOf(sts, { Audience: ["one", "one"], DurationSeconds: 60 }));
    expect([aud, exp - 60]).toEqual([["one", "one"], iat]);
  });

  it("tells the tags of its caller and of the request", async () => {
    const cloud = await startCloud();
    await enable(cloud);
    const ann = await user(cloud, GET, TAG);
    await iamClient(cloud).send(new TagUserCommand({ UserName: "ann", Tags: [{ Key: "Team", Value: "platform" }] }));
    const Tags = [
      { Key: "Team", Value: "request" },
      { Key: "aws:test", Value: "reserved" },
    ];
    expect(decodeJwt(await tokenOf(ann, { Tags }))[NAMESPACE]).toEqual({
      aws_account: ACCOUNT,
      source_region: "eu-central-1",
      principal_id: ANN,
      principal_tags: { Team: "platform" },
      request_tags: { Team: "request", "aws:test": "reserved" },
    });
  });

  it("is about the role when a session asks, and tells its end, its tags and its source identity", async () => {
    const cloud = await startCloud();
    await enable(cloud);
    const iam = iamClient(cloud);
    const actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    const trust = policy({ Principal: { AWS: ACCOUNT }, Action: actions }).replaceAll('"Resource":"*",', "");
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/outbound/job`;
    const Tags = [
      { Key: "Team", Value: "role" },
      { Key: "untouched", Value: "retained" },
    ];
    await iam.send(
      new CreateRoleCommand({ RoleName: "job", Path: "/outbound/", AssumeRolePolicyDocument: trust, Tags }),
    );
    await iam.send(new PutRolePolicyCommand({ RoleName: "job", PolicyName: "p", PolicyDocument: policy(GET) }));
    const session = { RoleArn, RoleSessionName: "job-1", SourceIdentity: "somebody", DurationSeconds: 900 };
    const { Credentials: keys } = await stsClient(cloud).send(
      new AssumeRoleCommand({ ...session, Tags: [{ Key: "team", Value: "session" }] }),
    );
    const job = stsClient(cloud, {
      accessKeyId: keys?.AccessKeyId ?? "",
      secretAccessKey: keys?.SecretAccessKey ?? "",
      sessionToken: keys?.SessionToken ?? "",
    });
    const claims = decodeJwt(await tokenOf(job));
    expect(claims.sub).toBe(RoleArn);
    expect(claims[NAMESPACE]).toEqual({
      aws_account: ACCOUNT,
      source_region: "eu-central-1",
      principal_id: RoleArn,
      principal_tags: { untouched: "retained", team: "session" },
      original_session_exp: keys?.Expiration?.toISOString().replace(".000Z", "Z"),
      source_identity: "somebody",
    });
    expect(await refusal(ask(job, { DurationSeconds: 3600 }))).toEqual({
      code: "SessionDurationEscalationException",
      status: 403,
      message: "Requested token expiry time must be before the original session's expiry time.",
    });
  });

  it("may have claims of 14,984 bytes, and no more", async () => {
    const cloud = await startCloud();
    await enable(cloud);
    const sts = stsClient(cloud);
    const Tags = Array.from({ length: 50 }, (_, at) => ({ Key: `t${at}`, Value: "v".repeat(200) }));
    const padded = (size: number): Asked => ({
      Tags,
      Audience: Array.from({ length: 5 }, (_, at) => "a".repeat(1 + Math.min(999, Math.max(0, size - at * 999)))),
    });
    const bytes = async (size: number) =>
      Buffer.from((await tokenOf(sts, padded(size))).split(".")[1] ?? "", "base64url").length;
    const padding = 14_984 - (await bytes(0));
    expect(await bytes(padding)).toBe(14_984);
    expect(await refusal(ask(sts, padded(padding + 1)))).toEqual({
      code: "JWTPayloadSizeExceededException",
      status: 400,
      message: "JWT payload exceeds maximum allowed size",
    });
  });
});

describe("a user who asks for a token", () => {
  it("needs the permission for the account's self, and another for tags", async () => {
    const cloud = await startCloud();
    const ann = await user(cloud);
    expect(await refusal(ask(ann))).toEqual(notAllowed());
    const iam = iamClient(cloud);
    const may = (...statements: { readonly [element: string]: Json }[]) =>
      iam.send(new PutUserPolicyCommand({ UserName: "ann", PolicyName: "p", PolicyDocument: policy(...statements) }));
    await may({ ...GET, Resource: ANN });
    expect(await refusal(ask(ann))).toEqual(notAllowed());
    await may({ ...GET, Resource: SELF });
    expect(await refusal(ask(ann))).toEqual(DISABLED);
    expect(await refusal(ask(ann, { Tags: TAGS }))).toEqual(notAllowed("sts:TagGetWebIdentityToken"));
    await may({ ...GET, Resource: SELF }, { ...TAG, Resource: SELF });
    expect(await refusal(ask(ann, { Tags: TAGS }))).toEqual(DISABLED);
    await may({ Action: "sts:*" }, { ...GET, Effect: "Deny" });
    expect(await refusal(ask(ann))).toMatchObject({
      message: `User: ${ANN} is not authorized to perform: sts:GetWebIdentityToken on resource: ${SELF} with an explicit deny in an identity-based policy`,
    });
  });

  it("is held to audience, algorithm and duration by conditions, five minutes being the duration when none is given", async () => {
    const cloud = await startCloud();
    const Condition = {
      "ForAllValues:StringEquals": { "sts:IdentityTokenAudience": [AUDIENCE] },
      StringEquals: { "sts:SigningAlgorithm": "RS256" },
      NumericEquals: { "sts:DurationSeconds": "300" },
    };
    const ann = await user(cloud, { ...GET, Condition });
    for (const good of [{}, { DurationSeconds: 300 }]) expect(await refusal(ask(ann, good))).toEqual(DISABLED);
    for (const bad of [{ Audience: ["other"] }, { SigningAlgorithm: "ES384" }, { DurationSeconds: 301 }]) {
      expect(await refusal(ask(ann, bad))).toEqual(notAllowed());
    }
  });

  it("is held to tags by conditions", async () => {
    const cloud = await startCloud();
    const Condition = {
      StringEquals: { "aws:RequestTag/team": "test" },
      "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] },
    };
    const ann = await user(cloud, GET, { ...TAG, Condition });
    expect(await refusal(ask(ann, { Tags: TAGS }))).toEqual(DISABLED);
    for (const Tags of [[{ Key: "team", Value: "other" }], [{ Key: "extra", Value: "test" }]]) {
      expect(await refusal(ask(ann, { Tags }))).toEqual(notAllowed("sts:TagGetWebIdentityToken"));
    }
  });

  it("is limited by a boundary", async () => {
    const cloud = await startCloud();
    const ann = await user(cloud, GET);
    const iam = iamClient(cloud);
    const bound = { PolicyName: "b", PolicyDocument: policy({ Action: "iam:GetUser" }) };
    const { Policy } = await iam.send(new CreatePolicyCommand(bound));
    const PermissionsBoundary = Policy?.Arn ?? "";
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "ann", PermissionsBoundary }));
    expect(await refusal(ask(ann))).toEqual(notAllowed(undefined, "permissions boundary"));
  });

  it("may ask with a session of the user's own, but not for somebody who was federated", async () => {
    const cloud = await startCloud();
    await enable(cloud);
    const ann = await user(cloud, GET, { Action: "sts:GetFederationToken" });
    const own = await ann.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const keys = (answer: typeof own) => ({
      accessKeyId: answer.Credentials?.AccessKeyId ?? "",
      secretAccessKey: answer.Credentials?.SecretAccessKey ?? "",
      sessionToken: answer.Credentials?.SessionToken ?? "",
    });
    const claims = decodeJwt(await tokenOf(stsClient(cloud, keys(own))));
    expect([claims.sub, claims[NAMESPACE]]).toMatchObject([
      ANN,
      { original_session_exp: own.Credentials?.Expiration?.toISOString().replace(".000Z", "Z") },
    ]);
    const federated = await ann.send(new GetFederationTokenCommand({ Name: "guest", Policy: policy(GET) }));
    expect(await refusal(ask(stsClient(cloud, keys(federated))))).toEqual({
      code: "AccessDenied",
      status: 403,
      message: "GetWebIdentityToken does not support federated user sessions",
    });
  });

  it("is told in AWS's words what is wrong with the request", async () => {
    const cloud = await startCloud();
    const sts = stsClient(cloud);
    const constraint = (at: string, value: string, what: string) => ({
      code: "ValidationError",
      status: 400,
      message: `1 validation error detected: Value ${value} at '${at}' failed to satisfy constraint: ${what}`,
    });
    const unsupported = {
      code: "ValidationError",
      status: 400,
      message:
        "Requested SigningAlgorithm is not supported. See the GetWebIdentityToken documentation for supported algorithms",
    };
    for (const SigningAlgorithm of ["RS384", "ES256", "HS256", "rs256"]) {
      expect(await refusal(ask(sts, { SigningAlgorithm }))).toEqual(unsupported);
    }
    const short = "Member must have length greater than or equal to 5";
    expect(await refusal(ask(sts, { SigningAlgorithm: "none" }))).toEqual(
      constraint("signingAlgorithm", "'none'", short),
    );
    const long = "Member must have length less than or equal to 5";
    expect(await refusal(ask(sts, { SigningAlgorithm: "RS256x" }))).toEqual(
      constraint("signingAlgorithm", "'RS256x'", long),
    );
    const eleven = Array.from({ length: 11 }, (_, at) => String(at));
    expect(await refusal(ask(sts, { Audience: eleven }))).toEqual(
      constraint("audience", `'[${eleven.join(", ")}]'`, "Member must have length less than or equal to 10"),
    );
    const each =
      "Member must satisfy constraint: [Member must have length less than or equal to 1000, Member must have length greater than or equal to 1]";
    expect(await refusal(ask(sts, { Audience: [""] }))).toEqual(constraint("audience", "'[]'", each));
    expect(await refusal(ask(sts, { DurationSeconds: 59 }))).toEqual(
      constraint("durationSeconds", "'59'", "Member must have value greater than or equal to 60"),
    );
    expect(await refusal(ask(sts, { DurationSeconds: 3601 }))).toEqual(
      constraint("durationSeconds", "'3601'", "Member must have value less than or equal to 3600"),
    );
    const duplicate = [...TAGS, { Key: "Team", Value: "two" }];
    expect(await refusal(ask(sts, { Tags: duplicate }))).toEqual({
      code: "InvalidParameterValue",
      status: 400,
      message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    });
    for (const more of [{ SubjectMode: "OriginIdentity" as const }, { Scope: "read" }]) {
      expect(await refusal(ask(sts, more))).toMatchObject({ code: "ValidationError", status: 400 });
    }
  });

  it("needs an endpoint with a region", async () => {
    const cloud = await startCloud();
    const call = { Action: "GetWebIdentityToken", Version: "2011-06-15", SigningAlgorithm: "RS256", Audience: ["a"] };
    const headers = { ...FORM, host: "sts.amazonaws.com" };
    expect(await signed(cloud, "sts", { method: "POST", headers, body: encodeQuery(call) })).toMatchObject({
      status: 400,
      code: "InvalidAction",
      message: "Operation not supported on STS global endpoint",
    });
  });
});

describe("the account's own issuer", () => {
  it("is made once, however many ask at the same time", async () => {
    const cloud = await startCloud();
    const iam = iamClient(cloud);
    const calls = Array.from({ length: 4 }, () => iam.send(new EnableOutboundWebIdentityFederationCommand({})));
    const answers = await Promise.allSettled(calls);
    expect(answers.filter(({ status }) => status === "fulfilled").length).toBe(1);
  });

  it("is refused in the words that AWS was recorded to use", async () => {
    const iam = iamClient(await startCloud());
    const says = (code: string, status: number, what: string) => ({
      code,
      status,
      message: `Outbound identity federation is ${what} for account ${ACCOUNT}`,
    });
    const info = () => refusal(iam.send(new GetOutboundWebIdentityFederationInfoCommand({})));
    expect(await info()).toEqual(says("FeatureDisabled", 404, "disabled"));
    await iam.send(new EnableOutboundWebIdentityFederationCommand({}));
    expect(await refusal(iam.send(new EnableOutboundWebIdentityFederationCommand({})))).toEqual(
      says("FeatureEnabled", 409, "already enabled"),
    );
    await iam.send(new DisableOutboundWebIdentityFederationCommand({}));
    expect(await info()).toEqual(says("FeatureDisabled", 404, "disabled"));
    expect(await refusal(iam.send(new DisableOutboundWebIdentityFederationCommand({})))).toEqual(
      says("FeatureDisabled", 404, "already disabled"),
    );
  });
});
