import type { TextScenario } from "./failure-kinds.ts";

const text = (because: string, said: string | null = null): TextScenario => ({ kind: "text", because, said });

/** What cannot be brought about on the local AWS, and why. */
export const UNSTAGED: Readonly<Record<string, TextScenario>> = {
  F21: text(
    "GitHub refuses the workflow itself, and nothing runs",
    "The nested job 'deploy' is requesting 'id-token: write', but is only allowed 'id-token: none'.",
  ),
  F41: text("the token is refused as any that has ended (F40); that GitLab gives no other is no matter of AWS"),
  F42: text(
    "no session of AWS ends before 15 minutes",
    "ExpiredToken: The security token included in the request is expired",
  ),
  F44: text(
    "rolecall sees it before AWS is asked",
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
  ),
  F45: text("it is of a program that holds one token for hours"),
  F50: text(
    "the local AWS speaks plain http, and looks at no certificate",
    "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
  ),
  F51: text(
    "the local AWS speaks plain http, and looks at no certificate",
    "Could not connect to openid configuration of provider: https://gitlab.example.com",
  ),
  F55: text("what it is is not known", "Can't issue ID_TOKEN for job in 'Pending' state"),
  F64: text(
    "every region of the local AWS takes every session",
    "InvalidClientTokenId: The security token included in the request is invalid",
  ),
  F66: text(
    "it needs CDK 2.166 or older; test/unit/doctor/check-tools.test.ts has a stand-in",
    "Unable to determine the default AWS account (ProcessCredentialsProviderFailure): Profile default did not include credential process",
  ),
  F67: text("it needs CDK 2.166 or older; test/unit/doctor/check-tools.test.ts has a stand-in"),
  F68: text(
    "it is CDK's",
    "Need to perform AWS calls for account 123456789012, but no credentials have been configured",
  ),
  F69: text(
    "the local AWS has no SSM",
    "SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped? Please run 'cdk bootstrap'",
  ),
  F70: text(
    "it is CDK's",
    "current credentials could not be used to assume 'arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-eu-central-1', but are for the right account. Proceeding anyway.",
  ),
  F71: text("it is Terraform's", "Error: no valid credential sources for S3 Backend found."),
  F72: text("it is Serverless', and its plugins'", "AWS provider credentials not found."),
  F73: text("it is the shell's; test/cli/eval-stops-the-job.txtar has what does stop"),
  F74: text("it is the shell's", 'script.sh: 3: Syntax error: "(" unexpected'),
  F75: text(
    "it needs a secret key with such a character in the right place",
    "SecretAccessKey contains special characters.",
  ),
  F77: text("nothing fails; test/e2e/job-secrets.test.ts looks for secrets in what rolecall prints"),
  F83: text("it is the runner's"),
};
