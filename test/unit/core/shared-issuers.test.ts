import { describe, expect, it } from "vitest";
import { readTrustPolicy } from "../../../src/core/policy.ts";
import type { Json } from "../../../src/core/token.ts";

const GITHUB = "token.actions.githubusercontent.com";

const arnOf = (issuer: string): string => `arn:aws:iam::123456789012:oidc-provider/${issuer}`;

/** IAM's answer to a role that trusts an issuer under a condition: its text, or "saved". */
function save(issuer: string, condition: Json | undefined, more: { readonly [element: string]: Json } = {}): string {
  const reading = readTrustPolicy({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: issuer.startsWith("cognito") ? issuer : arnOf(issuer) },
      Action: "sts:AssumeRoleWithWebIdentity",
      ...(condition === undefined ? {} : { Condition: condition }),
      ...more,
    },
  });
  return reading.kind === "malformed" ? reading.message : "saved";
}

function refusal(issuer: string, keys: string): string {
  const principal = issuer.startsWith("cognito") ? issuer : arnOf(issuer);
  return `Trust policy with trusted principal ${principal} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, ${keys} which is not scoped to all.`;
}

const equals = (key: string, value: Json): Json => ({ StringEquals: { [key]: value } });

// The table of the IAM guide, id_roles_providers_oidc_secure-by-default, as published 2026-09-11.
const TABLE: readonly (readonly [issuer: string, key: string])[] = [
  ["cognito-identity.amazonaws.com", "cognito-identity.amazonaws.com:aud"],
  ["sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", "sts:RoleSessionName"],
  ["agent.buildkite.com", "agent.buildkite.com:sub"],
  ["oidc.codefresh.io", "oidc.codefresh.io:sub"],
  ["studio.datachain.ai/api", "studio.datachain.ai/api:sub"],
  ["oidc-configuration.audit-log.githubusercontent.com", "oidc-configuration.audit-log.githubusercontent.com:sub"],
  ["vstoken.actions.githubusercontent.com", "vstoken.actions.githubusercontent.com:sub"],
  ["gitlab.com", "gitlab.com:sub"],
  ...[
    "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
    "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
    "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
    "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
    "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
    "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
  ].map((issuer) => [issuer, `${issuer}:sub`] as const),
  ["api.pulumi.com/oidc", "api.pulumi.com/oidc:aud"],
  ["sandboxes.cloud", "sandboxes.cloud:aud"],
  ["scalr.io", "scalr.io:sub"],
  ["tokens.cloud.shisho.dev", "tokens.cloud.shisho.dev:sub"],
  ["app.terraform.io", "app.terraform.io:sub"],
  ["proidc.upbound.io", "proidc.upbound.io:sub"],
  ["oidc.vercel.com", "oidc.vercel.com:aud"],
];

describe("a shared issuer", () => {
  it.each(TABLE)("%s needs %s", (issuer, key) => {
    expect(save(issuer, equals("aws:SourceIp", "10.0.0.1"))).toBe(refusal(issuer, key));
    expect(save(issuer, equals(key, "acme"))).toBe("saved");
    expect(save(issuer, equals(key, "*"))).toBe(refusal(issuer, key));
  });

  it("is refused without any condition, too", () => {
    expect(save("gitlab.com", undefined)).toBe(refusal("gitlab.com", "gitlab.com:sub"));
  });

  it.each([
    "oidc.circleci.com/org/11111111-2222-3333-4444-555555555555",
    "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
    "jenkins.example.com/oidc",
    "gitlab.example.com",
    "token.actions.acme.ghe.com",
    "oidc.vercel.com/acme",
    "oidc.eks.eu-central-1.amazonaws.com/id/ABCDEF",
  ])("is not %s, of which nothing is required", (issuer) => {
    expect(save(issuer, undefined)).toBe("saved");
  });

  it("needs its key in each statement that trusts it", () => {
    const open = {
      Effect: "Allow",
      Principal: { Federated: arnOf("gitlab.com") },
      Action: "sts:AssumeRoleWithWebIdentity",
    };
    const scoped = { ...open, Condition: equals("gitlab.com:sub", "x") };
    expect(readTrustPolicy({ Statement: [scoped, open] })).toEqual({
      kind: "malformed",
      message: refusal("gitlab.com", "gitlab.com:sub"),
    });
  });

  it("is found among several principals of one statement", () => {
    const principals = { Principal: { Federated: [arnOf("gitlab.example.com"), arnOf("gitlab.com")] } };
    expect(save("", equals("gitlab.example.com:sub", "x"), principals)).toBe(refusal("gitlab.com", "gitlab.com:sub"));
  });
});

