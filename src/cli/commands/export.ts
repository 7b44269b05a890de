import { findAccount } from "../../account/account-config.ts";
import { type Config, readConfig } from "../../account/config.ts";
import { accountsOf } from "../../account/desired.ts";
import { type AccountExport, placeFiles, writeFiles } from "../../account/export/files.ts";
import { type Format, type FormatOptions, FORMATS } from "../../account/export/formats.ts";
import { type ExportAccount, exportModel } from "../../account/export/model.ts";
import { checkEverywhere } from "../../account/export/stackset.ts";
import { noteLines } from "../../account/problem.ts";
import { RolecallError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { RESOLVE_OPTIONS, resolvedConfig } from "../ci-api.ts";
import { defineCommand, shown } from "../command.ts";
import type { Io } from "../io.ts";
import { hint, note } from "../report.ts";

const NAMES = Object.keys(FORMATS);

export default defineCommand({
  name: "export",
  summary: "write what apply would make for Terraform, CloudFormation, the CDK, the AWS CLI or an organization",
  usage: `${NAMES.join("|")} [options]`,
  examples: [
    ["rolecall export terraform --out rolecall.tf", "for whichever account Terraform's credentials are of"],
    ["rolecall export cloudformation --account production", "for one account of the file, to standard output"],
    ["rolecall export cli --out scripts/", "for each account of the file, in a folder of its own"],
    ["rolecall export stackset --out stackset/", "a template and the script that rolls it out over an organization"],
  ],
  options: {
    config: { type: "string", value: "FILE", help: "the configuration (by default rolecall.yaml)" },
    account: { type: "string", value: "NAME", help: "one account of the file, by its name or its digits" },
    out: { type: "string", value: "PATH", choices: "files", help: "write to this file, or into this folder" },
    force: { type: "boolean", help: "replace files that are there" },
    json: { type: "boolean", help: "terraform, cloudformation: JSON instead of the format's own language" },
    "no-other-issuers": { type: "boolean", help: "rcp: deny tokens of issuers that the file does not name too" },
    ...RESOLVE_OPTIONS,
  },
  positionals: ["FORMAT"],
  choices: NAMES,
  notes: `formats\n${Object.entries(FORMATS)
    .map(([name, { about }]) => `  ${name.padEnd(16)} ${about}`)
    .join("\n")}\n\nIt asks AWS nothing, and needs no credentials.`,
  async run({ options, positionals }, io) {
    const [name = ""] = positionals;
    const format = formatNamed(name);
    const formatOptions = { json: options.json, noOtherIssuers: options["no-other-issuers"] };
    checkTaken(name, format, formatOptions);
    const config = await resolvedConfig(await readConfig(options.config ?? "rolecall.yaml"), options, io);
    const exports = accountsFor(name, format, config, options).map((account): AccountExport => {
      const model = exportModel(config, account);
      if (!options.quiet) for (const line of noteLines(config.file, model.desired.notes)) note(io, line);
      return { account, exported: format.make(model, formatOptions) };
    });
    if (options.out === undefined) print(exports, options.quiet, io);
    else {
      const placed = await placeFiles(options.out, exports);
      await writeFiles(placed, options);
      if (!options.quiet) for (const { path } of placed) note(io, `wrote ${path}`);
    }
    if (!options.quiet) for (const line of new Set(exports.flatMap(({ exported }) => exported.notes))) hint(io, line);
    return 0;
  },
});

function formatNamed(name: string): Format {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (format) return format;
  const guess = nearest(name, NAMES);
  throw new RolecallError("usage", `export: expected a format (${NAMES.join(", ")}), got ${shown(name)}`, {
    hints: [guess ? `did you mean ${guess}?` : "rolecall help export tells what each is"],
  });
}

const FLAGS: Readonly<Record<keyof FormatOptions, string>> = { json: "--json", noOtherIssuers: "--no-other-issuers" };

function checkTaken(name: string, { takes }: Format, given: FormatOptions): void {
  for (const option of Object.keys(FLAGS) as (keyof FormatOptions)[]) {
    if (!given[option] || takes.includes(option)) continue;
    const others = NAMES.filter((one) => FORMATS[one]?.takes.includes(option));
    throw new RolecallError("usage", `export: ${FLAGS[option]} is for ${others.join(" and ")}, not for ${name}`);
  }
}

interface Where {
  readonly account: string | undefined;
  readonly out: string | undefined;
}

/** The accounts that are exported; null is whichever it is used in. Two accounts never share a file. */
function accountsFor(name: string, format: Format, config: Config, where: Where): readonly (ExportAccount | null)[] {
  const { account, out } = where;
  if (format.scope === "organization") {
    if (account !== undefined)
      throw new RolecallError("usage", `export: --account is not for ${name}, which is for a whole organization`);
    if (name === "stackset") checkEverywhere(config);
    return [null];
  }
  if (account !== undefined) return [accountNamed(config, account)];
  const named = accountsOf(config);
  if (named.length === 0) return [null];
  if (named.length === 1 || out !== undefined) return named;
  throw new RolecallError(
    "usage",
    `export: expected --account or --out, since the file is for ${named.length} accounts`,
    { hints: [`--account ${named[0]?.name ?? ""} exports one of them; --out FOLDER each into a folder of its own`] },
  );
}

/** A file that names no account is for any; its digits are enough then, in the partition that most are in. */
function accountNamed({ accounts }: Config, text: string): ExportAccount {
  if (accounts.length > 0 || !/^\d{12}$/.test(text)) return findAccount(accounts, text);
  return { name: text, id: text, partition: "aws" };
}

/** The product alone; what goes with it needs a folder. */
function print(exports: readonly AccountExport[], quiet: boolean, io: Io): void {
  for (const { exported } of exports) {
    const [product, ...others] = exported.files;
    io.out(product.text);
    if (!quiet) for (const { name } of others) note(io, `--out FOLDER writes ${name} too`);
  }
}
