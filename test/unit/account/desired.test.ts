import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Config } from "../../../src/account/config.ts";
import { desiredState, type Target } from "../../../src/account/desired.ts";
import { policySize } from "../../../src/account/trust.ts";
import type { PretendedJob } from "../../../src/ci/ci.ts";
import { gitlab } from "../../../src/ci/gitlab.ts";
import { decide } from "../../../src/core/decide.ts";
import { readTrustPolicy } from "../../../src/core/policy.ts";
import { Secret } from "../../../src/core/secret.ts";
import { ACCOUNT, config, desired, EXAMPLE } from "./example.ts";

const NOW = 1_800_000_000;
const TARGET: Target = { account: ACCOUNT, partition: "aws" };

type Job = Partial<Omit<PretendedJob, "issuedAt">>;

/** What STS would answer to a job that asks for a configuration's first role. */
function outcome(wanted: Config, job: Job): string {
  const { providers, roles } = desiredState(wanted, TARGET);
  const [role] = roles;
  const reading = readTrustPolicy(role?.trust ?? null);
  if (!role || reading.kind === "malformed") return reading.kind;
  const audience = wanted.roles[0]?.audience ?? "";
  const claims = gitlab.pretend({ project: "acme/shop", audience, issuedAt: NOW, ...job });
  const provider = providers.find(({ url }) => url === claims["iss"]);
  return decide({
    token: { raw: new Secret(""), header: { alg: "RS256" }, claims },
    signature: "valid",
    provider: provider ? { ...provider, url: provider.url.replace("https://", ""), thumbprints: [] } : null,
    role: { arn: role.arn, trust: reading.policy, maxSessionDuration: role.maxSessionDuration },
    request: { roleArn: role.arn, sessionName: "test" },
    now: NOW * 1000,
  }).outcome;
}

/** The conditions of a configuration's first role, statement by statement. */
function conditionsOf(wanted: Config): unknown[] {
  const [role] = desiredState(wanted, TARGET).roles;
  return (role?.trust.Statement ?? []).map(({ Sid, Condition }) => ({ Sid, ...Condition }));
}

const AUD = { "gitlab.com:aud": "https://shop.test" };

describe("the example", () => {
  it("asks for gitlab.com with one audience", () => {
    expect(desired().providers).toEqual([
      {
        arn: "arn:aws:iam::123456789012:oidc-provider/gitlab.com",
        url: "https://gitlab.com",
        audiences: ["https://shop-deploy.test"],
      },
    ]);
  });

  it("asks for the role with exactly this trust policy", () => {
    const statement = {
      Effect: "Allow",
      Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
    };
    expect(desired().roles).toEqual([
      {
        name: "shop-deploy",
        arn: "arn:aws:iam::123456789012:role/shop-deploy",
        path: "/",
        description: "Assumed by CI jobs with an ID token. Managed by rolecall.",
        maxSessionDuration: 3600,
        boundary: null,
        managedPolicies: ["arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"],
        inlinePolicies: {},
        tags: { "rolecall:managed": "rolecall" },
        source: {
          role: "shop-deploy",
          position: { line: 5, column: 3 },
          ci: "gitlab",
          issuer: "https://gitlab.com",
          audience: "https://shop-deploy.test",
          allow: [
            { project: "acme/shop", branch: "main" },
            { project: "acme/shop", tag: "v*" },
          ],
          session: 900,
        },
        trust: {
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "GitlabExact",
              ...statement,
              Condition: {
                StringEquals: {
                  "gitlab.com:aud": "https://shop-deploy.test",
                  "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:main",
                },
              },
            },
            {
              Sid: "GitlabPattern",
              ...statement,
              Condition: {
                StringEquals: { "gitlab.com:aud": "https://shop-deploy.test" },
                StringLike: { "gitlab.com:sub": "project_path:acme/shop:ref_type:tag:ref:v*" },
              },
            },
          ],
        },
      },
    ]);
  });

  const both = config(["{ project: acme/shop, branch: main }", '{ project: acme/shop, tag: "v*" }']);

  it.each<[string, Job]>([
    ["the branch main", { branch: "main" }],
    ["the tag v1.0", { tag: "v1.0" }],
    ["the tag v", { tag: "v" }],
  ])("admits %s", (_, job) => {
    expect(outcome(both, job)).toBe("allowed");
  });

  it.each<[string, Job]>([
    ["the branch dev", { branch: "dev" }],
    ["a branch that begins like main", { branch: "main2" }],
    ["main in other letters", { branch: "Main" }],
    ["a branch named like a tag", { branch: "v1.0" }],
    ["a tag named like the branch", { tag: "main" }],
    ["a tag that does not begin with v", { tag: "1.0" }],
    ["another project", { project: "acme/tool", branch: "main" }],
    ["a project whose name goes on", { project: "acme/shop-2", branch: "main" }],
    ["another group", { project: "evil/acme/shop", branch: "main" }],
    ["a group whose name goes on", { project: "acme2/shop", branch: "main" }],
    ["a sub-group", { project: "acme/shop/shop", branch: "main" }],
    ["another audience", { branch: "main", audience: "https://other.test" }],
    ["another GitLab", { branch: "main", issuer: "https://gitlab.example.com" }],
  ])("does not admit %s", (_, job) => {
    expect(outcome(both, job)).toBe("denied");
  });
});

