import { createHmac, createPublicKey, type JsonWebKey as NodeJsonWebKey } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  UpdateAssumeRolePolicyCommand,
  DeleteRoleCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Claims, Json } from "../../../src/core/token.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";
import { type QueryInputFields, xmlText } from "../../../src/wire/query.ts";
import {
  ACCOUNT,
  afterTest,
  AUDIENCE,
  exchange,
  iamClient,
  keysOf,
  mint,
  PROVIDER,
  ROLE,
  send,
  setUp,
  startCloud,
  stsClient,
  SUBJECT,
  trustPolicy,
} from "./support.ts";

const NOT_AUTHORIZED = {
  status: 403,
  code: "AccessDenied",
  message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
};
const NOT_VALIDATED = {
  status: 400,
  code: "InvalidIdentityToken",
  message:
    "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.",
};
const NO_KEY = {
  status: 400,
  code: "InvalidIdentityToken",
  message:
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
};
const NOT_A_JWT = {
  status: 400,
  code: "InvalidIdentityToken",
  message: "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
};

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Claims;
}

/** One cloud for all tests of a group: what they send changes nothing in it. */
function sharedCloud(): () => LocalCloud {
  let cloud: LocalCloud | undefined;
  beforeAll(async () => {
    cloud = await createLocalCloud();
    await setUp(cloud);
  });
  afterAll(() => cloud?.close());
  return () => {
    if (!cloud) throw new Error("the cloud is not up");
    return cloud;
  };
}

async function jwkOf(cloud: LocalCloud): Promise<JWK> {
  const reply = await send(cloud.endpoint, { path: "/_rolecall/issuers/gitlab/jwks" });
  return (JSON.parse(reply.body) as { keys: [JWK] }).keys[0];
}

describe("a GitLab job of the trusted branch", () => {
  it("gets credentials, and is who it says with them", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const sts = stsClient(cloud);
    const answer = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: ROLE,
        RoleSessionName: "gitlab-1-2-3",
        WebIdentityToken: await mint(cloud),
        DurationSeconds: 900,
      }),
    );
    expect(answer).toMatchObject({
      Audience: AUDIENCE,
      Provider: PROVIDER,
      SubjectFromWebIdentityToken: SUBJECT,
      AssumedRoleUser: { Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/gitlab-1-2-3` },
    });
    expect(answer.AssumedRoleUser?.AssumedRoleId).toMatch(/^AROA[A-Z0-9]{17}:gitlab-1-2-3$/);
    expect(answer.PackedPolicySize).toBeGreaterThanOrEqual(24);
    expect(answer.PackedPolicySize).toBeLessThanOrEqual(26);
    expect(answer).not.toHaveProperty("SourceIdentity");
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "", Expiration } = answer.Credentials ?? {};
    expect(AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(SecretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
    expect(SessionToken).toMatch(/^IQoJb3JpZ2luX2Vj/);
    expect(Math.abs((Expiration?.getTime() ?? 0) - Date.now() - 900_000)).toBeLessThan(10_000);

    const session = stsClient(cloud, {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    });
    expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: ACCOUNT,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/gitlab-1-2-3`,
      UserId: answer.AssumedRoleUser?.AssumedRoleId,
    });
  });

  it("gets them by GET as well, and whatever Authorization header it sends", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const query = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: ROLE,
      RoleSessionName: "job",
      WebIdentityToken: await mint(cloud),
    });
    const reply = await send(cloud.endpoint, {
      path: `/?${query.toString()}`,
      headers: { authorization: "Bearer x", host: "sts.eu-west-1.amazonaws.com" },
    });
    expect(reply.status).toBe(200);
    expect(keysOf(reply).accessKeyId).toMatch(/^ASIA/);
  });

  it("is seen by trust policies with the region of the host, over TLS, with its user agent", async () => {
    const cloud = await startCloud();
    const conditions = { "aws:RequestedRegion": "eu-west-1", "aws:UserAgent": "test/1", "gitlab.com:sub": SUBJECT };
    await setUp(
      cloud,
      trustPolicy({ Condition: { StringEquals: conditions, Bool: { "aws:SecureTransport": "true" } } }),
    );
    const token = await mint(cloud);
    expect(await exchange(cloud, token)).toMatchObject(NOT_AUTHORIZED);
    const query = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: ROLE,
      RoleSessionName: "job",
      WebIdentityToken: token,
    });
    const headers = { host: "sts.eu-west-1.amazonaws.com", "user-agent": "test/1" };
    expect(await send(cloud.endpoint, { path: `/?${query.toString()}`, headers })).toMatchObject({ status: 200 });
  });
});

