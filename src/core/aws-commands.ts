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

/** The command that registers a provider, with the account that it belongs into as a comment. */
export function createProviderCommand(issuer: string, audience: string, account: string): string {
  const list = shellWord(JSON.stringify([audience]));
  return `aws iam create-open-id-connect-provider --url ${shellWord(issuer)} --client-id-list ${list}   # in account ${account}`;
}
