// A CI's runner inside `rolecall job`: goes through the steps of one job, each a shell of its own, and hands on to the
// later ones what a step leaves in the CI's way. Argument: a file with a PlayedJob, see ci-players.ts.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** @type {unknown} */
const description = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const job = /** @type {import("./ci-players.ts").PlayedJob} */ (description);

/** Variables of Azure that are no environment until a step asks for them. @type {Map<string, string>} */
const secrets = new Map();
const env = { ...process.env, ...job.variables };
for (const [from, to] of job.tokens) env[to] = process.env[from];
for (const name of job.without) delete env[name];
// Azure gives this one to the steps that map it, and to no other.
const { SYSTEM_ACCESSTOKEN: accessToken = "" } = process.env;
if (job.handOver === "azure") delete env["SYSTEM_ACCESSTOKEN"];
secrets.set("System.AccessToken", accessToken);

for (const step of job.steps) {
  const [command = "", ...args] = step.command;
  const own = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, filledIn(value)]));
  const { status, stdout } = spawnSync(command, args, {
    env: { ...env, ...own },
    stdio: ["ignore", job.handOver === "azure" ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
  });
  if (job.handOver === "azure") takeAzure(stdout);
  if (job.handOver === "github") takeGithub(process.env["GITHUB_ENV"] ?? "");
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * Azure's `$(NAME)`: a variable that an earlier step has set, or the text itself.
 * @param {string} value
 */
function filledIn(value) {
  return value.replaceAll(
    /\$\(([\w.]+)\)/g,
    (whole, /** @type {string} */ name) => secrets.get(name) ?? job.variables[name] ?? whole,
  );
}

/** @param {string} text */
function takeAzure(text) {
  for (const line of text.split("\n")) {
    const [, name, value] = /^##vso\[task\.setvariable variable=([\w.]+)[^\]]*\](.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) secrets.set(name, value);
    else if (!line.startsWith("##vso") && line !== "") process.stdout.write(`${line}\n`);
  }
}

/** @param {string} path */
function takeGithub(path) {
  if (!existsSync(path)) return;
  const text = readFileSync(path, "utf8");
  writeFileSync(path, "");
  for (const [, name = "", , value = ""] of text.matchAll(/^([\w-]+)<<(.+)\n([\s\S]*?)\n\2\n/gm)) env[name] = value;
  for (const [, name = "", value = ""] of text.matchAll(/^([A-Z_]\w*)=(.*)$/gm)) env[name] = value;
}
