// A workflow of three steps, as a runner would go through it: the action, a tool that uses what it left, the action's
// post step. Arguments: the action's folder, the script of the tool. Prints what the tool said, and what is left.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const [folder = "", tool = ""] = process.argv.slice(2);

/** @param {string} variable */
function take(variable) {
  const path = process.env[variable] ?? "";
  const text = readFileSync(path, "utf8");
  writeFileSync(path, "");
  const pairs = text.matchAll(/^([\w-]+)<<(.+)\n([\s\S]*?)\n\2\n/gm);
  return Object.fromEntries([...pairs].map(([, name = "", , value = ""]) => [name, value]));
}

/** @param {string} file @param {Record<string, string | undefined>} env */
function step(file, env) {
  const { status, stdout } = spawnSync(process.execPath, [file], { env, encoding: "utf8" });
  return { status, stdout };
}

const main = step(`${folder}/main.cjs`, process.env);
const left = take("GITHUB_ENV");
const state = Object.fromEntries(Object.entries(take("GITHUB_STATE")).map(([name, value]) => [`STATE_${name}`, value]));
const used = step(tool, { ...process.env, ...left });
const post = step(`${folder}/post.cjs`, { ...process.env, ...left, ...state });
const blanked = take("GITHUB_ENV");
const report = {
  status: [main.status, used.status, post.status],
  identity: used.stdout.trim(),
  notBlanked: Object.keys(left).filter((name) => blanked[name] !== ""),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
