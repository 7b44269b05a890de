import type * as IamSdk from "@aws-sdk/client-iam";

import { call, callOrNull } from "./call.ts";
import { fromTagList, type Sdk, toTagList } from "./read.ts";
import type { ProviderCalls } from "./types.ts";

export function providerCalls(sdk: Sdk, client: IamSdk.IAMClient): ProviderCalls {
  return {
    async getProvider(arn) {
      const command = new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
      const answer = await callOrNull("iam:GetOpenIDConnectProvider", arn, () => client.send(command));
      if (!answer) return null;
      const { Url = "", ClientIDList = [], ThumbprintList = [], Tags = [] } = answer;
      return { url: Url, audiences: ClientIDList, thumbprints: ThumbprintList, tags: fromTagList(Tags) };
    },
    async createProvider({ url, audiences, tags, thumbprints }) {
      const command = new sdk.CreateOpenIDConnectProviderCommand({
        Url: url,
        ClientIDList: [...audiences],
        Tags: toTagList(tags),
        ...(thumbprints === undefined ? {} : { ThumbprintList: [...thumbprints] }),
      });
      const answer = await call("iam:CreateOpenIDConnectProvider", url, () => client.send(command));
      return answer.OpenIDConnectProviderArn ?? "";
    },
    async addAudience(arn, audience) {
      const command = new sdk.AddClientIDToOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn: arn,
        ClientID: audience,
      });
      await call("iam:AddClientIDToOpenIDConnectProvider", arn, () => client.send(command));
    },
    async tagProvider(arn, tags) {
      const command = new sdk.TagOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn: arn,
        Tags: toTagList(tags),
      });
      await call("iam:TagOpenIDConnectProvider", arn, () => client.send(command));
    },
    async removeAudience(arn, audience) {
      const command = new sdk.RemoveClientIDFromOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn: arn,
        ClientID: audience,
      });
      await call("iam:RemoveClientIDFromOpenIDConnectProvider", arn, () => client.send(command));
    },
    async setThumbprints(arn, thumbprints) {
      const command = new sdk.UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: arn,
        ThumbprintList: [...thumbprints],
      });
      await call("iam:UpdateOpenIDConnectProviderThumbprint", arn, () => client.send(command));
    },
    async untagProvider(arn, keys) {
      const command = new sdk.UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn, TagKeys: [...keys] });
      await call("iam:UntagOpenIDConnectProvider", arn, () => client.send(command));
    },
    async deleteProvider(arn) {
      const command = new sdk.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
      await callOrNull("iam:DeleteOpenIDConnectProvider", arn, () => client.send(command));
    },
  };
}
