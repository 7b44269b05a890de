import { describe, expect, it } from "vitest";
import { parseRoleArn } from "../../../src/core/arn.ts";
import { type Candidate, candidatesFor, FAILURES } from "../../../src/core/failures.ts";
import type { JobEvidence } from "../../../src/core/failures/failure.ts";
import { STS_TEXTS } from "../../../src/core/failures/sts-texts.ts";
import { AUDIENCE, type Changes, claims, NOW, ROLE_ARN, SECONDS, SUBJECT } from "./example.ts";

const NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
const GENERIC =
  "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.";

function evidence(changes: Changes = {}, more: Partial<JobEvidence> = {}): JobEvidence {
  return { claims: claims(changes), role: parseRoleArn(ROLE_ARN, "--role"), now: NOW, stsDate: null, ...more };
}

function causes(code: string, text: string, known: JobEvidence = evidence()): readonly Candidate[] {
  return candidatesFor(code, text, known);
}

const ids = (candidates: readonly Candidate[]): string[] => candidates.map(({ id }) => id);

describe("a text of STS", () => {
  // To the letter, as recorded or as users pasted them; the failure catalogue's section 1.
  it.each([
    ["AccessDenied", NOT_AUTHORIZED, "F25"],
    ["InvalidIdentityToken", GENERIC, "F01"],
    ["InvalidIdentityToken", "Incorrect token audience", "F01"],
    ["InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://gitlab.com", "F05"],
    [
      "InvalidIdentityToken",
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      "F48",
    ],
    ["InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint", "F50"],
    ["InvalidIdentityToken", "Missing a required claim: aud", "F04"],
    [
      "InvalidIdentityToken",
      "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
      "F04",
    ],
    ["ValidationError", "Request ARN is invalid", "F36"],
    [
      "ValidationError",
      "1 validation error detected: Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      "F37",
    ],
    ["ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", "F43"],
  ])("%s, %s: likeliest is %s", (code, text, id) => {
    expect(ids(causes(code, text))[0]).toBe(id);
  });

  it.each([
    [`Token issued in the future: ${SECONDS + 301}`],
    ["Token not yet valid: current date/time 1 must be after or equal to the not-before date/time 2"],
  ])("about clocks, %s, is told by AWS's clock", (text) => {
    const stsDate = new Date(NOW - 400_000);
    expect(causes("InvalidIdentityToken", text, evidence({}, { stsDate }))).toMatchObject([
      { id: "F53", evidence: "this machine's clock is 400 s ahead of AWS's" },
    ]);
  });

  it.each([
    "Token expired: current date/time 1789123421 must be before the expiration date/time 1789123397",
    "Token expired: current date/time 1789123421 must be before the expiration date/time1789123397",
  ])("about the token's end, %s, is understood in both generations", (text) => {
    const [first] = causes("ExpiredTokenException", text, evidence({ exp: SECONDS - 700 }));
    expect(first).toMatchObject({ id: "F40", evidence: "it ended 700 s ago" });
  });

  it("is understood without its code, unless the code would change the meaning", () => {
    expect(ids(causes("", "Incorrect token audience"))[0]).toBe("F01");
    expect(causes("SomethingElse", NOT_AUTHORIZED)).toEqual([]);
  });

  it("that nobody has seen has no causes", () => {
    expect(causes("InvalidIdentityToken", "The moon is in the wrong place")).toEqual([]);
  });

  it("never has causes that cannot be told: each has a job in which it shows", () => {
    const everything = evidence(
      {
        iss: "https://gitlab.example.com/path",
        sub: "project_path:Acme/shop:ref_type:tag:ref:v1",
        ref_type: "tag",
        ref: "v1",
        pipeline_source: "merge_request_event",
        job_project_path: "acme/fork",
        aud: "sts.amazon.com/",
        exp: SECONDS - 400,
        "https://aws.amazon.com/source_identity": "jane",
      },
      { stsDate: new Date(NOW - 100_000), role: parseRoleArn("arn:aws-cn:iam::123456789012:role/a", "--role") },
    );
    // A subject is of a branch, an environment or a pull request, not of all.
    const subjects = ["repo:octo@1/shop@2:environment:production", "repo:octo/shop:pull_request"];
    const jobs = [everything, ...subjects.map((sub) => evidence({ sub }))];
    for (const { candidates, text } of STS_TEXTS) {
      expect(candidates.length, String(text)).toBeGreaterThan(0);
      for (const id of candidates) {
        const failure = FAILURES[id];
        const told = jobs.map((job) => ("tell" in failure ? failure.tell(job) : "nothing to tell"));
        expect(told.join(""), `${String(text)} ${id}`).not.toBe("");
        expect(failure.fix(everything), id).toMatch(/\S/);
      }
    }
  });

  it("stands for every failure of the table", () => {
    const reachable = new Set<string>(STS_TEXTS.flatMap(({ candidates }) => candidates));
    expect(Object.keys(FAILURES).filter((id) => !reachable.has(id))).toEqual([]);
  });
});

