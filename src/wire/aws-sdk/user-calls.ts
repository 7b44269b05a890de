import type * as IamSdk from "@aws-sdk/client-iam";

import { call, callOrNull } from "./call.ts";
import { regional } from "./client.ts";
import { collect, decodeDocument, type Sdk } from "./read.ts";
import type { AwsOptions } from "./types.ts";
import { type PermissionCalls, permissionCalls } from "./user-permissions.ts";

/** An access key as ListAccessKeys tells it; the secret is told once, when it is made, and never again. */
export interface AccessKey {
  readonly id: string;
  readonly active: boolean;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** The last call that a key or role was used for. */
export interface LastUse {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `s3`; empty where IAM does not say, as of roles. */
  readonly service: string;
  readonly region: string;
}

/** A role as far as retiring a key needs it. */
export interface RoleUse {
  readonly arn: string;
  /** The trust policy, JSON. */
  readonly trust: string;
  /** null when IAM knows of no use; it looks back 400 days. Source: IAM API reference, RoleLastUsed. */
  readonly lastUse: LastUse | null;
}

/** A service that a user may use, and what is known of its use. */
export interface ServiceAccess {
  /** As in actions: `s3`. */
  readonly namespace: string;
  /** Milliseconds since 1970; null when it was not used within the time that IAM tracks. */
  readonly lastUsed: number | null;
  /** Names of the actions that IAM saw, without the service; empty where it tracks none. */
  readonly actions: readonly string[];
}

/** The calls about users and their keys, as `Iam` of aws-sdk.ts makes those about roles. */
export interface UserCalls extends PermissionCalls {
  /** The account's credential report, CSV; null when it may not be read. */
  credentialReport(pause: Pause): Promise<string | null>;
  /** Names of all users. */
  listUsers(): Promise<readonly string[]>;
  /** null when there is no such user. */
  listKeys(user: string): Promise<readonly AccessKey[] | null>;
  /** null when the key was never used, or is gone. */
  keyLastUse(key: string): Promise<LastUse | null>;
  setKeyActive(user: string, key: string, active: boolean): Promise<void>;
  /** A key that is not there is no error. */
  deleteKey(user: string, key: string): Promise<void>;
  roleUse(role: string): Promise<RoleUse | null>;
  /** Audiences of an OIDC provider; null when there is none of that ARN. */
  providerAudiences(arn: string): Promise<readonly string[] | null>;
  /** What a user's permissions were last used for, action by action where IAM tracks them. */
  servicesUsed(arn: string, pause: Pause): Promise<readonly ServiceAccess[]>;
  /** Requests sent so far, repeated ones once. */
  requests(): number;
}

export type Pause = (milliseconds: number) => Promise<void>;

// The most that IAM takes. Source: IAM API reference, MaxItems.
const PAGE = 1000;
const TRIES = 30;

/**
 * Connects to IAM for what concerns users; nothing is sent before the first call.
 *
 * All calls reject as those of `Iam`.
 */
export async function connectUsers(options: AwsOptions = {}): Promise<UserCalls> {
  const sdk = await import("@aws-sdk/client-iam");
  const client = await regional(options, (config) => new sdk.IAMClient(config));
  const requests = countRequests(client);
  return { ...keyCalls(sdk, client), ...reportCalls(sdk, client), ...permissionCalls(sdk, client), requests };
}

function countRequests(client: IamSdk.IAMClient): () => number {
  let requests = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      requests += 1;
      return next(args);
    },
    { step: "build", priority: "low", name: "rolecallCount" },
  );
  return () => requests;
}

type KeyCalls = Pick<
  UserCalls,
  "listUsers" | "listKeys" | "keyLastUse" | "setKeyActive" | "deleteKey" | "roleUse" | "providerAudiences"
>;

