import { describe, expect, it } from "vitest";
import { lint, lintRole } from "../../../../src/core/lint.ts";
import type { Finding } from "../../../../src/core/lint/finding.ts";
import { type Json, showClaim } from "../../../../src/core/token.ts";
import { AUD, GITHUB, github, GITLAB, NOW, providerAt, roleWith, statement } from "./cases.ts";

const SERVER = "gitlab.example.com";
const aud = { "C.aud": AUD };

function found(statements: readonly Json[]): readonly Finding[] {
  return lintRole(roleWith(statements), { providers: [], allProviders: false, now: NOW });
}

function subjectsOf(statements: readonly Json[]): readonly string[] {
  return found(statements).flatMap(({ proof }) => (proof.kind === "accepted" ? [showClaim(proof.claims, "sub")] : []));
}

const deny = (condition: Json): Json => statement(GITHUB, condition, { Effect: "Deny" });

describe("an outsider is found", () => {
  const cases: Readonly<Record<string, readonly [readonly Json[], RegExp]>> = {
    "behind a condition that compares the subject with itself, and a Deny for all but some": [
      [
        github({ StringEquals: aud, "ForAnyValue:StringLike": { "C.sub": `\${${GITHUB}:sub}` } }),
        deny({ StringNotLike: { "C.sub": "?epo:*cto/we*:*:main" } }),
      ],
      /^repo:(?!octo\/)[\w-]*cto\/we[^:]*:\w+:main$/,
    ],
    "behind two conditions of which only a subject between them meets both": [
      [
        github({
          StringEquals: aud,
          StringLike: { "C.sub": "repo:octo*/web:*" },
          "ForAnyValue:StringLike": { "C.sub": "*evil/*:ref:refs/heads/main" },
        }),
      ],
      /^repo:octo[\w-]*evil\/web:ref:refs\/heads\/main$/,
    ],
    "where a negated pattern takes the first name that comes to mind": [
      [
        github({
          StringEquals: aud,
          StringLike: { "C.sub": "repo:octo*/web:*" },
          StringNotLike: { "C.sub": ["repo:octo?/*", "repo:octo-*", "repo:*octo/*", "repo:*cto/*"] },
        }),
      ],
      /^repo:octo[\w.-]{2,}\/web:/,
    ],
    "where a Deny takes the first letters that come to mind": [
      [
        github({ StringEquals: aud, StringLike: { "C.sub": "repo:octo*/web:*" } }),
        deny({ StringLike: { "C.sub": ["repo:octox*", "repo:octoz*", "repo:octo-*", "repo:octoc*", "repo:octoo*"] } }),
      ],
      /^repo:octo(?![xzco-])[\w.-]+\/web:/,
    ],
    "whom alone a Deny spares": [
      [
        github({ StringEquals: aud, StringLike: { "C.sub": "repo:octo*/web:*" } }),
        deny({ StringNotLike: { "C.sub": ["repo:*-corp/*:ref:refs/heads/main", "repo:octo/*"] } }),
      ],
      /^repo:octo[\w-]*-corp\/web:ref:refs\/heads\/main$/,
    ],
    "whose pipeline was started as the statement wants it and no Deny does": [
      [
        statement(GITLAB, {
          StringEquals: { ...aud, "C.pipeline_source": ["push", "web"] },
          StringLike: { "C.sub": "project_path:octo*/web:*" },
        }),
        statement(GITLAB, { StringEquals: { "C.pipeline_source": "push" } }, { Effect: "Deny" }),
      ],
      /^project_path:octo[\w.-]+\/web:/,
    ],
    "on a server of which another value begins like the subjects of another CI": [
      [
        statement(SERVER, {
          StringEquals: aud,
          StringLike: { "C.sub": ["repo:acme/*", "p*cto/web:ref_type:*:ref:main"] },
        }),
      ],
      /^project_path:(?!cto\/|octo\/)[\w.-]*cto\/web:ref_type:\w+:ref:main$/,
    ],
    "on a server of which no value tells whose subjects it has": [
      [
        statement(SERVER, {
          StringEquals: aud,
          StringLike: { "C.sub": "*:octo*/web:*:main" },
          "ForAnyValue:StringLike": { "C.sub": "*:o*-corp/web:ref_type:branch:ref:main" },
        }),
      ],
      /^project_path:octo[\w./-]*-corp\/web:ref_type:branch:ref:main$/,
    ],
    "on a server whose statement only says whom it is not for": [
      [
        statement("github.example.com/_services/token", {
          StringEquals: aud,
          StringNotLike: { "C.sub": "project_path:*" },
        }),
      ],
      /^(?!project_path:)./,
    ],
    "who leaves out a claim that a Deny would hit": [
      [
        statement(SERVER, {
          StringEquals: aud,
          StringLike: { "C.sub": "project_path:octo*/web:*" },
          "ForAllValues:StringLike": { "C.amr": "authenticated" },
        }),
        statement(SERVER, { StringLike: { "C.amr": "authenticated" } }, { Effect: "Deny" }),
      ],
      /^project_path:octo[\w.-]+\/web:/,
    ],
    "who has the right name and another id, on a project of any name": [
      [
        github({
          StringEquals: { ...aud, "C.job_workflow_ref": "octo/flows/.github/workflows/deploy.yml@refs/heads/main" },
          StringLike: { "C.sub": "repo:octo@*/web" },
        }),
      ],
      /^repo:octo@999001\/[^:]+:ref:refs\/heads(?:\/.*)?\/web$/,
    ],
  };

  it.each(Object.entries(cases))("%s", (_, [statements, expected]) => {
    expect(subjectsOf(statements).filter((subject) => expected.test(subject))).not.toEqual([]);
  });

  it("and nobody where the same conditions leave nobody", () => {
    const closed = github({
      StringEquals: { ...aud, "C.repository_id": "9", "C.repository_owner_id": "7" },
      StringLike: { "C.sub": "repo:octo*/web:ref:refs/heads/main" },
      StringNotLike: { "C.sub": "repo:octo?*" },
    });
    expect(subjectsOf([closed])).toEqual([]);
  });
});

