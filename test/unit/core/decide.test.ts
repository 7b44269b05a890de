import { describe, expect, it } from "vitest";
import { decide, type Question } from "../../../src/core/decide.ts";
import type { Json } from "../../../src/core/token.ts";
import {
  AUDIENCE,
  type Changes,
  denied,
  NOW,
  PROVIDER,
  question,
  reason,
  role,
  ROLE_ARN,
  SECONDS,
  statement,
  SUBJECT,
  token,
  trust,
} from "./example.ts";

const ROLES = "https://aws.amazon.com/roles";
const TAGS = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";

const GENERIC =
  "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.";
const NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
// Two spaces behind the comma, as recorded.
const NO_KEY =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

function ask(changes: Changes, more: Partial<Question> = {}): ReturnType<typeof decide> {
  return decide(question({ token: token(changes), ...more }));
}

describe("a token of main, for a role that trusts main", () => {
  it("is allowed, and every check that was made passed", () => {
    const decision = decide(question());
    expect(decision.outcome).toBe("allowed");
    expect(decision.checks.filter(({ pass }) => !pass)).toEqual([]);
    expect(decision.checks.map(({ kind }) => kind)).toEqual([
      ...["shape", "claims", "provider", "signature", "lifetime", "lifetime", "lifetime", "audience"],
      ...["role", "principal", "action", "condition", "trust", "duration"],
    ]);
  });

  it("gives the session its subject and audience, and no tags", () => {
    expect(decide(question())).toMatchObject({
      session: { subject: SUBJECT, audience: AUDIENCE, tags: {}, transitiveTagKeys: [], sourceIdentity: null },
    });
  });

  it("names the statement that allowed", () => {
    const other = statement({ Condition: { StringEquals: { "gitlab.com:sub": "project_path:other/shop" } } });
    expect(decide(question({ role: role(trust(other, statement())) }))).toMatchObject({
      outcome: "allowed",
      statement: 1,
    });
  });

  it("is allowed when nobody has checked the signature yet, and says so", () => {
    const decision = decide(question({ signature: "unchecked" }));
    expect(decision.outcome).toBe("allowed");
    expect(decision.checks.find(({ kind }) => kind === "signature")?.got).toContain("not checked");
  });
});

