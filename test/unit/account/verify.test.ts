import { beforeEach, describe, expect, it } from "vitest";

import { apply } from "../../../src/account/apply.ts";
import { verify } from "../../../src/account/verify.ts";
import { desired, EXAMPLE } from "./example.ts";
import { FakeIam } from "./fake-iam.ts";

const NOW = Date.UTC(2026, 10, 23, 12);

let iam: FakeIam;
beforeEach(() => {
  iam = new FakeIam();
});

/** What is not as the file says, `role job: expected → got`. */
async function wrong(text = EXAMPLE): Promise<string[]> {
  const proofs = await verify(iam, desired(text), NOW);
  return proofs
    .filter(({ expected, got }) => expected !== got)
    .map(({ job, expected, got }) => `${job}: ${expected} → ${got}`);
}

function file(ci: string, allow: string, more = ""): string {
  return `version: 1\nroles:\n  shop:\n    ci: ${ci}\n    audience: https://shop.test\n${more}    allow: [${allow}]\n`;
}

describe("verifying", () => {
  it.each([
    ["the example", EXAMPLE],
    ["any branch", file("gitlab", '{ project: acme/shop, branch: "*" }')],
    [
      "a self-managed GitLab",
      file("gitlab", "{ project: acme/a/b, branch: main }", "    issuer: https://git.example.com/x\n"),
    ],
    ["a branch and a tag of GitHub", file("github", "{ project: o/r, branch: main }, { project: o/r, tag: v1 }")],
    ["an environment of GitHub", file("github", "{ project: o/r, environment: production }")],
    ["an environment of GitHub on a branch", file("github", "{ project: o/r, environment: production, branch: main }")],
    [
      "subjects of GitHub with ids alone",
      file(
        "github",
        "{ project: o/r, branch: main, repository_id: 74, repository_owner_id: 65, immutable: true }, { project: o/old, tag: v1, repository_id: 75, repository_owner_id: 65, immutable: false }",
      ),
    ],
    ["pull requests of GitHub", file("github", "{ project: o/r, pull_requests: true }")],
    [
      "two branches, one of which is named like a neighbour",
      file("gitlab", "{ project: a/b, branch: x }, { project: a/b, branch: x-other }"),
    ],
  ])("finds nothing wrong after apply: %s", async (_, text) => {
    await apply(iam, desired(text));
    const proofs = await verify(iam, desired(text), NOW);
    expect(proofs.filter(({ expected }) => expected === "allowed").length).toBeGreaterThan(0);
    expect(proofs.filter(({ expected }) => expected === "denied").length).toBeGreaterThan(1);
    expect(await wrong(text)).toEqual([]);
  });

  it("finds jobs that are let in although the file does not say so", async () => {
    await apply(iam, desired());
    iam.change("drift", "shop-deploy", ({ trust }) => ({
      trust: trust.replaceAll("ref:main", "ref:*").replaceAll("StringEquals", "StringLike"),
    }));
    expect(await wrong()).toEqual([
      "branch main-other of acme/shop: denied → allowed",
      "branch vprobe of acme/shop: denied → allowed",
    ]);
  });

  it("finds another branch that is let in by a subject with ids", async () => {
    const text = file(
      "github",
      "{ project: o/r, branch: main, repository_id: 74, repository_owner_id: 65, immutable: true }",
    );
    await apply(iam, desired(text));
    iam.change("drift", "shop", ({ trust }) => ({
      trust: trust.replaceAll("ref:refs/heads/main", "ref:refs/heads/*").replaceAll("StringEquals", "StringLike"),
    }));
    expect(await wrong(text)).toEqual(["branch main-other of o@65/r@74: denied → allowed"]);
  });

  it("finds jobs that are kept out although the file says so, and says why", async () => {
    await apply(iam, desired());
    iam.providers.clear();
    const proofs = await verify(iam, desired(), NOW);
    expect(proofs.find(({ job }) => job === "branch main of acme/shop")).toMatchObject({
      expected: "allowed",
      got: "denied",
      because: expect.stringContaining("no provider for https://gitlab.com") as string,
    });
  });

  it("finds that an audience is let in that the role does not ask for", async () => {
    await apply(iam, desired());
    const [provider] = iam.providers.keys();
    await iam.addAudience(provider ?? "", "https://shop-deploy.test/other");
    iam.change("drift", "shop-deploy", ({ trust }) => ({ trust: trust.replaceAll(/"gitlab.com:aud":"[^"]*",?/g, "") }));
    expect(await wrong()).toContain("branch main of acme/shop with another audience: denied → allowed");
  });
});
