import type * as IamSdk from "@aws-sdk/client-iam";

import { call, callOrNull } from "./call.ts";
import { fromRole, type Sdk, toTagList } from "./read.ts";
import type { RoleCalls } from "./types.ts";

export function roleCalls(sdk: Sdk, client: IamSdk.IAMClient): RoleCalls {
  return {
    async getRole(name) {
      const command = new sdk.GetRoleCommand({ RoleName: name });
      const answer = await callOrNull("iam:GetRole", name, () => client.send(command));
      return answer?.Role ? fromRole(answer.Role) : null;
    },
    async createRole(role) {
      const command = new sdk.CreateRoleCommand({
        RoleName: role.name,
        Path: role.path,
        AssumeRolePolicyDocument: role.trust,
        Description: role.description,
        MaxSessionDuration: role.maxSessionDuration,
        Tags: toTagList(role.tags),
        ...(role.boundary === null ? {} : { PermissionsBoundary: role.boundary }),
      });
      const answer = await call("iam:CreateRole", role.name, () => client.send(command));
      return answer.Role?.Arn ?? "";
    },
    async setTrust(name, trust) {
      const command = new sdk.UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: trust });
      await call("iam:UpdateAssumeRolePolicy", name, () => client.send(command));
    },
    async updateRole(name, { description, maxSessionDuration }) {
      const command = new sdk.UpdateRoleCommand({
        RoleName: name,
        Description: description,
        MaxSessionDuration: maxSessionDuration,
      });
      await call("iam:UpdateRole", name, () => client.send(command));
    },
    async setBoundary(name, boundary) {
      if (boundary === null) {
        const command = new sdk.DeleteRolePermissionsBoundaryCommand({ RoleName: name });
        await call("iam:DeleteRolePermissionsBoundary", name, () => client.send(command));
        return;
      }
      const command = new sdk.PutRolePermissionsBoundaryCommand({ RoleName: name, PermissionsBoundary: boundary });
      await call("iam:PutRolePermissionsBoundary", name, () => client.send(command));
    },
    async tagRole(name, tags) {
      const command = new sdk.TagRoleCommand({ RoleName: name, Tags: toTagList(tags) });
      await call("iam:TagRole", name, () => client.send(command));
    },
    async untagRole(name, keys) {
      const command = new sdk.UntagRoleCommand({ RoleName: name, TagKeys: [...keys] });
      await call("iam:UntagRole", name, () => client.send(command));
    },
    async deleteRole(name) {
      const command = new sdk.DeleteRoleCommand({ RoleName: name });
      await callOrNull("iam:DeleteRole", name, () => client.send(command));
    },
  };
}
