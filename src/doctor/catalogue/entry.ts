/** One way in which it goes wrong, for people to read and for tools to find. Ids are stable. */
export interface Entry {
  /** Left out where the job's own list (`core/failures`) has it. */
  readonly title?: string;
  /** What STS, IAM or a tool says, to the letter; `…` stands for any text. Empty where nothing is said. */
  readonly texts: readonly string[];
  /** How it comes about. */
  readonly cause: string;
  /** What shows that it is this one. */
  readonly tell: string;
  /** What mends it, the narrowest first. */
  readonly fixes: readonly string[];
  /** Where it was reported, documented or measured. */
  readonly sources: readonly string[];
}

export type Entries = Readonly<Record<string, Entry>>;

/** Texts that several entries share. */
export const NOT_AUTHORIZED = "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity";
export const NOT_VALIDATED =
  "InvalidIdentityToken: The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.";
export const NO_KEY =
  "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";

/** An issue of the action that most people start with. */
export const action = (...numbers: number[]): readonly string[] =>
  numbers.map((number) => `aws-actions/configure-aws-credentials#${number}`);

export const GITLAB_AWS = "GitLab docs, ci/cloud_services/aws";
export const GITLAB_TOKEN = "GitLab docs, ci/secrets/id_token_authentication";
export const GITHUB_OIDC = "GitHub docs, OpenID Connect reference";
export const MEASURED = "measured by this project against a stand-in for STS, November 2026";
