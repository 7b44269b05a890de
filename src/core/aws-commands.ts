import { shellWord } from "./shell-word.ts";

// An AWS CLI of version 1 fetches a value that begins with http:// or https:// and takes what it got
// (cli_follow_urlparam); inside JSON it takes the value itself, as version 2 does everywhere.

/** The command that registers an audience; for both versions of the AWS CLI, to be pasted. */
export function addAudienceCommand(providerArn: string, audience: string): string {
  const command = "aws iam add-client-id-to-open-id-connect-provider";
  if (!/^https?:\/\//.test(audience)) {
    return `${command} --open-id-connect-provider-arn ${shellWord(providerArn)} --client-id ${shellWord(audience)}`;
  }
  const input = JSON.stringify({ OpenIDConnectProviderArn: providerArn, ClientID: audience });
  return `${command} --cli-input-json ${shellWord(input)}`;
}

const PUBLIC =
  /^https:\/\/(token\.actions\.githubusercontent\.com|gitlab\.com|oidc\.circleci\.com|api\.bitbucket\.org|agent\.buildkite\.com)(\/|$)/;

/**
 * For an AWS CLI of 2023, which asks for a thumbprint: none that a certificate has. AWS looks at none where it knows the
 * authority. IAM API reference, CreateOpenIDConnectProvider.
 */
export const NO_THUMBPRINT = "f".repeat(40);
const OLD_CLI = "; an older AWS CLI asks for --thumbprint-list too, with the issuer's own";

/** True of issuers of vendors, whose certificates are of public authorities. */
export function isPublicIssuer(issuer: string): boolean {
  return PUBLIC.test(issuer);
}

/**
 * The command that registers a provider, with the account that it belongs into as a comment; of a vendor's issuer for
 * AWS CLIs of any age.
 */
export function createProviderCommand(issuer: string, audience: string, account: string): string {
  const list = shellWord(JSON.stringify([audience]));
  const [thumbprint, note] = isPublicIssuer(issuer) ? [` --thumbprint-list ${NO_THUMBPRINT}`, ""] : ["", OLD_CLI];
  return `aws iam create-open-id-connect-provider --url ${shellWord(issuer)} --client-id-list ${list}${thumbprint}   # in account ${account}${note}`;
}