describe("a token that was tampered with", () => {
  const shared = sharedCloud();

  it.each<[string, object, (token: string, cloud: LocalCloud) => string | Promise<string>]>([
    [
      "a flipped bit in the signature",
      NOT_VALIDATED,
      (token) => token.replace(/.$/, (last) => (last === "A" ? "B" : "A")),
    ],
    ["no signature", NOT_VALIDATED, (token) => token.replace(/[^.]*$/, "")],
    ["alg none", NOT_VALIDATED, (token) => `${part({ alg: "none" })}.${token.split(".")[1]}.`],
    [
      "alg none beside the old signature",
      NOT_VALIDATED,
      (token) => [part({ alg: "none" }), ...token.split(".").slice(1)].join("."),
    ],
    [
      "another branch in its claims",
      NOT_VALIDATED,
      (token) => {
        const [header, , signature] = token.split(".");
        return [header, part({ ...claimsOf(token), sub: `${SUBJECT}2` }), signature].join(".");
      },
    ],
    [
      "the public key as the secret of an HMAC",
      NOT_VALIDATED,
      async (token, cloud) => {
        const jwk = await jwkOf(cloud);
        const pem = createPublicKey({ key: jwk as NodeJsonWebKey, format: "jwk" }).export({
          type: "spki",
          format: "pem",
        });
        const signed = `${part({ alg: "HS256", kid: jwk.kid, typ: "JWT" })}.${token.split(".")[1]}`;
        return `${signed}.${createHmac("sha256", pem).update(signed).digest("base64url")}`;
      },
    ],
    [
      "another issuer's key under the same kid",
      NOT_VALIDATED,
      async (token, cloud) => {
        const { kid = "" } = await jwkOf(cloud);
        const { privateKey } = await generateKeyPair("RS256");
        return new SignJWT(claimsOf(token)).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
      },
    ],
    [
      "a key in its own header",
      NOT_VALIDATED,
      async (token, cloud) => {
        const { kid = "" } = await jwkOf(cloud);
        const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
        return new SignJWT(claimsOf(token))
          .setProtectedHeader({ alg: "RS256", kid, jwk: await exportJWK(publicKey) })
          .sign(privateKey);
      },
    ],
    [
      "a kid that the issuer does not have",
      NO_KEY,
      async (token) => {
        const { privateKey } = await generateKeyPair("RS256");
        return new SignJWT(claimsOf(token)).setProtectedHeader({ alg: "RS256", kid: "stranger" }).sign(privateKey);
      },
    ],
    ["an empty kid", NO_KEY, (token) => [part({ alg: "RS256", kid: "" }), ...token.split(".").slice(1)].join(".")],
    [
      "a critical extension",
      NOT_A_JWT,
      (token) => [part({ alg: "RS256", kid: "x", crit: ["exp"] }), ...token.split(".").slice(1)].join("."),
    ],
    ["two parts", NOT_A_JWT, (token) => token.split(".").slice(0, 2).join(".")],
    ["a newline at its end", NOT_A_JWT, (token) => `${token}\n`],
    ["padding", NOT_A_JWT, (token) => `${token}==`],
    ["no JWT at all", NOT_A_JWT, () => "glpat-xxxxxxxxxxxxxxxx"],
  ])("is refused: %s", async (_, answer, tamper) => {
    const cloud = shared();
    const token = await mint(cloud);
    expect(await exchange(cloud, await tamper(token, cloud))).toMatchObject(answer);
    expect(await exchange(cloud, token)).toMatchObject({ status: 200 });
  });
});

