import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { CIS } from "../../../src/ci/index.ts";
import { issuerName } from "../../../src/core/arn.ts";
import { shellWord } from "../../../src/core/shell-word.ts";
import { type Claims, textClaim } from "../../../src/core/token.ts";
import type { Finding } from "../../../src/doctor/finding.ts";
import { linesOf } from "../../support/failure-page.ts";
import { ACCOUNT, type MendedJob } from "../../support/failure-scenarios.ts";
import {
  creds,
  firstOf,
  letIn,
  neighbours,
  scenariosOf,
  shownToAws,
  type Told,
  type,
  useTerminal,
} from "../../support/failure-staging.ts";
import { type Ran, rolecall, typeLines } from "../../support/shell-lines.ts";

const terminal = useTerminal();
const ROLE = `arn:aws:iam::${ACCOUNT}:role/demo`;

/** Whose token endpoint the local AWS plays, and those that are asked for in scenarios. */
const JOBS: Readonly<Record<string, { readonly project: string; readonly audience: string }>> = {
  gitlab: { project: "acme/shop", audience: "https://shop.test" },
  github: { project: "octo-org/octo-repo", audience: "sts.amazonaws.com" },
  bitbucket: {
    project: "{9d3c2b1a-5e6f-4a7b-8c9d-0e1f2a3b4c5d}",
    audience: "ari:cloud:bitbucket::workspace/8c3f0e1a-2b4d-4c6e-9f80-1a2b3c4d5e6f",
  },
};

