import { RolecallError } from "../core/errors.ts";
import type { LintRole } from "../core/lint/finding.ts";
import type { Provider } from "../core/decide.ts";
import { isObject, type Json } from "../core/token.ts";
import { accountOf, providerOf, rolesOfAccount, rolesWithout } from "./lint-account.ts";
import { isCloudFormation, parseTemplate, readCloudFormation } from "./lint-cloudformation.ts";
import type { Path } from "./lint-places.ts";
import { objectsOf, readRole, type RoleReading } from "./lint-role.ts";
import { isTerraform, readTerraform } from "./lint-terraform.ts";

type Members = { readonly [key: string]: Json };

/** What a document has of roles and providers. */
export interface LintDocument {
  readonly from: string;
  readonly kind: DocumentKind;
  readonly roles: readonly LintRole[];
  /** By resource: where its trust policy stands in the document. */
  readonly at: ReadonlyMap<string, Path>;
  readonly providers: readonly Provider[];
  /** All roles and policies of an account are in there. */
  readonly isAccount: boolean;
  /** Roles whose trust policy could not be read, and why. */
  readonly unread: readonly { readonly resource: string; readonly reason: string }[];
  /** What was taken for granted to read it. */
  readonly assumed: readonly string[];
  /** AssumeRolePolicySizeQuota of the account, where it is in there. */
  readonly trustPolicyQuota?: number;
}

/** What a document is, which tells whether its text is somebody's own or a copy of what AWS has. */
export type DocumentKind = "policy" | "cloudformation" | "terraform" | "answer";

/** One kind of document. */
interface Reader {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly fits: (document: Members) => boolean;
  readonly read: (document: Members, from: string) => Read;
}

interface Read {
  readonly roles: readonly RoleReading[];
  readonly providers?: readonly Provider[];
  readonly assumed?: readonly string[];
  readonly isAccount?: true;
  readonly quota?: number;
}

const SOME_ACCOUNT = "123456789012";

const READERS: readonly Reader[] = [
  {
    kind: "answer",
    name: "what aws iam get-account-authorization-details answers",
    fits: (document) => Array.isArray(document["RoleDetailList"]),
    read: (document, from) => {
      const roles = rolesOfAccount(document, from);
      const account = accountOf(roles) ?? SOME_ACCOUNT;
      const providers = objectsOf(document["OpenIDConnectProviders"]).flatMap((one) => providerOf(one, account) ?? []);
      return { roles, providers, isAccount: true, ...quotaOf(document) };
    },
  },
  {
    kind: "answer",
    name: "what aws iam get-role answers",
    fits: (document) => isObject(document["Role"]),
    read: ({ Role: role }, from) => ({ roles: rolesWithout(isObject(role) ? [role] : [], from, () => ["Role"]) }),
  },
  {
    kind: "answer",
    name: "what aws iam list-roles answers",
    fits: (document) => Array.isArray(document["Roles"]),
    read: (document, from) => ({
      roles: rolesWithout(objectsOf(document["Roles"]), from, (index) => ["Roles", index]),
    }),
  },
  {
    kind: "answer",
    name: "what aws iam get-open-id-connect-provider answers",
    fits: (document) => typeof document["Url"] === "string" && Array.isArray(document["ClientIDList"]),
    read: (document) => ({ roles: [], providers: [providerOf(document, SOME_ACCOUNT)].flatMap((one) => one ?? []) }),
  },
  {
    kind: "answer",
    name: "what aws iam get-account-summary answers",
    fits: (document) => isObject(document["SummaryMap"]),
    read: (document) => ({ roles: [], ...quotaOf(document) }),
  },
  { kind: "terraform", name: "a plan of terraform show -json", fits: isTerraform, read: readTerraform },
  { kind: "cloudformation", name: "a CloudFormation template", fits: isCloudFormation, read: readCloudFormation },
  {
    kind: "policy",
    name: "a trust policy",
    fits: (document) => document["Statement"] !== undefined,
    read: (document, from) => ({
      roles: [readRole({ resource: from, from, trust: document, at: [], maxSessionDuration: null, permissions: null })],
    }),
  },
];

function quotaOf({ SummaryMap: summary }: Members): Pick<Read, "quota"> {
  const quota = isObject(summary ?? null) ? (summary as Members)["AssumeRolePolicySizeQuota"] : undefined;
  return typeof quota === "number" ? { quota } : {};
}

/**
 * Reads roles and providers out of a document, whose kind it tells from what is in it.
 *
 * @throws RolecallError `config` when it is of no kind that is known, or holds one trust policy that cannot be read
 */
export function readLintDocument(text: string, from: string): LintDocument {
  const document = parseLintText(text, from);
  const reader = READERS.find(({ fits }) => fits(document));
  if (!reader) {
    throw new RolecallError("config", `${from}: expected one of: ${READERS.map(({ name }) => name).join("; ")}`, {
      hints: ["a rolecall.yaml is read when its name ends in .yaml and it has roles:"],
    });
  }
  const { roles, providers = [], assumed = [], isAccount = false, quota } = reader.read(document, from);
  const unread = roles.flatMap((one) => (one.kind === "unread" ? [one] : []));
  const [only] = unread;
  if (only && reader.name === "a trust policy") {
    throw new RolecallError("config", `${from} is no trust policy: ${only.reason}`);
  }
  return {
    from,
    kind: reader.kind,
    roles: roles.flatMap((one) => (one.kind === "role" ? [one.role] : [])),
    at: new Map(roles.flatMap((one) => (one.kind === "role" && one.at ? [[one.role.resource, one.at] as const] : []))),
    providers,
    isAccount,
    unread: unread.map(({ resource, reason }) => ({ resource, reason })),
    assumed,
    ...(quota === undefined ? {} : { trustPolicyQuota: quota }),
  };
}

/**
 * A document as a value, functions of a template not worked out.
 *
 * @throws RolecallError `config`
 */
export function parseLintText(text: string, from: string): Members {
  const value = /^\s*[{[]/.test(text) ? parseJson(text, from) : parseTemplate(text, from);
  if (isObject(value)) return value;
  throw new RolecallError("config", `${from}: expected an object with roles in it`);
}

function parseJson(text: string, from: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new RolecallError("config", `${from} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
