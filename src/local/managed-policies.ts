import type { Policy } from "../core/policy.ts";
import { policyOf } from "./records.ts";

interface ManagedStatement {
  readonly Effect: "Allow";
  readonly Action?: string | readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource: "*";
}

/**
 * What the AWS-managed policies that people give to CI roles allow, as far as this cloud can use it.
 * Source: AWS managed policy reference guide. ReadOnlyAccess lists some thousand actions there; here
 * it is their common pattern.
 */
const DOCUMENTS: Readonly<Record<string, readonly ManagedStatement[]>> = {
  AdministratorAccess: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  PowerUserAccess: [
    { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
    {
      Effect: "Allow",
      Action: [
        "account:GetAccountInformation",
        "account:GetPrimaryEmail",
        "account:ListRegions",
        "iam:CreateServiceLinkedRole",
        "iam:DeleteServiceLinkedRole",
        "iam:ListRoles",
        "organizations:DescribeOrganization",
      ],
      Resource: "*",
    },
  ],
  IAMFullAccess: [
    {
      Effect: "Allow",
      Action: [
        "iam:*",
        "organizations:DescribeAccount",
        "organizations:DescribeOrganization",
        "organizations:DescribeOrganizationalUnit",
        "organizations:DescribePolicy",
        "organizations:ListChildren",
        "organizations:ListParents",
        "organizations:ListPoliciesForTarget",
        "organizations:ListRoots",
        "organizations:ListPolicies",
        "organizations:ListTargetsForPolicy",
      ],
      Resource: "*",
    },
  ],
  IAMReadOnlyAccess: [
    {
      Effect: "Allow",
      Action: [
        "iam:GenerateCredentialReport",
        "iam:GenerateServiceLastAccessedDetails",
        "iam:Get*",
        "iam:List*",
        "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy",
      ],
      Resource: "*",
    },
  ],
  ReadOnlyAccess: [
    {
      Effect: "Allow",
      Action: [
        "*:Get*",
        "*:List*",
        "*:Describe*",
        "*:BatchGet*",
        "*:Search*",
        "*:Query*",
        "*:Scan*",
        "*:View*",
        "iam:Generate*",
        "iam:Simulate*",
      ],
      Resource: "*",
    },
  ],
};

const policies = new Map<string, Policy>();

const AWS_MANAGED = /^arn:[a-z-]+:iam::aws:policy\/(?:[\w+=,.@-]+\/)*([\w+=,.@-]+)$/;

/** True for an ARN that an AWS-managed policy could have. */
export function isAwsManaged(arn: string): boolean {
  return AWS_MANAGED.test(arn);
}

/** What an attached policy allows; nothing when it is not one that this cloud knows. */
export function managedPolicy(arn: string): Policy {
  const name = AWS_MANAGED.exec(arn)?.[1] ?? "";
  const known = policies.get(name);
  if (known) return known;
  const statements = Object.hasOwn(DOCUMENTS, name) ? DOCUMENTS[name] : [];
  const policy = policyOf(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
  policies.set(name, policy);
  return policy;
}
