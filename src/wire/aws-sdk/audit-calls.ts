import type { IAMClient } from "@aws-sdk/client-iam";

import { isObject, type Json } from "../../core/token.ts";
import { call } from "./call.ts";
import { regional } from "./client.ts";
import type { Sdk } from "./read.ts";
import type { AwsOptions } from "./types.ts";

/** What IAM says of a whole account, in the form that the AWS CLI saves, and how many requests that took. */
export interface AccountReading {
  /** As `get-account-authorization-details`: `RoleDetailList`, `Policies`. */
  readonly details: { readonly RoleDetailList: readonly Json[]; readonly Policies: readonly Json[] };
  /** As `get-open-id-connect-provider`, with `Arn`. */
  readonly providers: readonly { readonly [key: string]: Json }[];
  /** Role name to seconds, which the details leave out. */
  readonly maxSessions: ReadonlyMap<string, number>;
  /** AssumeRolePolicySizeQuota, in characters; null when it was not needed, or may not be read. */
  readonly trustPolicyQuota: number | null;
  /** CSV; null when it may not be read. */
  readonly credentialReport: string | null;
  readonly requests: number;
}

// The most that IAM takes. Source: IAM API reference, MaxItems.
const PAGE = 1000;

/**
 * Reads an account with as few requests as IAM allows: a page for each 1,000 roles and policies, another for each
 * 1,000 roles, which alone tells their sessions' maximum, one for each provider, and the credential report; where a
 * trust policy is longer than IAM takes by default, one for the account's quota.
 *
 * @param progress is told after each page
 * @throws RolecallError as `Iam`; that quota and credential report may not be read is no error
 */
export async function readAccount(
  options: AwsOptions,
  progress: (roles: number) => void,
  pause: (milliseconds: number) => Promise<void>,
): Promise<AccountReading> {
  const sdk = await import("@aws-sdk/client-iam");
  const client = await regional(options, (config) => new sdk.IAMClient(config));
  const count = countRequests(client);
  const roles: Json[] = [];
  const policies: Json[] = [];
  await call("iam:GetAccountAuthorizationDetails", "", async () => {
    const query = { Filter: ["Role" as const, "LocalManagedPolicy" as const] };
    for await (const page of sdk.paginateGetAccountAuthorizationDetails({ client, pageSize: PAGE }, query)) {
      roles.push(...(page.RoleDetailList ?? []).map(plain));
      policies.push(...(page.Policies ?? []).map(plain));
      progress(roles.length);
    }
  });
  const maxSessions = new Map<string, number>();
  await call("iam:ListRoles", "", async () => {
    for await (const page of sdk.paginateListRoles({ client, pageSize: PAGE }, {})) {
      for (const { RoleName = "", MaxSessionDuration = 3600 } of page.Roles ?? [])
        maxSessions.set(RoleName, MaxSessionDuration);
    }
  });
  const providers = await call("iam:ListOpenIDConnectProviders", "", async () => {
    const { OpenIDConnectProviderList = [] } = await client.send(new sdk.ListOpenIDConnectProvidersCommand({}));
    const found: { readonly [key: string]: Json }[] = [];
    for (const { Arn = "" } of OpenIDConnectProviderList) {
      const answer = await client.send(new sdk.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: Arn }));
      const { Url = "", ClientIDList = [], ThumbprintList = [] } = answer;
      found.push({ Arn, Url, ClientIDList, ThumbprintList });
    }
    return found;
  });
  const trustPolicyQuota = roles.some(isLong) ? await quotaOf(sdk, client) : null;
  const credentialReport = await reportOf(sdk, client, pause);
  return {
    details: { RoleDetailList: roles, Policies: policies },
    providers,
    maxSessions,
    trustPolicyQuota,
    credentialReport,
    requests: count(),
  };
}

// Source: IAM guide, IAM and STS quotas: characters of a trust policy, white space apart.
const DEFAULT_QUOTA = 2048;

/** Longer than the default, white space included; IAM encodes policies as URLs. */
function isLong(role: Json): boolean {
  const document = isObject(role) ? role["AssumeRolePolicyDocument"] : undefined;
  if (typeof document !== "string" || document.length <= DEFAULT_QUOTA) return false;
  return document.replaceAll(/%[\dA-F]{2}/gi, "x").length > DEFAULT_QUOTA;
}

async function quotaOf(sdk: Sdk, client: IAMClient): Promise<number | null> {
  try {
    const { SummaryMap } = await client.send(new sdk.GetAccountSummaryCommand({}));
    return SummaryMap?.AssumeRolePolicySizeQuota ?? null;
  } catch {
    return null;
  }
}

function countRequests(client: IAMClient): () => number {
  let requests = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      requests += 1;
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "rolecallCount" },
  );
  return () => requests;
}

/** Dates as text, as in JSON. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

const TRIES = 10;

/** A report takes IAM some seconds; somebody who may not have one is told of everything else. */
async function reportOf(
  sdk: Sdk,
  client: IAMClient,
  pause: (milliseconds: number) => Promise<void>,
): Promise<string | null> {
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
    return null;
  }
}
