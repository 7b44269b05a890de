import { type Partition, readRoleArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import type { Position, Problem } from "./problem.ts";
import { didYouMean } from "./rules/rule.ts";
import { ruleOf } from "./rules.ts";
import type { FileOutput } from "./schema.ts";
import type { YamlSource } from "./yaml-source.ts";

/** An account of `accounts:`. */
export interface AccountConfig {
  /** As the file calls it. */
  readonly name: string;
  readonly position: Position;
  /** Twelve digits. */
  readonly id: string;
  readonly partition: Partition;
  /** ARN of the role to assume before anything is read or changed there; null for the caller's own credentials. */
  readonly assume: string | null;
}

export function readAccounts(accounts: FileOutput["accounts"], source: YamlSource): readonly AccountConfig[] {
  return (accounts ?? []).map(([name, account]) => {
    const { id, partition = "aws", role } = account as AccountEntry;
    const named = role === undefined || readRoleArn(role) ? role : `arn:${partition}:iam::${id}:role/${role}`;
    return {
      name,
      position: source.keyAt(["accounts", name]),
      id: String(id),
      partition: partition as Partition,
      assume: named ?? null,
    };
  });
}

interface AccountEntry {
  readonly id: string | number;
  readonly partition?: string;
  readonly role?: string;
}

/** Accounts that are there twice, and roles to assume that are of another account. */
export function accountProblems(accounts: readonly AccountConfig[], source: YamlSource): readonly Problem[] {
  return accounts.flatMap((account, index) => [
    ...twice(account, accounts.slice(0, index)),
    ...elsewhere(account, source),
  ]);
}

function twice({ name, id, partition, position }: AccountConfig, before: readonly AccountConfig[]): readonly Problem[] {
  const again = before.find((one) => one.id === id && one.partition === partition);
  if (!again) return [];
  const text = `accounts.${name}: expected ${ruleOf("account-once").expected}, got ${id}, which is ${again.name} too`;
  return [{ position, text, hints: [] }];
}

function elsewhere({ name, id, partition, assume }: AccountConfig, source: YamlSource): readonly Problem[] {
  const arn = assume === null ? null : readRoleArn(assume);
  if (!arn || (arn.account === id && arn.partition === partition)) return [];
  const path = ["accounts", name, "role"];
  return [
    {
      position: source.valueAt(path),
      text: `accounts.${name}.role: expected ${ruleOf("account-of-role").expected}, got ${source.textAt(path)}`,
      hints: [`arn:${partition}:iam::${id}:role${arn.path}${arn.name}`],
    },
  ];
}

/** Names in a role's `accounts:`, or in that of the defaults, that the file does not have. */
export function unknownAccounts(
  role: string,
  names: readonly string[],
  accounts: readonly AccountConfig[],
  source: YamlSource,
): readonly Problem[] {
  const known = accounts.map(({ name }) => name);
  return names.flatMap((name, index) => {
    if (known.includes(name)) return [];
    const isOwn = source.textAt(["roles", role, "accounts", index]) !== "nothing";
    const path = isOwn ? ["roles", role, "accounts", index] : ["defaults", "accounts", index];
    const place = isOwn ? `roles.${role}` : "defaults";
    const there = known.length === 0 ? "there are none" : known.join(", ");
    const meant = didYouMean(name, known);
    return [
      {
        position: source.valueAt(path),
        text: `${place}.accounts[${index}]: expected ${ruleOf("known-account").expected} (${there}), got ${source.textAt(path)}`,
        hints: meant ? [meant] : [],
      },
    ];
  });
}

/**
 * The account of a configuration by the name that the file gives it, or by its digits.
 *
 * @throws RolecallError `usage` when the file has no such account
 */
export function findAccount(accounts: readonly AccountConfig[], text: string): AccountConfig {
  const found = accounts.find(({ name, id }) => name === text || id === text);
  if (found) return found;
  const names = accounts.map(({ name }) => name);
  const there = names.length === 0 ? "it names none" : names.join(", ");
  const meant = didYouMean(text, names);
  throw new RolecallError("usage", `expected an account of the file (${there}), got ${text}`, {
    hints: meant ? [meant] : [],
  });
}
