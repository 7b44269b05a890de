import { createHash } from "node:crypto";

import { Context } from "../core/conditions.ts";
import type { Origin } from "./operation.ts";
import type { RoleRecord } from "./records.ts";
import type { SamlClaims } from "./saml-assertion.ts";
import type { SamlRequest } from "./sts-saml-request.ts";
import type { World } from "./world.ts";

type Keys = readonly (readonly [string, string | readonly string[]])[];

/** Attributes that have a condition key. AWS IAM guide, id_roles_providers_create_saml_assertions. */
const ATTRIBUTE_KEYS: Readonly<Record<string, string>> = {
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": "edupersonaffiliation",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.2": "edupersonnickname",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.3": "edupersonorgdn",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.4": "edupersonorgunitdn",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.5": "edupersonprimaryaffiliation",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "edupersonprincipalname",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.7": "edupersonentitlement",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.8": "edupersonprimaryorgunitdn",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.9": "edupersonscopedaffiliation",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.10": "edupersontargetedid",
  "urn:oid:1.3.6.1.4.1.5923.1.1.1.11": "edupersonassurance",
  "urn:oid:1.3.6.1.4.1.5923.1.2.1.2": "eduorghomepageuri",
  "urn:oid:1.3.6.1.4.1.5923.1.2.1.3": "eduorgidentityauthnpolicyuri",
  "urn:oid:1.3.6.1.4.1.5923.1.2.1.4": "eduorglegalname",
  "urn:oid:1.3.6.1.4.1.5923.1.2.1.5": "eduorgsuperioruri",
  "urn:oid:1.3.6.1.4.1.5923.1.2.1.6": "eduorgwhitepagesuri",
  "urn:oid:2.5.4.3": "cn",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "name",
  "http://schemas.xmlsoap.org/claims/CommonName": "commonname",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname": "givenname",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname": "surname",
  "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "mail",
  "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "uid",
};

/** A hash that stands for the issuer at this provider. STS API reference, AssumeRoleWithSAML, NameQualifier. */
export function nameQualifier(issuer: string, account: string, providerName: string): string {
  return createHash("sha1").update(`${issuer}${account}/${providerName}`).digest("base64");
}

export interface SamlAssumption {
  readonly claims: SamlClaims;
  readonly request: SamlRequest;
  readonly role: RoleRecord;
  readonly providerArn: string;
  readonly qualifier: string;
}

/**
 * The condition keys of an AssumeRoleWithSAML request. Recorded from AWS, 2026-09: the provider is the caller, by
 * aws:userid, and there is no aws:PrincipalArn.
 */
export function samlContext(assumption: SamlAssumption, world: World, origin: Origin): Context {
  const { claims, request, role, providerArn, qualifier } = assumption;
  const { account } = world.store.identity;
  const now = world.now();
  const { requested, transitiveTagKeys } = request.tags;
  const tags = Object.entries(requested);
  const optional: Keys = [
    ...(request.sourceIdentity === null ? [] : [["sts:SourceIdentity", request.sourceIdentity] as const]),
    ...tags.map(([key, value]) => [`aws:RequestTag/${key}`, value] as const),
    ...(tags.length > 0 ? [["aws:TagKeys", tags.map(([key]) => key)] as const] : []),
    ...(transitiveTagKeys.length > 0 ? [["sts:TransitiveTagKeys", transitiveTagKeys] as const] : []),
    ...(origin.userAgent === undefined ? [] : [["aws:UserAgent", origin.userAgent] as const]),
  ];
  return new Context([
    ...attributeKeys(claims),
    ["saml:aud", claims.recipient],
    ["saml:iss", claims.issuer],
    ["saml:doc", `${account}/${providerArn.replace(/^.*:saml-provider\//, "")}`],
    ...subjectKeys({ subject: claims.subject, subjectType: claims.subjectType, qualifier }),
    ["sts:RoleSessionName", request.sessionName],
    ...optional,
    ...role.tags.flatMap(({ key, value }): Keys => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
    ["aws:PrincipalAccount", account],
    ["aws:PrincipalType", "User"],
    ["aws:PrincipalIsAWSService", "false"],
    ["aws:userid", providerArn],
    ["aws:ResourceAccount", account],
    ["aws:CurrentTime", new Date(now).toISOString()],
    ["aws:EpochTime", String(Math.floor(now / 1000))],
    ["aws:RequestedRegion", origin.region],
    ["aws:SourceIp", origin.sourceIp],
    ["aws:SecureTransport", "true"],
  ]);
}

function attributeKeys({ attributes }: SamlClaims): Keys {
  return [...attributes].flatMap(([name, values]): Keys => {
    const key = Object.hasOwn(ATTRIBUTE_KEYS, name) ? ATTRIBUTE_KEYS[name] : undefined;
    return key === undefined ? [] : [[`saml:${key}`, values]];
  });
}

/** Whom a SAML session is of: the only keys that it keeps. AWS IAM guide, reference_policies_iam-condition-keys. */
export function subjectKeys(of: SamlSubject): Keys {
  return [
    ["saml:sub", of.subject],
    ["saml:sub_type", of.subjectType],
    ["saml:namequalifier", of.qualifier],
  ];
}

export interface SamlSubject {
  readonly subject: string;
  readonly subjectType: string;
  readonly qualifier: string;
}
