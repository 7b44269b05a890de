import { type Config, readConfig } from "../account/config.ts";
import { accountsOf, desiredState, type DesiredRole } from "../account/desired.ts";
import { withIdsOf } from "../account/resolve-config.ts";
import { issuerName } from "../core/arn.ts";
import type { Finding } from "../core/lint/finding.ts";
import type { LintSubject } from "../core/lint.ts";
import { RolecallError } from "../core/errors.ts";
import { type LintDocument, readLintDocument } from "../doctor/lint-documents.ts";
import { locateFindings } from "../doctor/lint-regions.ts";
import { readPermissions, readRole } from "../doctor/lint-role.ts";
import { readText } from "./findings.ts";
import { HclFiles } from "./lint-hcl-files.ts";

/** Of a file that names no account. */
const SOME_ACCOUNT = { account: "123456789012", partition: "aws" } as const;

/** Findings with the lines and columns of the file, or of the Terraform configuration that stands beside a plan. */
export async function located(
  findings: readonly Finding[],
  { path, text, document }: LintSource,
): Promise<readonly Finding[]> {
  if (!document) return findings;
  const own = locateFindings(findings, text, document.at);
  if (document.kind !== "terraform") return own;
  const files = new HclFiles(path);
  return await Promise.all(own.map((finding) => files.locate(finding)));
}

type SourceSubject = Pick<LintSubject, "roles" | "providers" | "from" | "allProviders" | "trustPolicyQuota">;

/** Roles and providers of one file, and what there is to be said of the reading. */
export type LintSource = Pick<LintDocument, "unread" | "assumed"> & {
  readonly path: string;
  readonly text: string;
  readonly subjects: readonly SourceSubject[];
  /** Null of a rolecall.yaml, which has no policy in it. */
  readonly document: LintDocument | null;
  /** Of a rolecall.yaml. */
  readonly config: Config | null;
  /** Gives another reading of the same rolecall.yaml what the CI was asked for. */
  readonly withIds: (config: Config) => Config;
};

/**
 * Reads a file of any kind that `lint` knows.
 *
 * @param resolved asks the CI for what a rolecall.yaml leaves out; null where nobody is to be asked
 * @throws RolecallError `config` when it is of none; as `resolved`
 */
export async function readLintSource(path: string, resolved: Resolving | null = null): Promise<LintSource> {
  const text = await readText(path);
  // The keys that every rolecall.yaml has; a template of CloudFormation has neither.
  if (/\.ya?ml$/.test(path) && /^version:/m.test(text) && /^roles:/m.test(text))
    return await fromConfig(path, text, resolved);
  const document = readLintDocument(text, path);
  const { roles, providers, unread, assumed, trustPolicyQuota: quota } = document;
  const known = quota === undefined ? {} : { trustPolicyQuota: quota };
  const subjects = [{ roles, providers, from: path, allProviders: false, ...known }];
  return { path, text, subjects, document, config: null, withIds: (one) => one, unread, assumed };
}

type Resolving = (config: Config) => Promise<Config>;

async function fromConfig(path: string, text: string, resolved: Resolving | null): Promise<LintSource> {
  const read = await readConfig(path);
  const config = resolved ? await resolved(read) : read;
  const withIds = resolved ? withIdsOf(config) : (one: Config) => one;
  const subjects = subjectsOfConfig(config, path);
  return { path, text, subjects, document: null, config, withIds, unread: [], assumed: [] };
}

/** What `apply` would make of a rolecall.yaml, in each account that it names. */
export function subjectsOfConfig(config: Config, path: string): readonly SourceSubject[] {
  const accounts = accountsOf(config).map(({ id, partition }) => ({ account: id, partition }));
  const targets = accounts.length > 0 ? accounts : [SOME_ACCOUNT];
  return targets.map((target) => {
    const { roles, providers } = desiredState(config, target);
    return {
      from: path,
      allProviders: false,
      roles: roles.map((role) => roleOf(role, path)),
      providers: providers.map((one) => ({ ...one, url: issuerName(one.url), thumbprints: [] })),
    };
  });
}

function roleOf(role: DesiredRole, path: string): LintSubject["roles"][number] {
  const reading = readRole({
    resource: role.arn,
    from: path,
    line: role.source.position.line,
    trust: { ...role.trust, Statement: role.trust.Statement.map((one) => ({ ...one })) },
    maxSessionDuration: role.maxSessionDuration,
    permissions: readPermissions(
      Object.values(role.inlinePolicies),
      role.managedPolicies.map((arn) => ({ arn, document: undefined })),
      role.boundary === null ? null : { document: undefined },
    ),
  });
  if (reading.kind === "role") return reading.role;
  throw new RolecallError("unexpected", `${path} makes a policy that cannot be read: ${reading.reason}`);
}