describe("a token that says the wrong thing", () => {
  const shared = sharedCloud();

  const seconds = (): number => Math.floor(Date.now() / 1000);

  it.each<[string, object, () => { [claim: string]: Json }]>([
    ["another branch", NOT_AUTHORIZED, () => ({ sub: "project_path:acme/shop:ref_type:branch:ref:dev" })],
    ["another audience", NOT_VALIDATED, () => ({ aud: "https://gitlab.com/" })],
    ["an audience of another case", NOT_VALIDATED, () => ({ aud: "https://GitLab.com" })],
    ["no sub", { code: "InvalidIdentityToken", message: "Missing a required claim: sub" }, () => ({ sub: null })],
    ["no aud", { code: "InvalidIdentityToken", message: "Missing a required claim: aud" }, () => ({ aud: null })],
    ["no exp", { code: "InvalidIdentityToken", message: "Missing a required claim: exp" }, () => ({ exp: null })],
    ["no iat", { code: "InvalidIdentityToken", message: "Missing a required claim: iat" }, () => ({ iat: null })],
    ["no iss", { code: "InvalidIdentityToken", message: "Missing a required claim: iss" }, () => ({ iss: null })],
    ["an issuer that nobody registered", NOT_VALIDATED, () => ({ iss: "https://gitlab.example.com" })],
    ["an issuer with a slash more", NOT_VALIDATED, () => ({ iss: "https://gitlab.com/" })],
    ["an issuer over http", NOT_VALIDATED, () => ({ iss: "http://gitlab.com" })],
    ["an issuer without scheme", NOT_VALIDATED, () => ({ iss: "gitlab.com" })],
    [
      "two audiences and no azp",
      {
        code: "InvalidIdentityToken",
        message: "Token audience contains more than one audience while authorized party is not present",
      },
      () => ({ aud: [AUDIENCE, "b"] }),
    ],
    ["an azp that is not registered", NOT_VALIDATED, () => ({ azp: "stranger" })],
    ["an empty azp", NOT_VALIDATED, () => ({ azp: "" })],
    [
      "no audience in its list",
      { code: "InvalidIdentityToken", message: "Claim is not allowed to be empty: aud" },
      () => ({ aud: [] }),
    ],
    [
      "a time that is not a whole number",
      { code: "InvalidIdentityToken", message: "Invalid timestamp in token claims." },
      () => ({ exp: 1.5 }),
    ],
    [
      "that it is not valid yet",
      {
        code: "InvalidIdentityToken",
        message: expect.stringMatching(/^Token not yet valid: current date\/time \d+ must be after/) as string,
      },
      () => ({ nbf: seconds() + 400 }),
    ],
    [
      "that it comes from the future",
      { code: "InvalidIdentityToken", message: expect.stringMatching(/^Token issued in the future: \d+$/) as string },
      () => ({ iat: seconds() + 400 }),
    ],
  ])("is refused: %s", async (_, answer, claims) => {
    const cloud = shared();
    expect(await exchange(cloud, await mint(cloud, { claims: claims() }))).toMatchObject(answer);
  });

  it("is answered with an internal failure, as AWS does, when its subject is null", async () => {
    const cloud = shared();
    const { kid = "" } = await jwkOf(cloud);
    const token = [part({ alg: "RS256", kid }), part({ ...claimsOf(await mint(cloud)), sub: null }), "AAAA"].join(".");
    expect(await exchange(cloud, token)).toMatchObject({
      status: 500,
      code: "InternalFailure",
      message: "Unknown error validating third-party token",
    });
  });

  it("is taken when azp is registered, whatever its audiences are", async () => {
    const cloud = shared();
    const reply = await exchange(cloud, await mint(cloud, { claims: { aud: ["x", "y"], azp: AUDIENCE } }));
    expect(reply).toMatchObject({ status: 200 });
    expect(xmlText(reply.body, "Audience")).toBe(AUDIENCE);
  });

  it("is taken until 300 seconds after its end, and no longer", async () => {
    const clock = { time: Date.now() };
    const cloud = await startCloud({ now: () => clock.time });
    await setUp(cloud);
    const token = await mint(cloud, { expiresIn: 300 });
    const { exp } = claimsOf(token) as { exp: number };
    clock.time = (exp + 299) * 1000;
    expect(await exchange(cloud, token)).toMatchObject({ status: 200 });
    clock.time = (exp + 301) * 1000;
    expect(await exchange(cloud, token)).toMatchObject({
      status: 400,
      code: "ExpiredTokenException",
      message: `Token expired: current date/time ${exp + 1} must be before the expiration date/time ${exp}`,
    });
  });

  it("hears the words of 2025 from a cloud that speaks them", async () => {
    const clock = { time: Date.now() };
    const cloud = await startCloud({ stsTexts: "2025", now: () => clock.time });
    const iam = await setUp(cloud);
    expect(await exchange(cloud, await mint(cloud, { audience: "b" }))).toMatchObject({
      code: "InvalidIdentityToken",
      message: "Incorrect token audience",
    });
    const expired = await mint(cloud, { expiresIn: -301 });
    const { exp } = claimsOf(expired) as { exp: number };
    const message = `Token expired: current date/time ${Math.floor(clock.time / 1000) - 300} must be before the expiration date/time${exp}`;
    expect(await exchange(cloud, expired)).toMatchObject({ code: "ExpiredTokenException", message });
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER }));
    expect(await exchange(cloud, await mint(cloud))).toMatchObject({
      message: "No OpenIDConnect provider found in your account for https://gitlab.com",
    });
  });
});

