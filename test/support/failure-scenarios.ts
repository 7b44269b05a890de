import type { Json } from "../../src/core/token.ts";

/** How a failure is brought about on the local AWS. */
export type Scenario = ExchangeScenario | DoctorScenario | TextScenario;

/** A job asks for a role, and it goes wrong. */
export interface ExchangeScenario {
  readonly kind: "exchange";
  /** `refused` by STS, `unsent` because rolecall sees it before, `allowed` though it should not be. */
  readonly outcome: "refused" | "unsent" | "allowed";
  /** Address and audience of each provider that the account has. */
  readonly providers: readonly (readonly [url: string, audience: string])[];
  readonly trust: Json;
  /** Words behind `rolecall token mint`. */
  readonly job: readonly string[];
  /** Further words for creds and explain. */
  readonly options?: readonly string[];
  /** The role that is asked for, when it is not the one that there is. */
  readonly role?: string;
  /** What mends it where the account is right: the words of a job that has it right. */
  readonly mendedJob?: readonly string[];
  /** Further words that mend it. */
  readonly mendedOptions?: readonly string[];
}

/** What doctor says in such an environment; lines are typed before it. */
export interface DoctorScenario {
  readonly kind: "doctor";
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
}

/** What cannot be brought about here: why, and whether its text is enough to know it by. */
export interface TextScenario {
  readonly kind: "text";
  readonly because: string;
  /** What a tool said; null where nothing is said, or where others say the same. */
  readonly said: string | null;
}

export const ACCOUNT = "123456789012";
const GITHUB = "token.actions.githubusercontent.com";
const STS = "sts.amazonaws.com";
const OWN = "https://shop.test";

const arn = (issuer: string): string => `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}`;

