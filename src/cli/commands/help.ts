import { ERROR_CODES, RolecallError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { VERSION } from "../../core/version.ts";
import { type Command, defineCommand, GLOBAL_OPTIONS, type Option } from "../command.ts";
import { EXCHANGE_OPTIONS, TOKEN_OPTIONS } from "../job-options.ts";
import { COMMANDS } from "../main.ts";

/** Texts that are about no single command. */
const TOPICS: Readonly<Record<string, () => string>> = {
  version: () => `rolecall ${VERSION}\n`,
  "exit-codes": exitCodes,
  environment,
};

/** The rules of lint are loaded only when asked for. */
const TOPIC_NAMES = [...Object.keys(TOPICS), "rules"];

export default defineCommand({
  name: "help",
  summary: "show the commands, one of them, or a topic",
  usage: "[COMMAND | TOPIC]",
  examples: [
    ["rolecall help exec", "a command"],
    ["rolecall help exit-codes", "a topic"],
    ["rolecall help T010", "a rule of lint and audit; rolecall help rules lists them"],
  ],
  options: {},
  positionals: [],
  acceptsMore: true,
  choices: TOPIC_NAMES,
  async run({ positionals }, io) {
    io.out(await textFor(positionals));
    return 0;
  },
});

async function textFor(words: readonly string[]): Promise<string> {
  if (words.length === 0) return overview();
  const name = words.join(" ");
  const topic = Object.hasOwn(TOPICS, name) ? TOPICS[name] : undefined;
  if (topic) return topic();
  if (name === "rules") return (await import("../render/rule-page.ts")).ruleList();
  if (/^[tprs]\d{3}$/i.test(name)) return (await import("../render/rule-page.ts")).rulePage(name);
  if (/^F\d{2}$/i.test(name)) return failurePage(name.toUpperCase());
  const names = Object.keys(COMMANDS).filter((one) => one === name || one.startsWith(`${name} `));
  if (names.length === 0) throw unknown(name);
  const pages = await Promise.all(names.map(async (one) => page(await load(one))));
  return pages.join("\n");
}

/** An entry of the failure catalogue, which explanations name by its id. */
async function failurePage(id: string): Promise<string> {
  const [{ CATALOGUE }, { renderEntry }] = await Promise.all([
    import("../../doctor/catalogue.ts"),
    import("../render/entry.ts"),
  ]);
  const entry = CATALOGUE.get(id);
  if (!entry) throw new RolecallError("usage", `help: there is no failure ${id}: expected F01 to F${CATALOGUE.size}`);
  return renderEntry(entry);
}

async function load(name: string): Promise<Command> {
  const loader = COMMANDS[name];
  if (!loader) throw unknown(name);
  return (await loader()).default;
}

function unknown(name: string): RolecallError {
  const guess = nearest(name, [...Object.keys(COMMANDS), ...TOPIC_NAMES]);
  return new RolecallError("usage", `help: there is no command or topic ${JSON.stringify(name)}`, {
    hints: [guess ? `did you mean ${guess}?` : "rolecall help lists them"],
  });
}

const SIDES: readonly (readonly [string, readonly string[]])[] = [
  ["in the job", ["exec", "creds", "serve", "login", "logout", "whoami", "token show", "token get"]],
  ["in the account", ["init", "subject", "plan", "apply", "destroy", "export"]],
  ["why not", ["explain", "lint", "audit", "doctor"]],
  ["off the keys", ["ci", "migrate", "keys", "keys policy", "keys retire", "keys status"]],
  ["on the laptop", ["try", "up", "job", "token mint"]],
  ["always", ["help", "completion"]],
];

async function overview(): Promise<string> {
  const sections = await Promise.all(
    SIDES.map(async ([side, names]) => {
      const commands = await Promise.all(names.map(load));
      return `${side}\n${commands.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join("\n")}\n`;
    }),
  );
  return [
    "rolecall gives CI jobs AWS credentials without access keys.\n",
    "examples\n  rolecall exec -- aws s3 ls       a command with temporary credentials\n  rolecall try                     the whole story on this machine, no account needed\n",
    ...sections,
    `topics\n  ${TOPIC_NAMES.join(", ")}, F01 to F84, T001 to S007\n\nrolecall help COMMAND shows its options; rolecall COMMAND --help does too\n`,
  ].join("\n");
}

function page({ name, summary, usage, examples, options, notes }: Command): string {
  return [
    `rolecall ${name}: ${summary}\n`,
    `usage\n  rolecall ${name} ${usage}\n`,
    `examples\n${examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`).join("\n")}\n`,
    `options\n${optionLines({ ...options, ...GLOBAL_OPTIONS })}\n`,
    ...(notes ? [`${notes}\n`] : []),
  ].join("\n");
}

function optionLines(options: Readonly<Record<string, Option>>): string {
  return Object.entries(options).map(optionLine).join("\n");
}

function optionLine([name, { short, value, help, env }]: [string, Option]): string {
  const flag = `${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`;
  return `  ${flag.padEnd(26)} ${help}${env ? ` (env: ${env.join(", ")})` : ""}`;
}

function exitCodes(): string {
  const byStatus = new Map<number, string[]>();
  for (const { exit, meaning } of Object.values(ERROR_CODES))
    byStatus.set(exit, [...(byStatus.get(exit) ?? []), meaning]);
  const rows = [
    [0, ["done"]] as const,
    ...[...byStatus, [125, ["exec, job: a defect of rolecall before the command ran"]] as const].toSorted(
      ([a], [b]) => a - b,
    ),
    ["else", ["exec, job: the command's own status; 128 + n when signal n ended it"]] as const,
  ];
  return `exit codes\n${rows.map(([status, meanings]) => `  ${String(status).padEnd(5)} ${meanings.join("; ")}`).join("\n")}\n`;
}

const OTHER_VARIABLES: readonly (readonly [string, string])[] = [
  ["AWS_CONFIG_FILE", "where login writes its profile (~/.aws/config)"],
  ["ROLECALL_CACHE_DIR", "where sessions of login are kept (~/.cache/rolecall)"],
  ["HTTPS_PROXY, NO_PROXY", "proxies, in either case"],
  ["AWS_CA_BUNDLE", "certificate authorities to trust instead of the built-in ones"],
  ["NODE_EXTRA_CA_CERTS", "certificate authorities to trust as well"],
  ["NO_COLOR, FORCE_COLOR", "colours off, colours on"],
  ["ROLECALL_DEBUG", "show where a defect happened"],
];

function environment(): string {
  const own = Object.entries<Option>({ ...TOKEN_OPTIONS, ...EXCHANGE_OPTIONS }).flatMap(([name, { env, help }]) =>
    env ? [[env.join(", "), `--${name}: ${help}`] as const] : [],
  );
  const rows = [...own, ...OTHER_VARIABLES];
  return `environment\n${rows.map(([names, meaning]) => `  ${names}\n      ${meaning}`).join("\n")}\n`;
}