describe("what AWS answers, to the letter", () => {
  type Row = readonly [wish: string, asked: Partial<Question>, status: number, code: string, text: string];
  const bad = (changes: Changes): Partial<Question> => ({ token: token(changes) });
  const rows: readonly Row[] = [
    [
      "a header with crit",
      { token: token({}, { alg: "RS256", crit: ["exp"] }) },
      400,
      "InvalidIdentityToken",
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    ],
    ...["iss", "sub", "aud", "iat", "exp"].map((name): Row => [
      `no ${name}`,
      bad({ [name]: undefined }),
      400,
      "InvalidIdentityToken",
      `Missing a required claim: ${name}`,
    ]),
    ["no audience in the list", bad({ aud: [] }), 400, "InvalidIdentityToken", "Claim is not allowed to be empty: aud"],
    [
      "two audiences and no azp",
      bad({ aud: [AUDIENCE, "other"] }),
      400,
      "InvalidIdentityToken",
      "Token audience contains more than one audience while authorized party is not present",
    ],
    ["sub null", bad({ sub: null }), 500, "InternalFailure", "Unknown error validating third-party token"],
    [
      "iat 301 s ahead",
      bad({ iat: SECONDS + 301 }),
      400,
      "InvalidIdentityToken",
      `Token issued in the future: ${SECONDS + 301}`,
    ],
    [
      "nbf 301 s ahead",
      bad({ nbf: SECONDS + 301 }),
      400,
      "InvalidIdentityToken",
      `Token not yet valid: current date/time ${SECONDS + 300} must be after or equal to the not-before date/time ${SECONDS + 301}`,
    ],
    ["a key that is not published", { signature: "unknown-key" }, 400, "InvalidIdentityToken", NO_KEY],
    ["an issuer that does not answer", { signature: "unreachable" }, 400, "InvalidIdentityToken", NO_KEY],
    [
      "tags of two values",
      bad({ [TAGS]: { principal_tags: { Team: ["a", "b"] } } }),
      400,
      "InvalidIdentityToken",
      "principal_tags passed in claim is not in correct format.",
    ],
    [
      "a roles claim without this role",
      bad({ [ROLES]: [`${ROLE_ARN}-2`] }),
      400,
      "InvalidIdentityToken",
      "The target role ARN is not present in the roles claim of the identity token",
    ],
    [
      "a roles claim without an ARN",
      bad({ [ROLES]: ["shop-deploy"] }),
      400,
      "InvalidIdentityToken",
      "The roles claim contains no valid role ARNs",
    ],
    [
      "a roles claim that is a number",
      bad({ [ROLES]: 7 }),
      400,
      "InvalidIdentityToken",
      "The roles claim is not in a supported format",
    ],
    ["no such role", { role: null }, 403, "AccessDenied", NOT_AUTHORIZED],
    ["another branch", bad({ sub: SUBJECT.replace("main", "dev") }), 403, "AccessDenied", NOT_AUTHORIZED],
    [
      "more time than the role gives",
      { request: { roleArn: ROLE_ARN, sessionName: "job", duration: 3601 } },
      400,
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    ],
  ];

  it.each(rows)("%s", (_, asked, status, code, text) => {
    const { code: gotCode, status: gotStatus, messages } = denied(decide(question(asked)));
    expect([gotStatus, gotCode, messages]).toEqual([status, code, { "2026": text, "2025": text }]);
  });

  // The texts that changed about mid-2026.
  it.each([
    [
      "no provider",
      { provider: null },
      GENERIC,
      "No OpenIDConnect provider found in your account for https://gitlab.com",
    ],
    ["an audience that the provider lacks", { token: token({ aud: "other" }) }, GENERIC, "Incorrect token audience"],
    ["an empty audience", { token: token({ aud: "" }) }, GENERIC, "Incorrect token audience"],
    ["an azp that the provider lacks", { token: token({ azp: "other" }) }, GENERIC, "Incorrect token audience"],
    ["an empty azp", { token: token({ azp: "" }) }, GENERIC, "Incorrect token audience"],
    [
      "a token past its end",
      { token: token({ exp: SECONDS - 301 }) },
      `Token expired: current date/time ${SECONDS - 300} must be before the expiration date/time ${SECONDS - 301}`,
      // The older text lacks the space before the number.
      `Token expired: current date/time ${SECONDS - 300} must be before the expiration date/time${SECONDS - 301}`,
    ],
  ] satisfies [string, Partial<Question>, string, string][])(
    "%s, in the words of 2026 and of 2025",
    (_, asked, text2026, text2025) => {
      const { status, messages } = denied(decide(question(asked)));
      expect([status, messages]).toEqual([400, { "2026": text2026, "2025": text2025 }]);
    },
  );

  it("calls an end that has passed by its own code", () => {
    expect(denied(ask({ exp: SECONDS - 301 })).code).toBe("ExpiredTokenException");
  });

  it.each(["invalid", "unsupported-algorithm"] as const)("refuses a signature that is %s", (signature) => {
    expect(denied(decide(question({ signature })))).toMatchObject({ code: "InvalidIdentityToken", status: 400 });
  });
});

