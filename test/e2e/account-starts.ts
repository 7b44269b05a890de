import { vi } from "vitest";
import { apply } from "../../src/account/apply.ts";
import { parseConfig } from "../../src/account/config.ts";
import { desiredState } from "../../src/account/desired.ts";
import { audienceTag } from "../../src/account/tags.ts";
import type { AdminKey, LocalCloud } from "../../src/local/index.ts";
import type { Iam, Tags } from "../../src/wire/aws-sdk.ts";
import type { Dump } from "./iam-dump.ts";

/** An account that a rolecall.yaml meets. */
export interface Start {
  /** The file that is applied to it, or taken away. */
  readonly file: string;
  /** Makes what the account holds before, in one that is empty. */
  readonly before: (account: Account) => Promise<void>;
}

export interface Account {
  readonly cloud: LocalCloud;
  readonly iam: Iam;
}

const GITLAB = "https://gitlab.com";
const SHOP = "https://shop.test";
const BLOG = "https://blog.test";
/** The name of the files without one, and the roles of {@link SHOP_AND_BLOG}. */
const CONFIG = "rolecall";
const FILE_ROLES: readonly string[] = ["shop-deploy", "blog-deploy"];
const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";

const SHOP_ROLE = `  shop-deploy:
    ci: gitlab
    audience: ${SHOP}
    allow: [{ project: acme/shop, branch: main, project_id: 7 }, { project: acme/shop, tag: "v*", project_id: 7 }]
    permissions: [arn:aws:iam::aws:policy/ReadOnlyAccess]
    boundary: arn:aws:iam::aws:policy/PowerUserAccess
    tags: { team: shop }
`;
const BLOG_ROLE = `  blog-deploy:
    ci: gitlab
    audience: ${BLOG}
    allow: [{ project: acme/blog, branch: main, project_id: 8 }]
    permissions: [{ Version: 2012-10-17, Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "*" } }]
`;
const SHOP_ALONE = `version: 1\nroles:\n${SHOP_ROLE}`;
const BLOG_ALONE = `version: 1\nroles:\n${BLOG_ROLE}`;
const SHOP_AND_BLOG = `${SHOP_ALONE}${BLOG_ROLE}`;
const OTHER_FILE = `version: 1
name: other
roles:
  other-deploy:
    ci: gitlab
    audience: https://other.test
    allow: [{ project: acme/other, branch: main, project_id: 9 }]
    permissions: [arn:aws:iam::aws:policy/ReadOnlyAccess]
`;

const EVERYTHING = {
  file: SHOP_AND_BLOG,
  before: async (account) => {
    await theirProvider(account, [SHOP], `${GITLAB}/`);
    await theirProvider(account, [SHOP, ...theirs(95)]);
    await handMade(account, "foreign", "theirs-1");
    await applied(account, OTHER_FILE);
    await applied(account, BLOG_ALONE);
    await drift(account, "blog-deploy");
    await account.iam.removeAudience(providerArn(account), BLOG);
    // Last, since what is made before it has been seen by rolecall, which might have taken it away.
    await account.iam.addAudience(providerArn(account), "theirs-late");
    await handMade(account, "shop-deploy", "theirs-2");
  },
} as const satisfies Start;

/** Accounts that a file is applied to. */
export const STARTS: Readonly<Record<string, Start>> = {
  "an empty account": { file: SHOP_AND_BLOG, before: async () => {} },
  "a provider without our audience, and a role made by hand": {
    file: SHOP_AND_BLOG,
    before: async (account) => {
      await theirProvider(account, ["theirs"]);
      await handMade(account, "shop-deploy");
      await handMade(account, "foreign");
    },
  },
  "a provider with our audience already, and 97 others": {
    file: SHOP_AND_BLOG,
    before: (account) => theirProvider(account, [SHOP, ...theirs(97)]),
  },
  "a provider with 99 audiences, and one that differs by a slash": {
    file: SHOP_ALONE,
    before: async (account) => {
      await theirProvider(account, [SHOP], `${GITLAB}/`);
      await theirProvider(account, theirs(99));
    },
  },
  "a file that has become shorter, and drift": {
    file: SHOP_ALONE,
    before: async (account) => {
      await theirProvider(account, ["theirs"]);
      await applied(account, SHOP_AND_BLOG);
      await drift(account, "shop-deploy");
      await drift(account, "blog-deploy");
    },
  },
  "all of that at once": EVERYTHING,
};

