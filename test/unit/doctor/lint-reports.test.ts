import { describe, expect, it } from "vitest";
import { RULES } from "../../../src/core/lint/catalogue.ts";
import type { Finding } from "../../../src/core/lint/finding.ts";
import { renderGitlab } from "../../../src/doctor/report-gitlab.ts";
import { renderJunit } from "../../../src/doctor/report-junit.ts";
import { renderMarkdown } from "../../../src/doctor/report-markdown.ts";
import { renderSarif } from "../../../src/doctor/report-sarif.ts";

const HOSTILE = 'x"]]><script>|`@everyone [a](http://b)\u0000\n';

const FINDINGS: readonly Finding[] = [
  {
    rule: "T001",
    severity: "critical",
    resource: HOSTILE,
    from: "infra/trust policy.json",
    line: 7,
    path: "Statement[0]",
    message: HOSTILE,
    proof: { kind: "accepted", who: "a stranger", claims: { sub: HOSTILE, aud: "a" }, sessionName: "s" },
    fix: "mend it",
  },
  {
    rule: "T016",
    severity: "low",
    resource: "role",
    from: "infra/trust policy.json",
    message: "names alone",
    proof: { kind: "observed", text: "seen" },
    fix: "add ids",
  },
];

describe("SARIF", () => {
  it("has each rule once, and results that point to it", () => {
    const report = JSON.parse(renderSarif(FINDINGS, RULES, "1.2.3")) as {
      version: string;
      runs: readonly [
        {
          tool: { driver: { rules: { id: string }[] } };
          results: { ruleId: string; ruleIndex: number; level: string; locations: { physicalLocation: object }[] }[];
        },
      ];
    };
    expect(report.version).toBe("2.1.0");
    const [{ tool, results }] = report.runs;
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(["T001", "T016"]);
    expect(results.map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
      ["T001", 0, "error"],
      ["T016", 1, "note"],
    ]);
    expect(results[0]?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: "infra/trust%20policy.json" },
      region: { startLine: 7 },
    });
  });
});

describe("GitLab's Code Quality report", () => {
  it("has what GitLab asks for, and a fingerprint of its own for each", () => {
    const report = JSON.parse(renderGitlab(FINDINGS)) as { severity: string; fingerprint: string; location: object }[];
    expect(report.map(({ severity, location }) => [severity, location])).toEqual([
      ["blocker", { path: "infra/trust policy.json", lines: { begin: 7 } }],
      ["minor", { path: "infra/trust policy.json", lines: { begin: 1 } }],
    ]);
    expect(new Set(report.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });
});

describe("JUnit", () => {
  it("fails what is at least as bad as asked, and is well formed whatever names hold", () => {
    const report = renderJunit(FINDINGS, "high");
    expect(report).toContain('tests="2" failures="1"');
    expect(report.match(/<failure type="[a-z]+"/g)).toEqual(['<failure type="critical"']);
    expect(report).not.toContain("<script");
    expect(report).not.toContain("\u0000");
    // Every tag that opens is closed, in order.
    const open: string[] = [];
    for (const [, end, name, alone] of report.matchAll(/<(\/?)([a-z-]+)(?:[^<>]*?)(\/?)>/g)) {
      if (end) expect(open.pop()).toBe(name);
      else if (!alone && name) open.push(name);
    }
    expect(open).toEqual([]);
    expect(renderJunit(FINDINGS, "low")).toContain('failures="2"');
    expect(renderJunit([], "low")).toContain('tests="1" failures="0"');
  });
});

describe("Markdown", () => {
  it("is a table of as many rows, in which no name is a link, a mention or markup", () => {
    const lines = renderMarkdown(FINDINGS).trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line.match(/\|/g)).toHaveLength(6);
    expect(lines[2]).not.toMatch(/<script|@everyone|\[a\]|`/);
    expect(renderMarkdown([])).toBe("No findings.\n");
  });
});
