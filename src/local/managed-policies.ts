import type { Policy } from "../core/policy.ts";
import { COMMON_POLICIES, statementOf } from "./iam-common-policies.ts";
import { type IamState, policyOf, type PolicyRecord } from "./records.ts";

/** A statement of an AWS-managed policy. */
export interface ManagedStatement {
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

// Ids and dates as AWS answers them; each stands at a later version there.
const FACTS: Readonly<Record<string, Facts>> = {
  AdministratorAccess: {
    id: "ANPAIWMBCKSKIEE64ZLYK",
    created: "2015-02-06T18:39:46Z",
    description: "Provides full access to AWS services and resources.",
  },
  PowerUserAccess: {
    id: "ANPAJYRXTHIB4FOVS3ZXS",
    created: "2015-02-06T18:39:47Z",
    description:
      "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
  },
  IAMFullAccess: {
    id: "ANPAI7XKCFMBPM3QQRRVQ",
    created: "2015-02-06T18:40:38Z",
    description: "Provides full access to IAM via the AWS Management Console.",
  },
  IAMReadOnlyAccess: {
    id: "ANPAJKSO7NDY4T57MWDSQ",
    created: "2015-02-06T18:40:39Z",
    description: "Provides read only access to IAM via the AWS Management Console.",
  },
  ReadOnlyAccess: {
    id: "ANPAILL3HVNFSB6DCOWYQ",
    created: "2015-02-06T18:39:48Z",
    description: "Provides read-only access to AWS services and resources.",
  },
};

interface Facts {
  readonly id: string;
  readonly created: string;
  readonly description: string;
}

function recordOf(named: string, facts: Facts, statements: readonly ManagedStatement[]): PolicyRecord {
  const created = Date.parse(facts.created);
  const at = named.lastIndexOf("/") + 1;
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  return {
    arn: `arn:aws:iam::aws:policy/${named}`,
    name: named.slice(at),
    path: `/${named.slice(0, at)}`,
    id: facts.id,
    description: facts.description,
    tags: [],
    versions: [{ id: "v1", document, created }],
    inForce: "v1",
    newest: 1,
    created,
    updated: created,
  };
}

/** The AWS-managed policies that have a content here. */
export const AWS_POLICIES: readonly PolicyRecord[] = [
  ...Object.entries(FACTS).map(([name, facts]) => recordOf(name, facts, DOCUMENTS[name] ?? [])),
  ...COMMON_POLICIES.map((policy) => recordOf(policy.name, policy, statementOf(policy))),
];

const BY_ARN = new Map(AWS_POLICIES.map((policy) => [policy.arn, policy]));

const AWS_MANAGED = /^arn:[a-z-]+:iam::aws:policy\/(?:[\w+=,.@-]+\/)*[\w+=,.@-]+$/;

/** True for an ARN that an AWS-managed policy could have. */
export function isAwsManaged(arn: string): boolean {
  return AWS_MANAGED.test(arn);
}

/** A managed policy with a content, the customer's or AWS's. */
export function findManaged({ policies }: Pick<IamState, "policies">, arn: string): PolicyRecord | undefined {
  return policies.get(arn) ?? BY_ARN.get(arn);
}

/** The document of a managed policy's version in force. */
export function documentInForce({ versions, inForce }: PolicyRecord): string {
  return versions.find(({ id }) => id === inForce)?.document ?? "";
}

const NOTHING: Policy = { version: null, statements: [] };
const parsed = new WeakMap<PolicyRecord, Policy>();

/** What an attached policy says; nothing when it is not one that this cloud knows. */
export function attachedPolicy(iam: Pick<IamState, "policies">, arn: string): Policy {
  const record = findManaged(iam, arn);
  if (!record) return NOTHING;
  const known = parsed.get(record);
  if (known) return known;
  const policy = policyOf(documentInForce(record));
  parsed.set(record, policy);
  return policy;
}
