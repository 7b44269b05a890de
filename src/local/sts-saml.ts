import { readRoleArn, type RoleArn } from "../core/arn.ts";
import { readIdentityPolicy } from "../core/policy.ts";
import { stsAnswer } from "../core/sts-answers.ts";
import { trusts } from "../core/trust.ts";
import { type Answer, type Call, operation, result } from "./operation.ts";
import { text, type Values } from "./parameters.ts";
import { type RoleRecord, trustOf } from "./records.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { SamlClaims } from "./saml-assertion.ts";
import { EXPIRED, malformedResponse, noSuchProvider, notAuthorized, samlRefusal, TOO_OLD } from "./sts-saml-answers.ts";
import { nameQualifier, type SamlAssumption, samlContext } from "./sts-saml-context.ts";
import { readSamlRequest } from "./sts-saml-request.ts";
import { issueSession } from "./sts-session.ts";
import { arn, policyArns, roleDuration, sessionPolicy } from "./sts-shapes.ts";

// Source: STS API model (botocore 1.43.107).
const parameters = {
  RoleArn: arn,
  PrincipalArn: arn,
  SAMLAssertion: text({ min: 4, max: 100_000, sensitive: true }),
  PolicyArns: policyArns,
  Policy: sessionPolicy,
  DurationSeconds: roleDuration,
};

type SamlCall = Call<Values<typeof parameters>>;

/** Trades a SAML response for the credentials of a role session. Nobody signs this call. */
export const assumeRoleWithSaml = operation({ parameters, access: "nobody", run: assume });

async function assume(call: SamlCall): Promise<Answer> {
  const { values, world } = call;
  const target = readRoleArn(values.RoleArn);
  if (!target) return refuse(400, "ValidationError", "Request ARN is invalid");
  const provider = world.store.iam.samlProviders.get(values.PrincipalArn);
  if (!provider) return noSuchProvider();
  const xml = decode(values.SAMLAssertion);
  if (xml === null) return malformedResponse();
  // Reading XML takes two packages that a cloud without SAML has no use for.
  const { verifyResponse } = await import("./saml-response.ts");
  const claims = verifyResponse(xml, provider);
  if (typeof claims === "string") return samlRefusal(claims);
  return checkTimes(claims, world.now()) ?? admit(call, target, claims);
}

function decode(base64: string): string | null {
  const compact = base64.replaceAll(/\s+/g, "");
  const bytes = Buffer.from(compact, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") !== compact.replace(/=+$/, "")) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

const LONGEST_WAY = 5 * 60 * 1000;

function checkTimes({ expiresAt, issuedAt }: SamlClaims, now: number): Refusal | null {
  if (now >= expiresAt) return EXPIRED;
  return now - issuedAt > LONGEST_WAY ? TOO_OLD : null;
}

function admit(call: SamlCall, target: RoleArn, claims: SamlClaims): Answer {
  const { values, world } = call;
  const { PrincipalArn: providerArn } = values;
  const request = readSamlRequest(claims, values.RoleArn, providerArn);
  if (request.kind === "refused") return request;
  const { account } = world.store.identity;
  const role = findRole(call, target);
  if (!role) return notAuthorized();
  const qualifier = nameQualifier(claims.issuer, account, providerArn.replace(/^.*\//, ""));
  const refusal = checkTrust(call, { claims, request, role, providerArn, qualifier }) ?? checkLimits(call, role);
  if (refusal) return refusal;
  const { sourceIdentity, tags, sessionName } = request;
  const { subject, subjectType } = claims;
  const wanted = {
    ...values,
    RoleSessionName: sessionName,
    DurationSeconds: durationOf(values.DurationSeconds ?? 3600, request.duration, claims, world.now()),
    saml: { subjectType, qualifier },
  };
  const held = { subject, audience: "", tags: tags.tags, transitiveTagKeys: tags.transitiveTagKeys, sourceIdentity };
  const issued = issueSession(world, wanted, role, held, providerArn);
  if (issued.kind === "refused") return issued;
  return result({
    AssumedRoleUser: issued.user,
    Audience: claims.recipient,
    Credentials: issued.credentials,
    Issuer: claims.issuer,
    NameQualifier: qualifier,
    PackedPolicySize: issued.packed,
    Subject: subject,
    SubjectType: subjectType,
    SourceIdentity: sourceIdentity ?? undefined,
  });
}

function findRole({ world }: SamlCall, { account, arn: wanted, name }: RoleArn): RoleRecord | null {
  const record = account === world.store.identity.account ? world.store.iam.roles.get(name) : undefined;
  return record?.arn === wanted && !world.weather.settles(wanted, world.now()) ? record : null;
}

/** Tags and source identity need permissions of their own in the trust policy. AWS IAM guide, id_session-tags. */
function checkTrust({ world, origin }: SamlCall, assumption: SamlAssumption): Refusal | null {
  const { role, request, providerArn } = assumption;
  const context = samlContext(assumption, world, origin);
  const provider = { arn: providerArn, url: "", audiences: [], thumbprints: [] };
  const actions = [
    "sts:AssumeRoleWithSAML",
    ...(Object.keys(request.tags.tags).length > 0 ? ["sts:TagSession"] : []),
    ...(request.sourceIdentity === null ? [] : ["sts:SetSourceIdentity"]),
  ];
  const trusted = actions.every((action) => trusts(trustOf(role), { provider, action, context, checks: null }));
  return trusted ? null : notAuthorized();
}

function checkLimits({ values }: SamlCall, role: RoleRecord): Refusal | null {
  const { status, code, messages } = stsAnswer("duration-over-maximum");
  if ((values.DurationSeconds ?? 0) > role.maxSessionDuration) return refuse(status, code, messages["2026"]);
  const reading = values.Policy === undefined ? null : readIdentityPolicy(values.Policy);
  return reading?.kind === "malformed" ? refuse(400, "MalformedPolicyDocument", reading.message) : null;
}

/** Recorded from AWS, 2026-09: what the assertion says makes a session shorter, also under 15 minutes, and never longer. */
function durationOf(asked: number, wished: number | null, { sessionEnd }: SamlClaims, now: number): number {
  const left = sessionEnd === null ? asked : Math.floor(sessionEnd / 1000) - Math.floor(now / 1000);
  return Math.min(asked, wished ?? asked, left);
}
