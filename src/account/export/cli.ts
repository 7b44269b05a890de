import { isPublicIssuer, NO_THUMBPRINT } from "../../core/aws-commands.ts";
import type { Json } from "../../core/token.ts";
import type { Tags } from "../../wire/aws-sdk.ts";
import type { DesiredProvider, DesiredRole } from "../desired.ts";
import { EXPORTED, type Exported, headLines, type Model, oneLine, roleTags } from "./model.ts";
import { awsCall, documentWord, word } from "./shell.ts";

/** A script for POSIX shells that makes what `apply` makes, by the AWS CLI. Running it again changes nothing. */
export function exportCli(model: Model): Exported {
  const { desired, config } = model;
  const text = [
    "#!/bin/sh",
    ...headLines(model, "cli").map((line) => `# ${line}`),
    "# It takes nothing away: what the file no longer has stays. Exit status 2: another account's credentials;",
    "# 3: a role is there that this file did not make.",
    "set -eu",
    "AWS_PAGER=",
    "export AWS_PAGER",
    "",
    ...accountLines(model),
    "",
    ...functionLines(config),
    ...CREATE_PROVIDER,
    ...desired.providers.flatMap((one) => ["", ...providerLines(one, config)]),
    ...desired.roles.flatMap((one) => ["", ...roleLines(one, config)]),
    "",
  ].join("\n");
  return {
    files: [{ name: "rolecall.sh", text, executable: true }],
    notes: [],
  };
}

function accountLines({ account }: Model): readonly string[] {
  return [
    "identity=$(aws sts get-caller-identity --query '[Account, Arn]' --output text)",
    `account=$(printf '%s\\n' "$identity" | cut -f 1)`,
    `partition=$(printf '%s\\n' "$identity" | cut -f 2 | cut -d : -f 2)`,
    ...(account
      ? [
          `if [ "$account" != ${account.id} ]; then`,
          `  echo "expected credentials of account ${account.id}, got those of $account; nothing was changed" >&2`,
          "  exit 2",
          "fi",
        ]
      : []),
  ];
}

function functionLines(config: string): readonly string[] {
  return [
    "# Stops at a role that this file did not make.",
    "check_ours() {",
    `  mark=$(aws iam list-role-tags --role-name "$1" --query "Tags[?Key=='${EXPORTED}'].Value | [0]" --output text)`,
    `  [ "$mark" = ${word(config)} ] && return`,
    `  echo "role $1 is there already, and another made it: expected the tag ${EXPORTED} with this file's name" >&2`,
    "  exit 3",
    "}",
  ];
}

/**
 * An AWS CLI from before July 2024 (Debian 12 has 2.9) refuses to send the call without a thumbprint. Any other error is
 * the user's to read, and the script ends with the status that came with it.
 */
const CREATE_PROVIDER = [
  "",
  "# Makes a provider. An AWS CLI from before July 2024 asks for a thumbprint; it gets one that no certificate has. AWS",
  "# looks at it only where it does not know the authority of the issuer's certificate.",
  "create_provider() {",
  "  status=0",
  '  said=$(aws iam create-open-id-connect-provider --cli-input-json "$1" 2>&1 >/dev/null) || status=$?',
  '  [ "$status" = 0 ] && return',
  '  case "$said" in',
  "  *ThumbprintList*)",
  `    aws iam create-open-id-connect-provider --cli-input-json "$1" --thumbprint-list ${NO_THUMBPRINT} >/dev/null`,
  '    [ -z "$2" ] || echo "$2" >&2',
  "    ;;",
  "  *)",
  `    printf '%s\\n' "$said" >&2`,
  '    exit "$status"',
  "    ;;",
  "  esac",
  "}",
];

/** A provider that is there gets the audiences, which IAM takes twice without complaint. */
function providerLines({ arn, url, audiences }: DesiredProvider, config: string): readonly string[] {
  const provider = { "open-id-connect-provider-arn": '"$provider"' };
  const input = { Url: url, ClientIDList: audiences, Tags: tagList({ [EXPORTED]: config }) };
  return [
    `# provider ${oneLine(url)}`,
    `provider=${word(arn)}`,
    `if aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider" >/dev/null 2>&1; then`,
    ...audiences.map((ClientID) => `  ${awsCall("add-client-id-to-open-id-connect-provider", { ClientID }, provider)}`),
    "else",
    `  create_provider ${word(JSON.stringify(input))} ${word(isPublicIssuer(url) ? "" : adviceFor(url))}`,
    "fi",
  ];
}

/** Where the thumbprint may count. IAM reads the issuer's own when a provider is made without one. */
function adviceFor(url: string): string {
  return `${oneLine(url)}: this AWS CLI asks for a thumbprint, and the provider has one that no certificate has; if the issuer's certificate is of a private authority, set its own: aws iam update-open-id-connect-provider-thumbprint`;
}

function roleLines(role: DesiredRole, config: string): readonly string[] {
  const { name: RoleName, path: Path, description: Description, maxSessionDuration: MaxSessionDuration } = role;
  const { boundary, trust, managedPolicies, inlinePolicies } = role;
  const Tags = tagList(roleTags(role, config));
  const PermissionsBoundary = boundary === null ? {} : { PermissionsBoundary: boundary };
  const settings = { RoleName, MaxSessionDuration, Description };
  return [
    `# role ${oneLine(RoleName)}`,
    `trust=${documentWord(trust)}`,
    `if aws iam get-role --role-name ${word(RoleName)} >/dev/null 2>&1; then`,
    `  check_ours ${word(RoleName)}`,
    ...(boundary === null
      ? []
      : [`  ${awsCall("put-role-permissions-boundary", { RoleName, ...PermissionsBoundary })}`]),
    `  ${awsCall("update-role", settings)}`,
    `  ${awsCall("update-assume-role-policy", { RoleName }, { "policy-document": '"$trust"' })}`,
    `  ${awsCall("tag-role", { RoleName, Tags })}`,
    "else",
    `  ${awsCall(
      "create-role",
      { ...settings, ...(Path === "/" ? {} : { Path }), ...PermissionsBoundary, Tags },
      { "assume-role-policy-document": '"$trust"' },
    )} >/dev/null`,
    "fi",
    ...managedPolicies.map((PolicyArn) => awsCall("attach-role-policy", { RoleName, PolicyArn })),
    ...Object.entries(inlinePolicies).flatMap(([PolicyName, document]) => [
      `policy=${documentWord(document)}`,
      awsCall("put-role-policy", { RoleName, PolicyName }, { "policy-document": '"$policy"' }),
    ]),
  ];
}

function tagList(tags: Tags): Json {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