describe("the order of checks", () => {
  const everythingWrong: Question = question({
    token: token(
      { iss: undefined, aud: "other", exp: SECONDS - 9000, [ROLES]: [`${ROLE_ARN}-2`], sub: "other" },
      { alg: "RS256", crit: ["exp"] },
    ),
    signature: "unknown-key",
    provider: null,
    request: { roleArn: ROLE_ARN, sessionName: "job", duration: 43_200 },
  });
  const wrong = {
    iss: "https://gitlab.com",
    aud: "other",
    exp: SECONDS - 9000,
    [ROLES]: [`${ROLE_ARN}-2`],
    sub: "other",
  };
  // Each repairs one thing more than the row above, and shows what is looked at next.
  const repairs: readonly (readonly [cause: string, repaired: Partial<Question>])[] = [
    ["not-a-jwt", {}],
    ["missing-claim", { token: token({ ...wrong, iss: undefined }) }],
    ["no-provider", { token: token(wrong) }],
    ["no-key", { provider: PROVIDER }],
    ["expired", { signature: "valid" }],
    ["wrong-audience", { token: token({ ...wrong, exp: SECONDS + 60 }) }],
    ["roles-claim-other", { token: token({ ...wrong, exp: SECONDS + 60, aud: AUDIENCE }) }],
    ["not-authorized", { token: token({ sub: "other" }) }],
    ["duration-over-maximum", { token: token() }],
  ];

  it("goes from the token's form to its issuer, to its claims, to the trust policy, to the duration", () => {
    let asked = everythingWrong;
    const causes = repairs.map(([, repaired]) => {
      asked = { ...asked, ...repaired };
      return denied(decide(asked)).cause;
    });
    expect(causes).toEqual(repairs.map(([cause]) => cause));
  });

  it("stops at the first thing that is wrong", () => {
    const { checks } = decide(everythingWrong);
    expect(checks.map(({ kind }) => kind)).toEqual(["shape"]);
  });

  it("looks at a missing claim before one that is malformed", () => {
    expect(denied(ask({ sub: null, exp: undefined })).messages["2026"]).toBe("Missing a required claim: exp");
  });
});

describe("the 300 s of leeway", () => {
  const second = { before: 299, at: 300, after: 301 };

  it("takes a token until 300 s after its end", () => {
    expect(ask({ exp: SECONDS - second.before }).outcome).toBe("allowed");
    // "current date/time must be before the expiration": at the very second it is not.
    expect(ask({ exp: SECONDS - second.at }).outcome).toBe("denied");
    expect(ask({ exp: SECONDS - second.after }).outcome).toBe("denied");
  });

  it.each(["iat", "nbf"])("takes an %s up to 300 s ahead", (claim) => {
    expect(ask({ [claim]: SECONDS + second.before }).outcome).toBe("allowed");
    expect(ask({ [claim]: SECONDS + second.at }).outcome).toBe("allowed");
    expect(ask({ [claim]: SECONDS + second.after }).outcome).toBe("denied");
  });

  it("counts whole seconds", () => {
    expect(ask({ exp: SECONDS - second.before }, { now: NOW + 999 }).outcome).toBe("allowed");
    expect(ask({ iat: SECONDS + second.after }, { now: NOW + 999 }).outcome).toBe("denied");
  });

  it("knows no greatest age, and needs no nbf", () => {
    expect(ask({ iat: 1, nbf: undefined }).outcome).toBe("allowed");
  });

  it("says both sides as times of the day", () => {
    expect(reason(ask({ exp: SECONDS - 600 }))).toMatchObject({
      kind: "lifetime",
      subject: "exp",
      wanted: "after 2026-11-23T11:55:00Z (now less 300 s)",
      got: "2026-11-23T11:50:00Z",
    });
  });

  it("answers to a time that no calendar has", () => {
    expect(ask({ exp: Number.MAX_SAFE_INTEGER }).outcome).toBe("allowed");
    expect(denied(ask({ iat: Number.MAX_SAFE_INTEGER })).messages["2026"]).toBe(
      `Token issued in the future: ${Number.MAX_SAFE_INTEGER}`,
    );
  });
});

describe("the form of timestamps", () => {
  const claims = ["iat", "exp", "nbf"];
  const near = String(SECONDS + 60);

  it.each(claims)("takes %s as digits in a text", (claim) => {
    expect(ask({ [claim]: near }).outcome).toBe("allowed");
  });

  it.each(
    claims.flatMap((claim) =>
      [null, SECONDS + 0.5, "soon", "", `${near}.5`, `-${near}`, true, [SECONDS]].map((value): [string, Json] => [
        claim,
        value,
      ]),
    ),
  )("refuses %s %j", (claim, value) => {
    const decision = denied(ask({ [claim]: value }));
    expect(decision).toMatchObject({ cause: "bad-timestamp", code: "InvalidIdentityToken" });
    expect(decision.messages["2026"]).toBe("Invalid timestamp in token claims.");
    expect(reason(decision).subject).toBe(claim);
  });
});

