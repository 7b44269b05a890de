import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { RolecallError } from "../../core/errors.ts";
import { isKeyId, keyPlaces, keysInLine } from "../../migrate/keys/ci-keys.ts";
import { readInventory } from "../../migrate/keys/inventory.ts";
import { connectUsers } from "../../wire/aws-sdk/user-calls.ts";
import { defineCommand, type Input, shown } from "../command.ts";
import type { Io } from "../io.ts";
import { KEYS_OPTIONS } from "../keys-options.ts";
import { colorsFor } from "../render/colors.ts";
import { inventoryJson, renderInventory } from "../render/keys.ts";
import { hint, note } from "../report.ts";

const OPTIONS = {
  ...KEYS_OPTIONS,
  "ci-key": { type: "string", value: "AKIA...", multiple: true, help: "a key id that the CI has; may be repeated" },
  found: {
    type: "string",
    value: "FILE",
    help: "what rolecall migrate --json printed: keys in the files that it names",
  },
} as const;

export default defineCommand({
  name: "keys",
  summary: "list an account's access keys, the riskiest first, and which of them the CI has",
  usage: "[options]",
  examples: [
    ["rolecall keys", "the account of the credentials in use; it only reads"],
    ["rolecall keys --ci-key AKIAIOSFODNN7EXAMPLE --json", "and this one is the CI's"],
  ],
  options: OPTIONS,
  notes:
    "In a CI job the AWS_ACCESS_KEY_ID of the environment counts as the CI's. Secrets cannot be read back from AWS and are never printed.\n" +
    "It needs iam:GenerateCredentialReport and iam:GetCredentialReport (else iam:ListUsers), iam:ListAccessKeys, iam:GetAccessKeyLastUsed.",
  async run({ options }, io) {
    const inCi = await keysOfCi(options, io);
    const aws = await connectUsers({ endpoint: options["endpoint-url"] });
    const inventory = await readInventory(aws, inCi, io.now(), async (milliseconds) => await pause(milliseconds));
    if (options.json) io.out(`${JSON.stringify(inventoryJson(inventory), null, 2)}\n`);
    else io.out(renderInventory(inventory, io.now(), colorsFor(io, options)));
    const there = new Set(inventory.keys.map(({ id }) => id));
    for (const id of inCi.keys()) if (!there.has(id)) note(io, `${id} is no key of this account's users`);
    if (options.quiet) return 0;
    if (!inventory.fromReport)
      note(io, "the credential report may not be read: every user was asked, and the root user's keys are not known");
    if (inventory.keys.length > 0 && inventory.keys.every(({ inCi: places }) => places.length === 0))
      hint(
        io,
        "which of them the CI has: --ci-key ID says so, --found FILE reads what rolecall migrate --json printed",
      );
    const next = inventory.keys.find(({ active, inCi: places }) => active && places.length > 0);
    if (next)
      hint(
        io,
        `rolecall keys policy --user ${next.user}, then rolecall keys retire --user ${next.user} --key ${next.id} --role ARN`,
      );
    return 0;
  },
});

type KeysInput = Input<typeof OPTIONS>["options"];

/** Key id to where the CI has it from. */
async function keysOfCi(options: KeysInput, io: Io): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  const add = (id: string, place: string): void => void found.set(id, [...(found.get(id) ?? []), place]);
  for (const id of options["ci-key"]) {
    if (!isKeyId(id))
      throw new RolecallError(
        "usage",
        `keys: --ci-key: expected the id of an access key, AKIA and 16 characters, got ${shown(id)}`,
      );
    add(id, "--ci-key");
  }
  const own = io.env["AWS_ACCESS_KEY_ID"] ?? "";
  // On a person's machine the variable is how they sign in, and says nothing of the CI.
  if (io.env["CI"] && isKeyId(own)) add(own, "AWS_ACCESS_KEY_ID of this job");
  if (options.found !== undefined) for (const [id, place] of await keysOfFiles(options.found)) add(id, place);
  return found;
}

async function keysOfFiles(list: string): Promise<readonly (readonly [string, string])[]> {
  const places = keyPlaces(await readText(list));
  if (!places) throw new RolecallError("config", `${list}: expected what rolecall migrate --json printed`);
  const found = await Promise.all(
    places.map(async ({ path, line }) =>
      keysInLine(await readText(path), line).map((id) => [id, `${path}:${line}`] as const),
    ),
  );
  return found.flat();
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new RolecallError("config", `${path} cannot be read: ${(error as Error).message}`);
  }
}
