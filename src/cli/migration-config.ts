import { lstat } from "node:fs/promises";
import { type Config, parseConfig, readConfig, type RoleConfig } from "../account/config.ts";
import { accountsOf, desiredState } from "../account/desired.ts";
import { firstConfig } from "../account/first-config.ts";
import { scopeEntry } from "../account/scope-entry.ts";
import { findCi } from "../ci/index.ts";
import { readRoleArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { type ProjectFolder, readProjectFolder } from "./project-folder.ts";

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
  /** Text of the rolecall.yaml to write; null where there is one, or none can be made. */
  readonly newText: string | null;
}

const FILE = "rolecall.yaml";

/**
 * Finds the role in rolecall.yaml, or makes a first one of what the folder tells.
 *
 * @param found what the CI file itself says of role and audience, for a first file that agrees with it
 * @throws RolecallError `usage`, `config`
 */
export async function planRole(
  ci: string,
  input: RoleInput,
  found: { readonly role?: string; readonly audience?: string } = {},
): Promise<PlannedRole> {
  const file = input.config ?? FILE;
  const given = input.role === undefined ? null : readRoleArn(input.role);
  const isThere = (await lstat(file).catch(() => null)) !== null;
  if (!isThere && input.config !== undefined)
    throw new RolecallError("config", `${file} cannot be read: ENOENT`, { hints: ["rolecall init writes one"] });
  const name = given?.name ?? input.role;
  if (isThere) {
    const config = await readConfig(file);
    const role = chooseRole(config, ci, name);
    const arn = given?.arn ?? arnOf(config, role, input.account);
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

function arnOf(config: Config, role: RoleConfig | null, account: string | undefined): string | null {
  const [first, ...others] = accountsOf(config);
  const id = account ?? (others.length === 0 ? first?.id : undefined);
  if (!role || id === undefined) return null;
  const target = { account: id, partition: first?.partition ?? ("aws" as const) };
  return desiredState(config, target).roles.find((one) => one.source.role === role.name)?.arn ?? null;
}

async function firstFile(
  ci: string,
  { project: givenProject, branch, audience: givenAudience }: RoleInput,
  found: { readonly role?: string; readonly audience?: string },
): Promise<{ text: string; config: Config } | null> {
  const folder = await readProjectFolder(process.cwd());
  const project = givenProject ?? projectOf(ci, folder);
  const issuer = issuerOf(ci, folder);
  if (project === null || issuer === undefined) return null;
  const known = findCi(ci);
  const hasBranch = known?.scopeParts.includes("branch") && !known.projectAlone;
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

/** The last word of a project's name, as a role may be called. */
function shortName(project: string): string {
  const last = project.replaceAll(/[{}]/g, "").split("/").at(-1) ?? "";
  return last.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, 57) || "ci";
}

const BY_PATH = new Set(["gitlab", "github", "forgejo"]);

function projectOf(ci: string, { remote }: ProjectFolder): string | null {
  return BY_PATH.has(ci) ? (remote?.path ?? null) : null;
}

/** Null where it is the vendor's own; undefined where only the customer knows it. */
function issuerOf(ci: string, { remote }: ProjectFolder): string | null | undefined {
  const { host = "", path = "" } = remote ?? {};
  if (ci === "gitlab") return host === "" || host === "gitlab.com" ? null : `https://${host}`;
  if (ci === "bitbucket" && host === "bitbucket.org")
    return `https://api.bitbucket.org/2.0/workspaces/${path.split("/")[0] ?? ""}/pipelines-config/identity/oidc`;
  return findCi(ci)?.issuer ? null : undefined;
}
