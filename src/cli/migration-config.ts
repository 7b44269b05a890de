import { lstat, readFile } from "node:fs/promises";
import { type Config, parseConfig, readConfig, type RoleConfig } from "../account/config.ts";
import { accountsOf, desiredState } from "../account/desired.ts";
import { firstConfig } from "../account/first-config.ts";
import { scopeEntry } from "../account/scope-entry.ts";
import { findCi } from "../ci/index.ts";
import { type Partition, readRoleArn, type RoleArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { accountLines, freeName, parseDraft, roleLines, unknownLines, withRole } from "./migration-extend.ts";
import { readProject, shortName } from "./migration-project.ts";

/** What the command line says of the role. */
export interface RoleInput {
  readonly config: string | undefined;
  readonly role: string | undefined;
  readonly account: string | undefined;
  readonly project: string | undefined;
  readonly branch: string | undefined;
  readonly audience: string | undefined;
}

/** The role that jobs of a CI are to take, as far as it is known. */
export interface PlannedRole {
  /** Null where no account is known. */
  readonly arn: string | null;
  readonly audience: string | null;
  /** The role in its file, or in the one that would be written; null where neither can be made. */
  readonly role: RoleConfig | null;
  readonly config: Config | null;
  /** Text of the rolecall.yaml to write; null where there is nothing to write, or nothing can be made. */
  readonly newText: string | null;
  /** Why the file that is there lacks the role, and the lines that would give it; not set where all is well. */
  readonly lack?: { readonly reason: string; readonly lines: readonly string[] };
}

/** What the CI file itself says, for a role that agrees with it. */
export interface FoundRole {
  readonly role?: string;
  readonly audience?: string;
  /** The file names the role, and so has it already. */
  readonly isNamed?: boolean;
}

/** A rolecall.yaml that takes a role in for each CI that it has none for. */
export interface Drafting {
  /** With the roles of CIs that came before; null where none has added any. */
  readonly text: string | null;
}

export const FILE = "rolecall.yaml";

/**
 * Finds the role in rolecall.yaml, or makes a first one of what the folder tells.
 *
 * @param drafting where a role that the file lacks is to be added to it; else what the file has is all
 * @throws RolecallError `usage`, `config`
 */
export async function planRole(
  ci: string,
  input: RoleInput,
  found: FoundRole = {},
  drafting: Drafting | null = null,
): Promise<PlannedRole> {
  const file = input.config ?? FILE;
  const given = input.role === undefined ? null : readRoleArn(input.role);
  const draft = drafting?.text ?? null;
  const isWritten = (await lstat(file).catch(() => null)) !== null;
  const isThere = isWritten || draft !== null;
  if (!isThere && input.config !== undefined)
    throw new RolecallError("config", `${file} cannot be read: ENOENT`, { hints: ["rolecall init writes one"] });
  const name = given?.name ?? input.role;
  if (isThere) {
    const config = draft === null ? await readConfig(file) : parseDraft(draft, file);
    const wanted = name ?? (found.isNamed ? found.role : undefined);
    const isOthers = drafting !== null && isOfOther(config, wanted, ci);
    const role = chooseRole(config, ci, isOthers ? undefined : name);
    const canAdd = isOthers || wanted === undefined || (await readProject(ci, input)) !== null;
    if (drafting && !role && canAdd)
      return added(ci, input, found, {
        config,
        text: isWritten ? (draft ?? (await readFile(file, "utf8"))) : forAll(draft),
        given,
      });
    const account = input.account ?? (isOthers ? given?.account : undefined);
    const arn = isOthers
      ? arnOf(config, role, account, given?.partition)
      : (given?.arn ?? arnOf(config, role, account));
    return { arn, audience: role?.audience ?? input.audience ?? null, role, config, newText: null };
  }
  const first = await firstFile(ci, input, { ...found, ...(name === undefined ? {} : { role: name }) });
  const role = first?.config.roles[0] ?? null;
  const arn = given?.arn ?? (first && role ? arnOf(first.config, role, input.account) : null);
  return {
    arn,
    audience: input.audience ?? role?.audience ?? null,
    role,
    config: first?.config ?? null,
    newText: first?.text ?? null,
  };
}

/** The first line of a file that is not there yet names one CI. */
function forAll(draft: string | null): string {
  return (draft ?? "").replace(/^(# Which jobs) of .*? (may take)/m, "$1 $2");
}

function isOfOther({ roles }: Config, name: string | undefined, ci: string): boolean {
  return roles.some((role) => role.name === name && role.ci !== ci);
}

interface Present {
  readonly config: Config;
  readonly text: string;
  readonly given: RoleArn | null;
}

/** A role of its own for a CI that the file has none for: what two CIs share is open to the jobs of both. */
async function added(
  ci: string,
  input: RoleInput,
  found: FoundRole,
  { config, text, given }: Present,
): Promise<PlannedRole> {
  const project = await readProject(ci, input);
  const wanted = given?.name ?? input.role ?? found.role ?? `${shortName(project?.project ?? "")}-deploy`;
  const name = freeName(wanted, ci, config);
  const account = input.account ?? given?.account;
  const first = await firstFile(ci, input, { ...found, role: name });
  const lines = [...(first ? roleLines(first.text) : unknownLines(ci, name)), ...accountLines(config, account)];
  const ciName = findCi(ci)?.name ?? ci;
  const lacking = (why: string): PlannedRole => {
    const reason = `${config.file} has no role for ${ciName}, and ${why} these lines below roles:`;
    return { arn: null, audience: null, role: null, config, newText: null, lack: { reason, lines } };
  };
  if (found.isNamed && isOfOther(config, found.role, ci))
    return lacking(`its jobs name ${found.role ?? ""}, which is another CI's there: name ${name} in them, and add`);
  if (!first)
    return lacking(
      findCi(ci)?.issuer
        ? `git's remote does not tell its project there: say --ci ${ci} --project PATH, or add`
        : "nothing here tells its issuer and project there: add",
    );
  const newText = withRole(text, config, lines);
  if (newText === null) return lacking("its roles are written so that none can be put in: add");
  const next = parseDraft(newText, config.file);
  const role = next.roles.at(-1) ?? null;
  const arn = given?.name === name ? given.arn : arnOf(next, role, account, given?.partition);
  return { arn, audience: role?.audience ?? null, role, config: next, newText };
}

function chooseRole(config: Config, ci: string, name: string | undefined): RoleConfig | null {
  const ofCi = config.roles.filter((role) => role.ci === ci);
  if (name !== undefined) {
    const named = ofCi.find((role) => role.name === name);
    if (named || ofCi.length === 0) return named ?? null;
    throw new RolecallError(
      "usage",
      `--role: expected one of ${ofCi.map((role) => role.name).join(", ")}, got ${name}`,
    );
  }
  if (ofCi.length > 1)
    throw new RolecallError(
      "usage",
      `${config.file} has ${ofCi.length} roles for ${ci}: expected --role NAME, one of ${ofCi.map((role) => role.name).join(", ")}`,
    );
  return ofCi[0] ?? null;
}

function arnOf(
  config: Config,
  role: RoleConfig | null,
  account: string | undefined,
  partition?: Partition,
): string | null {
  const [first, ...others] = accountsOf(config);
  const id = account ?? (others.length === 0 ? first?.id : undefined);
  if (!role || id === undefined) return null;
  const target = { account: id, partition: partition ?? first?.partition ?? "aws" };
  return desiredState(config, target).roles.find((one) => one.source.role === role.name)?.arn ?? null;
}

async function firstFile(
  ci: string,
  input: RoleInput,
  found: FoundRole,
): Promise<{ text: string; config: Config } | null> {
  const known = await readProject(ci, input);
  if (!known) return null;
  const { branch, audience: givenAudience } = input;
  const { project, issuer, folder } = known;
  const facts = findCi(ci);
  const hasBranch = facts?.scopeParts.includes("branch") && !facts.projectAlone;
  const entry = scopeEntry({
    project,
    branch: branch ?? (hasBranch ? folder.branch : undefined),
    tag: undefined,
    environment: undefined,
  });
  const role = found.role ?? `${shortName(project)}-deploy`;
  const made = firstConfig({ ci, issuer, role, entry }, FILE);
  const audience = givenAudience ?? found.audience;
  const text =
    audience === undefined
      ? made.text
      : made.text.replace(
          /^( {4}audience: ).*$/m,
          (_, key: string) => `${key}${JSON.stringify(audience)} # as in the CI file`,
        );
  return { text, config: parseConfig(text, FILE) };
}
