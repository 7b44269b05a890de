import { describe, expect, it } from "vitest";
import { readMakefile } from "../../../src/migrate/makefile.ts";
import { readProjectScripts } from "../../../src/migrate/project-scripts.ts";
import { callsAws } from "../../../src/migrate/shell-commands.ts";
import { tasksOf } from "../../../src/migrate/task-runners.ts";

describe("a project's own script that calls AWS", () => {
  const scripts = readProjectScripts(
    new Map([
      ["ci/release.sh", "#!/bin/sh\nset -e\nmake\naws s3 sync out s3://shop\n"],
      ["ci/test.sh", "#!/bin/sh\n# aws s3 ls\nnpm test\n"],
      ["ci/all.sh", "./ci/test.sh\n./ci/release.sh\n"],
      ["notes.txt", "aws s3 ls\n"],
    ]),
  );

  it("is known by what it calls, by itself or by another", () => {
    expect([...scripts]).toEqual([
      ["ci/release.sh", true],
      ["ci/test.sh", false],
      ["ci/all.sh", true],
    ]);
  });

  it.each([
    ["./ci/release.sh", true],
    ["sh ci/release.sh --live", true],
    ["bash -ex ./ci/release.sh", true],
    ["$CI_PROJECT_DIR/ci/release.sh", true],
    ['source "ci/release.sh"', true],
    [". ci/release.sh", true],
    ["./release.sh", true],
    ["chmod +x ci/release.sh", false],
    ["./ci/test.sh", false],
    ["./my-release.sh", false],
    ["echo ci/release.sh", false],
  ])("%s runs it: %s", (command, expected) => {
    expect(callsAws(command, scripts)).toBe(expected);
  });
});

describe("a command's tasks", () => {
  it.each([
    ["npm run deploy", ["package.json#deploy"]],
    ["STAGE=live npm run -s deploy -- --prefix other", ["package.json#deploy"]],
    ["npm --prefix ./infra/ run deploy", ["infra/package.json#deploy"]],
    ["npm run deploy --workspace=site", ["*/package.json#deploy"]],
    ["npm test", ["package.json#test"]],
    ["npm ci", []],
    ["npm", []],
    ["yarn deploy", ["package.json#deploy"]],
    ["yarn --cwd infra run deploy", ["infra/package.json#deploy"]],
    ["yarn workspace site deploy", ["*/package.json#deploy"]],
    ["pnpm -r deploy", ["*/package.json#deploy"]],
    ["pnpm -C infra deploy", ["infra/package.json#deploy"]],
    ["bun run deploy", ["package.json#deploy"]],
    ["make build deploy STAGE=live -j4", ["Makefile#build", "Makefile#deploy"]],
    ["make -C $CI_PROJECT_DIR/infra deploy", ["infra/Makefile#deploy"]],
    ["make -C $WHERE deploy", ["*/Makefile#deploy"]],
    ["make -f ops/deploy.mk live", ["ops/deploy.mk#live"]],
    ["make", ["Makefile#"]],
    ["(cd infra && make deploy)", ["Makefile#deploy"]],
    ["echo npm run deploy", []],
    ["npx cdk deploy", []],
  ])("%s", (command, expected) => {
    expect(tasksOf(command)).toEqual(expected);
  });
});

const PROJECT = new Map([
  [
    "package.json",
    JSON.stringify({
      scripts: {
        deploy: "cdk deploy --all",
        release: "npm run build && npm run deploy",
        build: "tsc -p .",
        synth: "cdk synth",
        publish: "node publish.js",
        postpublish: "aws s3 sync dist s3://shop",
        script: "./ci/release.sh",
        site: "npm run upload -w site",
        loop: "npm run loop",
        broken: 7,
      },
    }),
  ],
  ["site/package.json", JSON.stringify({ scripts: { upload: "s3cmd put x s3://shop", build: "cdk deploy" } })],
  ["bad/package.json", "{"],
  ["ci/release.sh", "aws s3 ls\n"],
  [
    "Makefile",
    [
      "AWS ?= aws --region eu-west-1",
      ".PHONY: help deploy",
      "help: ## what there is",
      "\t@echo aws s3 ls",
      "deploy: build upload",
      "build: ; tsc -p .",
      "upload:",
      "\t@$(AWS) s3 sync dist \\",
      "\t  s3://shop",
      "stage-%:",
      "\t-sam deploy --config-env $*",
      "nested:",
      "\t$(MAKE) -C infra",
      "frontend: site",
      "\tnpm run release",
      "site: STAGE = live",
      "loop: loop",
      "",
    ].join("\n"),
  ],
  ["infra/Makefile", "apply:\n\tterraform apply\nbuild:\n\taws s3 ls\n"],
]);

describe("a task of the project", () => {
  const scripts = readProjectScripts(PROJECT);

  it.each([
    ["npm run deploy", true],
    ["npm run release", true],
    ["npm run build", false],
    ["npm run synth", false],
    ["npm run publish", true],
    ["npm run script", true],
    ["npm run site", true],
    ["npm run loop", false],
    ["npm run broken", false],
    ["npm run nothing", false],
    ["npm run build -w site", true],
    ["npm run upload", true],
    ["yarn deploy", true],
    ["make deploy", true],
    ["make build", false],
    ["make", false],
    ["make help", false],
    ["make stage-live", true],
    ["make stages", false],
    ["make nested", true],
    ["make frontend", true],
    ["make site", false],
    ["make loop", false],
    ["make -C infra apply", true],
    ["make -C infra build", true],
    ["make -C infra", true],
    ["(cd infra && make apply)", true],
  ])("%s calls AWS: %s", (command, expected) => {
    expect(callsAws(command, scripts)).toBe(expected);
  });
});

describe("a Makefile", () => {
  it("has recipes with plain variables filled in, and prerequisites as what makes them", () => {
    const text = "A := x\nB = $(A)y$$z\nall: one | two\n\t@-echo $(B) $(C)\none two: three # why\n";
    expect([...readMakefile(text, "Makefile")]).toEqual([
      ["", ["make all"]],
      ["all", ["make one", "make two", "echo xy$z $(C)"]],
      ["one", ["make three"]],
      ["two", ["make three"]],
    ]);
  });

  it("does not grow without end", () => {
    const text = `A = $(B)$(B)\nB = $(A)$(A)\nx:\n\t${"$(A)".repeat(500)}\n${"a=b ".repeat(100_000)}\n`;
    const started = performance.now();
    const lines = readMakefile(text, "Makefile").get("x") ?? [];
    expect(lines.join("").length).toBeLessThan(1_000_000);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
