import type { Json } from "../../src/core/token.ts";
import { ACCOUNT, type ExchangeScenario } from "./failure-kinds.ts";

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

/** Where `rolecall up` serves the documents of the GitLab that it plays. */
const PLAYED = "127.0.0.1:4580/_rolecall/issuers/gitlab";

/** A job of an issuer that publishes nothing good at its address; the mended one is of an issuer that does. */
function elsewhere(issuer: string, published: readonly string[]): ExchangeScenario {
  return lab({}, ["--claim", `iss=http://${issuer}`], {
    providers: [[`https://${issuer}`, OWN]],
    trust: trust(issuer, labSub(LAB_MAIN)),
    credsOptions: ["--timeout", "1s"],
    mendedJob: [...LAB_JOB, ...published],
  });
}

const ROTATE = `curl -s -X POST -H 'content-type: application/json' -d '{"ci":"gitlab","keep":false}' http://127.0.0.1:4580/_rolecall/rotate`;

/** What goes wrong in the exchange itself. */
export const EXCHANGES: Readonly<Record<string, ExchangeScenario>> = {
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
  F36: lab(labSub(LAB_MAIN), [], { role: "demmo" }),
  F40: lab(labSub(LAB_MAIN), ["--expires-in", "-600"], { outcome: "unsent", mendedJob: LAB_JOB }),
  F43: lab(labSub(LAB_MAIN), [], { options: ["--duration", "2h"] }),
  F46: elsewhere("127.0.0.1:9", ["--issuer", "http://127.0.0.1:9"]),
  // The local AWS serves GitLab's document there, which names another issuer.
  F47: elsewhere(PLAYED, ["--issuer", `http://${PLAYED}`]),
  F48: lab(labSub(LAB_MAIN), [], { meanwhile: [ROTATE], credsOptions: ["--timeout", "1s"], mendedJob: LAB_JOB }),
  F53: lab(labSub(LAB_MAIN), ["--claim", "iat=4102444800"], { mendedJob: LAB_JOB }),
  F56: lab(labSub(LAB_MAIN), ["--claim", `https://aws.amazon.com/tags=${TAGS}`]),
  F82: lab(labSub(LAB_MAIN), ["--claim", '"note=$(seq 1 6000)"'], { mendedJob: LAB_JOB }),
  F84: selfManaged({ trust: trust(SELF, { StringEquals: { aud: OWN } }), outcome: "allowed" }),
};