/** A job of that CI as its runner makes it, and an account with a role for it alone. */
async function jobOf(id: string): Promise<Readonly<Record<string, string>>> {
  const ci = CIS.find((one) => one.id === id) ?? expect.fail(id);
  const { cloud } = terminal();
  const { project, audience } = JOBS[id] ?? expect.fail(id);
  const { token, claims } = await cloud.mint({ ci: ci.id, project, branch: "main", audience, expiresIn: 900 });
  await makeRole(claims, audience);
  const { tokenUrl = "", tokenBearer = "" } = cloud.issuers["github"] ?? {};
  const asks = { ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: tokenBearer };
  const env = { ...ci.jobEnvironment(claims, token), ...(id === "github" ? asks : {}), AWS_ROLE_ARN: ROLE };
  return Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

async function makeRole(claims: Claims, audience: string): Promise<void> {
  const url = textClaim(claims, "iss") ?? "";
  const name = issuerName(url);
  const statement = {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${name}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${name}:aud`]: audience, [`${name}:sub`]: textClaim(claims, "sub") ?? "" } },
  };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await writeFile(join(terminal().folder, TRUST_FILE), policy);
  for (const line of [
    `aws iam create-open-id-connect-provider --url ${url} --client-id-list ${shellWord(JSON.stringify([audience]))}`,
    `aws iam create-role --role-name demo --assume-role-policy-document ${shellWord(policy)}`,
  ]) {
    const ran = await type(line);
    expect(ran.status, ran.stderr).toBe(0);
  }
}

interface Findings {
  readonly findings?: readonly Finding[];
}

describe("a job that is wrong in itself is told so, and gets its role once the fix is followed", () => {
  test.each(scenariosOf("job"))("%s", async (id, { by, mended, ...scenario }) => {
    const [line = "", ...before] = linesOf({ by, mended, ...scenario }).toReversed();
    await typeLines(before.toReversed(), terminal());
    const said = await type(`${line} --json`);
    const told = JSON.parse(said.stdout) as Told & Findings;
    if (by === "explain") expect(firstOf(told)).toBe(id);
    const finding = [...(told.findings ?? told.unsent ?? [])].find(({ failure }) => failure === id);
    expect(finding?.fix ?? told.refusal?.fixes[0]?.text).toMatch(mended.told);

    const job = await jobOf(mended.ci ?? "gitlab");
    const [again, got] = await follow(by, mended, job);
    const { findings, unsent, refusal } = JSON.parse(again.stdout) as Told & Findings;
    const ids = [...(findings ?? unsent ?? []).map(({ failure }) => failure), refusal?.failure.id];
    expect(ids).not.toContain(id);
    if (by === "explain") expect(again.status, again.stdout).toBe(0);
    if (mended.decidedOnly === undefined) expect(got.status, got.stderr).toBe(0);
  });
});

describe("explain names first what keeps tools from a session that the policy allows", () => {
  const byDoctor = scenariosOf("job").filter(([, { by }]) => by === "doctor");
  test.each(byDoctor)("%s", async (id, { before = [], env = {}, options = [], mended }) => {
    const job = await jobOf(mended.ci ?? "gitlab");
    const wrong = await explainIn({ ...job, ...env }, before, options);
    expect(wrong.status, wrong.stderr).toBe(0);
    const { beside } = JSON.parse(wrong.stdout) as Beside;
    expect(beside[0]?.failure).toBe(id);
    expect(beside[0]?.fix).toMatch(mended.told);

    const right = await explainIn({ ...job, ...mended.env }, mended.before, mended.options);
    expect(right.status, right.stderr).toBe(0);
    expect((JSON.parse(right.stdout) as Beside).beside.map(({ failure }) => failure)).not.toContain(id);
  });
});

interface Beside {
  readonly beside: readonly Finding[];
}

/** Without questions to IAM and issuer, since some of these environments keep them from being asked. */
async function explainIn(
  env: Readonly<Record<string, string>>,
  before: readonly string[] = [],
  options: readonly string[] = [],
): Promise<Ran> {
  const { folder } = terminal();
  for (const ran of await typeLines(before, terminal())) expect(ran.status, ran.stderr).toBe(0);
  const inFolder = (word: string): string => (/^(job\.jwt|home)$/.test(word) ? join(folder, word) : word);
  // The terminal has the administrator's keys, the job none.
  const own = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", ...env };
  const all = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, inFolder(value)]));
  const role = options.includes("--role") ? [] : ["--role", ROLE];
  const policy = ["--policy", join(folder, TRUST_FILE), "--provider-audience", (await readTrust(folder)).audience];
  const words = ["explain", "--json", "--offline", ...policy, ...role, ...options.map(inFolder)];
  return { line: words.join(" "), ...(await rolecall(words, all, terminal())) };
}

/** Where {@link makeRole} leaves the role's trust policy. */
const TRUST_FILE = "made-trust.json";

async function readTrust(folder: string): Promise<{ readonly audience: string }> {
  const text = await readFile(join(folder, TRUST_FILE), "utf8");
  return { audience: /:aud":"([^"]+)"/.exec(text)?.[1] ?? expect.fail("no audience") };
}

/** The same words once more, in the mended job, and then the exchange. */
async function follow(
  by: "explain" | "doctor",
  { before = [], env = {}, options = [] }: MendedJob,
  job: Readonly<Record<string, string>>,
): Promise<readonly [again: Ran, got: Ran]> {
  for (const ran of await typeLines(before, terminal())) expect(ran.status, ran.stderr).toBe(0);
  const { folder } = terminal();
  const inFolder = (word: string): string =>
    /^(job\.jwt|(trust|keys)\.json|home)$/.test(word) ? join(folder, word) : word;
  const all = Object.fromEntries(Object.entries({ ...job, ...env }).map(([name, value]) => [name, inFolder(value)]));
  const offline = by === "doctor" ? ["--offline"] : [];
  const again = await rolecall([by, "--json", ...offline, ...options.map(inFolder)], all, terminal());
  const file = options.includes("--token-file") ? ["--token-file", join(folder, "job.jwt")] : [];
  const got = await rolecall(["creds", ...file], all, terminal());
  return [
    { line: by, ...again },
    { line: "creds", ...got },
  ];
}

describe("a refusal that passes by itself is told as one", () => {
  test.each(scenariosOf("weather"))("%s", async (id, scenario) => {
    const [explain = "", refused = "", ...before] = linesOf(scenario).toReversed();
    const { cloud } = terminal();
    const [name = "", value = ""] = scenario.weather.split("=");
    onTestFinished(() => cloud.setWeather({ propagation: "0s", "key-unreachable": 0 }));
    cloud.setWeather({ [name]: value });
    await typeLines(before.toReversed(), terminal());
    const asked = await type(refused);
    expect(asked.status, asked.stderr).toBe(3);
    expect(asked.stderr).toContain(scenario.said);
    const { causes } = JSON.parse((await type(`${explain} --json`)).stdout) as {
      causes: readonly { id: string; fix: string }[];
    };
    expect(causes[0]).toMatchObject({ id, fix: expect.stringMatching(/try again/) as string });
    cloud.setWeather({ propagation: "0s", "key-unreachable": 0 });
    expect((await type(refused)).status).toBe(0);
  });
});

describe("a policy that IAM does not save", () => {
  test.each(scenariosOf("policy"))("%s", async (id, scenario) => {
    const lines = linesOf(scenario);
    const ran = await typeLines(lines.slice(0, -1), terminal());
    const refused = ran.find(({ line }) => line.includes("create-role"));
    expect(refused?.stderr).toContain(scenario.said.replace(/^\w+: /, ""));
    const said = await type(`${lines.at(-1) ?? ""} --json`);
    const { causes, ask } = JSON.parse(said.stdout) as { causes: readonly { id: string }[]; ask: readonly string[] };
    expect(causes[0]?.id).toBe(id);
    const statement: unknown = JSON.parse(/in the trust policy: (\{.*\})$/m.exec(ask.join("\n"))?.[1] ?? "null");
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await writeFile(join(terminal().folder, TRUST_FILE), policy);
    const made = await type(`aws iam create-role --role-name demo --assume-role-policy-document ${shellWord(policy)}`);
    expect(made.status, made.stderr).toBe(0);
    const got = await creds(scenario.job, {});
    expect(got.status, got.stderr).toBe(0);
    const own = await shownToAws(scenario.job);
    expect((await letIn(neighbours(scenario.job), {})).filter(([, shown]) => shown !== own)).toEqual([]);
  });
});
