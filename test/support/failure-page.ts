import { shellWord } from "../../src/core/shell-word.ts";
import type { CatalogueEntry } from "../../src/doctor/catalogue.ts";
import { ACCOUNT, type ExchangeScenario, type JobScenario, type Scenario } from "./failure-scenarios.ts";

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
  explain: "told by explain",
  doctor: "told by doctor",
  weather: "refused by STS for a while",
  policy: "refused by IAM",
  text: "not on the local AWS",
} as const;

/** How an entry is brought about, in the words of the list. */
function reproduced(scenario: Scenario): string {
  if (scenario.kind === "exchange") return ON_PAGE[scenario.outcome];
  return ON_PAGE[scenario.kind === "job" ? scenario.by : scenario.kind];
}

/** The list of all pages. */
export function renderList(entries: readonly CatalogueEntry[], scenarios: Readonly<Record<string, Scenario>>): string {
  const rows = entries.map(({ id, title }) => {
    return `| [${id}](${id}.md) | ${code(title).replaceAll("|", "\\|")} | ${reproduced(scenarios[id] ?? { kind: "text", because: "", said: null })} |`;
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
  const hasAws = lines.some((line) => line.startsWith("aws "));
  return [
    `${introductionTo(scenario, lines)} The last command names ${id}.`,
    block("sh", lines),
    ...(hasAws ? [OLD_CLI] : []),
  ].join("\n\n");
}

const OLD_CLI =
  "`--endpoint-url` and `--thumbprint-list` are there for older AWS CLIs (2.9 of Debian 12 is one): they do not read `AWS_ENDPOINT_URL`, and ask for a thumbprint. Newer ones need neither. AWS looks at no thumbprint where the issuer's certificate is of a public authority.";

const LOCAL = "With a fresh `rolecall up` in another terminal, and the variables that it prints in this one:";

const INTRODUCTIONS = {
  refused: `${LOCAL} STS refuses the token.`,
  unsent: `${LOCAL} rolecall sees before it asks STS that the token would be refused.`,
  allowed: `${LOCAL} STS gives the session, and should not have to.`,
} as const;

function introductionTo(scenario: Scenario, lines: readonly string[]): string {
  if (scenario.kind === "exchange") return INTRODUCTIONS[scenario.outcome];
  if (scenario.kind === "policy") return `${LOCAL} IAM does not save the policy.`;
  if (scenario.kind === "weather") {
    const up = `rolecall up --weather ${scenario.weather}`;
    return `${LOCAL.replace("rolecall up", up)} STS refuses the token, though nothing is wrong with it.`;
  }
  return lines.some((line) => /token mint|127\.0\.0\.1/.test(line)) ? LOCAL : "In any shell:";
}

/** The commands, as somebody types them. */
export function linesOf(scenario: Scenario): readonly string[] {
  if (scenario.kind === "exchange") return exchangeLines(scenario);
  if (scenario.kind === "job") return jobLines(scenario);
  const explain = (words: readonly string[], said: string): string =>
    ["rolecall explain", ...words, "--error", quoted(said)].join(" ");
  if (scenario.kind === "text") return scenario.said === null ? [] : [explain([], scenario.said)];
  const creds =
    scenario.kind === "weather" ? [`rolecall creds ${[...ASKED, ...(scenario.credsOptions ?? [])].join(" ")}`] : [];
  return [...accountLines(scenario), ...creds, explain(ASKED, scenario.said)];
}

function jobLines({
  by,
  before = [],
  env = {},
  options = [],
}: Pick<JobScenario, "by" | "before" | "env" | "options">): readonly string[] {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value === "" ? "" : shellWord(value)}`);
  const offline = by === "doctor" ? ["--offline"] : [];
  return [...before, [...variables, "rolecall", by, ...offline, ...options.map(shellWord)].join(" ")];
}

/** As somebody would quote it who has a choice. */
function quoted(text: string): string {
  return text.includes("'") && !/["$`\\!]/.test(text) ? `"${text}"` : shellWord(text);
}

const asked = (role: string): readonly string[] => [
  "--token-file",
  "job.jwt",
  "--role",
  `arn:aws:iam::${ACCOUNT}:role/${role}`,
];
const ASKED = asked("demo");

const ENDPOINT = `--endpoint-url "$AWS_ENDPOINT_URL"`;
const THUMBPRINT = `--thumbprint-list ${"f".repeat(40)}`;

/** Provider, role and token. */
function accountLines({
  providers,
  trust,
  job,
}: Pick<ExchangeScenario, "providers" | "trust" | "job">): readonly string[] {
  return [
    ...providers.map(
      ([url, audience]) =>
        `aws iam create-open-id-connect-provider ${ENDPOINT} --url ${url} --client-id-list ${shellWord(JSON.stringify([audience]))} ${THUMBPRINT}`,
    ),
    `aws iam create-role ${ENDPOINT} --role-name demo --assume-role-policy-document ${shellWord(JSON.stringify(trust))}`,
    mintLine(job),
  ];
}

/** A word that is quoted already is taken as it is. */
export function mintLine(job: readonly string[]): string {
  return `rolecall token mint ${job.map((word) => (word.startsWith('"') ? word : shellWord(word))).join(" ")} > job.jwt`;
}

function exchangeLines(scenario: ExchangeScenario): readonly string[] {
  const { meanwhile = [], options = [], credsOptions = [], role = "demo" } = scenario;
  const words = [...asked(role), ...options].map(shellWord).join(" ");
  return [
    ...accountLines(scenario),
    ...meanwhile,
    `rolecall creds ${[words, ...credsOptions].join(" ")}`,
    `rolecall explain ${words}`,
  ];
}
