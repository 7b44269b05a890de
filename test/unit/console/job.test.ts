import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CIS } from "../../../src/ci/index.ts";
import {
  audienceOf,
  chosenRole,
  claimsOf,
  fieldsOf,
  FIRST_JOB,
  FORK,
  type Job,
  jobQuery,
  readJob,
} from "../../../src/console/model/job.ts";
import { exampleAccount, GITHUB, roleOf } from "./account.ts";

const text = fc.string({ maxLength: 20 });
const jobs: fc.Arbitrary<Job> = fc.record({
  ci: fc.constantFrom(...CIS.map(({ id }) => id)),
  project: text,
  ref: fc.constantFrom("branch", "tag"),
  name: text,
  environment: text,
  event: text,
  audience: text,
  issuer: text,
  immutable: fc.boolean(),
  duration: text,
  role: text,
});

describe("a job in the address", () => {
  it("is the job that was chosen, whatever was typed", () => {
    fc.assert(
      fc.property(jobs, (job) => {
        expect(readJob(jobQuery(job))).toEqual(job);
      }),
    );
  });

  it("is empty for the first job, and says only what differs", () => {
    expect(jobQuery(FIRST_JOB)).toBe("");
    expect(jobQuery({ ...FIRST_JOB, name: "dev" })).toBe("name=dev");
  });

  it("leaves out what it does not know", () => {
    expect(readJob("ci=gitlub&ref=commit&colour=red")).toEqual(FIRST_JOB);
  });
});

describe("what is asked of a job", () => {
  it("is what its CI's tokens tell apart", () => {
    expect([...fieldsOf(FIRST_JOB)].toSorted()).toEqual(["audience", "environment", "event", "issuer", "ref"]);
    expect(fieldsOf({ ...FIRST_JOB, ci: "github" }).has("immutable")).toBe(true);
    expect(fieldsOf({ ...FIRST_JOB, ci: "custom" }).has("ref")).toBe(false);
  });

  it.each(CIS.map(({ id }) => [id]))("makes a token of every CI: %s", (ci) => {
    const claims = claimsOf(
      { ...FIRST_JOB, ci, project: CIS.find(({ id }) => id === ci)?.words["project"]?.example ?? "x" },
      exampleAccount(),
      0,
    );
    expect(claims).toMatchObject({ iss: expect.any(String) as string, sub: expect.any(String) as string });
  });
});

describe("a request from a fork", () => {
  it("is of the fork's project on GitLab, and has no token on GitHub", () => {
    const claims = claimsOf({ ...FIRST_JOB, event: FORK }, exampleAccount(), 0);
    expect(claims).toMatchObject({ project_path: "mallory/shop", pipeline_source: "merge_request_event" });
    expect(claimsOf({ ...FIRST_JOB, ci: "github", event: FORK }, exampleAccount(), 0)).toBeNull();
  });
});

describe("the audience that nobody chose", () => {
  it("is the provider's first, else the CI's own", () => {
    expect(audienceOf(FIRST_JOB, exampleAccount())).toBe("https://shop-deploy.test");
    expect(audienceOf({ ...FIRST_JOB, ci: "github", project: "octo/shop" }, exampleAccount())).toBe(
      "https://github.com/octo",
    );
    expect(audienceOf({ ...FIRST_JOB, audience: "typed" }, exampleAccount())).toBe("typed");
  });
});

describe("the role that nobody chose", () => {
  it("is the first that trusts the job's issuer", () => {
    const account = exampleAccount([roleOf("for-github", GITHUB, {})]);
    const withGithub = {
      ...account,
      providers: [
        ...account.providers,
        { arn: GITHUB, url: "token.actions.githubusercontent.com", audiences: [], created: 0 },
      ],
    };
    expect(chosenRole(FIRST_JOB, withGithub)?.name).toBe("shop-deploy");
    expect(chosenRole({ ...FIRST_JOB, ci: "github" }, withGithub)?.name).toBe("for-github");
    expect(chosenRole({ ...FIRST_JOB, role: "arn:aws:iam::123456789012:role/gone" }, withGithub)).toBeNull();
  });
});
