import { action, type Entries, MEASURED, NOT_AUTHORIZED } from "./entry.ts";

/** How credentials reach the tools. */
export const TOOLS: Entries = {
  F56: {
    texts: ["AccessDenied: … is not authorized to perform: sts:TagSession on resource: …", NOT_AUTHORIZED],
    cause:
      "A token with https://aws.amazon.com/tags, or a second hop with tags, needs sts:TagSession in the trust policy; a source identity needs sts:SetSourceIdentity.",
    tell: "the token's claims, and the statement's Action",
    fixes: ["allow sts:TagSession beside the other action", "leave the tags out"],
    sources: [...action(1396, 1544, 81, 391), "OvertureMaps/stac#114"],
  },
  F57: {
    title: "access keys of the environment shadow the job's identity",
    texts: [],
    cause:
      "AWS_ACCESS_KEY_ID of the project, the group or a context is still set; CLI and SDKs take keys first, without a word.",
    tell: "AWS_ACCESS_KEY_ID is set and begins with AKIA",
    fixes: ["take the variable away where it is set; rolecall exec replaces it for its command"],
    sources: ["CircleCI-Public/aws-cli-orb#209", "CircleCI-Public/aws-cli-orb#193", MEASURED],
  },
  F58: {
    title: "AWS_PROFILE names another identity, or none that there is",
    texts: ["The config profile (…) could not be found"],
    cause: "It wins over the keys in the SDK for JavaScript and loses in the AWS CLI.",
    tell: "the profile's name is not in the config files",
    fixes: ["unset AWS_PROFILE; rolecall exec does it for its command"],
    sources: ["aws/aws-cli#8883", "aws/aws-cli#7174", "raisenational/raise#481", MEASURED],
  },
  F59: {
    title: "the runner's own identity is taken for the job's",
    texts: [],
    cause: "A runner on EC2, EKS or ECS has a role, and a client that finds no other takes it.",
    tell: "the caller is the runner's role; AWS_WEB_IDENTITY_TOKEN_FILE or container credentials are set",
    fixes: ["rolecall exec, which takes those variables away; AWS_EC2_METADATA_DISABLED=true"],
    sources: action(453, 378, 598, 1293),
  },
  F65: {
    title: "a container does not see the token's file or the variables",
    texts: ["context requires credentials to be passed as environment variables"],
    cause: "Neither variables nor files of the job are those of a container that it starts.",
    tell: "a container step beside a token-file variable",
    fixes: ["rolecall creds --format env-no-export -o aws.env, and docker run --env-file aws.env"],
    sources: ["docker-archive/compose-cli#2196", ...action(684), "actions/actions-runner-controller#246"],
  },
  F66: {
    title: "CDK before 2.167 does not know profiles with a web identity",
    texts: [
      "Unable to resolve AWS account to use. It must be either configured when you define your CDK Stack, or through the environment",
      "Unable to determine the default AWS account (ProcessCredentialsProviderFailure): Profile … did not include credential process",
    ],
    cause:
      "Up to 2.166.0 a profile with role_arn and web_identity_token_file gives no credentials. Later versions say the same sentence for every failure; -v shows which.",
    tell: "cdk --version, and the profile",
    fixes: ["cdk 2.167.0 or newer", "rolecall login, whose profile has credential_process, or rolecall exec"],
    sources: ["aws/aws-cdk#17604", "aws/aws-cdk#26292", "aws/aws-cdk#25870", MEASURED],
  },
  F67: {
    title: "CDK before 2.167 does not follow source_profile to a web identity",
    texts: [],
    cause: "role_arn with a source_profile that has web_identity_token_file fails as F66 does.",
    tell: "the profile, and cdk --version",
    fixes: ["as for F66", "rolecall exec --then ARN"],
    sources: ["aws/aws-cdk#17604", "awslabs/aws-c-auth#298", MEASURED],
  },
  F68: {
    title: "the credentials are of another account than CDK deploys to",
    texts: ["Need to perform AWS calls for account …, but no credentials have been configured"],
    cause: "The role is in another account, or the region is missing.",
    tell: "the caller's account",
    fixes: ["the role of that account", "both region variables"],
    sources: ["aws/aws-cdk#25082", "aws/aws-cdk#27265", "aws/aws-cdk#29100"],
  },
  F69: {
    title: "the account is not bootstrapped for CDK, or the role may not see that it is",
    texts: ["SSM parameter /cdk-bootstrap/…/version not found. Has the environment been bootstrapped?"],
    cause: "The parameter does not exist in this region, or the role lacks ssm:GetParameter.",
    tell: "aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version",
    fixes: ["cdk bootstrap", "ssm:GetParameter on that parameter"],
    sources: ["cdklabs/cdk-stacksets#327", "aws/aws-cdk#28522"],
  },
  F70: {
    title: "the role may not take CDK's own roles",
    texts: ["current credentials could not be used to assume '…', but are for the right account. Proceeding anyway."],
    cause: "sts:AssumeRole on the cdk-QUALIFIER-* roles is missing, or the qualifier is another.",
    tell: "the policies of the job's role",
    fixes: ["sts:AssumeRole on arn:aws:iam::ACCOUNT:role/cdk-hnb659fds-*, which is all that CDK needs"],
    sources: ["aws-samples/bedrock-chat#673"],
  },
  F71: {
    title: "Terraform's backend finds no credentials, or its provider does not",
    texts: ["no valid credential sources"],
    cause: "Backend and provider are set up apart. A relative token path breaks in modules (deduced, not reported).",
    tell: "the backend's block, and the form of the path",
    fixes: ["rolecall exec -- terraform …, which gives both the same keys", "an absolute token path in both"],
    sources: ["hashicorp/terraform#31244", "hashicorp/terraform#35996", "opentofu/opentofu#689"],
  },
  F72: {
    title: "Serverless, or a plugin of it, reads a profile only",
    texts: ["AWS provider credentials not found", "ENOENT … '/root/.aws/credentials'"],
    cause: "A profile: key, even an undefined one, makes it ignore keys of the environment.",
    tell: "profile: in its config",
    fixes: ["keys in the environment and no profile:"],
    sources: ["serverless/serverless#7101", "serverless/serverless#10181", "raisenational/raise#481"],
  },
};