it("finds another project of the owner whom another claim names", () => {
  const open = github({
    StringEquals: aud,
    StringLike: { "C.sub": "repo:*/*eb:ref:refs/heads/main", "C.repository": "octo/*" },
  });
  expect(subjectsOf([open])).toContainEqual(expect.stringMatching(/^repo:octo\/[\w.-]+eb:ref:refs\/heads\/main$/));
});

describe("another run of the project is found", () => {
  it.each([
    ["whose workflow has the name that is wanted", { "C.workflow": "CI" }],
    ["in an environment of any name", { "C.environment": "*" }],
  ])("%s", (_, more) => {
    const open = github({ StringEquals: { ...aud, "C.repository_id": "9" }, StringLike: more });
    expect(found([open]).map(({ rule }) => rule)).toContain("T005");
  });

  it("and none where the environment is named", () => {
    const closed = github({ StringEquals: { ...aud, "C.repository_id": "9", "C.environment": "prod" } });
    expect(found([closed]).map(({ rule }) => rule)).not.toContain("T005");
  });
});

describe("a token for another client is found", () => {
  it("where the audience only must not be one that is named", () => {
    const open = statement(GITLAB, {
      StringEquals: { "C.sub": "project_path:acme/shop:ref_type:branch:ref:main", "C.project_id": "9" },
      StringNotEquals: { "C.aud": "somebody-else" },
    });
    expect(found([open]).map(({ rule }) => rule)).toEqual(["T015"]);
  });

  it("where the first job that comes to mind is kept out", () => {
    const open = github({
      StringLike: { "C.aud": "*" },
      StringNotLike: { "C.sub": "?epo:*/*:ref:refs/heads/main" },
    });
    expect(found([open]).map(({ rule }) => rule)).toContain("T015");
  });
});

describe("merge requests alone", () => {
  const merges = (source: Json): Json =>
    statement(GITLAB, {
      StringEquals: { ...aud, "C.project_id": "9", "C.pipeline_source": source },
      StringLike: { "C.sub": "project_path:acme/shop:*" },
    });

  it("share their role with no branch, though GitLab gives them a branch's subject", () => {
    expect(found([merges("merge_request_event")]).map(({ rule }) => rule)).toEqual(["T006"]);
  });

  it("and pushes beside them are of every branch", () => {
    expect(found([merges(["merge_request_event", "push"])]).map(({ rule }) => rule)).toEqual(["T005"]);
  });
});

