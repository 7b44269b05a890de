import { RolecallError } from "../../core/errors.ts";
import type { LastUse } from "../../wire/aws-sdk/user-calls.ts";

/** A row of a credential report, as far as access keys go. */
export interface UserOfReport {
  readonly name: string;
  readonly isRoot: boolean;
  /** Also inactive ones. */
  readonly hasKeys: boolean;
  /** The root user's keys, of which no other call tells. */
  readonly rootKeys: readonly {
    readonly active: boolean;
    readonly created: number | null;
    readonly lastUse: LastUse | null;
  }[];
}

// Source: IAM guide, credential reports: the columns, this name, and that no field holds a comma or a quote.
const ROOT = "<root_account>";

/** @throws RolecallError `config` when it is no credential report */
export function usersOfReport(csv: string): readonly UserOfReport[] {
  const [head = "", ...lines] = csv.trim().split(/\r?\n/);
  const columns = head.split(",");
  if (!columns.includes("user") || !columns.includes("access_key_1_active"))
    throw new RolecallError("config", "what IAM gave is no credential report: it has no column access_key_1_active");
  return lines.map((line) => {
    const cells = line.split(",");
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? "";
    const name = cell("user");
    const numbers = ([1, 2] as const).filter((number) => hasKey(cell, number));
    const isRoot = name === ROOT;
    return {
      name,
      isRoot,
      hasKeys: numbers.length > 0,
      rootKeys: isRoot ? numbers.map((number) => rootKey(cell, number)) : [],
    };
  });
}

type Cell = (name: string) => string;

/** An inactive key has a date of its making too. */
function hasKey(cell: Cell, number: 1 | 2): boolean {
  return cell(`access_key_${number}_active`) === "true" || timeIn(cell(`access_key_${number}_last_rotated`)) !== null;
}

function rootKey(cell: Cell, number: 1 | 2): UserOfReport["rootKeys"][number] {
  const column = (name: string): string => cell(`access_key_${number}_${name}`);
  const told = (name: string): string => (column(name) === "N/A" ? "" : column(name));
  const at = timeIn(column("last_used_date"));
  return {
    active: column("active") === "true",
    created: timeIn(column("last_rotated")),
    lastUse: at === null ? null : { at, service: told("last_used_service"), region: told("last_used_region") },
  };
}

function timeIn(text: string): number | null {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
