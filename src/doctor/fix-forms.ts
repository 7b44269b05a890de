import { addAudienceCommand, createProviderCommand } from "../core/aws-commands.ts";
import { shellWord } from "../core/shell-word.ts";
import { isObject, type Json } from "../core/token.ts";
import type { Change, PatchStep } from "./change.ts";

/** One change in every form that somebody may keep it in. */
export interface FixForms {
  /** For the AWS CLI; null where nothing of the account changes. */
  readonly aws: string | null;
  /** The attribute to change, with the resource it is in as a comment. */
  readonly terraform: string | null;
  /** Of the trust policy. Source: RFC 6902. */
  readonly patch: readonly PatchStep[] | null;
  /** The line of the CI file, in that CI's words; null where it stays. */
  readonly ciFile: string | null;
}

export interface FormContext {
  readonly roleName: string;
  readonly account: string;
  /** The CI file's lines for a job with this audience. */
  readonly ciLines: (audience: string) => string;
}

export function formsOf(change: Change, { roleName, account, ciLines }: FormContext): FixForms {
  const none = { aws: null, terraform: null, patch: null, ciFile: null };
  if (change.kind === "token-audience") return { ...none, ciFile: ciLines(change.audience) };
  if (change.kind === "duration") return { ...none, ciFile: `--duration ${change.seconds}` };
  if (change.kind === "provider-audience") {
    return {
      ...none,
      aws: addAudienceCommand(change.provider, change.audience),
      terraform: `# in client_id_list of resource "aws_iam_openid_connect_provider"\n${renderHcl(change.audience)}`,
    };
  }
  if (change.kind === "new-provider") {
    return {
      ...none,
      aws: createProviderCommand(change.url, change.audience, account),
      terraform: `resource "aws_iam_openid_connect_provider" "ci" {\n  url            = ${renderHcl(change.url)}\n  client_id_list = [${renderHcl(change.audience)}]\n}`,
    };
  }
  const { policy, patch } = change;
  return {
    ...none,
    aws: `aws iam update-assume-role-policy --role-name ${shellWord(roleName)} --policy-document ${shellWord(JSON.stringify(policy))}`,
    terraform: `# of resource "aws_iam_role" ${JSON.stringify(roleName)}\nassume_role_policy = jsonencode(${renderHcl(policy)})`,
    patch,
  };
}

/** A value in the language of Terraform, where `${` and `%{` begin a template unless they are doubled. */
export function renderHcl(value: Json, indent = ""): string {
  const inner = `${indent}  `;
  if (typeof value === "string") return JSON.stringify(value).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);
  if (Array.isArray(value)) {
    const list: readonly Json[] = value;
    return list.some(isObject)
      ? `[\n${list.map((one) => `${inner}${renderHcl(one, inner)},`).join("\n")}\n${indent}]`
      : `[${list.map((one) => renderHcl(one, inner)).join(", ")}]`;
  }
  if (isObject(value)) {
    const lines = Object.entries(value).map(([key, one]) => `${inner}${hclKey(key)} = ${renderHcl(one, inner)}`);
    return `{\n${lines.join("\n")}\n${indent}}`;
  }
  return JSON.stringify(value);
}

function hclKey(key: string): string {
  return /^[A-Za-z]\w*$/.test(key) ? key : renderHcl(key);
}

/** A step of a patch for a person: where, and what is to stand there. */
export function describePatch({ op, path, value }: PatchStep): string {
  const [, , place, ...names] = path.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (op === "add" || place === undefined) return `one more statement: ${JSON.stringify(value)}`;
  const statement = `statement ${Number(place) + 1}`;
  if (names.length === 0) return `instead of ${statement}: ${JSON.stringify(value)}`;
  const written = names
    .toReversed()
    .reduce(
      (inner, name) =>
        `${JSON.stringify(name)}: ${inner.startsWith('"') && inner.includes('": ') ? `{ ${inner} }` : inner}`,
      JSON.stringify(value),
    );
  return `${statement}: ${written}`;
}