describe("a trust policy", () => {
  it("joins exact refs of several projects in one statement", () => {
    const wanted = config([
      "{ project: acme/shop, branch: main }",
      "{ project: acme/tool, branch: main }",
      "{ project: acme/shop, tag: v1 }",
      "{ project: acme/shop, branch: main }",
    ]);
    expect(conditionsOf(wanted)).toEqual([
      {
        Sid: "GitlabExact",
        StringEquals: {
          ...AUD,
          "gitlab.com:sub": [
            "project_path:acme/shop:ref_type:branch:ref:main",
            "project_path:acme/tool:ref_type:branch:ref:main",
            "project_path:acme/shop:ref_type:tag:ref:v1",
          ],
        },
      },
    ]);
  });

  it("keeps patterns in a statement of their own, whatever the order in the file", () => {
    const wanted = config([
      "{ project: acme/shop, tag: v* }",
      "{ project: acme/shop, branch: main }",
      "{ project: acme/shop, branch: release-? }",
    ]);
    expect(conditionsOf(wanted)).toEqual([
      {
        Sid: "GitlabPattern",
        StringEquals: AUD,
        StringLike: {
          "gitlab.com:sub": [
            "project_path:acme/shop:ref_type:tag:ref:v*",
            "project_path:acme/shop:ref_type:branch:ref:release-?",
          ],
        },
      },
      {
        Sid: "GitlabExact",
        StringEquals: { ...AUD, "gitlab.com:sub": "project_path:acme/shop:ref_type:branch:ref:main" },
      },
    ]);
    expect(outcome(wanted, { branch: "release-1" })).toBe("allowed");
    expect(outcome(wanted, { branch: "release-10" })).toBe("denied");
  });

  it("takes a dollar sign in a name as itself, not as the start of a policy variable", () => {
    const wanted = config(["{ project: acme/shop, branch: 'a${user}' }", "{ project: acme/shop, tag: '${x}*' }"]);
    expect(outcome(wanted, { branch: "a${user}" })).toBe("allowed");
    expect(outcome(wanted, { tag: "${x}1" })).toBe("allowed");
    expect(outcome(wanted, { branch: "a" })).toBe("denied");
    expect(outcome(wanted, { branch: "a${$}{user}" })).toBe("denied");
  });

  it("names the self-managed GitLab with its path", () => {
    const issuer = "https://git.example.com/gitlab";
    const wanted = config(["{ project: acme/shop, branch: main }"], [`issuer: ${issuer}`]);
    expect(desiredState(wanted, TARGET).roles[0]?.trust.Statement[0]).toMatchObject({
      Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/git.example.com/gitlab" },
      Condition: { StringEquals: { "git.example.com/gitlab:aud": "https://shop.test" } },
    });
    expect(outcome(wanted, { branch: "main", issuer })).toBe("allowed");
    expect(outcome(wanted, { branch: "main" })).toBe("denied");
  });

  it("admits the jobs that an entry names, and no others, whatever the entries are", () => {
    const word = fc.stringMatching(/^[a-c]{1,2}$/);
    const entry = fc.record({ project: fc.tuple(word, word), kind: fc.constantFrom("branch", "tag"), ref: word });
    const pattern = fc.tuple(entry, fc.constantFrom("", "*", "?"));
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 6 }),
        fc.array(entry, { maxLength: 8 }),
        (allow, jobs) => {
          const wanted = config(
            allow.map(([{ project, kind, ref }, end]) => `{ project: ${project.join("/")}, ${kind}: "${ref}${end}" }`),
          );
          for (const { project, kind, ref } of [...jobs, ...allow.map(([one]) => one)]) {
            const named = allow.some(
              ([one, end]) =>
                one.project.join("/") === project.join("/") &&
                one.kind === kind &&
                new RegExp(`^${one.ref}${{ "": "", "*": ".*", "?": "." }[end]}$`).test(ref),
            );
            expect(outcome(wanted, { project: project.join("/"), [kind]: ref })).toBe(named ? "allowed" : "denied");
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is refused, with the role's place in the file, when it is longer than IAM takes", () => {
    const entries = Array.from({ length: 40 }, (_, index) => `{ project: acme/shop, branch: release-${index + 1} }`);
    const wanted = config(entries);
    expect(() => desiredState(wanted, TARGET)).toThrowWithCode(
      "config",
      /^rolecall\.yaml:3:3: roles\.shop: expected a trust policy of at most 2048 characters, got \d{4} from 40 entries of allow$/,
    );
  });

  it("is measured without white space, as IAM does", () => {
    const trust = desired().roles[0]?.trust;
    expect(trust && policySize(trust)).toBe(JSON.stringify(trust).length);
  });
});

