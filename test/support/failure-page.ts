import { shellWord } from "../../src/core/shell-word.ts";
import type { CatalogueEntry } from "../../src/doctor/catalogue.ts";
import { ACCOUNT, type ExchangeScenario, type Scenario } from "./failure-scenarios.ts";

/** The page of docs/errors about one entry. */
export function renderPage(entry: CatalogueEntry, scenario: Scenario): string {
  const { id, title, texts, cause, tell, fixes, sources } = entry;
  return [
    `# ${id}: ${title}`,
    cause,
    ...(texts.length > 0 ? [`What is said:\n\n${block("text", texts)}`] : []),
    `Shown by: ${code(tell)}.`,
    `## Fix`,
    list(fixes.map(code)),
    `## Reproduce`,
    reproduction(id, scenario),
    `## Sources`,
    list(sources),
    "<!-- made by test/unit/docs/errors.test.ts of src/doctor/catalogue and test/support/failure-scenarios.ts -->",
  ]
    .join("\n\n")
    .concat("\n");
}

const ON_PAGE = {
  refused: "refused by STS",
  unsent: "refused before STS is asked",
  allowed: "allowed, and should not be",
  doctor: "told by doctor",
  text: "not on the local AWS",
} as const;

/** The list of all pages. */
export function renderList(entries: readonly CatalogueEntry[], scenarios: Readonly<Record<string, Scenario>>): string {
  const rows = entries.map(({ id, title }) => {
    const scenario = scenarios[id];
    const kind = scenario?.kind === "exchange" ? scenario.outcome : (scenario?.kind ?? "text");
    return `| [${id}](${id}.md) | ${code(title).replaceAll("|", "\\|")} | ${ON_PAGE[kind]} |`;
  });
  return [
    "# What goes wrong",
    "Every way that is known in which OpenID Connect from a CI to AWS goes wrong. `rolecall explain` and `rolecall doctor` name them by these ids, which stay; `rolecall help F18` prints one. [explain](../explain.md) tells how they are found.",
    ["| Id | Failure | Reproduced |", "|---|---|---|", ...rows].join("\n"),
    "<!-- made by test/unit/docs/errors.test.ts -->",
  ]
    .join("\n\n")
    .concat("\n");
}

/** Words that Markdown or a reader would take for something else. */
function code(text: string): string {
  return text.replaceAll("<", "&lt;").replaceAll("*", "\\*").replaceAll("_", "\\_");
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function block(language: string, lines: readonly string[]): string {
  return `\`\`\`${language}\n${lines.join("\n")}\n\`\`\``;
}

function reproduction(id: string, scenario: Scenario): string {
  const lines = linesOf(scenario);
  if (scenario.kind === "text") {
    const reason = `It cannot be reproduced on the local AWS: ${scenario.because}.`;
    return lines.length === 0 ? reason : `${reason} Its text is enough to know it by:\n\n${block("sh", lines)}`;
  }
  const introduction =
    scenario.kind === "exchange"
      ? INTRODUCTIONS[scenario.outcome]
      : lines.some((line) => line.includes("token mint"))
        ? LOCAL
        : "In any shell:";
  return `${introduction} The last command names ${id}.\n\n${block("sh", lines)}`;
}

const LOCAL = "With `rolecall up` in another terminal, and the variables that it prints in this one:";

const INTRODUCTIONS = {
  refused: `${LOCAL} STS refuses the token.`,
  unsent: `${LOCAL} rolecall sees before it asks STS that the token would be refused.`,
  allowed: `${LOCAL} STS gives the session, and should not have to.`,
} as const;

/** The commands, as somebody types them. */
export function linesOf(scenario: Scenario): readonly string[] {
  if (scenario.kind === "text")
    return scenario.said === null ? [] : [`rolecall explain --error ${quoted(scenario.said)}`];
  if (scenario.kind === "exchange") return exchangeLines(scenario);
  const env = Object.entries(scenario.env ?? {}).map(
    ([name, value]) => `${name}=${value === "" ? "" : shellWord(value)}`,
  );
  const offline = isAboutIssuer(scenario.before ?? []) ? [] : ["--offline"];
  const doctor = ["rolecall", "doctor", ...offline, ...(scenario.options ?? []).map(shellWord)];
  return [...(scenario.before ?? []), [...env, ...doctor].join(" ")];
}

/** As somebody would quote it who has a choice. */
function quoted(text: string): string {
  return text.includes("'") && !/["$`\\!]/.test(text) ? `"${text}"` : shellWord(text);
}

/** An issuer on this machine is asked; all others are not. */
function isAboutIssuer(before: readonly string[]): boolean {
  return before.some((line) => line.includes("--issuer http://127.0.0.1"));
}

function exchangeLines({ providers, trust, job, options = [], role = "demo" }: ExchangeScenario): readonly string[] {
  const words = ["--token-file", "job.jwt", "--role", `arn:aws:iam::${ACCOUNT}:role/${role}`, ...options]
    .map(shellWord)
    .join(" ");
  return [
    ...providers.map(
      ([url, audience]) =>
        `aws iam create-open-id-connect-provider --url ${url} --client-id-list ${shellWord(JSON.stringify([audience]))}`,
    ),
    `aws iam create-role --role-name demo --assume-role-policy-document ${shellWord(JSON.stringify(trust))}`,
    `rolecall token mint ${job.map(shellWord).join(" ")} > job.jwt`,
    `rolecall creds ${words}`,
    `rolecall explain ${words}`,
  ];
}
