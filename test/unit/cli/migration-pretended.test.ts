import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/account/config.ts";
import { pretendedRuns } from "../../../src/cli/migration-pretended.ts";
import type { MigratedJob } from "../../../src/migrate/migration.ts";
import type { RunsAs } from "../../../src/migrate/runs-as.ts";

const JOB: MigratedJob = {
  path: "ci.yml",
  name: "deploy",
  image: "node",
  role: "",
  audience: null,
  tokenEnv: null,
  line: "",
};

function runsOf(runs: Partial<RunsAs> | null, ...allow: readonly string[]) {
  const text = `version: 1\nroles:\n  r: { ci: github, audience: aws, allow: [${allow.join(", ")}] }\n`;
  const [role = expect.fail("no role")] = parseConfig(text, "rolecall.yaml").roles;
  const job = runs ? { ...JOB, runs: { branches: [], tags: [], environment: null, ...runs } } : JOB;
  return pretendedRuns(job, role).map(({ options, says }) => {
    const value = (name: string) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
    return [says, value("--branch") ?? value("--tag"), value("--environment"), value("--project")];
  });
}

const MAIN = "{ project: o/r, branch: main }";
const LIVE = "{ project: o/r, environment: live }";

describe("what a job is tried as", () => {
  it("is the role's first entry, where the CI's files are not read for it", () => {
    expect(runsOf(null, '{ project: o/r, branch: "release/*" }', LIVE)).toEqual([
      ["branch release/probe, as rolecall.yaml lets into r", "release/probe", undefined, "o/r"],
    ]);
  });

  it("is the job's own branches and environment, whatever the role lets in", () => {
    expect(runsOf({ branches: ["dev", "main"] }, MAIN)).toEqual([
      ["branch dev, as its file says", "dev", undefined, "o/r"],
      ["branch main, as its file says", "main", undefined, "o/r"],
    ]);
    expect(runsOf({ environment: "live", branches: ["main"] }, MAIN)).toEqual([
      ["branch main in environment live, as its file says", "main", "live", "o/r"],
    ]);
  });

  it("has no environment where the file has none, although the role wants one", () => {
    const [[says, , environment] = []] = runsOf({}, LIVE);
    expect([says, environment]).toEqual(["branch main, as rolecall.yaml lets into r", undefined]);
  });

  it("takes the entry of its environment for what the file does not say", () => {
    expect(runsOf({ environment: "live" }, MAIN, LIVE)).toEqual([
      ["branch main, as rolecall.yaml lets into r, in environment live, as its file says", undefined, "live", "o/r"],
    ]);
  });

  it("is, of a pattern, a name that an entry of the role is meant for", () => {
    expect(runsOf({ tags: ["*"], branches: ["release/*"] }, MAIN, '{ project: o/r, tag: "v*" }')).toEqual([
      ["branch release/probe, as its file says", "release/probe", undefined, "o/r"],
      ["tag vprobe, as its file says", "vprobe", undefined, "o/r"],
    ]);
  });

  it("is five runs at most, and says how many are left", () => {
    const said = runsOf({ branches: ["a", "b", "c", "d", "e", "f", "g"] }, MAIN);
    expect(said).toHaveLength(5);
    expect(said[0]?.[0]).toBe("branch a, as its file says; 2 more of its file were not tried");
  });
});