function keyCalls(sdk: Sdk, client: IamSdk.IAMClient): KeyCalls {
  return {
    listUsers: () =>
      call("iam:ListUsers", "", () =>
        collect(sdk.paginateListUsers({ client, pageSize: PAGE }, {}), ({ Users = [] }) =>
          Users.map(({ UserName = "" }) => UserName),
        ),
      ),
    listKeys: (user) =>
      callOrNull("iam:ListAccessKeys", user, () =>
        collect(sdk.paginateListAccessKeys({ client }, { UserName: user }), ({ AccessKeyMetadata = [] }) =>
          AccessKeyMetadata.map(({ AccessKeyId: id = "", Status, CreateDate }) => ({
            id,
            active: Status === "Active",
            created: CreateDate?.getTime() ?? 0,
          })),
        ),
      ),
    async keyLastUse(key) {
      const command = new sdk.GetAccessKeyLastUsedCommand({ AccessKeyId: key });
      const answer = await callOrNull("iam:GetAccessKeyLastUsed", key, () => client.send(command));
      const { LastUsedDate: at, ServiceName = "", Region = "" } = answer?.AccessKeyLastUsed ?? {};
      return at ? { at: at.getTime(), service: told(ServiceName), region: told(Region) } : null;
    },
    async setKeyActive(user, key, active) {
      const Status = active ? "Active" : "Inactive";
      const command = new sdk.UpdateAccessKeyCommand({ UserName: user, AccessKeyId: key, Status });
      await call("iam:UpdateAccessKey", `${user}/${key}`, () => client.send(command));
    },
    async deleteKey(user, key) {
      const command = new sdk.DeleteAccessKeyCommand({ UserName: user, AccessKeyId: key });
      await callOrNull("iam:DeleteAccessKey", `${user}/${key}`, () => client.send(command));
    },
    async roleUse(name) {
      const answer = await callOrNull("iam:GetRole", name, () =>
        client.send(new sdk.GetRoleCommand({ RoleName: name })),
      );
      if (!answer?.Role) return null;
      const {
        Arn: arn = "",
        AssumeRolePolicyDocument,
        RoleLastUsed: { LastUsedDate: at, Region: region = "" } = {},
      } = answer.Role;
      return {
        arn,
        trust: decodeDocument(AssumeRolePolicyDocument),
        lastUse: at ? { at: at.getTime(), service: "", region } : null,
      };
    },
    async providerAudiences(arn) {
      const command = new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
      const answer = await callOrNull("iam:GetOpenIDConnectProvider", arn, () => client.send(command));
      return answer ? (answer.ClientIDList ?? []) : null;
    },
  };
}

/** `N/A` is IAM's word for what there is not. Source: IAM API reference, AccessKeyLastUsed. */
function told(text: string): string {
  return text === "N/A" ? "" : text;
}

function reportCalls(sdk: Sdk, client: IamSdk.IAMClient): Pick<UserCalls, "credentialReport" | "servicesUsed"> {
  return {
    async credentialReport(pause) {
      try {
        for (let tries = 0; tries < TRIES; tries += 1) {
          const { State } = await client.send(new sdk.GenerateCredentialReportCommand({}));
          if (State === "COMPLETE") {
            const { Content } = await client.send(new sdk.GetCredentialReportCommand({}));
            return Content ? Buffer.from(Content).toString("utf8") : null;
          }
          await pause(1000);
        }
        return null;
      } catch {
        // Whoever may not have it can still list users; what else is wrong, that call says.
        return null;
      }
    },
    servicesUsed: (arn, pause) =>
      call("iam:GenerateServiceLastAccessedDetails", arn, async () => {
        const job = { Arn: arn, Granularity: "ACTION_LEVEL" as const };
        const { JobId } = await client.send(new sdk.GenerateServiceLastAccessedDetailsCommand(job));
        const services: ServiceAccess[] = [];
        let marker: string | undefined;
        for (let tries = 0; tries < TRIES;) {
          const page = { JobId, MaxItems: PAGE, ...(marker === undefined ? {} : { Marker: marker }) };
          const answer = await client.send(new sdk.GetServiceLastAccessedDetailsCommand(page));
          if (answer.JobStatus === "FAILED") throw new Error(answer.Error?.Message ?? "the job failed");
          if (answer.JobStatus === "IN_PROGRESS") {
            tries += 1;
            await pause(1000);
            continue;
          }
          services.push(...(answer.ServicesLastAccessed ?? []).map(serviceAccess));
          if (!answer.IsTruncated) return services;
          marker = answer.Marker;
        }
        throw Object.assign(new Error(`no answer after ${TRIES} tries`), { name: "TimeoutError" });
      }),
  };
}

function serviceAccess(service: IamSdk.ServiceLastAccessed): ServiceAccess {
  const { ServiceNamespace: namespace = "", LastAuthenticated: at, TrackedActionsLastAccessed: tracked = [] } = service;
  const actions = tracked.flatMap(({ ActionName, LastAccessedTime }) =>
    ActionName && LastAccessedTime ? [ActionName] : [],
  );
  return { namespace, lastUsed: at?.getTime() ?? null, actions };
}
