import { existsSync } from "node:fs";
import { RolecallError } from "../../core/errors.ts";
import { lint } from "../../core/lint.ts";
import { defineCommand } from "../command.ts";
import { counted, FINDINGS_OPTIONS, planFindings, printFindings } from "../findings.ts";
import { readLintSource } from "../lint-source.ts";
import { note } from "../report.ts";

export default defineCommand({
  name: "lint",
  summary: "find trust policies that let in too many, or nobody, each with a token that proves it",
  usage: "[FILE...] [options]",
  examples: [
    ["rolecall lint", "of rolecall.yaml"],
    ["rolecall lint trust.json role.json", "a trust policy, and what aws iam get-role answered"],
    ["terraform show -json plan.out > plan.json && rolecall lint plan.json", "a Terraform plan"],
    ["rolecall lint template.yaml --format sarif > rolecall.sarif", "a CloudFormation template, for code scanning"],
    ["rolecall lint --write-baseline known.json", "what is there today; --baseline known.json then tells what is new"],
  ],
  options: FINDINGS_OPTIONS,
  positionals: [],
  acceptsMore: true,
  notes:
    "rolecall help T001 prints a rule. Exit status: 0 without findings of that severity, 3 with.\n" +
    "Nothing is asked over the network; what only a CI's settings could tell is not looked at.",
  async run({ options, positionals }, io) {
    const plan = await planFindings("lint", options, io);
    const sources = await Promise.all(filesOf(positionals).map(readLintSource));
    const now = io.now();
    const results = sources
      .flatMap(({ subjects }) => subjects)
      .map((subject) => ({ ...lint({ ...subject, subjects: options.subject, now }), roles: subject.roles.length }));
    if (!options.quiet) {
      for (const { resource, reason } of sources.flatMap(({ unread }) => unread))
        note(io, `${resource} was not judged: ${reason}`);
      for (const text of new Set(sources.flatMap(({ assumed }) => assumed))) note(io, `taken for granted: ${text}`);
    }
    const judged = results.reduce((sum, one) => sum + one.judged, 0);
    const roles = results.reduce((sum, one) => sum + one.roles, 0);
    const others = roles === judged ? "" : `; ${roles - judged} trust no OIDC provider`;
    const told = { json: { roles, judged }, tail: [`${counted(judged, "role")} judged${others}`] };
    return await printFindings(
      plan,
      results.flatMap(({ findings }) => findings),
      told,
      options,
      io,
    );
  },
});

function filesOf(given: readonly string[]): readonly string[] {
  if (given.length > 0) return given;
  if (existsSync("rolecall.yaml")) return ["rolecall.yaml"];
  throw new RolecallError("usage", "lint: expected a file, or a rolecall.yaml in this folder", {
    hints: ["rolecall lint trust.json"],
  });
}
