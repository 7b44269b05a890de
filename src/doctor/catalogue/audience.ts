import { action, type Entries, GITLAB_AWS, NOT_AUTHORIZED, NOT_VALIDATED } from "./entry.ts";

const WRONG_AUDIENCE = [NOT_VALIDATED, "InvalidIdentityToken: Incorrect token audience"];
const NO_PROVIDER = [NOT_VALIDATED, "InvalidIdentityToken: No OpenIDConnect provider found in your account for …"];

/** Audience and provider. */
export const AUDIENCE: Entries = {
  F01: {
    texts: WRONG_AUDIENCE,
    cause:
      "What the CI file asks for as aud was never added to the IAM provider. Texts are compared letter by letter, and azp counts instead of aud where the token has one.",
    tell: "the token's aud is not in the provider's ClientIDList",
    fixes: [
      "change the audience in the CI file to one that the provider has",
      "aws iam add-client-id-to-open-id-connect-provider with the token's audience",
    ],
    sources: [...action(1309, 775), "Atlassian support, Bitbucket OpenID Connect with AWS"],
  },
  F02: {
    texts: WRONG_AUDIENCE,
    cause: "The audience is nearly right: sts.amazon.com for sts.amazonaws.com, a slash at the end, https:// missing.",
    tell: "the same text once scheme and final slash are taken away",
    fixes: ["copy the audience letter by letter from the provider into the CI file"],
    sources: ["awslabs/amazon-eks-irsa-cfn#18", GITLAB_AWS],
  },
  F03: {
    texts: [NOT_AUTHORIZED],
    cause:
      "The provider takes the audience, and the trust policy's own condition on aud wants another; often GitHub's old https://github.com/OWNER.",
    tell: "aud is in the ClientIDList, and the condition on ISSUER:aud is false",
    fixes: ["make the condition's value that of the token"],
    sources: [...action(317, 306), "glassechidna/ghaoidc#3"],
  },
  F04: {
    texts: [
      "InvalidIdentityToken: Missing a required claim: …",
      "InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
    ],
    cause:
      "The variable holds another token: CI_JOB_TOKEN, the old CI_JOB_JWT, ACTIONS_RUNTIME_TOKEN, a Kubernetes token.",
    tell: "it has no aud, or is not three base64url parts",
    fixes: ["GitLab: id_tokens: on the job; GitHub: ask ACTIONS_ID_TOKEN_REQUEST_URL with an audience"],
    sources: ["gitlab-org/gitlab!71657", "aws/aws-sdk-ruby#2698", "recorded from AWS, 2026-09-11"],
  },
  F05: {
    texts: NO_PROVIDER,
    cause: "The provider was created in another account, or never. It must be in the account of the role.",
    tell: "the account of the role's ARN has no provider for the token's iss",
    fixes: [
      "aws iam create-open-id-connect-provider in the role's account; an AWS CLI of 2023 or older asks for --thumbprint-list, and newer ones do without",
    ],
    sources: [...action(721), "ministryofjustice/modernisation-platform#12898"],
  },
  F06: {
    title: "the provider, or the condition keys, end in a slash",
    texts: [NOT_AUTHORIZED, ...NO_PROVIDER],
    cause: "The provider's ARN is …/token.actions.githubusercontent.com/, or keys are written as …/:sub.",
    tell: "the provider's name or the prefix of a key ends in /",
    fixes: ["make the provider again without it, since a provider's URL cannot be changed; mend principal and keys"],
    sources: action(1043, 598),
  },
  F07: {
    texts: [NOT_AUTHORIZED, ...NO_PROVIDER],
    cause:
      "Issuers such as oidc.circleci.com/org/ID, Bitbucket's, Jenkins' /oidc, GHES' /_services/token, or an enterprise's slug have a path. It was left out, or added where there is none.",
    tell: "iss without https:// is not the provider's name, or not the prefix of every condition key",
    fixes: ["derive provider, principal and keys from the token's iss"],
    sources: [
      "CircleCI support, article 13832176226203",
      "jenkinsci/oidc-provider-plugin, README",
      "unfunco/terraform-aws-oidc-github#57",
    ],
  },
  F08: {
    title: "the provider is GitHub's of before 2021",
    texts: [NOT_AUTHORIZED, ...NO_PROVIDER],
    cause: "The account has vstoken.actions.githubusercontent.com, which issues nothing any more.",
    tell: "the provider or a condition key begins with vstoken.",
    fixes: ["make the provider token.actions.githubusercontent.com, and use it in principal and keys"],
    sources: action(280),
  },
  F09: {
    texts: NO_PROVIDER,
    cause: "The provider was made for github.com or gitlab.com, and the job is of an instance of one's own.",
    tell: "the host of iss",
    fixes: ["make the provider for the token's iss, and publish its discovery document and keys"],
    sources: action(727),
  },
};
