import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";

import { encodeQuery, type QueryInputFields } from "../../../src/wire/query.ts";
import { signed } from "./signed.ts";
import { ACCOUNT, exchange, FORM, iamClient, mint, post, ROLE, setUp, startCloud, trustPolicy } from "./support.ts";

const JSON_PLEASE = { accept: "application/json" };

const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;

describe("a client that accepts JSON", () => {
  it("gets the exchange in JSON, its end in seconds", async () => {
    const cloud = await startCloud();
    await setUp(cloud);
    const body = {
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: ROLE,
      RoleSessionName: "job-1",
    };
    const token = await mint(cloud);
    const answer = await post(cloud.endpoint, { ...body, WebIdentityToken: token }, JSON_PLEASE);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(JSON.parse(answer.body)).toEqual({
      AssumeRoleWithWebIdentityResponse: {
        AssumeRoleWithWebIdentityResult: {
          Audience: "https://gitlab.com",
          AssumedRoleUser: {
            Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/job-1`,
            AssumedRoleId: expect.stringMatching(/^AROA\w{17}:job-1$/) as string,
          },
          Provider: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`,
          Credentials: {
            AccessKeyId: expect.stringMatching(/^ASIA/) as string,
            SecretAccessKey: expect.any(String) as string,
            SessionToken: expect.any(String) as string,
            Expiration: expect.any(Number) as number,
          },
          SubjectFromWebIdentityToken: expect.stringContaining("acme/shop") as string,
          PackedPolicySize: expect.any(Number) as number,
        },
        ResponseMetadata: { RequestId: answer.headers["x-amzn-requestid"] },
      },
    });
    const { Expiration } = (JSON.parse(answer.body) as Answered).AssumeRoleWithWebIdentityResponse
      .AssumeRoleWithWebIdentityResult.Credentials;
    expect(Math.abs(Expiration - Date.now() / 1000 - 3600)).toBeLessThan(30);
  });

  it("gets who it is, and is refused, in JSON", async () => {
    const cloud = await startCloud();
    const call = (fields: QueryInputFields, service = "sts") =>
      signed(cloud, service, { method: "POST", headers: FORM, body: encodeQuery(fields) }, cloud.admin, JSON_PLEASE);
    const who = await call({ Action: "GetCallerIdentity", Version: "2011-06-15" });
    expect(JSON.parse(who.body)).toEqual({
      GetCallerIdentityResponse: {
        GetCallerIdentityResult: {
          Arn: `arn:aws:iam::${ACCOUNT}:user/admin`,
          UserId: expect.stringMatching(/^AIDA/) as string,
          Account: ACCOUNT,
        },
        ResponseMetadata: { RequestId: UUID },
      },
    });
    const unsigned = await post(cloud.endpoint, { Action: "GetCallerIdentity", Version: "2011-06-15" }, JSON_PLEASE);
    expect([unsigned.status, JSON.parse(unsigned.body)]).toEqual([
      403,
      {
        Error: {
          Code: "MissingAuthenticationToken",
          Message: "Request is missing Authentication Token",
          Type: "Sender",
        },
        RequestId: UUID,
      },
    ]);
    const unknown = await call({ Action: "GetNothing", Version: "2011-06-15" });
    expect(JSON.parse(unknown.body)).toMatchObject({ Error: { Code: "InvalidAction", Type: "Sender" } });
  });

  it("gets lists, times and truth values of IAM as such", async () => {
    const cloud = await startCloud();
    const role = { RoleName: "deploy", AssumeRolePolicyDocument: trustPolicy() };
    await iamClient(cloud).send(new CreateRoleCommand({ ...role, Tags: [{ Key: "Expiration", Value: "never" }] }));
    const call = (Action: string, more: QueryInputFields = {}) => {
      const body = encodeQuery({ Action, Version: "2010-05-08", ...more });
      return signed(cloud, "iam", { method: "POST", headers: FORM, body }, cloud.admin, JSON_PLEASE);
    };
    const { ListRolesResponse: answer } = JSON.parse((await call("ListRoles")).body) as {
      ListRolesResponse: {
        ListRolesResult: { IsTruncated: boolean; Roles: { RoleName: string; CreateDate: number }[] };
      };
    };
    expect(answer.ListRolesResult.IsTruncated).toBe(false);
    const [first] = answer.ListRolesResult.Roles;
    expect(first?.RoleName).toBe("deploy");
    expect(Math.abs((first?.CreateDate ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    // A map, a text that is named as a time, and an answer without a result.
    expect((await call("GetAccountSummary")).body).toContain('"SummaryMap":{');
    expect((await call("ListRoleTags", { RoleName: "deploy" })).body).toContain('"Key":"Expiration","Value":"never"');
    expect(JSON.parse((await call("DeleteRole", { RoleName: "deploy" })).body)).toEqual({
      DeleteRoleResponse: { ResponseMetadata: { RequestId: UUID } },
    });
  });

  it.each([
    ["application/json", true],
    ["application/json, text/plain, */*", true],
    ["application/json;q=0.9", true],
    ["text/html", false],
    ["*/*", false],
    ["application/xml, application/json", false],
    ["application/x-json", false],
  ])("is one that says %s (%s)", async (accept, isJson) => {
    const cloud = await startCloud();
    const { headers } = await exchange(cloud, "x.y.z");
    expect(headers["content-type"]).toBe("text/xml");
    const answer = await post(cloud.endpoint, { Action: "GetCallerIdentity", Version: "2011-06-15" }, { accept });
    expect(answer.headers["content-type"]).toBe(isJson ? "application/json" : "text/xml");
  });
});

interface Answered {
  readonly AssumeRoleWithWebIdentityResponse: {
    readonly AssumeRoleWithWebIdentityResult: { readonly Credentials: { readonly Expiration: number } };
  };
}