/** Accounts that what a file made is taken away from. */
export const ENDS: Readonly<Record<string, Start>> = {
  "a provider of ours": { file: SHOP_AND_BLOG, before: (account) => applied(account, SHOP_AND_BLOG) },
  "a provider of ours that others use": {
    file: SHOP_AND_BLOG,
    before: async (account) => {
      await applied(account, SHOP_AND_BLOG);
      await handMade(account, "foreign", BLOG);
      await account.iam.addAudience(providerArn(account), "theirs");
    },
  },
  "all that it was applied to at once": {
    file: SHOP_AND_BLOG,
    before: async (account) => {
      await EVERYTHING.before(account);
      await applied(account, SHOP_AND_BLOG);
      await drift(account, "blog-deploy");
      await account.iam.addAudience(providerArn(account), "theirs-last");
    },
  },
};

function theirs(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `theirs-${index}`);
}

async function theirProvider({ iam }: Account, audiences: readonly string[], url = GITLAB): Promise<void> {
  await iam.createProvider({ url, audiences, tags: { owner: "them" } });
}

function providerArn({ cloud }: Account): string {
  return `arn:aws:iam::${cloud.account}:oidc-provider/gitlab.com`;
}

/** A role that trusts more than it should and may do everything; for any audience, or one. */
async function handMade(account: Account, name: string, audience?: string): Promise<void> {
  const { iam } = account;
  const trust = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { Federated: providerArn(account) },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringLike: { "gitlab.com:sub": "project_path:acme/*" },
        ...(audience === undefined ? {} : { StringEquals: { "gitlab.com:aud": audience } }),
      },
    },
  };
  const settings = { maxSessionDuration: 43_200, description: "by hand", boundary: null, tags: { owner: "them" } };
  await iam.createRole({ name, path: "/", trust: JSON.stringify(trust), ...settings });
  await iam.attachPolicy(name, ADMINISTRATOR);
  const all = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } };
  await iam.putInlinePolicy(name, "old", JSON.stringify(all));
}

async function applied({ cloud, iam }: Account, file: string): Promise<void> {
  const target = { account: cloud.account, partition: "aws" } as const;
  await apply(iam, desiredState(parseConfig(file, "rolecall.yaml"), target), { adopt: true });
}

async function drift({ iam }: Account, role: string): Promise<void> {
  await iam.attachPolicy(role, ADMINISTRATOR);
  await iam.setBoundary(role, role === "shop-deploy" ? null : ADMINISTRATOR);
  await iam.updateRole(role, { description: "drifted", maxSessionDuration: 7200 });
}

/**
 * What of an account was others' before, as it is now: their roles, and that a role of theirs which was taken over
 * is still theirs; and of each provider that is not ours alone their audiences and tags.
 */
export function foreignPart(now: Dump, before: Dump): object {
  const shared = Object.entries(before.providers).flatMap(([arn, { audiences, tags }]) => {
    const foreign = audiences.filter((audience) => tags[audienceTag(audience)] !== CONFIG);
    if (foreign.length === 0) return [];
    const there = now.providers[arn];
    const held = foreign.filter((audience) => there?.audiences.includes(audience));
    return [[arn, { url: there?.url, thumbprints: there?.thumbprints, held, tags: foreignTags(there?.tags) }]];
  });
  const roles = Object.entries(before.roles)
    .filter(([, { tags }]) => Object.keys(foreignTags(tags)).length > 0)
    .map(([name]) => {
      const role = now.roles[name];
      return [name, FILE_ROLES.includes(name) ? foreignTags(role?.tags) : role];
    });
  return { shared, roles };
}

function foreignTags(tags: Tags = {}): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => value === "them" || value === "other"));
}

/** Puts an administrator's keys where the SDK looks for them in this process, and takes out what else it would find. */
export function stubAdmin({ accessKeyId, secretAccessKey }: AdminKey): void {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
}
