import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyConfig, createLocalCloud, type LocalCloud, RolecallError } from "../../../src/local.ts";
import { tempDir } from "../../support/temp-dir.ts";

let cloud: LocalCloud;

beforeEach(async () => {
  cloud = await createLocalCloud();
});

afterEach(() => cloud.close());

const ALLOW = [{ project: "acme/shop", branch: "main" }];

describe("a rolecall.yaml in a local cloud", () => {
  test("gives the ARNs of its roles, and does nothing when it is applied again", async () => {
    const file = join(tempDir(), "rolecall.yaml");
    writeFileSync(
      file,
      "version: 1\nroles:\n  shop:\n    ci: gitlab\n    allow: [{ project: acme/shop, branch: main }]\n",
    );
    const roles = { shop: "arn:aws:iam::123456789012:role/shop" };
    expect(await applyConfig(cloud, file)).toEqual(roles);
    expect(await applyConfig(cloud, file)).toEqual(roles);
  });

  test("may be a value", async () => {
    const config = { version: 1, roles: { shop: { ci: "gitlab", path: "/ci/", allow: ALLOW } } } as const;
    expect(await applyConfig(cloud, config)).toEqual({ shop: "arn:aws:iam::123456789012:role/ci/shop" });
  });

  test("that holds something wrong is told with its place", async () => {
    const wrong = applyConfig(cloud, { version: 1, roles: { shop: { ci: "gitlab", allow: [] } } });
    await expect(wrong).rejects.toThrow(RolecallError);
    await expect(wrong).rejects.toThrow(/^the object:\d+:\d+: roles\.shop\.allow: expected a list with one entry/);
  });

  test("that is not there is told", async () => {
    await expect(applyConfig(cloud, "/nowhere/rolecall.yaml")).rejects.toMatchObject({ code: "config" });
  });
});