describe("the audience", () => {
  it("may be a list of one", () => {
    expect(ask({ aud: [AUDIENCE] })).toMatchObject({ outcome: "allowed", session: { audience: AUDIENCE } });
  });

  it("is compared letter by letter", () => {
    expect(denied(ask({ aud: AUDIENCE.toUpperCase() })).cause).toBe("wrong-audience");
    expect(denied(ask({ aud: `${AUDIENCE}/` })).cause).toBe("wrong-audience");
  });

  it("is any of the provider's", () => {
    const provider = { ...PROVIDER, audiences: ["first", AUDIENCE] };
    expect(decide(question({ provider })).outcome).toBe("allowed");
  });

  it("names the wrong audience and the provider's", () => {
    expect(reason(ask({ aud: "other" }))).toMatchObject({
      kind: "audience",
      subject: "aud",
      wanted: `one of the provider's audiences: ${AUDIENCE}`,
      got: "other",
    });
  });

  it("fails every token when the provider has none", () => {
    const decision = decide(question({ provider: { ...PROVIDER, audiences: [] } }));
    expect(reason(decision)).toMatchObject({ kind: "audience", wanted: "the provider has no audience" });
  });

  it("does not take a null, a number or an object for one", () => {
    for (const aud of [null, 7, {}, [7]] satisfies Json[]) expect(denied(ask({ aud })).cause).toBe("wrong-audience");
  });
});

describe("azp", () => {
  const registered = { azp: AUDIENCE };

  it("alone is compared when there is one; aud is ignored", () => {
    expect(ask({ ...registered, aud: "other" })).toMatchObject({
      outcome: "allowed",
      session: { audience: AUDIENCE },
    });
    expect(denied(ask({ azp: "other" })).cause).toBe("wrong-audience");
  });

  it("lets several audiences through", () => {
    expect(ask({ ...registered, aud: ["one", "two"] }).outcome).toBe("allowed");
  });

  it("is what the trust policy sees as aud, and the token's own aud is oaud", () => {
    const condition = {
      StringEquals: { "gitlab.com:sub": SUBJECT, "gitlab.com:aud": AUDIENCE },
      "ForAllValues:StringEquals": { "gitlab.com:oaud": ["one", "two"] },
    };
    const policy = trust(statement({ Condition: condition }));
    expect(ask({ ...registered, aud: ["one", "two"] }, { role: role(policy) }).outcome).toBe("allowed");
    expect(ask({ ...registered, aud: ["one", "three"] }, { role: role(policy) }).outcome).toBe("denied");
  });

  it("is the thing named when it is wrong", () => {
    expect(reason(ask({ azp: "other" }))).toMatchObject({ subject: "azp", got: "other" });
  });
});

describe("sub", () => {
  it.each([
    ["a number becomes text", 123, "123"],
    ["one letter is enough", "a", "a"],
    ["none is too", "", ""],
    ["300 letters are not too many", "s".repeat(300), "s".repeat(300)],
  ])("%s", (_, sub, text) => {
    const policy = trust(statement({ Condition: { StringEquals: { "gitlab.com:sub": text } } }));
    expect(ask({ sub }, { role: role(policy) })).toMatchObject({ outcome: "allowed", session: { subject: text } });
  });
});

describe("an audience that the provider takes and the trust policy does not", () => {
  it("is AccessDenied, not an audience text", () => {
    const policy = trust(
      statement({ Condition: { StringEquals: { "gitlab.com:sub": SUBJECT, "gitlab.com:aud": "https://gitlab.com" } } }),
    );
    const decision = denied(decide(question({ role: role(policy) })));
    expect(decision.code).toBe("AccessDenied");
    expect(decision.checks.filter(({ pass, kind }) => !pass && kind === "condition")).toEqual([
      expect.objectContaining({
        subject: "gitlab.com:aud",
        wanted: "StringEquals https://gitlab.com",
        got: AUDIENCE,
        statement: 0,
      }),
    ]);
  });
});

