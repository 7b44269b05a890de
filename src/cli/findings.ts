import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { RULES } from "../core/lint/catalogue.ts";
import type { Finding } from "../core/lint/finding.ts";
import type { PlatformFacts } from "../core/lint/platform.ts";
import { isAtLeast, SEVERITIES, type Severity } from "../core/lint/severity.ts";
import { RolecallError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import {
  fingerprint,
  parseBaseline,
  parseSuppressions,
  renderBaseline,
  type Sorted,
  sortFindings,
} from "../doctor/lint-accepted.ts";
import { parsePlatformFacts } from "../doctor/platform-facts.ts";
import { analyzerCheck } from "../doctor/report-analyzer.ts";
import { renderGitlab } from "../doctor/report-gitlab.ts";
import { renderJunit } from "../doctor/report-junit.ts";
import { renderMarkdown } from "../doctor/report-markdown.ts";
import { renderSarif } from "../doctor/report-sarif.ts";
import type { ReportSource } from "../doctor/report-source.ts";
import { writeFileAtomic } from "../wire/files.ts";
import type { Options } from "./command.ts";
import type { Io } from "./io.ts";
import { colorsFor } from "./render/colors.ts";
import { renderFindings } from "./render/findings.ts";
import { note, printable } from "./report.ts";

const FORMATS = ["table", "json", "sarif", "gitlab", "junit", "markdown"] as const;
type Format = (typeof FORMATS)[number];

/** What `lint` and `audit` have in common: which findings count, and how they are printed. */
export const FINDINGS_OPTIONS = {
  "fail-on": {
    type: "string",
    value: "SEVERITY",
    choices: [...SEVERITIES, "none"],
    help: "status 3 from this severity on (high); none for never",
  },
  format: {
    type: "string",
    value: "FORMAT",
    choices: FORMATS,
    help: "table, json, sarif, gitlab, junit or markdown",
  },
  json: { type: "boolean", help: "the same as --format json" },
  suppressions: {
    type: "string",
    value: "FILE",
    help: "findings to live with (.rolecall-lint.yaml, where there is one)",
  },
  baseline: { type: "string", value: "FILE", help: "count only what is not in this file, or worse than there" },
  "write-baseline": {
    type: "string",
    value: "FILE",
    help: "write all that is found into this file, and count nothing",
  },
  "ci-facts": {
    type: "string",
    value: "FILE",
    help: "what the CI's settings say of projects, as JSON; rules that need it are judged then",
  },
  subject: {
    type: "string",
    value: "SUB",
    multiple: true,
    help: "a subject that jobs send: told where a policy knows it in another form (T018), and kept by --fix",
  },
} as const satisfies Options;

export interface FindingsInput {
  readonly "fail-on": string | undefined;
  readonly format: string | undefined;
  readonly json: boolean;
  readonly suppressions: string | undefined;
  readonly baseline: string | undefined;
  readonly "write-baseline": string | undefined;
  readonly "ci-facts": string | undefined;
  readonly "no-color": boolean;
}

/** What is printed beside the findings. */
export interface Told {
  /** Members of the JSON. */
  readonly json: object;
  /** Lines below the findings of the table. */
  readonly tail: readonly string[];
  /** The accounts of an audit; none where there are only files. */
  readonly sources?: readonly ReportSource[];
}

/** How the command line wants findings; read before anything is looked at, so that mistakes cost nothing. */
export interface FindingsPlan {
  readonly failOn: Severity | null;
  readonly format: Format;
  readonly sorted: (findings: readonly Finding[]) => Sorted;
  readonly writeBaseline: string | undefined;
  /** Of --ci-facts. */
  readonly platform: PlatformFacts | undefined;
}

const SUPPRESSIONS = ".rolecall-lint.yaml";

/** @throws RolecallError `usage` for what is not a severity or a format, `config` for files that cannot be read */
export async function planFindings(command: string, input: FindingsInput, io: Io): Promise<FindingsPlan> {
  const failOn = readFailOn(command, input["fail-on"] ?? "high");
  const format = readFormat(command, input);
  const file = input.suppressions ?? (existsSync(SUPPRESSIONS) ? SUPPRESSIONS : undefined);
  const suppressions = file === undefined ? [] : parseSuppressions(await readText(file), file);
  const baseline = input.baseline === undefined ? [] : parseBaseline(await readText(input.baseline), input.baseline);
  const platform = input["ci-facts"] === undefined ? undefined : await readPlatform(input["ci-facts"]);
  return {
    failOn,
    format,
    platform,
    sorted: (findings) => sortFindings(findings, suppressions, baseline, io.now()),
    writeBaseline: input["write-baseline"],
  };
}

async function readPlatform(path: string): Promise<PlatformFacts> {
  return parsePlatformFacts(await readText(path), path);
}

function readFailOn(command: string, text: string): Severity | null {
  if (text === "none") return null;
  const severity = SEVERITIES.find((one) => one === text);
  if (severity) return severity;
  throw new RolecallError("usage", `${command}: --fail-on: expected ${SEVERITIES.join(", ")} or none, got ${text}`);
}

function readFormat(command: string, { format, json }: FindingsInput): Format {
  if (format === undefined) return json ? "json" : "table";
  const found = FORMATS.find((one) => one === format);
  if (!found) throw new RolecallError("usage", `${command}: --format: expected ${FORMATS.join(", ")}, got ${format}`);
  if (json && found !== "json")
    throw new RolecallError("usage", `${command}: expected --json or --format ${format}, got both`);
  return found;
}

/** What is known of the CI's settings, for {@link LintContext}. */
export function platformOf({ platform }: FindingsPlan): { readonly platform?: PlatformFacts } {
  return platform === undefined ? {} : { platform };
}

/** A file's text. @throws RolecallError `config` */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new RolecallError("config", `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

// A baseline is read by everybody who works on the repository.
const BASELINE_MODE = 0o644;

/** Prints the findings; gives the exit status. */
export async function printFindings(
  plan: FindingsPlan,
  findings: readonly Finding[],
  told: Told,
  options: FindingsInput,
  io: Io,
): Promise<number> {
  const sorted = plan.sorted(findings);
  for (const { rule, resource, expires } of sorted.expired)
    note(io, `the suppression of ${rule} for ${resource} was good until ${expires}: its findings count again`);
  if (plan.writeBaseline !== undefined) {
    const all = findings.filter((one) => !sorted.suppressed.some(({ finding }) => finding === one));
    await writeFileAtomic(plan.writeBaseline, renderBaseline(all), BASELINE_MODE);
    note(
      io,
      `wrote ${counted(all.length, "finding")} to ${plan.writeBaseline}: --baseline ${plan.writeBaseline} leaves them out`,
    );
    return 0;
  }
  io.out(render(plan, sorted, told, options, io));
  const { failOn } = plan;
  return failOn !== null && sorted.counted.some(({ severity }) => isAtLeast(severity, failOn)) ? 3 : 0;
}

/** `1 role`, `2 roles`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function render(plan: FindingsPlan, sorted: Sorted, told: Told, options: FindingsInput, io: Io): string {
  const { suppressed, known } = sorted;
  switch (plan.format) {
    case "json":
      return `${JSON.stringify(
        {
          ...told.json,
          findings: sorted.counted.map(asJson),
          suppressed: suppressed.map(({ finding, by }) => ({ ...finding, reason: by.reason, expires: by.expires })),
          known: known.map(fingerprint),
          expired: sorted.expired,
        },
        null,
        2,
      )}\n`;
    case "sarif":
      return renderSarif(sorted.counted, RULES, VERSION, told.sources);
    case "gitlab":
      return renderGitlab(sorted.counted, told.sources);
    case "junit":
      return renderJunit(sorted.counted, plan.failOn, told.sources);
    case "markdown":
      return renderMarkdown(sorted.counted, told.sources);
    case "table":
      break;
  }
  const lines = [...renderFindings(sorted.counted, colorsFor(io, options)), "", ...told.tail.map(printable)];
  return `${[...lines, summary(sorted)].join("\n").replace(/^\n+/, "")}\n`;
}

function asJson(finding: Finding): object {
  const check = analyzerCheck(finding.rule);
  return { ...finding, ...(check === null ? {} : { accessAnalyzer: check }), fingerprint: fingerprint(finding) };
}

function summary({ counted: findings, suppressed, known }: Sorted): string {
  const bySeverity = SEVERITIES.toReversed()
    .map((severity) => [severity, findings.filter((one) => one.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const others = [
    ...(suppressed.length > 0 ? [`${suppressed.length} suppressed`] : []),
    ...(known.length > 0 ? [`${known.length} in the baseline`] : []),
  ];
  return [bySeverity.length > 0 ? bySeverity.join(", ") : "no findings", ...others].join("; ");
}
