import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  GetContextKeysForCustomPolicyCommand,
  type EvaluationResult,
  PutRolePermissionsBoundaryCommand,
  PutUserPolicyCommand,
  SimulateCustomPolicyCommand,
  type SimulateCustomPolicyCommandInput,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { ACCOUNT, iamClient, refusal, ROLE, setUp, startCloud } from "./support.ts";

const USER = `arn:aws:iam::${ACCOUNT}:user/ci`;
const BUCKET = "arn:aws:s3:::bucket";

function policy(...statements: readonly object[]): string {
  const whole = statements.map((one) => ({ Effect: "Allow", Action: "s3:GetObject", Resource: "*", ...one }));
  return JSON.stringify({ Version: "2012-10-17", Statement: whole });
}

async function simulate(input: Partial<SimulateCustomPolicyCommandInput>): Promise<readonly EvaluationResult[]> {
  const iam = iamClient(await startCloud());
  const ask = { PolicyInputList: [], ActionNames: ["s3:GetObject"], ...input };
  return (await iam.send(new SimulateCustomPolicyCommand(ask))).EvaluationResults ?? [];
}

// The document of the recorded test, as python's json.dumps writes it.
const RECORDED =
  '{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}';
const VECTORS = new URL("../../../../shared/vectors/aws-recorded/test_iam.snapshot.json", import.meta.url);
const KEY = "tests/aws/services/iam/test_iam.py::TestIAMIntegrations::test_simulate_principle_policy[user]";

interface Recording {
  readonly "recorded-content": {
    readonly response: { readonly EvaluationResults: readonly object[]; readonly IsTruncated: boolean };
  };
}

