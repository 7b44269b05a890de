import type { JobScenario, MendedJob, RefusedPolicyScenario, WeatherScenario } from "./failure-kinds.ts";
import { ACCOUNT } from "./failure-kinds.ts";

const ROLE = `arn:aws:iam::${ACCOUNT}:role/demo`;
const REGION = { AWS_REGION: "eu-central-1", AWS_DEFAULT_REGION: "eu-central-1" };
const OWN = "https://shop.test";
const LAB_JOB = ["gitlab", "--project", "acme/shop", "--audience", OWN];
const MINT = `rolecall token mint ${LAB_JOB.join(" ")} > job.jwt`;
const TOKEN_FILE = ["--token-file", "job.jwt"];

type Env = Readonly<Record<string, string>>;
type More = Partial<Pick<JobScenario, "before" | "options">>;

const explain = (env: Env, mended: MendedJob, more: More = {}): JobScenario => ({
  kind: "job",
  by: "explain",
  env,
  mended,
  ...more,
});

/** With regions, since doctor looks at everything. */
const doctor = (env: Env, mended: MendedJob, more: More = {}): JobScenario => ({
  kind: "job",
  by: "doctor",
  env: { ...REGION, ...env },
  mended: { ...mended, env: { ...REGION, ...mended.env } },
  ...more,
});

const GITHUB_JOB = { GITHUB_ACTIONS: "true" };
const FORK = `printf %s '{"repository":{"full_name":"octo/shop"},"pull_request":{"head":{"repo":{"full_name":"eve/shop"}}}}' > event.json`;
const CHINA = `printf %s '${JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Federated: `arn:aws-cn:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { "token.actions.githubusercontent.com:sub": "repo:octo/shop:ref:refs/heads/main" },
      },
    },
  ],
})}' > trust.json`;
const inChina = (audience: string): readonly string[] => [
  "--as",
  `github octo/shop audience=${audience}`,
  "--role",
  `arn:aws-cn:iam::${ACCOUNT}:role/demo`,
  "--policy",
  "trust.json",
  "--provider-audience",
  "sts.amazonaws.com.cn",
];

const GOOD = {
  providers: [["https://gitlab.com", OWN]] as const,
  trust: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "gitlab.com:aud": OWN, "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:main" },
        },
      },
    ],
  },
  job: LAB_JOB,
};

const JWKS = ["--token-file", "job.jwt", "--policy", "trust.json", "--jwks", "keys.json"];
const TRUST = `printf %s '${JSON.stringify(GOOD.trust)}' > trust.json`;
/** Some key or other: without kid none counts. */
const NAMELESS = `printf %s '{"keys":[{"kty":"RSA","use":"sig","n":"${"q".repeat(342)}","e":"AQAB"}]}' > keys.json`;

