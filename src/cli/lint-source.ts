import { readConfig } from "../account/config.ts";
import { accountsOf, desiredState, type DesiredRole } from "../account/desired.ts";
import { issuerName } from "../core/arn.ts";
import type { LintSubject } from "../core/lint.ts";
import { RolecallError } from "../core/errors.ts";
import { type LintDocument, readLintDocument } from "../doctor/lint-documents.ts";
import { readPermissions, readRole } from "../doctor/lint-role.ts";
import { readText } from "./findings.ts";

/** Of a file that names no account. */
const SOME_ACCOUNT = { account: "123456789012", partition: "aws" } as const;

/** Roles and providers of one file, and what there is to be said of the reading. */
export type LintSource = Pick<LintDocument, "unread" | "assumed"> & {
  readonly subjects: readonly Pick<LintSubject, "roles" | "providers" | "from" | "allProviders">[];
};

/**
 * Reads a file of any kind that `lint` knows.
 *
 * @throws RolecallError `config` when it is of none
 */
export async function readLintSource(path: string): Promise<LintSource> {
  const text = await readText(path);
  // The keys that every rolecall.yaml has; a template of CloudFormation has neither.
  if (/\.ya?ml$/.test(path) && /^version:/m.test(text) && /^roles:/m.test(text)) return await fromConfig(path);
  const { roles, providers, unread, assumed } = readLintDocument(text, path);
  return { subjects: [{ roles, providers, from: path, allProviders: false }], unread, assumed };
}

async function fromConfig(path: string): Promise<LintSource> {
  const config = await readConfig(path);
  const accounts = accountsOf(config).map(({ id, partition }) => ({ account: id, partition }));
  const targets = accounts.length > 0 ? accounts : [SOME_ACCOUNT];
  const subjects = targets.map((target) => {
    const { roles, providers } = desiredState(config, target);
    return {
      from: path,
      allProviders: false,
      roles: roles.map((role) => roleOf(role, path)),
      providers: providers.map((one) => ({ ...one, url: issuerName(one.url), thumbprints: [] })),
    };
  });
  return { subjects, unread: [], assumed: [] };
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