describe("a branch of Buildkite", () => {
  const subject = (ref: string): Json =>
    statement("agent.buildkite.com", {
      StringEquals: { ...aud, "C.organization_id": "1", "C.pipeline_id": "2" },
      StringLike: { "C.sub": `organization:acme:pipeline:shop:ref:refs/heads/${ref}:commit:*:step:*` },
    });

  it("is no open one because its commits and steps are open", () => {
    expect(found([subject("main")])).toEqual([]);
  });

  it("is open where its name is, for builds of any commit and step", () => {
    const [one, ...more] = found([subject("main*")]);
    expect([one?.rule, more]).toEqual(["T008", []]);
    expect(one?.proof).toMatchObject({
      claims: {
        sub: expect.stringMatching(
          /^organization:acme:pipeline:shop:ref:refs\/heads\/main[\w-]+:commit:\w{40}:step:\w+$/,
        ) as string,
      },
    });
  });
});

describe("the mending of a name without its id", () => {
  const fixOf = (url: string, subject: string): string | undefined =>
    found([statement(url, { StringEquals: { ...aud, "C.sub": subject } })]).find(({ rule }) => rule === "T016")?.fix;

  it.each([
    [GITHUB, "repo:acme/shop:ref:refs/heads/main", /repository_id and repository_owner_id/],
    [GITLAB, "project_path:acme/shop:ref_type:branch:ref:main", /: project_id$/],
    // Of what a Forgejo's token says beside its subject AWS sees nothing.
    ["forgejo.example.com/api/actions", "repo:acme/shop:ref:refs/heads/main", /^AWS sees no id .* delete the role/],
    [SERVER, "project_path:acme/shop:ref_type:branch:ref:main", /^AWS sees no id .* delete the role/],
  ])("of %s names what AWS sees of it", (url, subject, expected) => {
    expect(fixOf(url, subject)).toMatch(expected);
  });
});

describe("one audience for several roles", () => {
  const SUBJECT = "repo:acme/shop:ref:refs/heads/main";
  const roleFor = (name: string, audience: string, subject = SUBJECT) => ({
    ...roleWith([
      github({
        StringEquals: { "C.sub": subject, "C.aud": audience, "C.repository_id": "9", "C.repository_owner_id": "7" },
      }),
    ]),
    resource: `arn:aws:iam::123456789012:role/${name}`,
  });
  const shared = (roles: readonly ReturnType<typeof roleFor>[], allProviders = true): readonly Finding[] =>
    lint({
      roles,
      providers: [providerAt(GITHUB, [AUD, "role-b"])],
      allProviders,
      from: "test",
      now: NOW,
    }).findings.filter(({ rule }) => rule === "T014");

  it("is told once for the provider, with a token that each of them takes", () => {
    const [one, ...more] = shared([roleFor("a", AUD), roleFor("b", AUD)]);
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      severity: "info",
      resource: providerAt(GITHUB, []).arn,
      message: `one token for ${AUD} is good for 2 roles: a, b`,
      proof: { kind: "accepted", claims: { sub: SUBJECT, aud: AUD } },
    });
  });

  it("counts those that it has no room to name", () => {
    const [one] = shared(["a", "b", "c", "d", "e"].map((name) => roleFor(name, AUD)));
    expect(one?.message).toBe(`one token for ${AUD} is good for 5 roles: a, b, c and 2 more`);
  });

  it.each([
    ["one role has an audience of its own", [roleFor("a", AUD), roleFor("b", "role-b")]],
    ["they are for other jobs", [roleFor("a", AUD), roleFor("b", AUD, "repo:acme/shop:environment:prod")]],
    ["there is one role", [roleFor("a", AUD)]],
  ])("is not told where %s", (_, roles) => {
    expect(shared(roles)).toEqual([]);
  });

  it("is not told of a part of an account", () => {
    expect(shared([roleFor("a", AUD), roleFor("b", AUD)], false)).toEqual([]);
  });
});
