import { findAccount } from "../../../../src/account/account-config.ts";
import { parseConfig } from "../../../../src/account/config.ts";
import { type FormatOptions, FORMATS } from "../../../../src/account/export/formats.ts";
import { type Exported, exportModel, type Model } from "../../../../src/account/export/model.ts";

/** Three issuers, both kinds of policies, and texts that each format must escape in its own way. */
export const RICH = `version: 1
name: shop
roles:
  shop-deploy:
    ci: gitlab
    audience: https://shop.test
    allow: [{ project: acme/shop, branch: main }, { project: acme/shop, tag: "v*" }, { project: acme/shop, branch: "a\${b}%{c}" }]
    permissions:
      - arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess
      - arn:$(partition):iam::$(account):policy/team/base
      - { preset: s3-sync, bucket: shop-site }
      - Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: s3:GetObject
          Resource: "arn:$(partition):s3:::home-$(account)/\${aws:username}/*"
          Condition: { StringLike: { "s3:prefix": ["no", "1:30", "it's \\"%{x}\\"", "$\${y}"] }, Bool: { "aws:SecureTransport": true } }
    boundary: arn:aws:iam::aws:policy/ReadOnlyAccess
    path: /ci/
    tags: { team: "a b_c:d/e=f+g-h@i", "größe": "1", none: "" }
    description: "Deploys it: \`id\` $HOME 'quoted' \\"twice\\" \${x} %{y} \\\\"
    max_session: 2h
  octo-read:
    ci: github
    audience: sts.amazonaws.com
    allow:
      - { project: octo/shop, environment: production, repository_id: "74", repository_owner_id: "65" }
      - { project: octo/shop, pull_requests: true }
    permissions: [{ preset: read-only }]
    description: https://wiki.test/octo
  octo.read:
    ci: github
    audience: https://second.test
    allow: [{ project: octo/site, branch: main, repository_id: "75", repository_owner_id: "65" }]
  circle:
    ci: circleci
    issuer: https://oidc.circleci.com/org/11111111-2222-4333-8444-555555555555
    audience: circle-aud
    allow: [{ project: 22222222-2222-4333-8444-555555555555 }]
`;

/** One role for two accounts, and one for production alone. */
export const TWO_ACCOUNTS = `version: 1
name: shop
accounts:
  staging: { id: "111111111111" }
  production: { id: "123456789012" }
roles:
  shop-deploy: { ci: gitlab, audience: https://shop.test, allow: [{ project: acme/shop, branch: main }] }
  shop-release:
    ci: gitlab
    audience: https://shop.test
    accounts: [production]
    allow: [{ project: acme/shop, tag: "v*" }]
    permissions: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
`;

/** @param account name of one of the text's accounts; null for whichever */
export function model(text: string = RICH, account: string | null = null): Model {
  const config = parseConfig(text, "rolecall.yaml");
  return exportModel(config, account === null ? null : findAccount(config.accounts, account));
}

export function exported(format: string, of: Model = model(), options: Partial<FormatOptions> = {}): Exported {
  const found = FORMATS[format];
  if (!found) throw new Error(`there is no format ${format}`);
  return found.make(of, { json: false, noOtherIssuers: false, ...options });
}

/** The product's text. */
export function textOf(format: string, of?: Model, options?: Partial<FormatOptions>): string {
  return exported(format, of, options).files[0].text;
}
