import { lstat } from "node:fs/promises";
import { RolecallError } from "../../core/errors.ts";
import { PARTS, type Tool, TOOLS } from "../../migrate/ci-part.ts";
import { type ImageKind, NOT_ON_NPM, SHIM_FILE } from "../../migrate/rolecall-line.ts";
import { writeFileAtomic } from "../../wire/files.ts";
import { defineCommand, type Input } from "../command.ts";
import { planRole } from "../migration-config.ts";
import { hint, note } from "../report.ts";
import { shimText } from "../shim-text.ts";

const IMAGES = ["node", "shell", "none"] as const;

const OPTIONS = {
  role: { type: "string", value: "NAME", help: "the role: a name of rolecall.yaml, or an ARN" },
  account: { type: "string", value: "ID", help: "the account of a role that only has a name" },
  audience: { type: "string", value: "AUD", help: "the token's audience (by default as in rolecall.yaml)" },
  tool: { type: "string", value: "TOOL", choices: TOOLS, help: `what calls AWS: ${TOOLS.join(", ")} (by default aws)` },
  image: {
    type: "string",
    value: "KIND",
    choices: IMAGES,
    help: "what the job's image has: node; shell (and curl or wget); none, not even a shell (by default node)",
  },
  shim: { type: "boolean", help: `write ${SHIM_FILE}, which images without Node.js run, into this folder too` },
  write: { type: "string", value: "FILE", help: "write to a new file instead of stdout" },
  config: { type: "string", value: "FILE", help: "another rolecall.yaml" },
} as const;

export default defineCommand({
  name: "ci",
  summary: "print the part of a CI file that takes a role",
  usage: "CI [options]",
  examples: [
    ["rolecall ci gitlab --role shop-deploy --account 123456789012", "a job for a role of rolecall.yaml"],
    [
      "rolecall ci github --role arn:aws:iam::123456789012:role/shop-deploy --tool cdk --write deploy.part.yml",
      "for CDK, into a file",
    ],
    [
      "rolecall ci gitlab --role shop-deploy --account 123456789012 --image shell --shim",
      "for an image without Node.js",
    ],
  ],
  options: OPTIONS,
  positionals: ["CI"],
  choices: Object.keys(PARTS),
  notes: `CIs: ${Object.keys(PARTS).join(", ")}. The permissions are the narrowest that do, and comments say why.`,
  async run({ options, positionals: [id = ""] }, io) {
    const text = await partOf(id, options);
    if (options.write === undefined) io.out(text);
    else {
      await refuseOther(options.write);
      await writeFileAtomic(options.write, text, 0o644);
      if (!options.quiet) note(io, `wrote ${options.write}`);
    }
    if (text.includes("npx --yes") && !options.quiet) hint(io, NOT_ON_NPM);
    if (options.shim) {
      await refuseOther(SHIM_FILE);
      await writeFileAtomic(SHIM_FILE, await shimText(), 0o755);
      if (!options.quiet) note(io, `wrote ${SHIM_FILE}`);
    } else if (text.includes(SHIM_FILE) && !options.quiet)
      hint(io, `the job runs ${SHIM_FILE} from the checkout: --shim writes it`);
    return 0;
  },
});

async function partOf(id: string, options: Input<typeof OPTIONS>["options"]): Promise<string> {
  const part = Object.hasOwn(PARTS, id) ? PARTS[id] : undefined;
  if (!part)
    throw new RolecallError("usage", `ci: expected one of ${Object.keys(PARTS).join(", ")}, got ${JSON.stringify(id)}`);
  const tool = oneOf("--tool", options.tool ?? "aws", TOOLS);
  const image = oneOf("--image", options.image ?? "node", IMAGES);
  const { role, audience } = await roleOf(id, options);
  const lines = part.lines({ role, audience, tool, image });
  if (!lines)
    throw new RolecallError(
      "usage",
      `ci: ${id} has no way for --image ${image}: expected node, which its agents have`,
      {
        hints: [`rolecall ci ${id} --role ${role}`],
      },
    );
  return `${lines.join("\n")}\n`;
}

function oneOf<T extends Tool | ImageKind>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new RolecallError("usage", `ci: ${option}: expected one of ${known.join(", ")}, got ${JSON.stringify(value)}`);
}

async function roleOf(
  id: string,
  options: Input<typeof OPTIONS>["options"],
): Promise<{ role: string; audience: string | null }> {
  const input = { ...options, project: undefined, branch: undefined };
  const { arn, audience, newText } = await planRole(id, input);
  // A file that does not exist yet has an audience that nobody chose.
  if (arn !== null) return { role: arn, audience: newText === null ? audience : (options.audience ?? null) };
  const said = options.role === undefined ? "no role is named" : `the account of ${options.role} is not known`;
  throw new RolecallError("usage", `ci: ${said}: expected --role ARN, or --role NAME with --account ID`, {
    hints: [`rolecall ci ${id} --role arn:aws:iam::123456789012:role/shop-deploy`],
  });
}

async function refuseOther(path: string): Promise<void> {
  if (!(await lstat(path).catch(() => null))) return;
  throw new RolecallError("config", `${path} is there already: expected none`);
}
