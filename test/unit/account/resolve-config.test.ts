import { describe, expect, it } from "vitest";

import { type Config, parseConfig } from "../../../src/account/config.ts";
import { desiredState } from "../../../src/account/desired.ts";
import { CI_APIS, type ResolvedProject } from "../../../src/account/resolve.ts";
import { resolveConfig, type UnknownProject, unknownProjects } from "../../../src/account/resolve-config.ts";
import type { ConditionBlock } from "../../../src/account/trust.ts";
import { CIS } from "../../../src/ci/index.ts";
import { RolecallError } from "../../../src/core/errors.ts";
import { ACCOUNT } from "./example.ts";

const TEXT = `version: 1
roles:
  shop:
    ci: gitlab
    allow: [{ project: acme/shop, branch: main }, { project: acme/shop, tag: "v*" }, { project: acme/blog, branch: main }]
  site:
    ci: github
    allow:
      - { project: octo/site, branch: main }
      - { project: octo/known, branch: main, repository_id: 7, repository_owner_id: 6 }
      - { project: octo@6/old@7, branch: main }
  near:
    ci: github
    issuer: https://token.actions.acme.ghe.com
    allow: [{ project: octo/site, branch: main }]
  self:
    ci: gitlab
    issuer: https://gitlab.example.com
    allow: [{ project: acme/shop, branch: main }]
`;

const ANSWERS: Readonly<Record<string, ResolvedProject["ids"]>> = {
  "acme/shop": { project_id: "20", namespace_id: "72" },
  "acme/blog": { project_id: "21", namespace_id: "72" },
  "octo/site": { repository_id: "74", repository_owner_id: "65" },
};

function withoutIds({ roles, ...config }: Config): object {
  const bare = roles.map(({ allow, ...role }) => ({ ...role, allow: allow.map((scope) => ({ ...scope, ids: null })) }));
  return { ...config, roles: bare };
}

function answer({ project }: UnknownProject): Promise<ResolvedProject> {
  return Promise.resolve({ project, ids: ANSWERS[project] ?? {} });
}

function subjectsIn(conditions: ConditionBlock): readonly string[] {
  return Object.values(conditions).flatMap((keys) =>
    Object.entries(keys).flatMap(([key, value]) => (key.endsWith(":sub") ? [value].flat() : [])),
  );
}

describe("the ids of a file's projects", () => {
  it("are asked for once for each that has a name alone, where AWS sees them", () => {
    const asked = unknownProjects(parseConfig(TEXT, "rolecall.yaml"));
    expect(asked.map(({ ci, issuer, project, position: { line } }) => [ci, issuer, project, line])).toEqual([
      ["gitlab", "https://gitlab.com", "acme/shop", 5],
      ["gitlab", "https://gitlab.com", "acme/blog", 5],
      ["github", "https://token.actions.githubusercontent.com", "octo/site", 9],
      ["github", "https://token.actions.acme.ghe.com", "octo/site", 15],
    ]);
  });

  it("are in every trust policy afterwards, and nothing is left to be noted", async () => {
    const config = await resolveConfig(parseConfig(TEXT, "rolecall.yaml"), answer);
    const { roles, notes } = desiredState(config, { account: ACCOUNT, partition: "aws" });
    const trust = Object.fromEntries(roles.map((role) => [role.name, JSON.stringify(role.trust)]));
    expect(trust["shop"]).toContain('"gitlab.com:project_id":"20"');
    expect(trust["shop"]).toContain('"gitlab.com:project_id":"21"');
    expect(trust["site"]).toContain('"repo:octo@65/site@74:ref:refs/heads/main"');
    expect(trust["site"]).toContain('"repo:octo/site:ref:refs/heads/main"');
    expect(trust["site"]).toContain('"token.actions.githubusercontent.com:repository_id":"7"');
    expect(trust["near"]).toContain('"token.actions.acme.ghe.com:repository_id":"74"');
    expect(trust["self"]).not.toContain("_id");
    expect(notes).toEqual([]);
  });

  it("are asked for where subjects must have them in them, and must be known by then", async () => {
    const text = `version: 1
roles:
  site:
    ci: github
    allow:
      - { project: octo/site, branch: main, immutable: true }
      - { project: octo@6/old@7, branch: main, immutable: true }
  half:
    ci: github
    allow: [{ project: octo/site, tag: v1, repository_id: 74, immutable: true }]
`;
    const target = { account: ACCOUNT, partition: "aws" } as const;
    const config = parseConfig(text, "rolecall.yaml");
    expect(() => desiredState(config, target)).toThrowWithCode(
      "config",
      /^rolecall\.yaml:6:9: roles\.site\.allow\[0\]\.immutable: expected repository_id and repository_owner_id .*, got the name octo\/site alone$/,
    );
    const { roles } = desiredState(await resolveConfig(config, answer), target);
    expect(roles.map(({ trust }) => trust.Statement.map(({ Condition }) => subjectsIn(Condition)))).toEqual([
      [["repo:octo@65/site@74:ref:refs/heads/main"], ["repo:octo@6/old@7:ref:refs/heads/main"]],
      [["repo:octo@65/site@74:ref:refs/tags/v1"]],
    ]);
  });

  it("leave the rest of the file as it is", async () => {
    const config = parseConfig(TEXT, "rolecall.yaml");
    const resolved = await resolveConfig(config, answer);
    expect(withoutIds(resolved)).toEqual(withoutIds(config));
    expect(resolved.roles[1]?.allow[1]?.ids).toEqual({ repository_id: "7", repository_owner_id: "6" });
  });

  it("that cannot be had are told with the places of all of them", async () => {
    const refuse = ({ project }: UnknownProject): Promise<ResolvedProject> =>
      project === "octo/site"
        ? Promise.resolve({ project, ids: {} })
        : Promise.reject(new RolecallError("config", `shows no project ${project}`));
    const error: unknown = await resolveConfig(parseConfig(TEXT, "rolecall.yaml"), refuse).catch((one: unknown) => one);
    expect(error).toMatchObject({
      code: "config",
      message: "rolecall.yaml:5:13: shows no project acme/shop",
      details: ["rolecall.yaml:5:86: shows no project acme/blog"],
    });
  });

  it("are not blamed on the file when nobody answers", async () => {
    const refuse = (): Promise<ResolvedProject> => Promise.reject(new RolecallError("unavailable", "no answer"));
    await expect(resolveConfig(parseConfig(TEXT, "rolecall.yaml"), refuse)).rejects.toThrowWithCode(
      "unavailable",
      /^no answer$/,
    );
  });
});

describe("a note that names --resolve", () => {
  it("is made for CIs alone that can be asked", () => {
    const noted = CIS.filter(({ id, issuer, pretendedIssuer, words }) => {
      const example = words["project"]?.example ?? "acme/shop";
      const word = ["branch", "environment"].find((one) => one in words);
      const ref = word === undefined ? "" : `, ${word}: ${JSON.stringify(words[word]?.example ?? "main")}`;
      const text = `version: 1\nroles:\n  shop:\n    ci: ${id}\n    issuer: ${issuer ?? pretendedIssuer}\n    audience: https://a.test\n    allow: [{ project: ${JSON.stringify(example)}${ref} }]\n`;
      const config = parseConfig(text, "rolecall.yaml");
      return desiredState(config, { account: ACCOUNT, partition: "aws" }).notes.some(({ hints }) =>
        hints.join("").includes("--resolve"),
      );
    });
    expect(noted.map(({ id }) => id).toSorted()).toEqual(Object.keys(CI_APIS).toSorted());
  });
});
