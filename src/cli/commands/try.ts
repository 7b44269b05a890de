import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { apply } from "../../account/apply.ts";
import { type Config, readConfig, type RoleConfig } from "../../account/config.ts";
import { desiredState } from "../../account/desired.ts";
import type { Scope } from "../../ci/ci.ts";
import { findCi } from "../../ci/index.ts";
import { issuerName, providerArn } from "../../core/arn.ts";
import type { Credentials } from "../../core/credentials.ts";
import type { Decision } from "../../core/decide.ts";
import { RolecallError } from "../../core/errors.ts";
import { type Fix, fixesFor } from "../../core/fixes.ts";
import { Secret } from "../../core/secret.ts";
import { parseToken, showClaim } from "../../core/token.ts";
import { makeSessionName } from "../../credentials/session-name.ts";
import { createLocalCloud, type LocalCloud } from "../../local/index.ts";
import { callerIdentity, connectIam } from "../../wire/aws-sdk.ts";
import { assumeRoleWithWebIdentity, type AssumeAnswer } from "../../wire/sts.ts";
import { defineCommand } from "../command.ts";
import { describeToken } from "../find-token.ts";
import type { Io } from "../io.ts";
import { type Colors, colorsFor } from "../render/colors.ts";
import { renderRefusal } from "../render/refusal.ts";
import { printable } from "../report.ts";

const EXAMPLE = fileURLToPath(new URL("../../../examples/gitlab/rolecall.yaml", import.meta.url));
const PROJECT = "acme/shop";

export default defineCommand({
  name: "try",
  summary: "see the whole story on this machine: no account, no CI, no keys",
  usage: "[options]",
  examples: [["rolecall try", "a GitLab job gets credentials; three others are refused and told why"]],
  options: {},
  async run({ options }, io) {
    const colors = colorsFor(io, options);
    const config = await readConfig(EXAMPLE);
    const cloud = await createLocalCloud({ port: 0 });
    try {
      await tell({ cloud, config, role: firstRole(config), io, colors });
      return 0;
    } finally {
      await cloud.close();
    }
  },
});

interface Story {
  readonly cloud: LocalCloud;
  readonly config: Config;
  readonly role: RoleConfig;
  readonly io: Io;
  readonly colors: Colors;
}

function firstRole({ roles }: Config): RoleConfig {
  const [role] = roles;
  if (role) return role;
  throw new RolecallError("unexpected", "the example has no role");
}

async function tell(story: Story): Promise<void> {
  const { cloud, io, colors, role } = story;
  const say = (text = ""): void => io.out(`${text}\n`);
  say(colors.strong("A GitLab job gets AWS credentials without an access key, all on this machine."));
  say();
  say(`${colors.strong("1")}  a local AWS with a GitLab issuer     ${cloud.endpoint}, account ${cloud.account}`);
  const roleArn = await setUp(story, say);
  const job = { audience: role.audience, branch: "main" };
  const good = await exchangeAs(story, roleArn, job);
  say(`${colors.strong("3")}  a job of ${PROJECT} on main has an ID token`);
  for (const [name, value] of good.claims) say(`     ${name}  ${printable(value)}`);
  if (good.answer.kind !== "credentials")
    throw new RolecallError("unexpected", `the local STS refused the example: ${good.answer.message}`);
  sayCredentials(good.answer.credentials, story, say);
  await sayIdentity(good.answer.credentials, story, say);
  say();
  say(colors.strong("What is refused, and why"));
  for (const wrong of WRONG) await sayRefused(story, roleArn, wrong, say);
  sayNext(say, colors);
}

type Say = (text?: string) => void;

async function setUp({ cloud, config, role, colors }: Story, say: Say): Promise<string> {
  const { accessKeyId, secretAccessKey } = cloud.admin;
  const iam = await connectIam({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: new Secret(secretAccessKey) },
  });
  const desired = desiredState(config, { account: cloud.account, partition: "aws" });
  const changes = await apply(iam, desired);
  say(`${colors.strong("2")}  examples/gitlab/rolecall.yaml becomes, in IAM`);
  for (const { kind, name, what } of changes)
    say(`     ${colors.good("+")} ${kind.padEnd(9)} ${name}: ${what.join(", ")}`);
  say(`     ${colors.faint(`trusted: ${role.allow.map(describeScope).join("; ")}`)}`);
  return desired.roles[0]?.arn ?? "";
}