type Conditions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A trust policy of one statement; conditions are by operator and the claim's name. */
function trust(
  issuer: string,
  conditions: Conditions,
  more: { readonly [element: string]: Json } = {},
  keys = issuer,
): Json {
  const condition = Object.fromEntries(
    Object.entries(conditions).map(([operator, values]) => [
      operator,
      Object.fromEntries(Object.entries(values).map(([claim, value]) => [`${keys}:${claim}`, value])),
    ]),
  );
  const statement = {
    Effect: "Allow",
    Principal: { Federated: arn(issuer) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: condition,
    ...more,
  };
  return { Version: "2012-10-17", Statement: [statement] };
}

type Extra = Partial<Omit<ExchangeScenario, "kind">>;

const HUB_JOB = ["github", "--project", "octo/shop"];
const LAB_JOB = ["gitlab", "--project", "acme/shop", "--audience", OWN];
const HUB_MAIN = "repo:octo/shop:ref:refs/heads/main";
const LAB_MAIN = "project_path:acme/shop:ref_type:branch:ref:main";

/** A GitHub job of octo/shop whose audience the account knows. */
function hub(conditions: Conditions, words: readonly string[] = [], extra: Extra = {}): ExchangeScenario {
  return {
    kind: "exchange",
    outcome: "refused",
    providers: [[`https://${GITHUB}`, STS]],
    trust: trust(GITHUB, conditions),
    job: [...HUB_JOB, ...words, "--audience", STS],
    ...extra,
  };
}

const hubSub = (sub: string, operator = "StringEquals"): Conditions =>
  operator === "StringEquals"
    ? { StringEquals: { aud: STS, sub } }
    : { StringEquals: { aud: STS }, [operator]: { sub } };

/** A GitLab job of acme/shop whose audience the account knows. */
function lab(conditions: Conditions, words: readonly string[] = [], extra: Extra = {}): ExchangeScenario {
  return {
    kind: "exchange",
    outcome: "refused",
    providers: [["https://gitlab.com", OWN]],
    trust: trust("gitlab.com", conditions),
    job: [...LAB_JOB, ...words],
    ...extra,
  };
}

const labSub = (sub: string, operator = "StringEquals"): Conditions =>
  operator === "StringEquals"
    ? { StringEquals: { aud: OWN, sub } }
    : { StringEquals: { aud: OWN }, [operator]: { sub } };

const SELF = "gitlab.example.com";
const selfManaged = (more: Extra): ExchangeScenario =>
  lab({}, ["--issuer", `https://${SELF}`], { providers: [[`https://${SELF}`, OWN]], ...more });

const CIRCLE_ORG = "3a9c4b60-0f27-4b36-9e0b-6d9e4b1b7f10";
const CIRCLE = `oidc.circleci.com/org/${CIRCLE_ORG}`;
const CIRCLE_PROJECT = "9d3c2b1a-5e6f-4a7b-8c9d-0e1f2a3b4c5d";
const CIRCLE_USER = `org/${CIRCLE_ORG}/project/${CIRCLE_PROJECT}/user`;

const circle = (conditions: Conditions, keys: string, ...words: readonly string[]): ExchangeScenario => ({
  kind: "exchange",
  outcome: "refused",
  providers: [[`https://${CIRCLE}`, CIRCLE_ORG]],
  trust: trust(CIRCLE, conditions, {}, keys),
  job: ["circleci", "--project", CIRCLE_PROJECT, "--issuer", `https://${CIRCLE}`, ...words],
  options: ["--ci", "circleci"],
});

const JENKINS = "jenkins.example.com/oidc";
const TAGS = '{"principal_tags":{"team":["shop"]},"transitive_tag_keys":[]}';

const doctor = (
  env: Readonly<Record<string, string>>,
  options: readonly string[] = [],
  before: readonly string[] = [],
): DoctorScenario => ({
  kind: "doctor",
  env,
  options,
  before,
});

const text = (because: string, said: string | null = null): TextScenario => ({ kind: "text", because, said });

const ROLE = `arn:aws:iam::${ACCOUNT}:role/demo`;
const REGION = { AWS_REGION: "eu-central-1", AWS_DEFAULT_REGION: "eu-central-1" };

/** Every entry of the failure catalogue. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  F01: hub(hubSub(HUB_MAIN), [], { providers: [[`https://${GITHUB}`, "https://github.com/octo"]] }),
  F02: lab(labSub(LAB_MAIN), [], { job: ["gitlab", "--project", "acme/shop", "--audience", `${OWN}/`] }),
  F03: hub({ StringEquals: { aud: "https://github.com/octo", sub: HUB_MAIN } }),
  F04: lab(labSub(LAB_MAIN), ["--claim", "aud=null"], { outcome: "unsent", mendedJob: LAB_JOB }),
  F05: hub(hubSub(HUB_MAIN), [], { providers: [] }),
  F06: selfManaged({ trust: trust(SELF, labSub(LAB_MAIN), {}, `${SELF}/`) }),
  F07: circle({ StringLike: { sub: `${CIRCLE_USER}/*` } }, "oidc.circleci.com"),
  F08: hub({}, [], { trust: trust(`vs${GITHUB}`, hubSub(HUB_MAIN)) }),
  F09: selfManaged({ providers: [["https://gitlab.com", OWN]], trust: trust(SELF, labSub(LAB_MAIN)) }),
  F10: hub(hubSub(HUB_MAIN), ["--environment", "production"]),
  F11: hub(hubSub(HUB_MAIN), ["--event", "pull_request"]),
  F12: lab(labSub("project_path:acme/shop:ref_type:branch:ref:*", "StringLike"), ["--tag", "v1"]),
  F13: hub(hubSub("repo:octo/shop:ref:main")),
  F14: hub(hubSub(HUB_MAIN), ["--branch", "gh-readonly-queue/main/pr-7-0123"]),
  F15: hub(hubSub("repo:octo/shop:*", "StringLike"), ["--immutable"]),
  F16: hub({ StringEquals: { aud: STS, sub: HUB_MAIN, repository_id: "74" } }, [], {
    job: ["github", "--project", "octo/store", "--claim", 'repository_id="74"', "--audience", STS],
  }),
  F17: hub(hubSub("repo:Octo/shop:ref:refs/heads/main")),
  F18: hub(hubSub("repo:octo/shop:*")),
  F19: hub(hubSub("repo:github.com/octo/shop:*", "StringLike")),
  F20: doctor({ ...REGION, GITHUB_ACTIONS: "true" }),
  F21: text(
    "GitHub refuses the workflow itself, and nothing runs",
    "The nested job 'deploy' is requesting 'id-token: write', but is only allowed 'id-token: none'.",
  ),
  F22: doctor(
    { ...REGION, GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: "event.json" },
    [],
    [
      `printf %s '{"repository":{"full_name":"octo/shop"},"pull_request":{"head":{"repo":{"full_name":"eve/shop"}}}}' > event.json`,
    ],
  ),
  F23: doctor({ ...REGION, GITHUB_ACTIONS: "true", GITHUB_ACTOR: "dependabot[bot]" }),
  F24: hub(hubSub(HUB_MAIN), ["--event", "pull_request_target"], {
    outcome: "allowed",
    job: [...HUB_JOB, "--event", "pull_request_target", "--claim", `sub=${HUB_MAIN}`, "--audience", STS],
  }),
  F25: lab(labSub(LAB_MAIN), ["--branch", "dev"]),
  F26: lab({ StringEquals: { aud: OWN, sub: LAB_MAIN, ref: "main" } }),
  F27: hub({ StringEquals: { aud: STS }, "ForAllValues:StringLike": { sub: "repo:octo/shop:*" } }, [], {
    outcome: "allowed",
  }),
  F28: lab(labSub("project_path:acme/shop:ref_type:mr:ref:*", "StringLike"), [
    "--branch",
    "dev",
    "--event",
    "merge_request_event",
  ]),
  F29: lab(labSub("project_path:acme/shop:ref_type:branch:ref:release/*", "StringLike"), ["--branch", "release/1"], {
    outcome: "allowed",
  }),
  F30: lab(labSub(LAB_MAIN), ["--claim", "job_project_path=acme/shop"], {
    job: ["gitlab", "--project", "eve/shop", "--audience", OWN, "--claim", "job_project_path=acme/shop"],
    mendedJob: LAB_JOB,
  }),
  F31: circle(
    { StringLike: { sub: `${CIRCLE_USER}/*/vcs-origin/*/vcs-ref/refs/heads/main` } },
    CIRCLE,
    "--claim",
    `sub=${CIRCLE_USER}/99999999-1111-4222-8333-000000000000`,
  ),
  F32: {
    kind: "exchange",
    outcome: "refused",
    providers: [[`https://${JENKINS}`, OWN]],
    trust: trust(JENKINS, { StringEquals: { sub: "https://jenkins.example.com/job/shop" } }),
    job: ["jenkins", "--project", "shop", "--audience", OWN, "--claim", "sub=https://jenkins.example.com/job/shop/"],
    options: ["--ci", "jenkins"],
  },
  F33: lab({}, [], { trust: trust("gitlab.com", labSub(LAB_MAIN), { Action: "sts:AssumeRole" }) }),
  F34: text(
    "IAM refuses the policy before any job runs; the local AWS does too, with aws iam create-role",
    `MalformedPolicyDocument: Trust policy with trusted principal ${arn("gitlab.com")} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, gitlab.com:sub which is not scoped to all.`,
  ),
  F35: doctor({ ...REGION, AWS_ROLE_ARN: "arn:aws:iam::${AWS_ACCOUNT_ID}:role/demo" }),
  F36: lab(labSub(LAB_MAIN), [], { role: "demmo" }),
  F37: doctor(REGION, ["--session-name", "dependabot[bot]"]),
  F38: doctor(REGION, [
    "--session-name",
    "a-name-that-goes-on-and-on-until-it-has-more-than-the-sixty-four-characters",
  ]),
  F39: doctor({ ...REGION, AWS_WEB_IDENTITY_TOKEN_FILE: "job.jwt" }, [], ["printf %s glcbt-64-0123 > job.jwt"]),
  F40: lab(labSub(LAB_MAIN), ["--expires-in", "-600"], { outcome: "unsent", mendedJob: LAB_JOB }),
  F41: text("the token is refused as any that has ended (F40); that GitLab gives no other is no matter of AWS"),
  F42: text(
    "no session of AWS ends before 15 minutes",
    "ExpiredToken: The security token included in the request is expired",
  ),
  F43: lab(labSub(LAB_MAIN), [], { options: ["--duration", "2h"] }),
  F44: text(
    "rolecall sees it before AWS is asked",
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
  ),
  F45: text("it is of a program that holds one token for hours"),
  F46: doctor(
    REGION,
    ["--token-file", "job.jwt"],
    [
      "rolecall token mint gitlab --project acme/shop --audience https://shop.test --issuer http://127.0.0.1:9 > job.jwt",
    ],
  ),
  F47: text(
    "it needs a web server that publishes another issuer's document; test/unit/doctor/check-issuer.test.ts has one",
  ),
  F48: text("it needs a web server that publishes old keys; test/unit/cli/doctor.test.ts has one"),
  F49: text("it needs a web server that publishes keys without kid; test/unit/doctor/check-issuer.test.ts has one"),
  F50: text(
    "the local AWS speaks plain http, and looks at no certificate",
    "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
  ),
  F51: text(
    "the local AWS speaks plain http, and looks at no certificate",
    "Could not connect to openid configuration of provider: https://gitlab.example.com",
  ),
  F52: text(
    "it needs a local AWS of its own, rolecall up --weather propagation=20s; test/unit/cli/explain.test.ts has one",
  ),
  F53: lab(labSub(LAB_MAIN), ["--claim", "iat=4102444800"], { mendedJob: LAB_JOB }),
  F54: text(
    "rolecall tries again by itself, so that nothing is refused; rolecall up --weather key-unreachable=3 shows the notes",
  ),
  F55: text("what it is is not known", "Can't issue ID_TOKEN for job in 'Pending' state"),
  F56: lab(labSub(LAB_MAIN), ["--claim", `https://aws.amazon.com/tags=${TAGS}`]),
  F57: doctor({ ...REGION, GITLAB_CI: "true", AWS_ACCESS_KEY_ID: "AKIA-EXAMPLE" }),
  F58: doctor({ ...REGION, AWS_PROFILE: "gone" }),
  F59: doctor({
    ...REGION,
    GITHUB_ACTIONS: "true",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
  }),
  F60: doctor(
    REGION,
    ["--role", `arn:aws-cn:iam::${ACCOUNT}:role/demo`, "--token-file", "job.jwt"],
    ["rolecall token mint github --project octo/shop --audience sts.amazonaws.com > job.jwt"],
  ),
  F61: doctor({ ...REGION, HTTPS_PROXY: "socks5://proxy.test" }),
  F62: doctor({ AWS_REGION: "cn-north-1", AWS_DEFAULT_REGION: "cn-north-1" }, ["--role", ROLE]),
  F63: doctor({ AWS_REGION: "", AWS_DEFAULT_REGION: "" }),
  F64: text(
    "every region of the local AWS takes every session",
    "InvalidClientTokenId: The security token included in the request is invalid",
  ),
  F65: doctor({ ...REGION, AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/token", AWS_ROLE_ARN: ROLE }),
  F66: text(
    "it needs CDK 2.166 or older; test/unit/doctor/check-tools.test.ts has a stand-in",
    "Unable to determine the default AWS account (ProcessCredentialsProviderFailure): Profile default did not include credential process",
  ),
  F67: text("it needs CDK 2.166 or older; test/unit/doctor/check-tools.test.ts has a stand-in"),
  F68: text(
    "it is CDK's",
    "Need to perform AWS calls for account 123456789012, but no credentials have been configured",
  ),
  F69: text(
    "the local AWS has no SSM",
    "SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped? Please run 'cdk bootstrap'",
  ),
  F70: text(
    "it is CDK's",
    "current credentials could not be used to assume 'arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-eu-central-1', but are for the right account. Proceeding anyway.",
  ),
  F71: text("it is Terraform's", "Error: no valid credential sources for S3 Backend found."),
  F72: text("it is Serverless', and its plugins'", "AWS provider credentials not found."),
  F73: text("it is the shell's; test/cli/eval-stops-the-job.txtar has what does stop"),
  F74: text("it is the shell's", 'script.sh: 3: Syntax error: "(" unexpected'),
  F75: text(
    "it needs a secret key with such a character in the right place",
    "SecretAccessKey contains special characters.",
  ),
  F76: doctor(
    REGION,
    ["--token-file", "job.jwt"],
    ["rolecall token mint gitlab --project acme/shop --audience https://shop.test > job.jwt"],
  ),
  F77: text("nothing fails; test/e2e/job-secrets.test.ts looks for secrets in what rolecall prints"),
  F78: doctor({ ...REGION, GITLAB_CI: "true", CI_JOB_JWT_V2: "" }),
  F79: doctor({ ...REGION, GITLAB_CI: "true" }),
  F80: doctor({ ...REGION, BITBUCKET_BUILD_NUMBER: "7" }),
  F81: text("it needs an AWS CLI that ran before in the same home; test/unit/cli/doctor.test.ts has what it leaves"),
  F82: text("a token of 20 KB is no text for a page; test/unit/cli/doctor.test.ts has one"),
  F83: text("it is the runner's"),
  F84: selfManaged({ trust: trust(SELF, { StringEquals: { aud: OWN } }), outcome: "allowed" }),
};
