import * as sdk from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";

import { STS } from "../../../src/local/sts.ts";
import { encodeQuery } from "../../../src/wire/query.ts";
import { signed } from "./signed.ts";
import { ACCOUNT, FORM, refusal, startCloud, stsClient } from "./support.ts";

const CALLS = Object.keys(sdk).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);

describe("STS", () => {
  it("has every call that the AWS SDK has", () => {
    expect(CALLS.length).toBeGreaterThanOrEqual(12);
    expect(CALLS.filter((name) => !Object.hasOwn(STS, name))).toEqual([]);
    expect(Object.keys(STS).filter((name) => !CALLS.includes(name))).toEqual([]);
  });
});

describe("AssumeRoot", () => {
  const TASK = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";
  const ADMIN = `arn:aws:iam::${ACCOUNT}:user/admin`;
  const ask = (sts: sdk.STSClient, more: Partial<sdk.AssumeRootCommandInput> = {}) =>
    sts.send(new sdk.AssumeRootCommand({ TargetPrincipal: "210987654321", TaskPolicyArn: { arn: TASK }, ...more }));

  it("is refused in an account without an organisation, as AWS refuses it without root sessions", async () => {
    const sts = stsClient(await startCloud());
    for (const account of ["210987654321", ACCOUNT]) {
      for (const TargetPrincipal of [account, `arn:aws:iam::${account}:root`]) {
        expect(await refusal(ask(sts, { TargetPrincipal, DurationSeconds: 0 }))).toEqual({
          code: "AccessDenied",
          status: 403,
          message: `User: ${ADMIN} is not authorized to perform: sts:AssumeRoot on resource: arn:aws:iam::${account}:root`,
        });
      }
    }
  });

  it.each([
    [{ TargetPrincipal: `arn:aws:iam::${ACCOUNT}:user/ann` }, "Request must contain a valid target principal"],
    [{ TargetPrincipal: "arn:aws:iam::210987654321" }, "Request must contain a valid target principal"],
    [
      { TaskPolicyArn: { arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" } },
      "Request must contain valid AWS managed task policy ARN",
    ],
    [
      { TaskPolicyArn: {} },
      "1 validation error detected: Value null at 'taskPolicyArn' failed to satisfy constraint: Member must not be null",
    ],
    [
      { DurationSeconds: 901 },
      "1 validation error detected: Value '901' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 900",
    ],
  ])("is told what is wrong with %j", async (more, message) => {
    const sts = stsClient(await startCloud());
    expect(await refusal(ask(sts, more))).toEqual({ code: "ValidationError", status: 400, message });
  });

  it("needs an endpoint with a region", async () => {
    const call = {
      Action: "AssumeRoot",
      Version: "2011-06-15",
      TargetPrincipal: ACCOUNT,
      TaskPolicyArn: { arn: TASK },
    };
    const headers = { ...FORM, host: "sts.amazonaws.com" };
    expect(await signed(await startCloud(), "sts", { method: "POST", headers, body: encodeQuery(call) })).toMatchObject(
      { status: 400, code: "InvalidAction", message: "Unknown Operation" },
    );
  });
});

describe("GetDelegatedAccessToken", () => {
  it("finds no token good, since nobody is asked for a delegation here, and does not repeat it", async () => {
    const sts = stsClient(await startCloud());
    const answer = await refusal(sts.send(new sdk.GetDelegatedAccessTokenCommand({ TradeInToken: "tok-secret-1" })));
    expect(answer).toMatchObject({ code: "ExpiredTradeInTokenException", status: 400 });
    expect(answer.message).not.toContain("tok-secret-1");
  });
});
