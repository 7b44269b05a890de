import { issuerName } from "../arn.ts";
import { addAudienceCommand, createProviderCommand } from "../aws-commands.ts";
import { textClaim } from "../token.ts";
import { aud, iss, provider, type Failure } from "./failure.ts";

/** What is wrong between the token and the provider: the audience, the issuer, its keys. */
export const PROVIDER_FAILURES = {
  F01: {
    title: "the token's audience is not one of the provider's",
    fix: (evidence) => addAudienceCommand(provider(evidence), aud(evidence)),
  },
  F02: {
    title: "the audience is mistyped",
    tell: (evidence) => {
      if (aud(evidence).endsWith("/")) return `${aud(evidence)} ends in a slash`;
      return /^sts\.amazon\.com|amazonaws\.com\//.test(aud(evidence))
        ? `${aud(evidence)} is nearly sts.amazonaws.com`
        : null;
    },
    fix: () => "copy the audience letter by letter from the IAM provider into the CI file",
  },
  F05: {
    title: "there is no provider for this issuer in the role's account",
    fix: (evidence) => createProviderCommand(iss(evidence), aud(evidence), evidence.role.account),
  },
  F07: {
    title: "the issuer has a path, and the provider or the condition keys leave it out",
    tell: (evidence) => (issuerName(iss(evidence)).includes("/") ? `the issuer is ${iss(evidence)}` : null),
    fix: (evidence) => `provider and condition keys must begin with ${issuerName(iss(evidence))}`,
  },
  F09: {
    title: "a self-managed instance needs a provider of its own",
    tell: ({ claims }) => {
      const issuer = textClaim(claims, "iss") ?? "";
      return claims["project_path"] !== undefined && issuer !== "https://gitlab.com"
        ? `the issuer is ${issuer}, not gitlab.com`
        : null;
    },
    fix: (evidence) => `create the provider ${iss(evidence)}; condition keys begin with ${issuerName(iss(evidence))}`,
  },
  F46: {
    title: "AWS cannot reach the issuer's keys from the internet",
    tell: (evidence) =>
      /^https:\/\/(gitlab\.com|token\.actions\.githubusercontent\.com)/.test(iss(evidence))
        ? null
        : `the issuer is ${iss(evidence)}`,
    fix: (evidence) =>
      `${iss(evidence)}/.well-known/openid-configuration must answer on the public internet within 5 s`,
  },
  F48: {
    title: "the key was rotated, and the published keys lack the token's kid",
    fix: (evidence) => `compare the token's kid with the jwks_uri of ${iss(evidence)}`,
  },
  F50: {
    title: "the certificate of the keys' host is not the one of the provider's thumbprint",
    fix: () => "public CAs need no thumbprint; for a private CA give the provider the new one",
  },
  F60: {
    title: "China has an audience of its own",
    tell: (evidence) =>
      evidence.role.partition === "aws-cn" && !aud(evidence).endsWith(".cn")
        ? `the audience is ${aud(evidence)}`
        : null,
    fix: () => "use sts.amazonaws.com.cn in the provider and in the CI file",
  },
} as const satisfies Record<string, Failure>;
