import { describe, expect, it } from "vitest";
import { parsePlatformFacts } from "../../../src/doctor/platform-facts.ts";

const PROJECT = { issuer: "gitlab.com", project: "acme/shop" };

function read(value: unknown): unknown {
  return parsePlatformFacts(JSON.stringify(value), "ci.json");
}

describe("a CI's settings, as JSON", () => {
  it("are taken as they are", () => {
    const facts = {
      projects: [
        {
          ...PROJECT,
          state: "owner-gone",
          subjectPrefix: "repo:acme@7/shop@9",
          subjectClaims: ["repo", "context"],
          protectedBranches: ["main"],
          protectedTags: [],
          environments: [{ name: "prod", protected: true }],
          forksGetTokens: false,
          keyVariables: ["AWS_SECRET_ACCESS_KEY"],
          jobTimeout: 3600,
          workflows: [{ path: ".github/workflows/a.yml", triggers: ["push"], idToken: null, jobs: 2 }],
        },
      ],
      servers: [{ issuer: "gitlab.example.com", version: "18.2.1" }],
      enterprises: [{ owner: "acme", slug: "acme-corp" }],
    };
    expect(read(facts)).toEqual(facts);
    expect(read({})).toEqual({});
  });

  it.each([
    [[], "ci.json: the file: expected an object, got []"],
    [{ projects: {} }, "ci.json: projects: expected a list of issuer, project and more, got {}"],
    [{ projects: [{ issuer: "gitlab.com" }] }, "ci.json: projects[0].project: expected a text, got nothing"],
    [
      { projects: [{ ...PROJECT, state: "here" }] },
      'ci.json: projects[0].state: expected gone or owner-gone, got "here"',
    ],
    [
      { projects: [{ ...PROJECT, jobTimeout: "1h" }] },
      'ci.json: projects[0].jobTimeout: expected a whole number, got "1h"',
    ],
    [
      { projects: [PROJECT, { ...PROJECT, environments: [{ name: "prod" }] }] },
      "ci.json: projects[1].environments[0].protected: expected true or false, got nothing",
    ],
    [{ project: [] }, "ci.json: project is not known: expected projects, servers, enterprises"],
    [{ servers: [null] }, "ci.json: servers[0]: expected an object, got null"],
  ])("%j is refused with its place", (value, message) => {
    expect(() => read(value)).toThrow(message);
  });

  it("that are no JSON are told so", () => {
    expect(() => parsePlatformFacts("projects:", "ci.json")).toThrow(/^ci\.json is not JSON: /);
  });
});
