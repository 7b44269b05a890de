import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Account, AccountRole } from "../../../src/console/model/account.ts";
import { eventReader, type StreamEvent } from "../../../src/console/model/event-stream.ts";
import { awsCommand, type Exchange, filterRows, replayOf, rowOf } from "../../../src/console/model/exchange.ts";
import { jobForRole } from "../../../src/console/model/job-for-role.ts";
import { claimsOf, FIRST_JOB, type Job } from "../../../src/console/model/job.ts";
import { mapOf, trustRows } from "../../../src/console/model/map.ts";
import { play } from "../../../src/console/model/play.ts";
import { permissionsOf } from "../../../src/console/model/permissions.ts";
import { providerFacts } from "../../../src/console/model/provider-facts.ts";
import { reachOf } from "../../../src/console/model/reach.ts";
import { keyIn, readRoute, SCREENS, showRoute } from "../../../src/console/model/route.ts";
import { sayReach } from "../../../src/console/ui/reach-words.ts";
import { languageFor, wordsOf } from "../../../src/console/words/index.ts";
import { ACCOUNT_ID, exampleAccount, GITHUB, GITLAB, roleOf } from "./account.ts";

const ROLE = `arn:aws:iam::${ACCOUNT_ID}:role/shop-deploy`;

function exchangeOf(job: Partial<Job>, more: Partial<Exchange> = {}): Exchange {
  return {
    time: "2026-11-28T12:00:00.000Z",
    requestId: `id-${JSON.stringify(job)}`,
    roleArn: ROLE,
    sessionName: "ci",
    header: { alg: "RS256" },
    claims: claimsOf({ ...FIRST_JOB, ...job }, exampleAccount(), 0),
    decision: null,
    answer: { status: 200, code: null, message: null },
    session: null,
    event: null,
    ...more,
  };
}

const REFUSED = { answer: { status: 403, code: "AccessDenied", message: "no" } };

describe("whom a role lets in", () => {
  const say = (condition: object, language: "en" | "ko" = "en", provider = GITLAB): readonly string[] =>
    reachOf(roleOf("some", provider, condition)).flatMap((reach) => sayReach(reach, wordsOf(language)));
  const sub = (ref: string, project = "acme/shop"): string => `project_path:${project}:ref_type:${ref}`;

  it("is said in plain words", () => {
    const condition = { StringEquals: { "gitlab.com:aud": "aws", "gitlab.com:sub": sub("branch:ref:main") } };
    expect(say(condition)).toEqual(["branch main of acme/shop (via gitlab.com, audience aws)"]);
    expect(say(condition, "ko")).toEqual(["acme/shop: 브랜치 main (발급자 gitlab.com, 대상(aud) aws)"]);
  });

  it("is each subject of several, and any where a wildcard stands for all", () => {
    const condition = { StringLike: { "gitlab.com:sub": [sub("branch:ref:*"), sub("tag:ref:v*", "acme/*")] } };
    expect(say(condition)).toEqual([
      "any branch of acme/shop (via gitlab.com, any audience of the provider)",
      "tag v* of acme/* (via gitlab.com, any audience of the provider)",
    ]);
  });

  it("is everybody where nobody is named, and says what else is asked", () => {
    expect(say({ StringNotEquals: { "gitlab.com:sub": "x" } })).toEqual([
      "every job of the issuer (via gitlab.com, any audience of the provider, if gitlab.com:sub StringNotEquals x)",
    ]);
  });

  it("is an environment or pull requests on GitHub, and a subject that nobody can read as it is", () => {
    const key = "token.actions.githubusercontent.com:sub";
    const subjects = ["repo:octo/shop:environment:production", "repo:octo/shop:pull_request", "repository_id:1"];
    expect(say({ StringEquals: { [key]: subjects } }, "en", GITHUB).map((line) => line.split(" (")[0])).toEqual([
      "environment production of octo/shop",
      "pull requests of octo/shop",
      "the subject repository_id:1",
    ]);
  });

  it("is told apart from AWS principals", () => {
    const statement = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::1:root" }, Action: "sts:AssumeRole" };
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const [reach] = reachOf({ ...roleOf("some", GITLAB, {}), trust });
    expect(reach && sayReach(reach, wordsOf("en"))).toEqual(["not by a token: arn:aws:iam::1:root"]);
  });
});