describe("the order of causes", () => {
  it("is: those that the token shows, then those that it cannot show; not those that it refutes", () => {
    const known = evidence({ ref_type: "tag", ref: "v1.0" });
    const found = causes("AccessDenied", NOT_AUTHORIZED, known);
    const shown = found.filter((one) => one.evidence !== null);
    expect(found.slice(0, shown.length)).toEqual(shown);
    // That sub is none that the policy allows is so of every token.
    expect(ids(shown)).toEqual(["F12", "F25"]);
    expect(ids(found)).not.toContain("F28");
    // GitHub's alone.
    expect(ids(found)).not.toContain("F19");
    expect(ids(found)).toContain("F36");
  });

  it("tells the token's own sub first of all when nobody was authorized", () => {
    const [first] = causes("AccessDenied", NOT_AUTHORIZED);
    expect(first).toMatchObject({
      id: "F25",
      evidence: `sub is ${SUBJECT}`,
      fix: `the trust policy must allow StringEquals gitlab.com:sub = ${SUBJECT}`,
    });
  });
});

describe("the evidence in a token", () => {
  const told = (
    id: string,
    changes: Changes,
    more: Partial<JobEvidence> = {},
    text = NOT_AUTHORIZED,
  ): string | null => {
    const code = text === NOT_AUTHORIZED ? "AccessDenied" : "InvalidIdentityToken";
    return causes(code, text, evidence(changes, more)).find((one) => one.id === id)?.evidence ?? null;
  };

  it("shows a tag, a merge request, a fork, capital letters, tags of a session", () => {
    expect(told("F12", { ref_type: "tag", ref: "v1" })).toBe("ref_type is tag, ref is v1");
    expect(told("F12", { ref_type: "branch" })).toBeNull();
    expect(told("F28", { pipeline_source: "merge_request_event" })).toContain("merge_request_event");
    expect(told("F28", { pipeline_source: "push" })).toBeNull();
    expect(told("F30", { job_project_path: "acme/fork" })).toBe("the code is of acme/shop, the job of acme/fork");
    expect(told("F30", { job_project_path: "acme/shop" })).toBeNull();
    expect(told("F17", { sub: "project_path:Acme/shop" })).toBe("sub has capital letters");
    expect(told("F17", {})).toBeNull();
    expect(told("F56", { "https://aws.amazon.com/tags": {} })).toBe("the token has https://aws.amazon.com/tags");
    expect(told("F56", {})).toBeNull();
  });

  it("shows an audience that is nearly right, an issuer with a path, an instance of one's own, China", () => {
    expect(told("F02", { aud: "https://gitlab.com/" }, {}, GENERIC)).toBe("https://gitlab.com/ ends in a slash");
    expect(told("F02", { aud: "sts.amazon.com" }, {}, GENERIC)).toBe("sts.amazon.com is nearly sts.amazonaws.com");
    expect(told("F02", { aud: "sts.amazonaws.com" }, {}, GENERIC)).toBeNull();
    expect(told("F07", { iss: "https://git.acme.test/lab" }, {}, GENERIC)).toBe(
      "the issuer is https://git.acme.test/lab",
    );
    expect(told("F07", {}, {}, GENERIC)).toBeNull();
    expect(told("F09", { iss: "https://git.acme.test" }, {}, GENERIC)).toBe(
      "the issuer is https://git.acme.test, not gitlab.com",
    );
    const china = { role: parseRoleArn("arn:aws-cn:iam::123456789012:role/a", "--role") };
    expect(told("F60", {}, china, GENERIC)).toBe(`the audience is ${AUDIENCE}`);
    expect(told("F60", { aud: "sts.amazonaws.com.cn" }, china, GENERIC)).toBeNull();
  });

  it("is no clock that differs by less than a minute", () => {
    const text = "Token issued in the future: 1";
    const skew = (seconds: number): readonly Candidate[] =>
      causes("InvalidIdentityToken", text, evidence({}, { stsDate: new Date(NOW + seconds * 1000) }));
    expect(skew(59)).toEqual([]);
    expect(skew(90)[0]?.evidence).toBe("this machine's clock is 90 s behind AWS's");
  });
});

describe("the mending of a cause", () => {
  const fix = (id: string, text: string, changes: Changes = {}): string =>
    causes("", text, evidence(changes)).find((one) => one.id === id)?.fix ?? "";

  it("is a command with the role's account and the token's audience in it", () => {
    expect(fix("F01", GENERIC)).toBe(
      `aws iam add-client-id-to-open-id-connect-provider --cli-input-json '{"OpenIDConnectProviderArn":"arn:aws:iam::123456789012:oidc-provider/gitlab.com","ClientID":"${AUDIENCE}"}'`,
    );
    expect(fix("F05", GENERIC)).toBe(
      `aws iam create-open-id-connect-provider --url https://gitlab.com --client-id-list '["${AUDIENCE}"]' --thumbprint-list ${"f".repeat(40)}   # in account 123456789012`,
    );
  });

  it("names azp where the token has one, since that is what STS compares", () => {
    expect(fix("F01", GENERIC, { azp: "party" })).toMatch(/--client-id party$/);
  });

  it("of a merge request is a pattern for all branches of that project", () => {
    const [found] = causes("AccessDenied", NOT_AUTHORIZED, evidence({ pipeline_source: "merge_request_event" })).filter(
      ({ id }) => id === "F28",
    );
    expect(found?.fix).toContain("project_path:acme/shop:ref_type:branch:ref:*");
  });
});