describe("the check applies to", () => {
  it.each(["sts:AssumeRoleWithWebIdentity", "sts:*", "sts:AssumeRole*", "STS:ASSUMEROLEWITHWEBIDENTITY"])(
    "an Allow of %s",
    (action) => {
      expect(save("gitlab.com", undefined, { Action: action })).not.toBe("saved");
    },
  );

  it("no Deny", () => {
    expect(save("gitlab.com", undefined, { Effect: "Deny" })).toBe("saved");
  });

  it("no statement that only lets tags in", () => {
    expect(save("gitlab.com", undefined, { Action: "sts:TagSession" })).toBe("saved");
  });
});

describe("the operators that count", () => {
  const under = (operator: string, value: Json = "x"): string =>
    save("gitlab.com", { [operator]: { "gitlab.com:sub": value } });

  it.each(["StringEquals", "StringLike", "StringEqualsIgnoreCase"])("%s, with a set prefix or without", (operator) => {
    expect(under(operator)).toBe("saved");
    expect(under(`ForAnyValue:${operator}`)).toBe("saved");
    expect(under(`ForAllValues:${operator}`)).toBe("saved");
  });

  it.each([
    ...["StringEqualsIfExists", "StringLikeIfExists", "ForAnyValue:StringEqualsIfExists"],
    ...["StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase"],
    ...["Null", "Bool", "NumericEquals", "ArnLike"],
  ])("are not %s", (operator) => {
    expect(under(operator, "true")).toBe(refusal("gitlab.com", "gitlab.com:sub"));
  });
});

describe("the key", () => {
  it("is compared without regard to case", () => {
    const issuer = "cognito-identity.amazonaws.com";
    expect(save(issuer, equals("COGNITO-IDENTITY.AMAZONAWS.COM:AUD", "us-east-1:pool"))).toBe("saved");
  });

  it("must be the issuer's own", () => {
    expect(save("gitlab.com", equals("gitlab.example.com:sub", "x"))).toBe(refusal("gitlab.com", "gitlab.com:sub"));
    expect(save("gitlab.com", equals("gitlab.com:aud", "x"))).toBe(refusal("gitlab.com", "gitlab.com:sub"));
  });
});

describe("a star", () => {
  const key = "gitlab.com:sub";

  it("beside a good value spoils its operator's block", () => {
    expect(save("gitlab.com", equals(key, ["project_path:acme/shop:*", "*"]))).not.toBe("saved");
  });

  it("is made up for by another block without one", () => {
    const condition = { StringLike: { [key]: "*" }, StringEquals: { [key]: "project_path:acme/shop" } };
    expect(save("gitlab.com", condition)).toBe("saved");
  });

  it.each(["**", "?", "*?", "", "*:ref:main"])("is not what IAM sees in %j, of other issuers than GitHub", (value) => {
    expect(save("gitlab.com", { StringLike: { [key]: value } })).toBe("saved");
  });

  it("is not what IAM sees in an empty list", () => {
    expect(save("gitlab.com", equals(key, []))).toBe("saved");
  });
});