describe("a job to try a role with", () => {
  const account = exampleAccount();
  const verdict = (role: AccountRole, url: string, provider: string): string | undefined => {
    const audiences = ["aws", "sts.amazonaws.com"];
    const trusted = { ...account, roles: [role], providers: [{ arn: provider, url, audiences, created: 0 }] };
    return play(jobForRole(role), role, trusted, 0).explanation?.decision.outcome;
  };

  it.each<[string, string, string, object]>([
    [
      "a branch",
      "gitlab.com",
      GITLAB,
      { StringEquals: { "gitlab.com:aud": "aws", "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:dev" } },
    ],
    [
      "tags of a group",
      "gitlab.com",
      GITLAB,
      { StringLike: { "gitlab.com:sub": "project_path:acme/*:ref_type:tag:ref:v*" } },
    ],
    ["every job", "gitlab.com", GITLAB, {}],
    [
      "an environment",
      "token.actions.githubusercontent.com",
      GITHUB,
      { StringEquals: { "token.actions.githubusercontent.com:sub": "repo:octo/shop:environment:production" } },
    ],
    [
      "pull requests",
      "token.actions.githubusercontent.com",
      GITHUB,
      { StringEquals: { "token.actions.githubusercontent.com:sub": "repo:octo/shop:pull_request" } },
    ],
  ])("is let in by a policy that names %s", (_, url, provider, condition) => {
    expect(verdict(roleOf("some", provider, condition), url, provider)).toBe("allowed");
  });

  it("is the first job where the policy names none", () => {
    const trust = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    const role = { ...roleOf("some", GITLAB, {}), trust };
    expect(jobForRole(role)).toEqual({ ...FIRST_JOB, role: role.arn });
  });
});

describe("what a role may do", () => {
  const role = roleOf("some", GITLAB, {});

  it("is its actions by service, and whether something is excepted", () => {
    const document = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject", "ec2:Describe*"], Resource: "*" },
        { Effect: "Deny", Action: "s3:PutObject", Resource: "*" },
      ],
    });
    const unknown = { arn: "arn:aws:iam::aws:policy/Other", document: null };
    expect(permissionsOf({ ...role, inline: { own: document }, attached: [unknown] })).toEqual({
      services: [
        { service: "s3", actions: ["GetObject", "PutObject"] },
        { service: "ec2", actions: ["Describe*"] },
      ],
      denies: true,
      unknown: ["Other"],
      names: ["own", "Other"],
    });
  });

  it("is everything where everything is allowed, or all but something", () => {
    const services = (allow: object) => {
      const statement = { Effect: "Allow", Resource: "*", ...allow };
      const document = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      return permissionsOf({ ...role, inline: { own: document } }).services;
    };
    expect(services({ Action: "*" })).toEqual([{ service: "*", actions: ["*"] }]);
    expect(services({ NotAction: "iam:*" })).toEqual([{ service: "*", actions: ["*"] }]);
  });
});

describe("the map", () => {
  const account: Account = exampleAccount([roleOf("lost", GITHUB, {}), roleOf("second", GITLAB, {})]);

  it("leads from issuer to provider to role to what it may do, by what was seen last", () => {
    const map = mapOf(account, [exchangeOf({}), exchangeOf({ name: "dev" }, REFUSED)]);
    const edge = (from: string, to: string) => map.edges.find((one) => one.from === from && one.to === to)?.state;
    expect(edge("issuer gitlab.com", "provider gitlab.com")).toBe("refused");
    expect(edge("provider gitlab.com", `role ${ROLE}`)).toBe("refused");
    expect(edge("provider gitlab.com", `role arn:aws:iam::${ACCOUNT_ID}:role/second`)).toBe("quiet");
    expect(edge("provider token.actions.githubusercontent.com", `role arn:aws:iam::${ACCOUNT_ID}:role/lost`)).toBe(
      "broken",
    );
    expect(mapOf(account, [exchangeOf({ name: "dev" }, REFUSED), exchangeOf({})]).edges[0]?.state).toBe("allowed");
  });

  it("shows issuers whose tokens came in vain", () => {
    const map = mapOf(exampleAccount(), [exchangeOf({ ci: "jenkins", project: "shop", audience: "aws" }, REFUSED)]);
    expect(map.nodes.filter(({ kind }) => kind === "missing-provider")).toHaveLength(1);
  });

  it("counts what there is, and the verdicts of the last five minutes alone", () => {
    const old = exchangeOf({}, { time: "2026-11-28T11:50:00.000Z" });
    const now = Date.parse("2026-11-28T12:00:10Z");
    const { counts } = mapOf({ ...account, now }, [old, exchangeOf({}), exchangeOf({ name: "dev" }, REFUSED)]);
    expect(counts).toEqual({ issuers: 1, providers: 1, roles: 3, allowed: 1, refused: 1 });
  });

  it("has no two things in one place, and each of its roles in its table", () => {
    const map = mapOf(account, []);
    const places = map.nodes.map(({ column, row }) => `${column} ${row}`);
    expect(new Set(places).size).toBe(places.length);
    expect(trustRows(map).map(({ provider, role }) => [provider?.name, role?.name])).toEqual([
      ["gitlab.com", "shop-deploy"],
      ["gitlab.com", "second"],
      ["token.actions.githubusercontent.com", "lost"],
    ]);
  });
});

