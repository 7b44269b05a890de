import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { RoleRecord } from "../../../src/local/records.ts";
import { renderWebIdentityResult } from "../../../src/local/sts-web-identity-xml.ts";
import { answerXml, renderXml, resultXml } from "../../../src/wire/query.ts";

const OPERATION = "AssumeRoleWithWebIdentity";
const text = fc.string({
  unit: fc.constantFrom(..."ab01:/".split(""), "&", "<", ">", '"', "'", "\r", "\n", "\0", "é", "😀", "\ud800"),
});

describe("the result of AssumeRoleWithWebIdentity", () => {
  it("is what the general renderer makes of it, whatever the token says", () => {
    fc.assert(
      fc.property(text, text, fc.option(text), text, (audience, subject, identity, session) => {
        const claims = { audience, subject, tags: {}, transitiveTagKeys: [], sourceIdentity: identity };
        const user = {
          AssumedRoleId: `AROA:${session}`,
          Arn: `arn:aws:sts::123456789012:assumed-role/deploy/${session}`,
        };
        const credentials = {
          AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
          SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
          SessionToken: "IQoJb3JpZ2luX2VjEXAMPLE+/==",
          Expiration: "2026-11-28T17:41:06Z",
        };
        const issued = {
          kind: "issued",
          role: {} as RoleRecord,
          accessKeyId: credentials.AccessKeyId,
          user,
          credentials,
          expiresAt: 0,
          packed: 24,
        } as const;
        const result = {
          Audience: audience,
          AssumedRoleUser: user,
          Provider: `arn:${session}`,
          Credentials: credentials,
          SubjectFromWebIdentityToken: subject,
          PackedPolicySize: 24,
          SourceIdentity: identity ?? undefined,
        };
        const rendered = renderWebIdentityResult({ claims, issued, providerArn: `arn:${session}` });
        expect(rendered).toBe(renderXml(`${OPERATION}Result`, result, "", 1));
        expect(answerXml(OPERATION, "urn:x", rendered, "id-1")).toBe(resultXml(OPERATION, "urn:x", result, "id-1"));
      }),
    );
  });
});
