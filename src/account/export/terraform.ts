import type { Json } from "../../core/token.ts";
import type { DesiredProvider, DesiredRole } from "../desired.ts";
import { bareName, type Block, expression, jsonText, renderHcl, toJson, type Value } from "./hcl.ts";
import { audienceNote, EXPORTED, type Exported, headLines, type Model, roleTags } from "./model.ts";
import { Names, namesOf, snake } from "./names.ts";

const PROVIDER = "aws_iam_openid_connect_provider";

/** A file of a Terraform module, in its own language or in its JSON. */
export function exportTerraform(model: Model, { json }: { readonly json: boolean }): Exported {
  const blocks = moduleBlocks(model);
  const head = headLines(model, "terraform");
  const file = json
    ? {
        name: "rolecall.tf.json",
        text: `${JSON.stringify({ "//": head.join(" "), ...jsonBlocks(blocks) }, null, 2)}\n`,
      }
    : { name: "rolecall.tf", text: renderHcl(blocks, head) };
  return { files: [file], notes: [] };
}

function moduleBlocks(model: Model): readonly Block[] {
  const { desired } = model;
  const names = new Names(snake);
  const providers = namesOf(names, desired.providers);
  const roles = namesOf(new Names(snake), desired.roles);
  const inner = new Names(snake);
  return [
    ...desired.providers.map((one) => variable(one, providers.get(one.arn) ?? "")),
    ...accountBlocks(model),
    ...desired.providers.map((one) => providerBlock(one, providers.get(one.arn) ?? "", model)),
    ...desired.roles.flatMap((role) => {
      const name = roles.get(role.arn) ?? "";
      const trusted = desired.providers.filter(({ url }) => url === role.source.issuer);
      const needs = trusted.map(({ arn }) => `${PROVIDER}.${providers.get(arn) ?? ""}`);
      return [roleBlock(role, name, model, needs), ...policyBlocks(role, name, inner)];
    }),
  ];
}

/** Terraform cannot adopt what is there without owning all of it, so it can be told to leave it. */
function variable(provider: DesiredProvider, name: string): Block {
  return {
    type: "variable",
    labels: [`create_${name}_provider`],
    attributes: {
      description: `false where the account has the provider ${audienceNote(provider)} already`,
      type: bareName("bool"),
      default: true,
    },
  };
}

/** Where it is used, or the proof that it is used where it was made for. */
function accountBlocks({ account }: Model): readonly Block[] {
  const identity = "aws_caller_identity";
  const data = (type: string, blocks: readonly Block[] = []): Block => ({
    type: "data",
    labels: [type, "rolecall"],
    attributes: {},
    blocks,
  });
  if (account) {
    const attributes = {
      condition: expression(`self.account_id == ${JSON.stringify(account.id)}`),
      error_message: `Expected credentials of account ${account.id}, for which this was exported.`,
    };
    const postcondition = { type: "postcondition", labels: [], attributes };
    return [data(identity, [{ type: "lifecycle", labels: [], attributes: {}, blocks: [postcondition] }])];
  }
  return [
    data(identity),
    data("aws_partition"),
    {
      type: "locals",
      labels: [],
      attributes: {
        rolecall_account: expression("data.aws_caller_identity.rolecall.account_id"),
        rolecall_partition: expression("data.aws_partition.rolecall.partition"),
      },
    },
  ];
}

function providerBlock({ url, audiences }: DesiredProvider, name: string, { config }: Model): Block {
  return {
    type: "resource",
    labels: [PROVIDER, name],
    attributes: {
      count: expression(`var.create_${name}_provider ? 1 : 0`),
      url,
      client_id_list: audiences,
      tags: { [EXPORTED]: config },
    },
  };
}

function roleBlock(role: DesiredRole, label: string, { config, account }: Model, needs: readonly string[]): Block {
  const { name, path, description, maxSessionDuration, boundary, trust } = role;
  // With the account's proof first, since a resource waits only for what it names.
  const depends = [...(account ? ["data.aws_caller_identity.rolecall"] : []), ...needs];
  return {
    type: "resource",
    labels: ["aws_iam_role", label],
    attributes: {
      name,
      ...(path === "/" ? {} : { path }),
      ...(description === "" ? {} : { description }),
      max_session_duration: maxSessionDuration,
      ...(boundary === null ? {} : { permissions_boundary: boundary }),
      assume_role_policy: jsonText(trust),
      tags: roleTags(role, config),
      depends_on: depends.map(bareName),
    },
  };
}

function policyBlocks(role: DesiredRole, label: string, names: Names): readonly Block[] {
  const of = expression(`aws_iam_role.${label}.name`);
  const resource = (type: string, about: string, attributes: { readonly [name: string]: Value }): Block => ({
    type: "resource",
    labels: [type, names.take(label, about)],
    attributes: { role: of, ...attributes },
  });
  return [
    ...role.managedPolicies.map((arn) =>
      resource("aws_iam_role_policy_attachment", arn.slice(arn.lastIndexOf("/") + 1), { policy_arn: arn }),
    ),
    ...Object.entries(role.inlinePolicies).map(([name, document]) =>
      resource("aws_iam_role_policy", name, { name, policy: jsonText(document) }),
    ),
  ];
}

type Tree = { [key: string]: Json | Tree };

/** By type and labels, as Terraform's JSON syntax nests blocks. */
function jsonBlocks(blocks: readonly Block[]): Tree {
  const tree: Tree = {};
  for (const block of blocks) {
    let place = tree;
    for (const step of [block.type, ...block.labels].slice(0, -1)) place = (place[step] ??= {}) as Tree;
    place[block.labels.at(-1) ?? block.type] = jsonBody(block);
  }
  return tree;
}

function jsonBody({ attributes, blocks = [] }: Block): Tree {
  const entries = Object.entries(attributes).map(([name, value]) => [name, toJson(value)] as const);
  return { ...Object.fromEntries(entries), ...jsonBlocks(blocks) };
}