describe("a request for the exchange", () => {
  const shared = sharedCloud();

  it.each<[string, QueryInputFields, object]>([
    ["a role that does not exist", { RoleArn: `${ROLE}2` }, NOT_AUTHORIZED],
    ["a role of another path", { RoleArn: ROLE.replace("role/", "role/ci/") }, NOT_AUTHORIZED],
    ["a role of another account", { RoleArn: ROLE.replace(ACCOUNT, "210987654321") }, NOT_VALIDATED],
    ["a role of another partition", { RoleArn: ROLE.replace("arn:aws:", "arn:aws-cn:") }, NOT_VALIDATED],
    [
      "an ARN that is not a role's",
      { RoleArn: PROVIDER },
      { status: 400, code: "ValidationError", message: "Request ARN is invalid" },
    ],
    [
      "a provider id",
      { ProviderId: "gitlab.com" },
      {
        status: 403,
        code: "AccessDenied",
        message:
          "Unrecognized OAuth provider. Do not include a provider parameter when submitting OpenIDConnect ID tokens",
      },
    ],
    [
      "Amazon's provider id",
      { ProviderId: "www.amazon.com" },
      { code: "InvalidIdentityToken", message: "Provided Token is not a Login With Amazon token" },
    ],
    [
      "a session longer than the role's",
      { DurationSeconds: "3601" },
      {
        status: 400,
        code: "ValidationError",
        message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      },
    ],
    [
      "a session policy that is none",
      { Policy: "{" },
      { status: 400, code: "MalformedPolicyDocument", message: "This policy contains invalid Json" },
    ],
    [
      "a name that is not one",
      { RoleSessionName: "a/b" },
      {
        status: 400,
        code: "ValidationError",
        message: String.raw`1 validation error detected: Value 'a/b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
      },
    ],
    ["a duration of words", { DurationSeconds: "1h" }, { status: 400, code: "MalformedInput", message: null }],
  ])("is refused: %s", async (_, parameters, answer) => {
    const cloud = shared();
    expect(await exchange(cloud, await mint(cloud), parameters)).toMatchObject(answer);
  });

  it("is told everything that is wrong with it, and the token is not repeated", async () => {
    const cloud = shared();
    const reply = await exchange(cloud, "abc", { RoleArn: "x", RoleSessionName: "a", DurationSeconds: 1 });
    expect(reply).toMatchObject({
      status: 400,
      code: "ValidationError",
      message:
        "4 validation errors detected: Value 'x' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; " +
        "Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2; " +
        "Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4; " +
        "Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    });
  });

  it("is refused when what the session would carry is too large", async () => {
    const cloud = shared();
    const statement = { Effect: "Allow", Action: "s3:*", Resource: `arn:aws:s3:::${"x".repeat(1900)}` };
    const Policy = JSON.stringify({ Statement: [statement] });
    const PolicyArns = ["ReadOnlyAccess", "PowerUserAccess"].map((name) => ({
      arn: `arn:aws:iam::aws:policy/${name}`,
    }));
    expect(await exchange(cloud, await mint(cloud), { Policy })).toMatchObject({ status: 200 });
    expect(await exchange(cloud, await mint(cloud), { Policy, PolicyArns })).toMatchObject({
      status: 400,
      code: "PackedPolicyTooLarge",
    });
  });
});

describe("tags and source identity of a token", () => {
  const claims = {
    "https://aws.amazon.com/tags": { principal_tags: { Team: ["web"] }, transitive_tag_keys: ["Team"] },
    "https://aws.amazon.com/source_identity": "alice",
  };

  it("need permissions of their own", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    expect(await exchange(cloud, await mint(cloud, { claims }))).toMatchObject(NOT_AUTHORIZED);
  });

  it("reach the session when the trust policy allows them", async () => {
    const cloud = await startCloud();
    await setUp(
      cloud,
      trustPolicy({ Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"] }),
    );
    const reply = await exchange(cloud, await mint(cloud, { claims }));
    expect(reply).toMatchObject({ status: 200 });
    expect(xmlText(reply.body, "SourceIdentity")).toBe("alice");
  });
});

describe("an issuer elsewhere", () => {
  async function startIssuer(): Promise<{
    url: string;
    mint: (claims?: Claims) => Promise<string>;
    stop: () => Promise<void>;
  }> {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "e1" };
    const server = createServer((request, response) => {
      response.end(
        JSON.stringify(request.url === "/keys" ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/keys` }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const stop = (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    afterTest(stop);
    const sign = (claims: Claims = {}): Promise<string> => {
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ iss: url, sub: "job", aud: "aws", iat: now, exp: now + 300, ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "e1" })
        .sign(privateKey);
    };
    return { url, mint: sign, stop };
  }

  async function register(cloud: LocalCloud, url: string): Promise<void> {
    const iam = iamClient(cloud);
    const { OpenIDConnectProviderArn: provider = "" } = await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: ["sts"] }),
    );
    await iam.send(
      new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: provider, ClientID: "aws" }),
    );
    await iam.send(
      new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trustPolicy({}, provider, "job") }),
    );
  }

  it("is verified by its own discovery document and keys", async () => {
    const cloud = await startCloud();
    const issuer = await startIssuer();
    await register(cloud, issuer.url);
    expect(await exchange(cloud, await issuer.mint())).toMatchObject({ status: 200 });
    expect(await exchange(cloud, await issuer.mint({ aud: "other" }))).toMatchObject(NOT_VALIDATED);
  });

  it("is not believed when it speaks for GitLab", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const issuer = await startIssuer();
    expect(
      await exchange(cloud, await issuer.mint({ iss: "https://gitlab.com", aud: AUDIENCE, sub: SUBJECT })),
    ).toMatchObject(NO_KEY);
  });

  it("that cannot be reached leaves no key to verify with", async () => {
    const cloud = await startCloud();
    const issuer = await startIssuer();
    await register(cloud, issuer.url);
    await issuer.stop();
    expect(await exchange(cloud, await issuer.mint())).toMatchObject(NO_KEY);
  });

  it("of a self-managed instance is played here once a token was minted for it", async () => {
    const cloud = await startCloud();
    const iam = iamClient(cloud);
    const url = "https://gitlab.example.com";
    const { OpenIDConnectProviderArn: provider = "" } = await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: [AUDIENCE] }),
    );
    await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trustPolicy({}, provider) }));
    expect(await exchange(cloud, await mint(cloud, { issuer: url }))).toMatchObject({ status: 200 });
    // GitLab's own key must not be good for it.
    expect(await exchange(cloud, await mint(cloud, { claims: { iss: url } }))).toMatchObject(NO_KEY);
  });
});

