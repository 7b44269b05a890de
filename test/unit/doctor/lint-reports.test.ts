import { describe, expect, it } from "vitest";
import { RULES } from "../../../src/core/lint/catalogue.ts";
import type { Finding } from "../../../src/core/lint/finding.ts";
import { analyzerCheck } from "../../../src/doctor/report-analyzer.ts";
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
    region: { line: 7, column: 3, endLine: 8, endColumn: 1 },
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
      region: { startLine: 7, startColumn: 3, endLine: 8, endColumn: 1 },
    });
  });
});

describe("GitLab's Code Quality report", () => {
  it("has what GitLab asks for, and a fingerprint of its own for each", () => {
    const report = JSON.parse(renderGitlab(FINDINGS)) as { severity: string; fingerprint: string; location: object }[];
    expect(report.map(({ severity, location }) => [severity, location])).toEqual([
      ["blocker", { path: "infra/trust policy.json", lines: { begin: 7, end: 8 } }],
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

describe("a report of several accounts", () => {
  const sources = [
    { from: "account 111111111111", failure: null },
    { from: "account 222222222222", failure: "no <entry> for @everyone" },
  ];
  const findings = FINDINGS.map((one) => ({ ...one, from: "account 111111111111" }));

  it("is a run, a suite, a table for each, and says of which there is none", () => {
    const { runs } = JSON.parse(renderSarif(findings, RULES, "1.2.3", sources)) as {
      readonly runs: readonly { readonly results: readonly object[]; readonly invocations: readonly object[] }[];
    };
    expect(runs.map(({ results }) => results.length)).toEqual([2, 0]);
    expect(runs[1]?.invocations).toEqual([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [{ level: "error", message: { text: "no <entry> for @everyone" } }],
      },
    ]);
    const junit = renderJunit(findings, "high", sources);
    expect(junit).toContain('name="rolecall account 111111111111" tests="2" failures="1" errors="0"');
    expect(junit).toContain('name="rolecall account 222222222222" tests="1" failures="0" errors="1"');
    expect(junit).not.toContain("<entry>");
    const issues = JSON.parse(renderGitlab(findings, sources)) as readonly { readonly check_name: string }[];
    expect(issues.map(({ check_name: name }) => name)).toEqual(["not-judged", "T001", "T016"]);
    const markdown = renderMarkdown(findings, sources);
    expect(markdown.match(/^### .*$/gm)).toEqual(["### account 111111111111", "### account 222222222222"]);
    expect(markdown).not.toMatch(/<entry>|@everyone/);
  });

  it("of one account has all findings, whichever of its files they are of", () => {
    const one = [{ from: "a.json, b.csv", failure: null }];
    const { runs } = JSON.parse(renderSarif(FINDINGS, RULES, "1.2.3", one)) as {
      readonly runs: readonly { readonly results: readonly object[] }[];
    };
    expect(runs.map(({ results }) => results.length)).toEqual([2]);
  });
});

it("knows the checks of Access Analyzer that say the same of the text, and no other", () => {
  const known = RULES.flatMap(({ id }) => {
    const check = analyzerCheck(id);
    return check ? [[id, check.code]] : [];
  });
  expect(known).toEqual([
    ["T010", "FORALLVALUES_WITH_SINGLE_VALUED_KEY"],
    ["T025", "MISMATCHED_ACTION_FOR_PRINCIPAL"],
    ["T026", "WILDCARD_WITHOUT_LIKE_OPERATOR"],
  ]);
});