function describeScope({ project, branch, tag }: Scope): string {
  return tag === undefined ? `${project} on branch ${branch ?? "*"}` : `${project} on tags ${tag}`;
}

interface TriedJob {
  readonly audience: string;
  readonly branch: string;
  readonly expiresIn?: number;
}

interface Tried {
  readonly claims: readonly (readonly [string, string])[];
  readonly answer: AssumeAnswer;
  readonly token: ReturnType<typeof parseToken>;
}

async function exchangeAs({ cloud, role, io }: Story, roleArn: string, job: TriedJob): Promise<Tried> {
  const { token: text, claims } = await cloud.mint({ ci: "gitlab", project: PROJECT, ...job });
  const token = parseToken(text, "the minted token");
  const id = (name: string): string => showClaim(claims, name);
  const answer = await assumeRoleWithWebIdentity(
    {
      endpoint: new URL(cloud.endpoint),
      roleArn,
      sessionName: makeSessionName(["gitlab", id("project_id"), id("pipeline_id"), id("job_id")]),
      token: token.raw,
      duration: role.session,
    },
    io.env,
  );
  return { claims: describeToken(token), answer, token };
}

function sayCredentials({ accessKeyId, expiration }: Credentials, { colors, io }: Story, say: Say): void {
  const minutes = Math.round((expiration.getTime() - io.now()) / 60_000);
  say(
    `${colors.strong("4")}  STS gives for it                      ${colors.good(accessKeyId)}, a secret and a session token, for ${minutes} minutes`,
  );
}

async function sayIdentity(credentials: Credentials, { cloud, colors }: Story, say: Say): Promise<void> {
  const { arn } = await callerIdentity({ endpoint: cloud.endpoint, region: "us-east-1", credentials });
  say(`${colors.strong("5")}  aws sts get-caller-identity says      ${colors.good(arn)}`);
}

interface Wrong {
  readonly title: string;
  readonly job: (role: RoleConfig) => TriedJob;
}

const WRONG: readonly Wrong[] = [
  { title: "another audience", job: () => ({ audience: "https://gitlab.com", branch: "main" }) },
  { title: "branch dev", job: ({ audience }) => ({ audience, branch: "dev" }) },
  {
    title: "a token that ended 10 minutes ago",
    job: ({ audience }) => ({ audience, branch: "main", expiresIn: -600 }),
  },
];

async function sayRefused(story: Story, roleArn: string, { title, job }: Wrong, say: Say): Promise<void> {
  const { cloud, colors, role } = story;
  const { token } = await exchangeAs(story, roleArn, job(role));
  const decision = cloud.exchanges().at(-1)?.decision;
  if (decision?.outcome !== "denied") throw new RolecallError("unexpected", `the local STS did not refuse ${title}`);
  say();
  say(`${colors.bad("✗")}  ${title}`);
  for (const line of renderRefusal(decision, fixesOf(decision, token, story), "2026", colors)) say(`     ${line}`);
}

function fixesOf(
  decision: Extract<Decision, { outcome: "denied" }>,
  token: Tried["token"],
  { cloud, role }: Story,
): readonly Fix[] {
  const ci = findCi(role.ci);
  const scope = ci?.scopeOf(token.claims) ?? null;
  return fixesFor(decision, {
    token,
    provider: {
      arn: providerArn(role.issuer, cloud.account),
      url: issuerName(role.issuer),
      audiences: [role.audience],
      thumbprints: [],
    },
    roleName: role.name,
    account: cloud.account,
    ciFile: ci?.file ?? "the CI file",
    allowEntry: scope ? describeEntry(scope) : null,
  });
}

function describeEntry({ project, branch, tag }: Scope): string {
  return tag === undefined
    ? `{ project: ${project}, branch: ${branch ?? "*"} }`
    : `{ project: ${project}, tag: ${tag} }`;
}

function sayNext(say: Say, colors: Colors): void {
  say();
  say(colors.strong("Next"));
  // In a clone nothing is on the PATH yet.
  const program = process.argv[1] ?? "";
  if (basename(program) === "main.cjs") say(`  alias rolecall='node ${relative("", program)}'`);
  say("  rolecall up --config examples/gitlab/rolecall.yaml     keep this local AWS running");
  say("  rolecall job gitlab --project acme/shop --branch main --audience https://shop-deploy.test \\");
  say("    --role arn:aws:iam::123456789012:role/shop-deploy -- rolecall exec -- aws sts get-caller-identity");
  say("  rolecall help exec                                     what a real job types");
}
