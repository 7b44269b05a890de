import {
  CreateRoleCommand,
  CreateSAMLProviderCommand,
  DeleteSAMLProviderCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateSAMLProviderCommand,
} from "@aws-sdk/client-iam";
import {
  AssumeRoleWithSAMLCommand,
  type AssumeRoleWithSAMLCommandInput,
  GetCallerIdentityCommand,
} from "@aws-sdk/client-sts";
import { createHash, generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";

import type { Json } from "../../../src/core/token.ts";
import type { LocalCloud } from "../../../src/local/index.ts";
import {
  type Assertion,
  assertionXml,
  ATTRIBUTES,
  base64,
  type Envelope,
  inSeconds,
  ISSUER,
  metadataOf,
  newSigner,
  responseXml,
  SIGN_IN,
  signAssertion,
  signatureOver,
  type Signer,
} from "./saml.ts";
import { ACCOUNT, iamClient, refusal, startCloud, stsClient } from "./support.ts";

const PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/idp`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/staff`;
const ALL = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"];

let signer: Signer;
let stranger: Signer;
beforeAll(() => {
  signer = newSigner();
  stranger = newSigner();
});

function trust(more: { readonly [element: string]: Json } = {}): string {
  const statement = { Effect: "Allow", Principal: { Federated: PROVIDER }, Action: ALL, ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

async function cloudWith(
  document = trust(),
  signers: readonly Signer[] = [signer],
  now = Date.now,
): Promise<LocalCloud> {
  const cloud = await startCloud({ now });
  const iam = iamClient(cloud);
  await iam.send(new CreateSAMLProviderCommand({ Name: "idp", SAMLMetadataDocument: metadataOf(signers) }));
  const role = { RoleName: "staff", AssumeRolePolicyDocument: document, MaxSessionDuration: 14_400 };
  await iam.send(new CreateRoleCommand(role));
  return cloud;
}

type Said = Partial<Assertion> & { readonly more?: Assertion["attributes"] };

/** An assertion for the role; attributes named without the prefix are AWS's. */
function saying({ more = {}, ...said }: Said = {}): Assertion {
  const own = { Role: [`${ROLE},${PROVIDER}`], RoleSessionName: ["ann"], ...more };
  const named = Object.entries(own).map(
    ([name, all]) => [/^(urn:|http)/.test(name) ? name : ATTRIBUTES + name, all] as const,
  );
  return { attributes: Object.fromEntries(named), ...said };
}

function good(said: Said = {}, envelope: Envelope = {}, by = signer): string {
  return responseXml(signAssertion(saying(said), by), envelope);
}

function ask(cloud: LocalCloud, xml: string, more: Partial<AssumeRoleWithSAMLCommandInput> = {}) {
  const input = { RoleArn: ROLE, PrincipalArn: PROVIDER, SAMLAssertion: base64(xml), ...more };
  return stsClient(cloud).send(new AssumeRoleWithSAMLCommand(input));
}

type Answer = Awaited<ReturnType<typeof ask>>;

function lifetime({ Credentials }: Answer): number {
  return Math.round(((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000);
}

function keysIn({ Credentials: keys }: Answer) {
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
  };
}

const invalid = (message: string | RegExp) => ({
  code: "InvalidIdentityToken",
  status: 400,
  message: typeof message === "string" ? message : (expect.stringMatching(message) as string),
});
const MALFORMED = invalid(
  /^Invalid base64 SAMLResponse \(Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: AuthSamlInvalidSamlResponseException; Request ID: [0-9a-f-]{36}; Proxy: null\)$/,
);
const NOT_SIGNED = invalid(
  /^Response \(with optional signature\) must contain an assertion with a mandatory signature \(Service: AWSOpenIdDiscoveryService; /,
);
const BAD_SIGNATURE = invalid("Response signature invalid");
const EXPIRED = { code: "ExpiredTokenException", status: 400, message: "Response has expired" };
const DENIED = { code: "AccessDenied", status: 403, message: "Not authorized to perform sts:AssumeRoleWithSAML" };

describe("a SAML response that is signed by the provider's key", () => {
  it("gives the credentials of a session that says who it is", async () => {
    const cloud = await cloudWith();
    const answer = await ask(cloud, good());
    const NameQualifier = createHash("sha1").update(`${ISSUER}${ACCOUNT}/idp`).digest("base64");
    expect(answer).toMatchObject({
      AssumedRoleUser: { Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/staff/ann` },
      Audience: SIGN_IN,
      Issuer: ISSUER,
      NameQualifier,
      Subject: "subject-123",
      SubjectType: "persistent",
    });
    expect(answer.SourceIdentity).toBeUndefined();
    expect(lifetime(answer)).toBeGreaterThan(3590);
    const who = await stsClient(cloud, keysIn(answer)).send(new GetCallerIdentityCommand({}));
    expect(who.Arn).toBe(answer.AssumedRoleUser?.Arn);
  });

  // Recorded from AWS, 2026-09: each of these is taken.
  it.each<[string, Said, Envelope?]>([
    [
      "has another audience",
      { conditions: "<saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience></saml:AudienceRestriction>" },
    ],
    ["has no audience", { conditions: "" }],
    ["is for the provider's own endpoint", { recipient: `https://us-east-1.signin.aws.amazon.com/saml/acs/X` }],
    ["is for a recipient that is no URL", { recipient: "not-a-url" }],
    ["is good from tomorrow on", { notBefore: inSeconds(86_400), confirmedFrom: inSeconds(86_400) }],
    ["has conditions without an end", { notOnOrAfter: null }],
    ["names provider before role", { more: { Role: [`${PROVIDER},${ROLE}`] } }],
    ["has another role, too", { more: { Role: [`${ROLE}2,${PROVIDER}`, `${ROLE}, ${PROVIDER}`] } }],
    ["is to be used once", { conditions: "<saml:OneTimeUse></saml:OneTimeUse>" }],
    ["comes in a response of another issuer", {}, { issuer: "https://other.test" }],
  ])("is taken when it %s", async (_, said, envelope) => {
    const cloud = await cloudWith();
    expect(await ask(cloud, good(said, envelope))).toMatchObject({
      Audience: said.recipient ?? SIGN_IN,
      AssumedRoleUser: {},
    });
  });

  it("is taken with a signature over the response beside that of the assertion", async () => {
    const cloud = await cloudWith();
    expect(await ask(cloud, good({}, { signer }))).toMatchObject({ Subject: "subject-123" });
    expect(await refusal(ask(cloud, good({}, { signer: stranger })))).toEqual(BAD_SIGNATURE);
  });

  it("is taken when the certificate has ended, and when any key of the metadata made it", async () => {
    let ahead = 0;
    const cloud = await cloudWith(trust(), [stranger, signer], () => Date.now() + ahead);
    ahead = 2 * 24 * 60 * 60 * 1000;
    const later = Date.now() + ahead;
    for (const by of [stranger, signer]) {
      expect(await ask(cloud, good({ issuedAt: later }, {}, by))).toMatchObject({ Issuer: ISSUER });
    }
  });

  it.each([
    [
      "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
      "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    ],
    ["custom-format", "custom-format"],
    ["urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "transient"],
  ])("has the format of its subject told: %s", async (format, SubjectType) => {
    expect(await ask(await cloudWith(), good({ format }))).toMatchObject({ SubjectType });
  });

  it("lasts as long as was asked, and no longer than the assertion says", async () => {
    const cloud = await cloudWith();
    const near = async (said: Said, seconds: number, DurationSeconds?: number) => {
      const more = DurationSeconds === undefined ? {} : { DurationSeconds };
      expect(Math.abs(lifetime(await ask(cloud, good(said), more)) - seconds), JSON.stringify(said)).toBeLessThan(15);
    };
    await near({ sessionEnd: inSeconds(600) }, 600);
    await near({ more: { SessionDuration: ["900"] } }, 900);
    await near({ more: { SessionDuration: ["7200"] } }, 3600);
    await near({}, 7200, 7200);
    expect(await refusal(ask(cloud, good(), { DurationSeconds: 14_401 }))).toEqual({
      code: "ValidationError",
      status: 400,
      message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    });
  });

  it("gives its session tags and source identity when the trust policy allows them", async () => {
    const more = { SourceIdentity: ["source-123"], "PrincipalTag:team": ["engineering"], TransitiveTagKeys: ["team"] };
    const cloud = await cloudWith();
    const answer = await ask(cloud, good({ more }));
    expect(answer.SourceIdentity).toBe("source-123");
    const iam = iamClient(cloud);
    const Condition = {
      StringEquals: { "aws:PrincipalTag/team": "engineering", "aws:SourceIdentity": "source-123" },
    };
    const allow = { Effect: "Allow", Action: "iam:ListUsers", Resource: "*", Condition };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: allow });
    await iam.send(new PutRolePolicyCommand({ RoleName: "staff", PolicyName: "p", PolicyDocument }));
    const { ListUsersCommand } = await import("@aws-sdk/client-iam");
    expect((await iamClient(cloud, keysIn(answer)).send(new ListUsersCommand({}))).Users).toHaveLength(1);
    for (const missing of ALL.slice(1)) {
      const PolicyOfTrust = trust({ Action: ALL.filter((action) => action !== missing) });
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "staff", PolicyDocument: PolicyOfTrust }));
      expect(await refusal(ask(cloud, good({ more }))), missing).toEqual(DENIED);
    }
  });

  it("leaves its subject with the session, as condition keys", async () => {
    const cloud = await cloudWith();
    const answer = await ask(cloud, good());
    const Condition = {
      StringEquals: {
        "saml:sub": "subject-123",
        "saml:sub_type": "persistent",
        "saml:namequalifier": answer.NameQualifier ?? "",
        "aws:FederatedProvider": PROVIDER,
      },
      Null: { "saml:aud": "true", "saml:iss": "true" },
    };
    const allow = { Effect: "Allow", Action: "iam:ListUsers", Resource: "*", Condition };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: allow });
    const { ListUsersCommand } = await import("@aws-sdk/client-iam");
    const list = () => iamClient(cloud, keysIn(answer)).send(new ListUsersCommand({}));
    expect(await refusal(list())).toMatchObject({ code: "AccessDenied" });
    await iamClient(cloud).send(new PutRolePolicyCommand({ RoleName: "staff", PolicyName: "p", PolicyDocument }));
    expect((await list()).Users).toHaveLength(1);
  });
});

describe("a trust policy for SAML", () => {
  // Recorded from AWS, 2026-09, but for the attributes' keys, which are in the IAM guide.
  it.each<[string, boolean, { readonly [operator: string]: Json }]>([
    ["the account", true, { StringEquals: { "aws:PrincipalAccount": ACCOUNT } }],
    ["no principal ARN", true, { Null: { "aws:PrincipalArn": "true" } }],
    ["a user, as the type", true, { StringEquals: { "aws:PrincipalType": "User" } }],
    ["no SAML user, as the type", false, { StringEquals: { "aws:PrincipalType": "SAMLUser" } }],
    ["the provider, as the user id", true, { StringEquals: { "aws:userid": PROVIDER } }],
    ["the recipient", true, { StringEquals: { "saml:aud": SIGN_IN } }],
    ["another recipient", false, { StringEquals: { "saml:aud": "https://other.test/saml" } }],
    ["the issuer", true, { StringEquals: { "saml:iss": ISSUER } }],
    ["account and provider", true, { StringEquals: { "saml:doc": `${ACCOUNT}/idp` } }],
    ["the subject and its type", true, { StringEquals: { "saml:sub": "subject-123", "saml:sub_type": "persistent" } }],
    ["the session's name", true, { StringEquals: { "sts:RoleSessionName": "ann" } }],
    ["one affiliation of several", true, { "ForAnyValue:StringEquals": { "saml:edupersonaffiliation": "staff" } }],
    [
      "an affiliation that is not there",
      false,
      { "ForAnyValue:StringEquals": { "saml:edupersonaffiliation": "guest" } },
    ],
    ["a mail address", true, { StringLike: { "saml:mail": "*@acme.test" } }],
  ])("sees %s (%s)", async (_, admits, Condition) => {
    const more = {
      "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["member", "staff"],
      "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": ["ann@acme.test"],
    };
    const call = ask(await cloudWith(trust({ Condition })), good({ more }));
    if (admits) expect(await call).toMatchObject({ AssumedRoleUser: {} });
    else expect(await refusal(call)).toEqual(DENIED);
  });

  it.each([
    ["for everybody with keys", trust({ Principal: { AWS: "*" } })],
    ["for another provider", trust({ Principal: { Federated: `${PROVIDER}2` } })],
    ["for web identities", trust({ Action: "sts:AssumeRoleWithWebIdentity" })],
  ])("does not admit anybody when it is %s", async (_, document) => {
    expect(await refusal(ask(await cloudWith(document), good()))).toEqual(DENIED);
  });

  it("admits nobody to a role that is not there", async () => {
    const RoleArn = `${ROLE}2`;
    const cloud = await cloudWith();
    const more = { Role: [`${RoleArn},${PROVIDER}`] };
    expect(await refusal(ask(cloud, good({ more }), { RoleArn }))).toEqual(DENIED);
  });
});

describe("a SAML response that is not good", () => {
  it.each<[string, Said, object]>([
    ["has no conditions", { conditions: null }, MALFORMED],
    ["confirms without an end", { confirmedUntil: null }, MALFORMED],
    ["confirms for no recipient", { recipient: null }, MALFORMED],
    ["confirms twice", { confirmations: 2 }, MALFORMED],
    ["has a subject without a format", { format: null }, MALFORMED],
    ["has a time that is none", { notBefore: "invalid" }, MALFORMED],
    ["does not say when somebody signed in", { authenticated: false }, MALFORMED],
    ["has no subject", { subject: null }, DENIED],
    ["has conditions that ended a minute ago", { notOnOrAfter: inSeconds(-60) }, EXPIRED],
    ["has a confirmation that ended", { confirmedUntil: inSeconds(-60) }, EXPIRED],
    ["is of a session that ended", { sessionEnd: inSeconds(-60) }, EXPIRED],
    [
      "was issued more than five minutes ago",
      { issuedAt: Date.now() - 310_000, notOnOrAfter: inSeconds(300), confirmedUntil: inSeconds(300) },
      { ...EXPIRED, message: "Token must be redeemed within 5 minutes of issuance" },
    ],
    [
      "is for another role",
      { more: { Role: [`${ROLE}2,${PROVIDER}`] } },
      invalid("SAML Assertion doesn't contain the requested Role and Metadata in the attributes"),
    ],
    [
      "is for another provider",
      { more: { Role: [`${ROLE},${PROVIDER}2`] } },
      invalid("SAML Assertion doesn't contain the requested Role and Metadata in the attributes"),
    ],
    ["names no session", { more: { RoleSessionName: [] } }, invalid("RoleSessionName is required in AuthnResponse")],
    [
      "names a session with a space",
      { more: { RoleSessionName: ["ann b"] } },
      invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
    ],
    [
      "has a source identity of AWS's own",
      { more: { SourceIdentity: ["aws:ann"] } },
      invalid('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'),
    ],
    ["wishes a session of a minute", { more: { SessionDuration: ["60"] } }, MALFORMED],
    ["has a tag with two values", { more: { "PrincipalTag:a": ["1", "2"] } }, MALFORMED],
    [
      "is of an issuer that the metadata does not have",
      { issuer: "https://other.test" },
      invalid(/^Issuer not present in specified provider \(Service: AWSOpenIdDiscoveryService; .*AuthSamlInvalid/),
    ],
  ])("is refused when it %s", async (_, said, answer) => {
    expect(await refusal(ask(await cloudWith(), good(said)))).toEqual(answer);
  });

  it("is refused when the identity provider did not sign anybody in", async () => {
    const status = "urn:oasis:names:tc:SAML:2.0:status:Responder";
    expect(await refusal(ask(await cloudWith(), good({}, { status })))).toMatchObject({
      code: "IDPRejectedClaim",
      status: 403,
    });
  });

  it("is refused when it is no base64, no UTF-8, no XML, no response, or not SAML 2.0", async () => {
    const cloud = await cloudWith();
    const bytes = [
      "not base64!",
      Buffer.from([0xff, 0xfe, 0xfd, 0xfc]).toString("base64"),
      base64("no XML"),
      base64("<a><b></a>"),
      base64(`${good()}<more/>`),
      base64(signAssertion(saying(), signer)),
      base64(good().replace("IssueInstant", 'Version2="" IssueInstant').replace('Version="2.0"', 'Version="1.1"')),
      base64("<a>".repeat(5000) + "</a>".repeat(5000)),
    ];
    for (const SAMLAssertion of bytes) {
      expect(await refusal(ask(cloud, "", { SAMLAssertion })), SAMLAssertion.slice(0, 40)).toEqual(MALFORMED);
    }
  });

  it("brings no entities and no files in", async () => {
    const cloud = await cloudWith();
    const doctype = '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY a "subject-123">]>';
    const named = good().replace("<saml:NameID", "<!--x--><saml:NameID");
    expect(await refusal(ask(cloud, doctype + good()))).toEqual(MALFORMED);
    expect(await refusal(ask(cloud, doctype + named.replace("subject-123", "&e;")))).toEqual(MALFORMED);
  });

  it("is refused when its provider is not there, and answers for the one that is there now", async () => {
    const cloud = await cloudWith();
    const iam = iamClient(cloud);
    await iam.send(
      new UpdateSAMLProviderCommand({ SAMLProviderArn: PROVIDER, SAMLMetadataDocument: metadataOf([stranger]) }),
    );
    expect(await refusal(ask(cloud, good()))).toEqual(BAD_SIGNATURE);
    expect(await ask(cloud, good({}, {}, stranger))).toMatchObject({ Issuer: ISSUER });
    await iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn: PROVIDER }));
    expect(await refusal(ask(cloud, good()))).toEqual(
      invalid(/^Specified provider doesn't exist \(Service: AWSOpenIdDiscoveryService; .*AuthSamlManifestNotFound/),
    );
  });

  it("is refused in plain when the provider's have to be encrypted, and said to be unreadable when it is", async () => {
    const cloud = await cloudWith();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const AddPrivateKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const required = { SAMLProviderArn: PROVIDER, AssertionEncryptionMode: "Required", AddPrivateKey } as const;
    await iamClient(cloud).send(new UpdateSAMLProviderCommand(required));
    expect(await refusal(ask(cloud, good()))).toEqual(MALFORMED);
    const encrypted =
      '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"></saml:EncryptedAssertion>';
    expect(await refusal(ask(cloud, responseXml(encrypted)))).toMatchObject({
      code: "UnsupportedOperation",
      status: 501,
    });
  });

  it("is never repeated in an answer", async () => {
    const SAMLAssertion = "c2VjcmV0LWFzc2VydGlvbg!".repeat(6000);
    const { code, message } = await refusal(ask(await cloudWith(), "", { SAMLAssertion }));
    expect([code, message.includes("c2Vj")]).toEqual(["ValidationError", false]);
  });
});

describe("a forged SAML response", () => {
  const EVIL = "evil-user";

  it("is refused without the assertion's own signature, whatever else is signed", async () => {
    const cloud = await cloudWith();
    const unsigned = assertionXml(saying());
    expect(await refusal(ask(cloud, responseXml(unsigned)))).toEqual(NOT_SIGNED);
    expect(await refusal(ask(cloud, responseXml(unsigned, { signer })))).toEqual(NOT_SIGNED);
  });

  it("is refused with a stranger's signature, though it brings its certificate along", async () => {
    expect(await refusal(ask(await cloudWith(), good({}, {}, stranger)))).toEqual(BAD_SIGNATURE);
  });

  it("is refused with any word of the assertion changed", async () => {
    const cloud = await cloudWith();
    const xml = good();
    const start = xml.indexOf("<saml:Assertion");
    for (const word of [
      "subject-123",
      SIGN_IN,
      "persistent",
      ROLE,
      ">ann<",
      "urn:amazon:webservices",
      "_a1",
      "bearer",
    ]) {
      const at = xml.indexOf(word, start) + 1;
      const changed = `${xml.slice(0, at)}${xml[at] === "x" ? "y" : "x"}${xml.slice(at + 1)}`;
      const { code, message } = await refusal(ask(cloud, changed));
      expect([code, message], word).toEqual(["InvalidIdentityToken", "Response signature invalid"]);
    }
  });

  it("is refused with any part of the signature changed", async () => {
    const cloud = await cloudWith();
    const xml = good();
    for (const [from, to] of [
      ["#rsa-sha256", "#rsa-sha512"],
      ["xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"],
      ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"],
      ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#none"],
      ["xmlenc#sha256", "xmlenc#sha512"],
      ['URI="#_a1"', 'URI=""'],
      ['URI="#_a1"', 'URI="#_r1"'],
      ["<ds:DigestValue>", "<ds:DigestValue>A"],
      ["<ds:SignatureValue>", "<ds:SignatureValue>AAAA"],
      [
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"></ds:Transform>',
      ],
      ["</ds:Signature>", "<ds:Object></ds:Object></ds:Signature>"],
    ] as const) {
      expect(xml).toContain(from);
      expect(await refusal(ask(cloud, xml.replace(from, to))), `${from} as ${to}`).toEqual(BAD_SIGNATURE);
    }
  });

  it("is refused when a signed assertion is wrapped, so that another is read in its place", async () => {
    const cloud = await cloudWith();
    const signed = signAssertion(saying(), signer);
    const forged = assertionXml(saying({ id: "_e1", subject: EVIL }));
    const signature = /<ds:Signature.*<\/ds:Signature>/s.exec(signed)?.[0] ?? "";
    const withoutSignature = signed.replace(signature, "");
    const forgedWith = (inside: string, id = "_e1") => assertionXml(saying({ id, subject: EVIL }), inside);
    const extensions = (inside: string) => `<samlp:Extensions>${inside}</samlp:Extensions>`;
    const wrapped: Record<string, string> = {
      "the signed one beside the forged one": responseXml(forged + signed),
      "the forged one beside the signed one": responseXml(signed + forged),
      "the signed one in extensions": responseXml(forged).replace(
        "<samlp:Status>",
        `${extensions(signed)}<samlp:Status>`,
      ),
      "the forged one in extensions": responseXml(signed).replace(
        "<samlp:Status>",
        `${extensions(forged)}<samlp:Status>`,
      ),
      "the forged one with the other's signature": responseXml(forgedWith(signature)),
      "the signed one inside the signature of the forged one": responseXml(
        forgedWith(signature.replace("</ds:Signature>", `<ds:Object>${withoutSignature}</ds:Object></ds:Signature>`)),
      ),
      "the same id twice": responseXml(forgedWith(signature, "_a1") + withoutSignature),
      "the signed one inside the forged one": responseXml(forgedWith(`${signature}${withoutSignature}`)),
      "a second signature in the assertion": responseXml(
        assertionXml(saying({ subject: EVIL }), signature + signatureOver(forged, "_e1", stranger)),
      ),
    };
    for (const [how, xml] of Object.entries(wrapped)) {
      const { code, status } = await refusal(ask(cloud, xml));
      expect([code, status], how).toEqual(["InvalidIdentityToken", 400]);
    }
  });

  it("has no other subject for a comment in its name", async () => {
    const cloud = await cloudWith();
    // A comment is not signed; a reader that stops at it would see another person.
    const xml = good({ subject: "admin@acme.test.evil.test" }).replace("acme.test.evil", "acme.test<!---->.evil");
    expect((await ask(cloud, xml)).Subject).toBe("admin@acme.test.evil.test");
  });
});
