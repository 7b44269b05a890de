import { RolecallError } from "../core/errors.ts";

/** An access key that is active, out of a credential report. */
export interface ActiveKey {
  readonly user: string;
  /** 1 or 2; the report tells no key id. */
  readonly number: 1 | 2;
  /** Milliseconds since 1970; null for never. */
  readonly lastUsed: number | null;
  /** `s3`; empty when it was never used. */
  readonly service: string;
  readonly region: string;
}

/**
 * The active keys of a credential report, the last used first. Source: IAM guide, credential reports; fields hold no
 * commas and no quotes.
 *
 * @throws RolecallError `config` when it is none
 */
export function readCredentialReport(csv: string, from: string): readonly ActiveKey[] {
  const [head = "", ...lines] = csv.trim().split(/\r?\n/);
  const columns = head.split(",");
  if (!columns.includes("user") || !columns.includes("access_key_1_active"))
    throw new RolecallError("config", `${from} is no credential report: it has no column access_key_1_active`);
  const rows = lines.map((line) => {
    const cells = line.split(",");
    return new Map(columns.map((column, index) => [column, cells[index] ?? ""]));
  });
  const keys = rows.flatMap((row) => ([1, 2] as const).flatMap((number) => keyOf(row, number)));
  return keys.toSorted((a, b) => (b.lastUsed ?? 0) - (a.lastUsed ?? 0));
}

function keyOf(row: ReadonlyMap<string, string>, number: 1 | 2): readonly ActiveKey[] {
  const column = (name: string): string => row.get(`access_key_${number}_${name}`) ?? "";
  if (column("active") !== "true") return [];
  const used = Date.parse(column("last_used_date"));
  const told = (name: string): string => (column(name) === "N/A" ? "" : column(name));
  return [
    {
      user: row.get("user") ?? "",
      number,
      lastUsed: Number.isNaN(used) ? null : used,
      service: told("last_used_service"),
      region: told("last_used_region"),
    },
  ];
}
