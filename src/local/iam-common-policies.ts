import type { ManagedStatement } from "./managed-policies.ts";

/** An AWS-managed policy as a row. */
export interface CommonPolicy {
  /** With its path: `service-role/AWSLambdaBasicExecutionRole`. */
  readonly name: string;
  readonly id: string;
  readonly created: string;
  readonly description: string;
  readonly actions: readonly string[];
}

/** All resources: none of these policies is narrower. */
export function statementOf({ actions }: CommonPolicy): readonly ManagedStatement[] {
  return [{ Effect: "Allow", Action: actions, Resource: "*" }];
}

/**
 * More AWS-managed policies that people attach: what they allow, as the AWS managed policy reference has it. Ids and
 * dates as AWS's CLI prints them. Each stands at a later version there.
 */
export const COMMON_POLICIES: readonly CommonPolicy[] = [
  {
    name: "AmazonS3FullAccess",
    id: "ANPAIFIR6V6BVTRAHWINE",
    created: "2015-02-06T18:40:58Z",
    description: "Provides full access to all buckets via the AWS Management Console.",
    actions: ["s3:*", "s3-object-lambda:*"],
  },
  {
    name: "AmazonS3ReadOnlyAccess",
    id: "ANPAIZTJ4DXE7G6AGAE6M",
    created: "2015-02-06T18:40:59Z",
    description: "Provides read only access to all buckets via the AWS Management Console.",
    actions: ["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"],
  },
  {
    name: "AmazonEC2FullAccess",
    id: "ANPAI3VAJF5ZCRZ7MCQE6",
    created: "2015-02-06T18:40:15Z",
    description: "Provides full access to Amazon EC2 via the AWS Management Console.",
    actions: ["ec2:*", "elasticloadbalancing:*", "cloudwatch:*", "autoscaling:*"],
  },
  {
    name: "AmazonEC2ReadOnlyAccess",
    id: "ANPAIGDT4SV4GSETWTBZK",
    created: "2015-02-06T18:40:17Z",
    description: "Provides read only access to Amazon EC2 via the AWS Management Console.",
    actions: [
      "ec2:Describe*",
      "ec2:GetSecurityGroupsForVpc",
      "elasticloadbalancing:Describe*",
      "cloudwatch:ListMetrics",
      "cloudwatch:GetMetricStatistics",
      "cloudwatch:Describe*",
      "autoscaling:Describe*",
    ],
  },
  {
    name: "AmazonDynamoDBReadOnlyAccess",
    id: "ANPAIY2XFNA232XJ6J7X2",
    created: "2015-02-06T18:40:12Z",
    description: "Provides read only access to Amazon DynamoDB via the AWS Management Console.",
    // Of the services beside it, the reads that concern tables are left out.
    actions: [
      "dynamodb:BatchGetItem",
      "dynamodb:Describe*",
      "dynamodb:List*",
      "dynamodb:GetItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:PartiQLSelect",
    ],
  },
  {
    name: "AmazonEC2ContainerRegistryReadOnly",
    id: "ANPAIFYZPA37OOHVIH7KQ",
    created: "2015-12-21T17:04:15Z",
    description: "Provides read-only access to Amazon EC2 Container Registry repositories.",
    actions: [
      "ecr:GetAuthorizationToken",
      "ecr:BatchCheckLayerAvailability",
      "ecr:GetDownloadUrlForLayer",
      "ecr:GetRepositoryPolicy",
      "ecr:DescribeRepositories",
      "ecr:ListImages",
      "ecr:DescribeImages",
      "ecr:BatchGetImage",
      "ecr:GetLifecyclePolicy",
      "ecr:GetLifecyclePolicyPreview",
      "ecr:ListTagsForResource",
      "ecr:DescribeImageScanFindings",
    ],
  },
  {
    name: "AWSCloudFormationReadOnlyAccess",
    id: "ANPAJWVBEE4I2POWLODLW",
    created: "2015-02-06T18:39:49Z",
    description: "Provides access to AWS CloudFormation via the AWS Management Console.",
    actions: [
      "cloudformation:Describe*",
      "cloudformation:EstimateTemplateCost",
      "cloudformation:Get*",
      "cloudformation:List*",
      "cloudformation:ValidateTemplate",
      "cloudformation:Detect*",
    ],
  },
  {
    name: "service-role/AWSLambdaBasicExecutionRole",
    id: "ANPAJNCQGXC42545SKXIK",
    created: "2015-04-09T15:03:43Z",
    description: "Provides write permissions to CloudWatch Logs.",
    actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  },
];
