import { action, type Entries, GITLAB_AWS, MEASURED } from "./entry.ts";

/** Shells, files, leaks, and what changed in the CIs. */
export const SHELL: Entries = {
  F73: {
    title: "export $(…) swallows the exit status",
    texts: ["Unable to locate credentials"],
    cause:
      "The status of a command within export $(…) is lost even under set -e: the keys are empty, and the job goes on.",
    tell: "export $( around a call of aws in the CI file",
    fixes: [
      'eval "$(rolecall creds --format env)", whose text fails when the call did',
      "split the assignment from the export",
    ],
    sources: ["CircleCI-Public/aws-cli-orb#104", GITLAB_AWS, MEASURED],
  },
  F74: {
    title: "an array in a shell that has none",
    texts: ['Syntax error: "(" unexpected'],
    cause: "STS=($(…)) is of bash; sh on Debian and Alpine is another shell (busybox's is unverified).",
    tell: "that form in the CI file",
    fixes: ['eval "$(rolecall creds --format env)"'],
    sources: [`${GITLAB_AWS}, older versions`, MEASURED],
  },
  F75: {
    title: "characters of the secret key were changed on the way",
    texts: ["SignatureDoesNotMatch: …", "SecretAccessKey contains special characters."],
    cause:
      "/ and + of the secret in a URL, an ini file or an unquoted word; Git Bash may take a leading / for a path (unverified).",
    tell: "/ or + in the secret, above all at its beginning",
    fixes: ["quote it wherever it is written; rolecall's formats do"],
    sources: [...action(599, 793, 821, 795, 613), "aws/aws-cli#602"],
  },
  F76: {
    title: "the token file has a line break, quotes or other characters",
    texts: [
      "InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    ],
    cause:
      'echo "$TOKEN" > FILE adds a line break, which CLI and SDKs send as it is. That STS takes a final one is unverified; anything within breaks the token.',
    tell: "the file's last byte, and characters other than base64url and dots",
    fixes: ['printf %s "$TOKEN" > FILE'],
    sources: [MEASURED],
  },
  F77: {
    title: "token or keys are in the log",
    texts: [],
    cause: "set -x, aws --debug, or a token in a command line, which the process list shows.",
    tell: "the CI file",
    fixes: ["tokens by variable or file; rolecall masks what it prints, and prints claims only"],
    sources: ["aws-actions/configure-aws-credentials, src/index.ts"],
  },
  F78: {
    title: "GitLab 17.0 removed CI_JOB_JWT",
    texts: ["argument --web-identity-token: expected one argument"],
    cause: "CI_JOB_JWT, CI_JOB_JWT_V1 and CI_JOB_JWT_V2 are empty.",
    tell: "that name in the CI file",
    fixes: ["id_tokens: on the job"],
    sources: [GITLAB_AWS],
  },
  F79: {
    title: "the job has no id_tokens:",
    texts: [],
    cause:
      "Tokens are for each job; those of another job, or of a template that this one does not extend, are not here.",
    tell: "GITLAB_CI is true, and no variable holds an ID token",
    fixes: ["id_tokens: on this job, or under default:"],
    sources: ["deduced from GitLab docs, ci/secrets/id_token_authentication"],
  },
  F80: {
    title: "the step does not ask for a token (Bitbucket), or its plan or context has none (CircleCI)",
    texts: [],
    cause: "Bitbucket's step needs oidc: true; CircleCI Server needs 4.4.",
    tell: "BITBUCKET_STEP_OIDC_TOKEN or CIRCLE_OIDC_TOKEN is not set",
    fixes: ["oidc: true on the step", "CircleCI: a context on the job"],
    sources: ["aws/aws-cdk#26292", "CircleCI docs, openid-connect-tokens"],
  },
  F81: {
    title: "the AWS CLI's cache gives one job's session to another",
    texts: [],
    cause:
      "The CLI keeps sessions of a web identity without the token in the key: a second job with the same home and role gets the first one's.",
    tell: "files in ~/.aws/cli/cache when the job begins",
    fixes: ["delete ~/.aws/cli/cache at the beginning, or a home for each job", "rolecall exec, which keeps nothing"],
    sources: ["aws/aws-cli#10670", MEASURED],
  },
  F82: {
    title: "the token is too large",
    texts: [
      "… at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000",
    ],
    cause: "STS takes 4 to 20000 characters; lists of groups have filled tokens, and proxies' headers before that.",
    tell: "the token's length",
    fixes: ["take the claim out of the token"],
    sources: ["gitlab-org/gitlab!161075", "API model of STS, botocore 1.43.11"],
  },
  F83: {
    title: "a runner's hook scripts have the job's credentials",
    texts: [],
    cause: "Hooks inherit the environment, and call AWS as the job.",
    tell: "AWS_* in the hook's environment",
    fixes: ["unset AWS_* before the hook's own calls"],
    sources: ["cisco-open/forge#468"],
  },
  F84: {
    title: "the trust policy lets in anybody of that CI",
    texts: [],
    cause:
      "It tests aud and no sub. IAM refuses this for new policies of shared issuers (F34) and leaves old ones as they are.",
    tell: "no condition on sub, or one with a star alone",
    fixes: ["a condition on sub: StringEquals with the exact one"],
    sources: ["AWS IAM guide, id_roles_providers_oidc_secure-by-default"],
  },
};