/** What goes wrong in the job, before or beside the exchange. */
export const JOBS: Readonly<Record<string, JobScenario>> = {
  F20: explain(GITHUB_JOB, { told: /id-token: write/, ci: "github" }),
  F22: explain(
    { ...GITHUB_JOB, GITHUB_EVENT_NAME: "pull_request", GITHUB_EVENT_PATH: "event.json" },
    { told: /after the merge/, ci: "github" },
    { before: [FORK] },
  ),
  F23: explain(
    { ...GITHUB_JOB, GITHUB_ACTOR: "dependabot[bot]" },
    { told: /id-token: write/, ci: "github", env: { GITHUB_ACTOR: "dependabot[bot]" } },
  ),
  F35: explain(
    { AWS_ROLE_ARN: "arn:aws:iam::${AWS_ACCOUNT_ID}:role/demo" },
    { told: /twelve digits/, env: { AWS_ROLE_ARN: ROLE } },
  ),
  F37: explain({}, { told: /rolecall makes a good name/ }, { options: ["--session-name", "dependabot[bot]"] }),
  F38: explain(
    {},
    { told: /rolecall makes a good name/ },
    { options: ["--session-name", "a-name-that-goes-on-and-on-until-it-has-more-than-the-sixty-four-characters"] },
  ),
  F39: explain(
    {},
    { told: /write the ID token itself/, before: [MINT], options: TOKEN_FILE },
    { before: ["printf %s glcbt-64-0123 > job.jwt"], options: TOKEN_FILE },
  ),
  F49: explain(
    {},
    {
      told: /^publish them with kid$/,
      before: [MINT, TRUST, "curl -s http://127.0.0.1:4580/_rolecall/issuers/gitlab/jwks > keys.json"],
      options: JWKS,
    },
    { before: [MINT, TRUST, NAMELESS], options: JWKS },
  ),
  F57: doctor(
    { GITLAB_CI: "true", AWS_ACCESS_KEY_ID: "AKIA-EXAMPLE" },
    { told: /take it away where it is set/, env: { AWS_ACCESS_KEY_ID: "" } },
  ),
  F58: doctor({ AWS_PROFILE: "gone" }, { told: /^unset AWS_PROFILE$/, env: { AWS_PROFILE: "" } }),
  F59: doctor(
    { ...GITHUB_JOB, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials" },
    { told: /takes them away/, ci: "github" },
  ),
  F60: explain(
    {},
    {
      told: /sts\.amazonaws\.com\.cn/,
      options: inChina("sts.amazonaws.com.cn"),
      before: [CHINA],
      decidedOnly: "the local AWS is of the partition aws",
    },
    { before: [CHINA], options: inChina("sts.amazonaws.com") },
  ),
  F61: doctor(
    { HTTPS_PROXY: "socks5://proxy.test" },
    { told: /^HTTPS_PROXY=http:\/\/host:port$/, env: { HTTPS_PROXY: "http://proxy.test:3128" } },
  ),
  F62: doctor(
    { AWS_REGION: "cn-north-1", AWS_DEFAULT_REGION: "cn-north-1" },
    {
      told: /^a region of aws: us-east-1$/,
      env: { AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-1" },
      options: ["--role", ROLE],
    },
    { options: ["--role", ROLE] },
  ),
  F63: doctor({ AWS_REGION: "", AWS_DEFAULT_REGION: "" }, { told: /^set both$/ }),
  F65: explain(
    {},
    { told: /mount it, or write the ID token into it/, before: [MINT], options: TOKEN_FILE },
    { options: ["--token-file", "/nowhere/token"] },
  ),
  F76: doctor(
    {},
    {
      told: /^printf %s "\$TOKEN" > .*job\.jwt$/,
      before: [`printf %s "$(rolecall token mint ${LAB_JOB.join(" ")})" > job.jwt`],
      options: TOKEN_FILE,
    },
    { before: [MINT], options: TOKEN_FILE },
  ),
  F78: explain({ GITLAB_CI: "true", CI_JOB_JWT_V2: "" }, { told: /id_tokens/ }),
  F79: explain({ GITLAB_CI: "true" }, { told: /id_tokens/ }),
  F80: explain({ BITBUCKET_BUILD_NUMBER: "7" }, { told: /oidc: true/, ci: "bitbucket" }),
  F81: doctor(
    { HOME: "home", GITLAB_CI: "true" },
    { told: /^rm -r ~\/\.aws\/cli\/cache/, before: ["rm -r home/.aws/cli/cache"], env: { HOME: "home" } },
    { before: ["mkdir -p home/.aws/cli/cache", "printf %s '{}' > home/.aws/cli/cache/0123.json"] },
  ),
};

/** What passes by itself. */
export const WEATHER: Readonly<Record<string, WeatherScenario>> = {
  F52: {
    kind: "weather",
    weather: "propagation=20s",
    said: "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
    ...GOOD,
  },
  F54: {
    kind: "weather",
    weather: "key-unreachable=1",
    said: "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    credsOptions: ["--timeout", "1s"],
    ...GOOD,
  },
};

/** What IAM refuses when the role is made. */
export const REFUSED_POLICIES: Readonly<Record<string, RefusedPolicyScenario>> = {
  F34: {
    kind: "policy",
    said: `MalformedPolicyDocument: Trust policy with trusted principal arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, gitlab.com:sub which is not scoped to all.`,
    providers: GOOD.providers,
    trust: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com` },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringEquals: { "gitlab.com:aud": OWN } },
        },
      ],
    },
    job: LAB_JOB,
  },
};
