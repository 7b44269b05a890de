import { expect, it } from "vitest";
import { readCredentialReport } from "../../../src/doctor/audit-keys.ts";

// The columns of the IAM guide's credential reports, those of no interest left out.
const HEAD =
  "user,arn,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service";

it("tells the keys that are active, the last used first", () => {
  const report = [
    HEAD,
    "<root_account>,arn:aws:iam::123456789012:root,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A",
    "ci,arn:aws:iam::123456789012:user/ci,true,2024-01-01T00:00:00+00:00,2026-11-20T00:00:00+00:00,eu-west-1,s3,true,2024-01-01T00:00:00+00:00,N/A,N/A,N/A",
    "cd,arn:aws:iam::123456789012:user/cd,false,2024-01-01T00:00:00+00:00,2026-11-23T00:00:00+00:00,eu-west-1,s3,true,2024-01-01T00:00:00+00:00,2026-11-24T00:00:00+00:00,us-east-1,sts",
  ].join("\n");
  expect(readCredentialReport(report, "report.csv")).toEqual([
    { user: "cd", number: 2, lastUsed: Date.parse("2026-11-24T00:00:00Z"), service: "sts", region: "us-east-1" },
    { user: "ci", number: 1, lastUsed: Date.parse("2026-11-20T00:00:00Z"), service: "s3", region: "eu-west-1" },
    { user: "ci", number: 2, lastUsed: null, service: "", region: "" },
  ]);
});

it("refuses what is none", () => {
  expect(() => readCredentialReport("user,name\na,b", "report.csv")).toThrowWithCode(
    "config",
    /report\.csv is no credential report/,
  );
});
