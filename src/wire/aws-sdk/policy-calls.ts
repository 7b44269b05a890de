import type * as IamSdk from "@aws-sdk/client-iam";

import { call, callOrNull } from "./call.ts";
import { collect, decodeDocument, type Sdk } from "./read.ts";
import type { PolicyCalls } from "./types.ts";

export function policyCalls(sdk: Sdk, client: IamSdk.IAMClient): PolicyCalls {
  return {
    attachedPolicies: (role) =>
      call("iam:ListAttachedRolePolicies", role, async () => {
        const pages = sdk.paginateListAttachedRolePolicies({ client }, { RoleName: role });
        return await collect(pages, (page) => (page.AttachedPolicies ?? []).map(({ PolicyArn = "" }) => PolicyArn));
      }),
    async attachPolicy(role, arn) {
      const command = new sdk.AttachRolePolicyCommand({ RoleName: role, PolicyArn: arn });
      await call("iam:AttachRolePolicy", role, () => client.send(command));
    },
    async detachPolicy(role, arn) {
      const command = new sdk.DetachRolePolicyCommand({ RoleName: role, PolicyArn: arn });
      await callOrNull("iam:DetachRolePolicy", role, () => client.send(command));
    },
    inlinePolicies: (role) =>
      call("iam:ListRolePolicies", role, async () => {
        const pages = sdk.paginateListRolePolicies({ client }, { RoleName: role });
        return await collect(pages, (page) => page.PolicyNames ?? []);
      }),
    async getInlinePolicy(role, name) {
      const command = new sdk.GetRolePolicyCommand({ RoleName: role, PolicyName: name });
      const answer = await callOrNull("iam:GetRolePolicy", `${role}/${name}`, () => client.send(command));
      return answer ? decodeDocument(answer.PolicyDocument) : null;
    },
    async putInlinePolicy(role, name, document) {
      const command = new sdk.PutRolePolicyCommand({ RoleName: role, PolicyName: name, PolicyDocument: document });
      await call("iam:PutRolePolicy", `${role}/${name}`, () => client.send(command));
    },
    async deleteInlinePolicy(role, name) {
      const command = new sdk.DeleteRolePolicyCommand({ RoleName: role, PolicyName: name });
      await callOrNull("iam:DeleteRolePolicy", `${role}/${name}`, () => client.send(command));
    },
  };
}