describe("the list of exchanges", () => {
  const rows = [
    rowOf(exchangeOf({})),
    rowOf(exchangeOf({ name: "dev" }, REFUSED)),
    rowOf(exchangeOf({ ci: "github", project: "octo/shop", environment: "production" })),
    rowOf(exchangeOf({}, { claims: null, ...REFUSED })),
  ];

  it("says which CI, project and ref it was", () => {
    expect(rows.map(({ ci, who, role }) => [ci, who, role])).toEqual([
      ["GitLab CI", "acme/shop@main", "shop-deploy"],
      ["GitLab CI", "acme/shop@dev", "shop-deploy"],
      ["GitHub Actions", "octo/shop@production", "shop-deploy"],
      ["", "", "shop-deploy"],
    ]);
  });

  it("is filtered by words and by verdict", () => {
    expect(filterRows(rows, "", "refused")).toHaveLength(2);
    expect(filterRows(rows, "acme DEV", "all").map(({ who }) => who)).toEqual(["acme/shop@dev"]);
    expect(filterRows(rows, "accessdenied", "allowed")).toEqual([]);
  });

  it.each<[string, Partial<Job>]>([
    ["GitLab's branch", { name: "dev", audience: "a", role: ROLE }],
    ["GitLab's tag", { ref: "tag", name: "v1", audience: "a", role: ROLE }],
    ["a self-managed GitLab's", { issuer: "https://git.example.com", audience: "a", role: ROLE }],
    [
      "GitHub's environment",
      { ci: "github", project: "octo/shop", environment: "production", audience: "a", role: ROLE },
    ],
    ["GitHub's tag", { ci: "github", project: "octo/shop", ref: "tag", name: "v1", audience: "a", role: ROLE }],
  ])("replays %s as the job that it was", (_, job) => {
    expect(replayOf(exchangeOf(job))).toEqual({ ...FIRST_JOB, ...job });
  });

  it("copies a call without its token, and quotes what a shell would read", () => {
    const command = awsCommand(exchangeOf({}, { sessionName: "a b; rm" }), "http://127.0.0.1:1");
    expect(command).toContain("--web-identity-token file://token.jwt");
    expect(command).toContain("'a b; rm'");
  });
});

describe("the stream of events", () => {
  const TEXT = ': hello\n\nid: 1\nevent: exchange\ndata: {"a":1}\n\nid: 2\ndata: two\ndata: lines\n\nid: 3\ndata: cut';

  it("is read alike wherever its pieces end", () => {
    const whole = [...eventReader()(TEXT)];
    expect(whole).toEqual([
      { id: "1", event: "exchange", data: '{"a":1}' },
      { id: "2", event: "message", data: "two\nlines" },
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(TEXT.length)), (cuts) => {
        const ends = [...new Set([0, ...cuts, TEXT.length])].toSorted((a, b) => a - b);
        const read = eventReader();
        const events = ends.flatMap((end, at): readonly StreamEvent[] => read(TEXT.slice(end, ends[at + 1] ?? end)));
        expect(events).toEqual(whole);
      }),
    );
  });
});

describe("a provider", () => {
  it("tells who asks for its audiences, and which came in vain", () => {
    const facts = providerFacts(GITLAB, exampleAccount(), [exchangeOf({ audience: "other" }, REFUSED), exchangeOf({})]);
    expect(facts).toMatchObject({
      audiences: [{ audience: "https://shop-deploy.test", asked: 1 }],
      unlisted: ["other"],
      isPlayed: true,
    });
    expect(providerFacts("arn:none", exampleAccount(), [])).toBeNull();
  });
});

describe("the address", () => {
  it("leads to a screen and what is chosen there, and to the map where it leads nowhere", () => {
    for (const screen of SCREENS)
      expect(readRoute(showRoute({ screen, query: "a=b%3F" }))).toEqual({ screen, query: "a=b%3F" });
    expect(readRoute("#/nowhere")).toEqual({ screen: "map", query: "" });
  });

  it("has the key only as it was printed", () => {
    expect(keyIn("#key=ab-_1")).toBe("ab-_1");
    expect(keyIn("#/playground?key=ab")).toBeNull();
    expect(keyIn("#key=<script>")).toBeNull();
  });
});

describe("the languages", () => {
  const leaves = (value: unknown, path = ""): readonly (readonly [string, unknown])[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`))
      : [[path, value]];

  it("say the same things, Korean in Korean but for names", () => {
    const [english, korean] = [leaves(wordsOf("en")), leaves(wordsOf("ko"))];
    expect(korean.map(([path]) => path)).toEqual(english.map(([path]) => path));
    const latin = korean.flatMap(([path, text]) => (typeof text === "string" && !/[가-힣]/.test(text) ? [path] : []));
    expect(latin).toEqual([".ci", ".forms.rolecall", ".forms.terraform", ".forms.aws", ".reach.and"]);
  });

  it("use each value that they are given", () => {
    for (const language of ["en", "ko"] as const)
      for (const [path, text] of leaves(wordsOf(language)))
        if (typeof text === "function") {
          const given = Array.from({ length: text.length }, (_, at) => (at === 0 ? 7201 : 7202));
          const said = String((text as (...values: unknown[]) => unknown)(...given));
          expect(said, `${language}${path}`).toMatch(path === ".minutes" ? /120/ : /7201/);
        }
  });

  it("are chosen by the reader's preference", () => {
    expect(languageFor(["ko-KR", "en"])).toBe("ko");
    expect(languageFor(["fr", "ko"])).toBe("ko");
    expect(languageFor(["", "de"])).toBe("en");
  });
});
