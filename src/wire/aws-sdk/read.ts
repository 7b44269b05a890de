import type * as IamSdk from "@aws-sdk/client-iam";

import type { IamRole, Tags } from "./types.ts";

export type Sdk = typeof IamSdk;

export async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[],
): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...items(page));
  return all;
}

export function fromRole(role: IamSdk.Role): IamRole {
  return {
    name: role.RoleName ?? "",
    arn: role.Arn ?? "",
    path: role.Path ?? "/",
    trust: decodeDocument(role.AssumeRolePolicyDocument),
    // IAM leaves out what has its default. Source: IAM API reference, Role.
    maxSessionDuration: role.MaxSessionDuration ?? 3600,
    description: role.Description ?? "",
    boundary: role.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
    tags: fromTagList(role.Tags ?? []),
  };
}

/** IAM returns policy documents URL-encoded (RFC 3986). Source: IAM API reference, GetRole. */
export function decodeDocument(document: string | undefined): string {
  return decodeURIComponent(document ?? "");
}

interface TagItem {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export function fromTagList(tags: readonly TagItem[]): Tags {
  return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

export function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
