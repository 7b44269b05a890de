import { existsSync } from "node:fs";
import type { Config } from "../../account/config.ts";
import { RolecallError } from "../../core/errors.ts";
import { isPattern } from "../../core/lint/wildcards.ts";
import { lint } from "../../core/lint.ts";
import { RESOLVE_OPTIONS, resolvedConfig } from "../ci-api.ts";
import { defineCommand } from "../command.ts";
import { counted, FINDINGS_OPTIONS, planFindings, platformOf, printFindings } from "../findings.ts";
import type { Io } from "../io.ts";
import { ASK_CI_OPTIONS, askedPlan, ciQuestions } from "../lint-ask-ci.ts";
import { checkFixOptions, FIX_OPTIONS, fixSources } from "../lint-fix.ts";
import { type LintSource, located, readLintSource } from "../lint-source.ts";
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
    ["rolecall lint trust.json --fix | git apply", "narrow it; the same as --fix --write"],
    [
      "rolecall lint trust.json --fix --subject repo:acme/shop:ref:refs/heads/main",
      "where only you know whose jobs it is for",
    ],
    ["rolecall lint --ask-ci", "and ask GitHub and GitLab what only they know: gone projects, open branches, keys"],
    ["rolecall lint --write-baseline known.json", "what is there today; --baseline known.json then tells what is new"],
  ],
  options: {
    ...FINDINGS_OPTIONS,
    ...ASK_CI_OPTIONS,
    ...FIX_OPTIONS,
    ...RESOLVE_OPTIONS,
    write: { type: "boolean", help: "with --fix: change the files instead of printing the patch" },
  },
  positionals: [],
  acceptsMore: true,
  choices: "files",
  notes:
    "rolecall help T001 prints a rule. Exit status: 0 without findings of that severity, 3 with; with --fix of those\n" +
    "that remain. --fix never lets in anybody who is not let in today, and asks where only you can know.\n" +
    "Nothing is asked over the network without --ask-ci, which asks GitHub and GitLab what only a CI's settings tell\n" +
    "(--ci-facts has it from a file), and --resolve, which asks for the ids that a rolecall.yaml leaves out.",
  async run({ options, positionals }, io) {
    checkFixOptions("lint", options, options);
    const given = await planFindings("lint", options, io);
    const questions = ciQuestions("lint", options, io);
    const resolving = options.resolve ? (config: Config) => resolvedConfig(config, options, io) : null;
    const sources = await Promise.all(filesOf(positionals).map((file) => readLintSource(file, resolving)));
    if (options.resolve && sources.every(({ config }) => config === null))
      throw new RolecallError("usage", "lint: --resolve is for a rolecall.yaml: expected one among the files");
    if (!options.quiet) tellReading(sources, io);
    const plan = await askedPlan(given, questions, everythingOf(sources));
    await questions?.finish(options);
    if (options.fix) return await fixSources(sources, plan, options, io);
    const now = io.now();
    const subjects = options.subject.filter((one) => !isPattern(one));
    const all = sources.flatMap((source) =>
      source.subjects.map(async (subject) => {
        const { findings, judged } = lint({ ...subject, ...platformOf(plan), subjects, now });
        return { findings: await located(findings, source), judged, roles: subject.roles.length };
      }),
    );
    const results = await Promise.all(all);
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

/** What is asked about does not depend on which file names it. */
function everythingOf(sources: readonly LintSource[]): Parameters<typeof askedPlan>[2] {
  const subjects = sources.flatMap((source) => source.subjects);
  return {
    roles: subjects.flatMap(({ roles }) => roles),
    providers: subjects.flatMap(({ providers }) => providers),
    allProviders: false,
  };
}

function tellReading(sources: readonly LintSource[], io: Io): void {
  for (const { resource, reason } of sources.flatMap(({ unread }) => unread))
    note(io, `${resource} was not judged: ${reason}`);
  for (const text of new Set(sources.flatMap(({ assumed }) => assumed))) note(io, `taken for granted: ${text}`);
}

function filesOf(given: readonly string[]): readonly string[] {
  if (given.length > 0) return given;
  if (existsSync("rolecall.yaml")) return ["rolecall.yaml"];
  throw new RolecallError("usage", "lint: expected a file, or a rolecall.yaml in this folder", {
    hints: ["rolecall lint trust.json"],
  });
}
