import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nodeProblem } from "../../../src/cli/node-version.ts";

describe("a Node.js", () => {
  test.for(["20.19.0", "20.20.2", "22.0.0", "24.1.0", "100.0.0"])("of %s is new enough", (version) => {
    expect(nodeProblem(version)).toBeNull();
  });

  test.for(["18.20.8", "20.18.3", "16.20.0", "9.99.99"])("of %s is told what is expected", (version) => {
    expect(nodeProblem(version)).toBe(`rolecall: error: expected Node.js 20.19 or newer, got ${version}\n`);
  });

  test("is refused where package.json refuses it", () => {
    const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
    const [, oldest = ""] = /^>=([\d.]+)$/.exec(engines.node) ?? [];
    const [major = 0, minor = 0] = oldest.split(".").map(Number);
    expect(nodeProblem(`${major}.${minor}.0`)).toBeNull();
    expect(nodeProblem(`${major}.${minor - 1}.9`)).toContain(`expected Node.js ${oldest} or newer`);
  });
});