describe("a key that its issuer changes", () => {
  it("is good for as long as it is published, and not one exchange longer", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const rotate = async (keep: boolean): Promise<void> => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ ci: "gitlab", keep });
      const reply = await send(cloud.endpoint, { method: "POST", path: "/_rolecall/rotate", headers, body });
      expect(reply).toMatchObject({ status: 200 });
    };
    const first = await mint(cloud);
    expect(await exchange(cloud, first)).toMatchObject({ status: 200 });
    await rotate(true);
    const second = await mint(cloud);
    expect(await exchange(cloud, first)).toMatchObject({ status: 200 });
    expect(await exchange(cloud, second)).toMatchObject({ status: 200 });
    await rotate(false);
    for (const old of [first, second]) expect(await exchange(cloud, old)).toMatchObject(NO_KEY);
    expect(await exchange(cloud, await mint(cloud))).toMatchObject({ status: 200 });
  });
});

describe("the log of exchanges", () => {
  it("keeps each with its decision and answer, and never the token", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const good = await mint(cloud);
    const bad = await mint(cloud, { branch: "dev" });
    await exchange(cloud, good);
    await exchange(cloud, bad);
    await exchange(cloud, "nonsense");
    const [first, second, third] = cloud.exchanges();
    expect(first).toMatchObject({
      roleArn: ROLE,
      sessionName: "job-1",
      claims: { sub: SUBJECT },
      decision: { outcome: "allowed" },
      answer: { status: 200, code: null },
    });
    expect(first?.session).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/deploy/job-1`);
    expect(second).toMatchObject({
      claims: { ref: "dev" },
      decision: { outcome: "denied" },
      answer: NOT_AUTHORIZED,
      session: null,
    });
    expect(second?.decision?.checks.find(({ kind, pass }) => kind === "condition" && !pass)).toMatchObject({
      subject: "gitlab.com:sub",
    });
    expect(third).toMatchObject({ claims: null, decision: { outcome: "denied", cause: "not-a-jwt" } });
    const text = JSON.stringify(cloud.exchanges());
    for (const token of [good, bad]) expect(text).not.toContain(token.split(".")[2]);
  });

  it("tells of each as it was, whatever became of role and provider since", async () => {
    const cloud = await startCloud();
    const iam = await setUp(cloud);
    const token = await mint(cloud);
    await exchange(cloud, token);
    const before = cloud.exchanges();
    const PolicyDocument = trustPolicy({}, PROVIDER, "project_path:acme/other:ref_type:branch:ref:main");
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "deploy", PolicyDocument }));
    // What is kept of a role is kept for that record only: the next exchange meets the new policy.
    expect(await exchange(cloud, token)).toMatchObject(NOT_AUTHORIZED);
    await iam.send(new DeleteRoleCommand({ RoleName: "deploy" }));
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER }));
    expect(await exchange(cloud, token)).toMatchObject({ status: 400 });
    expect(cloud.exchanges()[0]).toEqual(before[0]);
    expect(cloud.exchanges().map(({ decision }) => decision?.outcome)).toEqual(["allowed", "denied", "denied"]);
    expect(before[0]).toMatchObject({
      decision: { outcome: "allowed" },
      event: { eventName: "AssumeRoleWithWebIdentity" },
    });
  });

  it("keeps the last thousand", async () => {
    const cloud = await startCloud();
    for (let count = 0; count < 1003; count += 1) await exchange(cloud, "nonsense", { RoleSessionName: `n-${count}` });
    const names = cloud.exchanges().map(({ sessionName }) => sessionName);
    expect(names).toHaveLength(1000);
    expect([names[0], names.at(-1)]).toEqual(["n-3", "n-1002"]);
  });
});