describe("what is desired", () => {
  const two = `${EXAMPLE}
  shop-read:
    ci: gitlab
    audience: https://shop-read.test
    allow: [{ project: acme/shop, branch: "*" }]
  shop-read-again:
    ci: gitlab
    audience: https://shop-read.test
    allow: [{ project: acme/shop, branch: "*" }]
  inside:
    ci: gitlab
    issuer: https://gitlab.example.com
    audience: inside
    allow: [{ project: acme/shop, branch: main }]
`;

  it("has one provider for each issuer, with the audiences of all its roles", () => {
    expect(desired(two).providers.map(({ url, audiences }) => [url, audiences])).toEqual([
      ["https://gitlab.com", ["https://shop-deploy.test", "https://shop-read.test"]],
      ["https://gitlab.example.com", ["inside"]],
    ]);
  });

  it("carries the configuration's name and the file's tags", () => {
    const { config: name, roles } = desired(`${EXAMPLE}    tags: { team: shop }\nname: web\n`);
    expect(name).toBe("web");
    expect(roles[0]?.tags).toEqual({ team: "shop", "rolecall:managed": "web" });
  });

  it("names inline policies by their order", () => {
    const document = (action: string): string => `- Statement: { Effect: Allow, Action: "${action}", Resource: "*" }`;
    const wanted = config(
      ["{ project: acme/shop, branch: main }"],
      [
        "permissions:",
        `  ${document("s3:GetObject")}`,
        "  - arn:aws:iam::aws:policy/A",
        `  ${document("s3:PutObject")}`,
      ],
    );
    const [role] = desiredState(wanted, TARGET).roles;
    expect(role?.managedPolicies).toEqual(["arn:aws:iam::aws:policy/A"]);
    expect(role?.inlinePolicies).toMatchObject({
      "rolecall-1": { Version: "2012-10-17", Statement: { Action: "s3:GetObject" } },
      "rolecall-2": { Version: "2012-10-17", Statement: { Action: "s3:PutObject" } },
    });
  });

  it("takes AWS's own policies from the partition of the account", () => {
    const wanted = config(
      ["{ project: acme/shop, branch: main }"],
      ["permissions: ['arn:aws:iam::aws:policy/A', 'arn:aws-cn:iam::aws:policy/A']"],
    );
    const [role] = desiredState(wanted, { account: ACCOUNT, partition: "aws-cn" }).roles;
    expect(role?.managedPolicies).toEqual(["arn:aws-cn:iam::aws:policy/A"]);
    expect(role?.arn).toBe("arn:aws-cn:iam::123456789012:role/shop");
    expect(role?.trust.Statement[0]?.Principal.Federated).toBe("arn:aws-cn:iam::123456789012:oidc-provider/gitlab.com");
  });

  it("does not take a policy of another account", () => {
    const wanted = config(
      ["{ project: acme/shop, branch: main }"],
      ["boundary: arn:aws:iam::999999999999:policy/ci/limit"],
    );
    expect(() => desiredState(wanted, TARGET)).toThrowWithCode(
      "config",
      "rolecall.yaml:3:3: roles.shop: expected a policy of account 123456789012 in partition aws, got arn:aws:iam::999999999999:policy/ci/limit",
    );
  });
});