describe("the roles claim", () => {
  it.each([
    ["a list with the role", [`${ROLE_ARN}-2`, ROLE_ARN]],
    ["a text with semicolons between", `${ROLE_ARN}-2;${ROLE_ARN}`],
    ["a text of one", ROLE_ARN],
  ] satisfies [string, Json][])("admits by %s", (_, value) => {
    expect(ask({ [ROLES]: value }).outcome).toBe("allowed");
  });

  it.each([
    ["other", [ROLE_ARN.replace("shop", "Shop")], "roles-claim-other"],
    ["wildcards", [ROLE_ARN.replace("shop", "*")], "roles-claim-other"],
    ["an empty list", [], "roles-claim-empty"],
    ["an empty text", "", "roles-claim-empty"],
    ["an object", { role: ROLE_ARN }, "roles-claim-format"],
    ["null", null, "roles-claim-format"],
  ] satisfies [string, Json, string][])("does not admit by %s", (_, value, cause) => {
    expect(denied(ask({ [ROLES]: value }))).toMatchObject({ cause, code: "InvalidIdentityToken" });
  });

  it("is looked at before the trust policy, which is then not looked at", () => {
    const { checks } = ask({ [ROLES]: [], sub: "other" });
    expect(checks.map(({ kind }) => kind)).not.toContain("trust");
  });

  it("is what sts:RoleAuthorizedByIdp says", () => {
    const byIdp = (value: string): Partial<Question> => ({
      role: role(
        trust(
          statement({
            Condition: {
              StringEquals: { "gitlab.com:sub": SUBJECT },
              Bool: { "sts:RoleAuthorizedByIdp": value },
            },
          }),
        ),
      ),
    });
    expect(ask({ [ROLES]: [ROLE_ARN] }, byIdp("true")).outcome).toBe("allowed");
    expect(ask({}, byIdp("true")).outcome).toBe("denied");
    expect(ask({}, byIdp("false")).outcome).toBe("allowed");
  });
});

describe("session tags", () => {
  const nested = { [TAGS]: { principal_tags: { Team: ["engineering"] }, transitive_tag_keys: ["Team"] } };
  const flat = {
    [`${TAGS}/principal_tags/Team`]: "engineering",
    [`${TAGS}/transitive_tag_keys`]: ["Team"],
  };
  const BOTH = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"];
  const tagging = (more: Record<string, Json> = {}): Partial<Question> => ({
    role: role(trust(statement({ Action: BOTH, ...more }))),
  });

  it.each([
    ["nested", nested],
    ["flat", flat],
  ])("in the %s form reach the session when the trust policy allows sts:TagSession", (_, changes) => {
    expect(ask(changes, tagging())).toMatchObject({
      outcome: "allowed",
      session: { tags: { Team: "engineering" }, transitiveTagKeys: ["Team"] },
    });
  });

  it("are refused, AccessDenied, when the trust policy does not allow sts:TagSession", () => {
    const decision = denied(ask(nested));
    expect(decision).toMatchObject({ code: "AccessDenied", messages: { "2026": NOT_AUTHORIZED } });
    expect(reason(decision)).toMatchObject({ action: "sts:TagSession" });
    expect(decision.checks.filter(({ pass, kind }) => !pass && kind === "action")).toMatchObject([
      { wanted: "sts:AssumeRoleWithWebIdentity", got: "sts:TagSession" },
    ]);
  });

  it("may be allowed by a statement of their own, which the issuer's keys can narrow", () => {
    const tagOnly = (sub: string): Json =>
      statement({ Action: "sts:TagSession", Condition: { StringEquals: { "gitlab.com:sub": sub } } });
    const asked = (sub: string): Partial<Question> => ({ role: role(trust(statement(), tagOnly(sub))) });
    expect(ask(nested, asked(SUBJECT)).outcome).toBe("allowed");
    expect(ask(nested, asked("other")).outcome).toBe("denied");
  });

  it("can be asked for by key, by name and by transitivity", () => {
    const condition = {
      StringEquals: { "gitlab.com:sub": SUBJECT, "aws:RequestTag/team": "engineering" },
      "ForAllValues:StringEquals": { "aws:TagKeys": ["Team"], "sts:TransitiveTagKeys": ["Team"] },
    };
    expect(ask(nested, tagging({ Condition: condition })).outcome).toBe("allowed");
    const other = { [TAGS]: { principal_tags: { Team: ["sales"] } } };
    expect(ask(other, tagging({ Condition: condition })).outcome).toBe("denied");
  });

  it.each([
    ["a text where the nested form has a list", { principal_tags: { Team: "engineering" } }],
    ["an empty list", { principal_tags: { Team: [] } }],
    ["a number", { principal_tags: { Team: [7] } }],
    ["a list of tags", { principal_tags: ["Team"] }],
    ["a text for all of it", "Team=engineering"],
    ["a text for the transitive keys", { principal_tags: {}, transitive_tag_keys: "Team" }],
  ] satisfies [string, Json][])("are not taken as %s", (_, value) => {
    expect(denied(ask({ [TAGS]: value }, tagging())).cause).toBe("bad-tags");
  });

  it("of none need no permission", () => {
    expect(ask({ [TAGS]: { principal_tags: {} } }).outcome).toBe("allowed");
  });
});