describe("GitHub", () => {
  const keys = (issuer: string): string => `${issuer}:sub or ${issuer}:job_workflow_ref`;
  const like = (value: Json): string => save(GITHUB, { StringLike: { [`${GITHUB}:sub`]: value } });

  it("is satisfied by sub or by job_workflow_ref", () => {
    expect(save(GITHUB, undefined)).toBe(refusal(GITHUB, keys(GITHUB)));
    expect(save(GITHUB, equals(`${GITHUB}:sub`, "repo:acme/shop:ref:refs/heads/main"))).toBe("saved");
    expect(save(GITHUB, equals(`${GITHUB}:job_workflow_ref`, "acme/ci/.github/workflows/x.yml@main"))).toBe("saved");
  });

  it.each(["*", "**", "*:main", "", " "])("takes no value %j, which is blank or begins with a star", (value) => {
    expect(like(value)).toBe(refusal(GITHUB, keys(GITHUB)));
  });

  it.each(["?*", "??*", "?owned", "owned*", "${aws:username}", "repo:*", "repo:org*", "?epo:*"])(
    "takes %j all the same",
    (value) => {
      expect(like(value)).toBe("saved");
    },
  );

  it("takes an empty list all the same", () => {
    expect(like([])).toBe("saved");
  });

  it.each([`${GITHUB}/private`, `${GITHUB}.example.test`])("is %s too, which must use its own keys", (issuer) => {
    expect(save(issuer, equals(`${GITHUB}:sub`, "repo:acme/shop"))).toBe(refusal(issuer, keys(issuer)));
    expect(save(issuer, equals(`${issuer}:sub`, "repo:acme/shop"))).toBe("saved");
  });

  it("must have both keys scoped where both are in one block", () => {
    const both = (sub: string, ref: string): Json => ({ [`${GITHUB}:sub`]: sub, [`${GITHUB}:job_workflow_ref`]: ref });
    expect(save(GITHUB, { StringLike: both("*", "acme/ci/*") })).not.toBe("saved");
    expect(save(GITHUB, { StringLike: both("repo:acme/*", "*") })).not.toBe("saved");
    expect(save(GITHUB, { StringLike: both("repo:acme/*", "acme/ci/*") })).toBe("saved");
  });
});

describe("an issuer that IAM knows by itself", () => {
  const saveFor = (issuer: string, condition: Json | undefined): string =>
    save(issuer, condition, { Principal: { Federated: issuer } });
  const needsId = (issuer: string): string =>
    `Policy trusting ${issuer} requires a StringEquals condition on an application id`;

  // Captured from AWS, 2026-09-11; the keys of the middle column as replayed against the captures.
  it.each([
    ["accounts.google.com", ["aud", "oaud", "sub"]],
    ["www.amazon.com", ["app_id", "sub"]],
    ["graph.facebook.com", ["app_id", "sub"]],
  ])("%s needs one of %j under StringEquals", (issuer, names) => {
    expect(saveFor(issuer, undefined)).toBe(needsId(issuer));
    expect(saveFor(issuer, equals("aws:SourceIp", "10.0.0.1"))).toBe(needsId(issuer));
    for (const name of names) expect(saveFor(issuer, equals(`${issuer}:${name}`, "1"))).toBe("saved");
    expect(saveFor(issuer, equals(`${issuer}:email`, "1"))).toBe(needsId(issuer));
  });

  it("is asked for with its key spelt exactly, and not by a pattern", () => {
    const google = "accounts.google.com";
    expect(saveFor(google, equals("Accounts.Google.com:aud", "1"))).toBe(needsId(google));
    expect(saveFor(google, { StringLike: { [`${google}:aud`]: "1*" } })).toBe(needsId(google));
    expect(saveFor(google, { StringEqualsIfExists: { [`${google}:aud`]: "1" } })).toBe(needsId(google));
    expect(saveFor(google, { StringEqualsIgnoreCase: { [`${google}:aud`]: "a" } })).toBe("saved");
  });

  it("of Cognito needs a condition block before it is asked which", () => {
    const cognito = "cognito-identity.amazonaws.com";
    expect(saveFor(cognito, undefined)).toBe("A condition block must be present for the Cognito provider");
    expect(saveFor(cognito, equals("aws:SourceIp", "10.0.0.1"))).toBe(refusal(cognito, `${cognito}:aud`));
    expect(saveFor(cognito, equals(`${cognito}:aud`, "us-east-1:pool"))).toBe("saved");
  });
});
