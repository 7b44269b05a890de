import { afterEach, describe, expect, it } from "vitest";

import { type Account, providerOf } from "../../../src/console/model/account.ts";
import { fixViewOf } from "../../../src/console/model/fix-view.ts";
import { EXAMPLE_ROLE, exampleCalls, type IamCall } from "../../../src/console/model/iam-call.ts";
import { ciOf, FIRST_JOB, type Job, pretendedJob } from "../../../src/console/model/job.ts";
import { matrixOf } from "../../../src/console/model/neighbours.ts";
import { play } from "../../../src/console/model/play.ts";
import { trustDocument } from "../../../src/console/model/account.ts";
import { createLocalCloud, type LocalCloud } from "../../../src/local/index.ts";

let cloud: LocalCloud;
afterEach(() => cloud.close());

async function call(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${cloud.endpoint}/_rolecall/${path}`, {
    method,
    headers: { "x-rolecall-key": new URL(cloud.console).hash.slice(5), "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  expect(response.status, JSON.stringify(body)).toBe(200);
  return response.json();
}

const change = (one: IamCall) => call("POST", "console/iam", one);
const readAccount = async () => (await call("GET", "console/account")) as Account;

async function withExample(options: Parameters<typeof createLocalCloud>[0] = {}): Promise<Account> {
  cloud = await createLocalCloud(options);
  const { account } = await readAccount();
  for (const one of exampleCalls(account)) await change(one);
  return readAccount();
}

/** What the local STS answered to this very job. */
async function exchange(job: Job, account: Account) {
  const { issuedAt: _, ...fields } = pretendedJob(job, account, 0);
  const body = { job: { ci: ciOf(job).id, ...fields }, roleArn: roleArn(account), sessionName: "rolecall-console" };
  const { requestId } = (await call("POST", "console/exchange", body)) as { requestId: string };
  return cloud.exchanges().find((one) => one.requestId === requestId);
}

function roleArn({ account }: Account): string {
  return `arn:aws:iam::${account}:role/${EXAMPLE_ROLE}`;
}

function played(job: Job, account: Account) {
  const role = account.roles.find(({ name }) => name === EXAMPLE_ROLE) ?? null;
  return play(job, role, account, Date.now()).explanation;
}

const JOBS: readonly (readonly [string, Partial<Job>])[] = [
  ["the trusted branch", {}],
  ["another branch", { name: "dev" }],
  ["a tag of that name", { ref: "tag" }],
  ["another project", { project: "acme/other" }],
  ["another audience", { audience: "https://gitlab.com" }],
  ["another issuer", { issuer: "https://git.example.com" }],
  ["a merge request from a fork", { event: "fork" }],
  ["GitHub", { ci: "github", project: "octo-org/octo-repo" }],
  ["CircleCI", { ci: "circleci", project: "acme/shop" }],
  ["Jenkins", { ci: "jenkins", project: "shop", audience: "aws" }],
  ["an unknown CI", { ci: "custom", project: "me", audience: "aws" }],
];

describe("the playground", () => {
  it.each(JOBS)("says of %s what the local STS answers", async (_, chosen) => {
    const account = await withExample();
    const job = { ...FIRST_JOB, ...chosen };
    const said = played(job, account)?.decision;
    const answered = (await exchange(job, account))?.decision;
    expect(said).toBeTruthy();
    // Of the signature the one says that it was not checked, and the other that it was; times differ by moments.
    const plain = (decision: typeof said) =>
      decision && {
        ...(decision.outcome === "denied" ? { code: decision.code, messages: decision.messages } : {}),
        outcome: decision.outcome,
        checks: decision.checks
          .filter(({ kind }) => kind !== "signature" && kind !== "lifetime")
          .map(({ kind, pass, subject, wanted, got }) => ({ kind, pass, subject, wanted, got })),
      };
    expect(plain(said)).toEqual(plain(answered ?? undefined));
  });

  it.each([
    ["another branch", { name: "dev" }],
    ["another audience", { audience: "https://gitlab.com" }],
    ["another CI", { ci: "github", project: "octo-org/octo-repo" }],
  ] satisfies [string, Partial<Job>][])("mends the refusal of %s by each fix that it offers", async (_, chosen) => {
    let account = await withExample();
    const job = { ...FIRST_JOB, ...chosen };
    const before = account.roles[0] ? trustDocument(account.roles[0]) : null;
    const fixes = (played(job, account)?.refusal?.fixes ?? []).map((fix) => fixViewOf(fix, roleArn(account), before));
    const forTheAccount = fixes.filter(({ calls }) => calls.length > 0);
    expect(forTheAccount.length).toBeGreaterThan(0);
    for (const { calls, titles, forms } of forTheAccount) {
      await cloud.reset();
      for (const one of exampleCalls(account.account)) await change(one);
      expect((await exchange(job, account))?.answer.status).not.toBe(200);
      for (const one of calls) await change(one);
      account = await readAccount();
      expect((await exchange(job, account))?.answer.status, titles.join()).toBe(200);
      expect(forms.map(({ form }) => form)).toEqual(expect.arrayContaining(["terraform", "aws"]));
    }
  });

  it("offers another audience of the token where the provider has one", async () => {
    const account = await withExample();
    const job = { ...FIRST_JOB, audience: "https://gitlab.com" };
    const views = (played(job, account)?.refusal?.fixes ?? []).map((fix) => fixViewOf(fix, roleArn(account), null));
    const [audience] = views.flatMap((view) => view.audience ?? []);
    expect(audience).toBe("https://shop-deploy.test");
    expect(views.find((view) => view.audience)?.forms.find(({ form }) => form === "ci")?.text).toContain(
      `aud: ${audience}`,
    );
    expect(played({ ...job, audience: audience ?? "" }, account)?.decision.outcome).toBe("allowed");
  });

  it("tells in rolecall.yaml's own lines whom to allow", async () => {
    const account = await withExample();
    const views = (played({ ...FIRST_JOB, name: "dev" }, account)?.refusal?.fixes ?? []).map((fix) =>
      fixViewOf(fix, roleArn(account), null),
    );
    const texts = views.flatMap(({ forms }) => forms.filter(({ form }) => form === "rolecall").map(({ text }) => text));
    expect(texts).toEqual(["roles:\n  shop-deploy:\n    allow:\n      - { project: acme/shop, branch: dev }"]);
  });

  it("knows the words of 2025 from those of 2026", async () => {
    const account = await withExample({ stsTexts: "2025" });
    const job = { ...FIRST_JOB, audience: "other" };
    const decision = played(job, account)?.decision;
    expect(account.stsTexts).toBe("2025");
    expect(decision).toMatchObject({ messages: { "2025": "Incorrect token audience" } });
    expect((await exchange(job, account))?.answer.message).toBe("Incorrect token audience");
  });
});

describe("the matrix", () => {
  it("lets in whom the local STS lets in, and nobody else", async () => {
    const account = await withExample();
    const [role = null] = account.roles;
    const { rows, roles } = matrixOf(FIRST_JOB, role, account, Date.now());
    expect(roles.map(({ name }) => name)).toEqual([EXAMPLE_ROLE]);
    expect(rows.map(({ kind, cells }) => [kind, cells[0]])).toEqual([
      ["chosen", "allowed"],
      ["branch", "refused"],
      ["tag", "refused"],
      ["pull", "refused"],
      ["fork", "refused"],
      ["environment", "allowed"],
      ["project", "refused"],
      ["group", "refused"],
    ]);
    for (const { job, cells } of rows)
      expect((await exchange(job, account))?.answer.status === 200, job.name).toBe(cells[0] === "allowed");
  });

  it("has no token for a fork on GitHub", async () => {
    const account = await withExample();
    await change({
      action: "CreateOpenIDConnectProvider",
      parameters: { Url: "https://token.actions.githubusercontent.com", ClientIDList: ["sts.amazonaws.com"] },
    });
    const job: Job = { ...FIRST_JOB, ci: "github", project: "octo/shop" };
    const [role = null] = account.roles;
    const { rows } = matrixOf(job, role, await readAccount(), Date.now());
    expect(rows.find(({ kind }) => kind === "fork")?.cells).toEqual(["no-token"]);
    expect(providerOf(await readAccount(), "https://token.actions.githubusercontent.com")?.audiences).toEqual([
      "sts.amazonaws.com",
    ]);
  });
});