describe("source identity", () => {
  const named = { [SOURCE_IDENTITY]: "jane@acme.test" };
  const allowing = statement({
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"],
    Condition: { StringEquals: { "gitlab.com:sub": SUBJECT, "sts:SourceIdentity": "jane@acme.test" } },
  });

  it("reaches the session when the trust policy allows sts:SetSourceIdentity", () => {
    expect(ask(named, { role: role(trust(allowing)) })).toMatchObject({
      outcome: "allowed",
      session: { sourceIdentity: "jane@acme.test" },
    });
  });

  it("is refused, AccessDenied, when it does not", () => {
    const decision = denied(ask(named));
    expect(decision.code).toBe("AccessDenied");
    expect(reason(decision)).toMatchObject({ action: "sts:SetSourceIdentity" });
  });

  it.each(["j", "jane doe", "j".repeat(65), 7, null] satisfies Json[])("is not %j", (value) => {
    expect(denied(ask({ [SOURCE_IDENTITY]: value })).cause).toBe("bad-source-identity");
  });
});

describe("the trust policy", () => {
  const deny = statement({ Effect: "Deny", Condition: { StringLike: { "gitlab.com:sub": "*:ref:main" } } });

  it.each([
    ["before", [deny, statement()], 0],
    ["behind", [statement(), deny], 1],
  ])("denies by a Deny %s the Allow", (_, statements, at) => {
    const decision = denied(decide(question({ role: role(trust(...statements)) })));
    expect(decision).toMatchObject({ code: "AccessDenied", messages: { "2026": NOT_AUTHORIZED } });
    expect(reason(decision)).toMatchObject({ kind: "trust", got: `statement ${at + 1} denies`, statement: at });
  });

  it("is not denied by a Deny that is about another branch", () => {
    const other = statement({ Effect: "Deny", Condition: { StringLike: { "gitlab.com:sub": "*:ref:dev" } } });
    expect(decide(question({ role: role(trust(statement(), other)) })).outcome).toBe("allowed");
  });

  it("names the condition that failed, what it wants and what the token says", () => {
    const dev = SUBJECT.replace("main", "dev");
    const failed = ask({ sub: dev }).checks.filter(({ pass }) => !pass);
    expect(failed).toMatchObject([
      { kind: "condition", subject: "gitlab.com:sub", wanted: `StringEquals ${SUBJECT}`, got: dev, statement: 0 },
      { kind: "trust", got: "no statement allows" },
    ]);
  });

  it("names the provider that it trusts instead, and does not go on to the conditions", () => {
    const other = `arn:aws:iam::123456789012:oidc-provider/gitlab.example.com`;
    const { checks } = decide(question({ role: role(trust(statement({ Principal: { Federated: other } }))) }));
    expect(checks.filter(({ pass }) => !pass)).toMatchObject([
      { kind: "principal", wanted: other, got: PROVIDER.arn },
      { kind: "trust" },
    ]);
    expect(checks.some(({ kind }) => kind === "condition")).toBe(false);
  });

  it("says that a claim is none that AWS shows to policies", () => {
    const policy = trust(
      statement({ Condition: { StringEquals: { "gitlab.com:sub": SUBJECT, "gitlab.com:project_path": "acme/shop" } } }),
    );
    const failed = decide(question({ role: role(policy) })).checks.find(({ pass }) => !pass);
    expect(failed).toMatchObject({
      subject: "gitlab.com:project_path",
      got: "absent",
      note: "AWS never exposes the claim project_path of gitlab.com",
    });
  });

  it("shows each condition of a statement, those that hold too", () => {
    const policy = trust(
      statement({
        Condition: {
          StringEquals: { "gitlab.com:aud": AUDIENCE, "gitlab.com:sub": "other", "sts:RoleSessionName": "x" },
        },
      }),
    );
    const conditions = decide(question({ role: role(policy) })).checks.filter(({ kind }) => kind === "condition");
    expect(conditions.map(({ subject, pass }) => [subject, pass])).toEqual([
      ["gitlab.com:aud", true],
      ["gitlab.com:sub", false],
      ["sts:RoleSessionName", false],
    ]);
  });

  it("of a role that does not exist is answered like one that does not trust, and the checks tell them apart", () => {
    const decision = denied(decide(question({ role: null })));
    expect(decision.messages["2026"]).toBe(NOT_AUTHORIZED);
    expect(reason(decision)).toMatchObject({ kind: "role", wanted: ROLE_ARN, got: "no such role" });
  });

  it("fills in policy variables of the request only under the newer Version", () => {
    const named = { "gitlab.com:sub": "project_path:${sts:RoleSessionName}" };
    const policy = trust(statement({ Condition: { StringEquals: named } }));
    const asked = { request: { roleArn: ROLE_ARN, sessionName: "acme" }, role: role(policy) };
    expect(ask({ sub: "project_path:acme" }, asked).outcome).toBe("allowed");
    const old = role({ ...policy, version: "2008-10-17" });
    expect(ask({ sub: "project_path:acme" }, { ...asked, role: old }).outcome).toBe("denied");
  });
});