describe("the simulation of a principal's policies", () => {
  it.skipIf(!existsSync(VECTORS))("answers what AWS was recorded to answer", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreatePolicyCommand({ PolicyName: "put", PolicyDocument: RECORDED }));
    await iam.send(new CreateUserCommand({ UserName: "ci" }));
    const attach = { UserName: "ci", PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/put` };
    await iam.send(new AttachUserPolicyCommand(attach));
    const answer = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: USER,
        ActionNames: ["s3:PutObject", "s3:GetObjectVersion"],
        ResourceArns: [BUCKET],
      }),
    );
    const recordings = JSON.parse(readFileSync(VECTORS, "utf8")) as Record<string, Recording>;
    const { response } = recordings[KEY]?.["recorded-content"] ?? {};
    const text = JSON.stringify({ results: response?.EvaluationResults })
      .replaceAll("arn:<partition>:", "arn:aws:")
      .replaceAll("<source-policy-id:1>", "put");
    expect({ results: answer.EvaluationResults }).toEqual(JSON.parse(text));
    expect(answer.IsTruncated).toBe(false);
  });

  it("knows who the principal is, and whose each policy is", async () => {
    const iam = iamClient(await startCloud());
    await iam.send(new CreateUserCommand({ UserName: "ci" }));
    const own = policy({ Resource: `${BUCKET}/\${aws:username}/*` });
    await iam.send(new PutUserPolicyCommand({ UserName: "ci", PolicyName: "own", PolicyDocument: own }));
    const ResourceArns = [`${BUCKET}/ci/a`, `${BUCKET}/other/a`];
    const { EvaluationResults: results } = await iam.send(
      new SimulatePrincipalPolicyCommand({ PolicySourceArn: USER, ActionNames: ["s3:GetObject"], ResourceArns }),
    );
    expect(results).toMatchObject([
      {
        EvalResourceName: ResourceArns[0],
        EvalDecision: "allowed",
        MatchedStatements: [{ SourcePolicyId: "user_ci_own", SourcePolicyType: "IAM Policy" }],
      },
      { EvalResourceName: ResourceArns[1], EvalDecision: "implicitDeny", MatchedStatements: [] },
    ]);
  });

  it("keeps a role within its boundary", async () => {
    const iam = await setUp(await startCloud());
    const arn = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
    await iam.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn: arn("PowerUserAccess") }));
    const boundary = { RoleName: "deploy", PermissionsBoundary: arn("IAMFullAccess") };
    await iam.send(new PutRolePermissionsBoundaryCommand(boundary));
    const { EvaluationResults: results } = await iam.send(
      new SimulatePrincipalPolicyCommand({ PolicySourceArn: ROLE, ActionNames: ["s3:GetObject", "iam:ListRoles"] }),
    );
    expect(results).toMatchObject([
      {
        EvalDecision: "implicitDeny",
        PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
      },
      { EvalDecision: "allowed", PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true } },
    ]);
  });

  it("misses a principal that is not there", async () => {
    const iam = iamClient(await startCloud());
    const ask = new SimulatePrincipalPolicyCommand({ PolicySourceArn: USER, ActionNames: ["s3:GetObject"] });
    expect(await refusal(iam.send(ask))).toMatchObject({ code: "NoSuchEntity", status: 404 });
  });
});

describe("the simulation of policies", () => {
  it("names the statement that decided, by its policy and place", async () => {
    const deny = policy({}, { Effect: "Deny" });
    expect(await simulate({ PolicyInputList: [policy({ Action: "s3:*" }), deny] })).toMatchObject([
      {
        EvalActionName: "s3:GetObject",
        EvalResourceName: "*",
        EvalDecision: "explicitDeny",
        MatchedStatements: [
          {
            SourcePolicyId: "PolicyInputList.2",
            StartPosition: { Line: 1, Column: deny.lastIndexOf("{") + 2 },
            EndPosition: { Line: 1, Column: deny.lastIndexOf("}") - 1 + 1 },
          },
        ],
      },
    ]);
  });

  it("takes context from the request, and tells what is missing", async () => {
    const secure = policy({ Condition: { Bool: { "aws:SecureTransport": "true" } }, Resource: "${aws:username}" });
    const ask = { PolicyInputList: [secure], ResourceArns: ["ci"] };
    const entry = (ContextKeyName: string, value: string): object => ({
      ContextKeyName,
      ContextKeyValues: [value],
      ContextKeyType: "string",
    });
    expect(await simulate(ask)).toMatchObject([
      { EvalDecision: "implicitDeny", MissingContextValues: ["aws:SecureTransport", "aws:username"] },
    ]);
    const ContextEntries = [entry("aws:SecureTransport", "true"), entry("aws:username", "ci")];
    expect(await simulate({ ...ask, ContextEntries })).toMatchObject([
      { EvalDecision: "allowed", MissingContextValues: [] },
    ]);
  });

  it("heeds a boundary", async () => {
    const boundary = policy({ Action: "s3:ListBucket" });
    const ask = { PolicyInputList: [policy({})], PermissionsBoundaryPolicyInputList: [boundary] };
    expect(await simulate(ask)).toMatchObject([
      { EvalDecision: "implicitDeny", PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } },
    ]);
  });

  it("gives a result for each action and resource, in pages", async () => {
    const iam = iamClient(await startCloud());
    const ask = {
      PolicyInputList: [policy({})],
      ActionNames: ["s3:GetObject", "s3:PutObject"],
      ResourceArns: [`${BUCKET}/a`, `${BUCKET}/b`],
    };
    const first = await iam.send(new SimulateCustomPolicyCommand({ ...ask, MaxItems: 3 }));
    expect(first.EvaluationResults).toHaveLength(3);
    const rest = await iam.send(new SimulateCustomPolicyCommand({ ...ask, Marker: first.Marker }));
    expect(rest.EvaluationResults).toMatchObject([
      { EvalActionName: "s3:PutObject", EvalResourceName: `${BUCKET}/b`, EvalDecision: "implicitDeny" },
    ]);
  });

  it("refuses what is no policy", async () => {
    expect(await refusal(simulate({ PolicyInputList: ["{"] }))).toMatchObject({ code: "InvalidInput", status: 400 });
  });
});

describe("the context keys of policies", () => {
  it("are those of conditions and variables, each once", async () => {
    const iam = iamClient(await startCloud());
    const document = policy(
      { Condition: { StringLike: { "aws:PrincipalTag/team": "${aws:username}" } } },
      { Resource: "arn:aws:s3:::${aws:Username}/*" },
    );
    const ask = new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [document] });
    expect((await iam.send(ask)).ContextKeyNames?.map((key) => key.toLowerCase())).toEqual([
      "aws:principaltag/team",
      "aws:username",
    ]);
  });
});
