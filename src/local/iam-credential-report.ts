import { isoSeconds } from "../core/iso-date.ts";
import { operation, type Operations, result } from "./operation.ts";
import { devicesOf } from "./iam-mfa-records.ts";
import type { AccessKeyRecord, SigningCertificateRecord, UserRecord } from "./records.ts";
import { refuse } from "./refusal.ts";
import type { World } from "./world.ts";

type Row = Readonly<Record<string, string>>;

// AWS IAM guide, credential reports: dates have +00:00, not Z.
function date(milliseconds: number): string {
  return isoSeconds(milliseconds / 1000).replace(/Z$/, "+00:00");
}

function keyColumns(number: 1 | 2, key: AccessKeyRecord | undefined, { store }: World): Row {
  const use = key && store.lastUse(key.id);
  const column = `access_key_${number}`;
  return {
    [`${column}_active`]: String(key?.active ?? false),
    [`${column}_last_rotated`]: key ? date(key.created) : "N/A",
    [`${column}_last_used_date`]: use ? date(use.at) : "N/A",
    [`${column}_last_used_region`]: use?.region ?? "N/A",
    [`${column}_last_used_service`]: use?.service ?? "N/A",
  };
}

function certificateColumns(number: 1 | 2, certificate: SigningCertificateRecord | undefined): Row {
  return {
    [`cert_${number}_active`]: String(certificate?.status === "Active"),
    [`cert_${number}_last_rotated`]: certificate ? date(certificate.created) : "N/A",
  };
}

// Nobody signs in with a password here.
function userRow(user: UserRecord, world: World): Row {
  // Recorded, 2026-02 (localstack#13785): a first key that is inactive stands after a second one that is active.
  const [first, second] = user.keys.toSorted((a, b) => Number(b.active) - Number(a.active));
  return {
    user: user.name,
    arn: user.arn,
    user_creation_time: date(user.created),
    password_enabled: String(user.login !== undefined),
    password_last_used: user.login ? "no_information" : "N/A",
    password_last_changed: user.login ? date(user.login.created) : "N/A",
    password_next_rotation: "N/A",
    mfa_active: String(devicesOf(user, world).length > 0),
    ...keyColumns(1, first, world),
    ...keyColumns(2, second, world),
    ...certificateColumns(1, user.certificates?.[0]),
    ...certificateColumns(2, user.certificates?.[1]),
  };
}

function rootRow(created: number, world: World): Row {
  return {
    user: "<root_account>",
    arn: `arn:aws:iam::${world.store.identity.account}:root`,
    user_creation_time: date(created),
    password_enabled: "not_supported",
    password_last_used: "no_information",
    password_last_changed: "not_supported",
    password_next_rotation: "not_supported",
    mfa_active: "false",
    ...keyColumns(1, undefined, world),
    ...keyColumns(2, undefined, world),
    ...certificateColumns(1, undefined),
    ...certificateColumns(2, undefined),
  };
}

function writeReport(world: World): string {
  const users = [...world.store.iam.users.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const oldest = Math.min(world.now(), ...users.map(({ created }) => created));
  const rows = [rootRow(oldest, world), ...users.map((user) => userRow(user, world))];
  const [head = {}] = rows;
  return [Object.keys(head), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(",")).join("\n");
}

/**
 * AWS makes a report at most every four hours; here each call makes a new one, so that it tells of the
 * account as it is. The first call says STARTED and the next COMPLETE, as there.
 */
const generate = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    const first = world.store.iam.report === undefined;
    const report = { content: writeReport(world), created: world.now() };
    world.store.changeIam((iam) => ({ ...iam, report }));
    return result(
      first
        ? { State: "STARTED", Description: "No report exists. Starting a new report generation task" }
        : { State: "COMPLETE" },
    );
  },
});

// Without a text (recorded, 2026-02).
const NOT_PRESENT = refuse(410, "ReportNotPresent", null);

const get = operation({
  parameters: {},
  access: () => "*",
  run: ({ world }) => {
    const { report } = world.store.iam;
    if (!report) return NOT_PRESENT;
    return result({
      Content: Buffer.from(report.content).toString("base64"),
      ReportFormat: "text/csv",
      GeneratedTime: isoSeconds(report.created / 1000),
    });
  },
});

export const REPORT_OPERATIONS: Operations = { GenerateCredentialReport: generate, GetCredentialReport: get };