describe("the duration", () => {
  const asked = (duration: number | undefined, maximum: number): ReturnType<typeof decide> =>
    decide(
      question({
        role: role(undefined, maximum),
        request: { roleArn: ROLE_ARN, sessionName: "job", ...(duration === undefined ? {} : { duration }) },
      }),
    );

  it("may be as long as the role's maximum", () => {
    expect(asked(43_200, 43_200).outcome).toBe("allowed");
    expect(asked(7200, 3600).outcome).toBe("denied");
  });

  it("is an hour when none is asked for", () => {
    expect(asked(undefined, 3600).outcome).toBe("allowed");
    expect(reason(asked(3601, 3600))).toMatchObject({
      wanted: "at most 3600 (the role's MaxSessionDuration)",
      got: "3601",
    });
  });

  it("is not capped by the token's own life", () => {
    expect(decide(question({ token: token({ exp: SECONDS + 1 }), role: role(undefined, 43_200) })).outcome).toBe(
      "allowed",
    );
  });
});

describe("the provider's check", () => {
  it("names the issuer, and the account that lacks it", () => {
    expect(reason(decide(question({ provider: null })))).toMatchObject({
      kind: "provider",
      subject: "iss",
      wanted: "a provider for the issuer in account 123456789012",
      got: "no provider for https://gitlab.com",
    });
  });
});
