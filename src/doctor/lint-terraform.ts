import { issuerName, providerArn } from "../core/arn.ts";
import type { Provider } from "../core/decide.ts";
import { isObject, type Json } from "../core/token.ts";
import type { Path } from "./lint-places.ts";
import { objectsOf, readPermissions, readRole, type RoleReading, textOf, textsOf } from "./lint-role.ts";

type Members = { readonly [key: string]: Json };

interface Resource {
  /** `module.ci.aws_iam_role.deploy` */
  readonly address: string;
  readonly type: string;
  readonly values: Members;
  /** Where its values stand in the plan. */
  readonly at: Path;
}

/** A plan says nothing of the account; ARNs that are made by it have this one. */
const SOME_ACCOUNT = "123456789012";

/** True for what `terraform show -json` writes of a plan or a state. */
export function isTerraform(document: Members): boolean {
  return (
    document["format_version"] !== undefined && (isObject(document["planned_values"]) || isObject(document["values"]))
  );
}

/** Roles and providers of a Terraform plan, or of a state. */
export function readTerraform(
  plan: Members,
  from: string,
): { readonly roles: readonly RoleReading[]; readonly providers: readonly Provider[] } {
  const values = plan["planned_values"] ?? plan["values"];
  const root = isObject(values) ? values["root_module"] : undefined;
  const top = [plan["planned_values"] === undefined ? "values" : "planned_values", "root_module"];
  const resources = isObject(root) ? resourcesOf(root, top) : [];
  const providers = resources
    .filter(({ type }) => type === "aws_iam_openid_connect_provider")
    .flatMap(providerOfResource);
  const roles = resources
    .filter(({ type }) => type === "aws_iam_role")
    .map((role) => roleOfResource(role, resources, from, () => deferredPolicy(plan, role.address, providers)));
  return { roles, providers: withArnsOf(roles, providers) };
}

function resourcesOf(module: Members, at: Path): readonly Resource[] {
  const own = objectsOf(module["resources"]).flatMap((resource, index) => {
    const { address, type, values, mode } = resource;
    if (typeof address !== "string" || typeof type !== "string" || !isObject(values) || mode === "data") return [];
    return [{ address, type, values, at: [...at, "resources", index, "values"] }];
  });
  const children = objectsOf(module["child_modules"]);
  return [...own, ...children.flatMap((child, index) => resourcesOf(child, [...at, "child_modules", index]))];
}

function providerOfResource({ values }: Resource): readonly Provider[] {
  const url = textOf(values["url"]);
  if (url === undefined) return [];
  return [
    {
      arn: textOf(values["arn"]) ?? providerArn(url, SOME_ACCOUNT),
      url: issuerName(url),
      audiences: textsOf(values["client_id_list"]),
      thumbprints: textsOf(values["thumbprint_list"]),
    },
  ];
}

function roleOfResource(
  { address, values, at }: Resource,
  resources: readonly Resource[],
  from: string,
  deferred: () => Json | undefined,
): RoleReading {
  const name = textOf(values["name"]);
  const belongs = (other: Resource): boolean => name !== undefined && other.values["role"] === name;
  const inline = [
    ...objectsOf(values["inline_policy"]),
    ...resources.filter((one) => one.type === "aws_iam_role_policy" && belongs(one)).map((one) => one.values),
  ];
  const attached = [
    ...textsOf(values["managed_policy_arns"]),
    ...resources
      .filter((one) => one.type === "aws_iam_role_policy_attachment" && belongs(one))
      .flatMap((one) => textOf(one.values["policy_arn"]) ?? []),
  ];
  const documents = new Map(
    resources
      .filter(({ type }) => type === "aws_iam_policy")
      .flatMap((one) => {
        const arn = textOf(one.values["arn"]);
        const policy = one.values["policy"];
        return arn === undefined || policy === undefined ? [] : [[arn, policy] as const];
      }),
  );
  const boundary = textOf(values["permissions_boundary"]);
  return readRole({
    resource: address,
    from,
    trust: values["assume_role_policy"] ?? deferred(),
    at: [...at, "assume_role_policy"],
    maxSessionDuration: typeof values["max_session_duration"] === "number" ? values["max_session_duration"] : null,
    permissions: readPermissions(
      inline.flatMap(({ policy }) => (typeof policy === "string" && policy !== "" ? [policy] : [])),
      attached.map((arn) => ({ arn, document: documents.get(arn) })),
      boundary === undefined || boundary === "" ? null : { document: documents.get(boundary) },
    ),
  });
}

/**
 * A trust policy that is not known before the provider exists, out of the data source that will make it: Terraform
 * tells its statements, except the provider's ARN. Source: Terraform JSON output format, change representation.
 */
function deferredPolicy(plan: Members, address: string, providers: readonly Provider[]): Json | undefined {
  const [, module = "", name = ""] = /^(.*?)aws_iam_role\.([^.[]+)/.exec(address) ?? [];
  const reference = referenceOf(plan, module, name);
  if (reference === undefined) return undefined;
  const change = objectsOf(plan["resource_changes"]).find(
    (one) => withoutIndex(textOf(one["address"]) ?? "") === withoutIndex(module) + reference,
  );
  const after = isObject(change?.["change"]) ? change["change"]["after"] : undefined;
  if (!isObject(after)) return undefined;
  return { Version: "2012-10-17", Statement: objectsOf(after["statement"]).map((one) => statementOf(one, providers)) };
}

function withoutIndex(address: string): string {
  return address.replaceAll(/\[[^\]]*\]/g, "");
}

/** `data.aws_iam_policy_document.trust` of a role's `assume_role_policy`. */
function referenceOf(plan: Members, module: string, name: string): string | undefined {
  const configuration = plan["configuration"];
  let config: Json | undefined = isObject(configuration) ? configuration["root_module"] : undefined;
  for (const [, call = ""] of withoutIndex(module).matchAll(/module\.([^.]+)\./g)) {
    const calls = isObject(config) ? config["module_calls"] : undefined;
    const called = isObject(calls) ? calls[call] : undefined;
    config = isObject(called) ? called["module"] : undefined;
  }
  if (!isObject(config)) return undefined;
  const role = objectsOf(config["resources"]).find((one) => one["type"] === "aws_iam_role" && one["name"] === name);
  const expressions = role?.["expressions"];
  const policy = isObject(expressions) ? expressions["assume_role_policy"] : undefined;
  const references = isObject(policy) ? textsOf(policy["references"]) : [];
  return references.map((one) => /^data\.aws_iam_policy_document\.[^.[]+/.exec(withoutIndex(one))?.[0]).find(Boolean);
}

function statementOf(block: Members, providers: readonly Provider[]): Json {
  const conditions = objectsOf(block["condition"]);
  const keys = conditions.flatMap((one) => textOf(one["variable"]) ?? []);
  const own = providers.find(({ url }) => keys.some((key) => key.toLowerCase().startsWith(`${url.toLowerCase()}:`)));
  const arn = (own ?? providers[0])?.arn;
  const principals = objectsOf(block["principals"]).map(({ type, identifiers }) => {
    const known = textsOf(identifiers);
    return [textOf(type) ?? "", known.length > 0 || arn === undefined ? known : [arn]] as const;
  });
  const operators = new Map<string, Map<string, readonly string[]>>();
  for (const { test, variable, values } of conditions) {
    if (typeof test !== "string" || typeof variable !== "string") continue;
    operators.set(test, (operators.get(test) ?? new Map<string, readonly string[]>()).set(variable, textsOf(values)));
  }
  return {
    Effect: textOf(block["effect"]) ?? "Allow",
    Action: textsOf(block["actions"]),
    Principal: Object.fromEntries(principals),
    ...(conditions.length > 0
      ? { Condition: Object.fromEntries([...operators].map(([test, held]) => [test, Object.fromEntries(held)])) }
      : {}),
  };
}

/** A policy may name the account, which the plan's own provider does not know of itself. */
function withArnsOf(roles: readonly RoleReading[], providers: readonly Provider[]): readonly Provider[] {
  const named = roles.flatMap((reading) =>
    reading.kind === "role"
      ? reading.role.trust.statements.flatMap(({ principals }) => principals?.["Federated"] ?? [])
      : [],
  );
  const others = [...new Set(named)].flatMap((arn) => {
    if (providers.some((one) => one.arn === arn)) return [];
    const same = providers.find(({ url }) => arn.endsWith(`:oidc-provider/${url}`));
    return same ? [{ ...same, arn }] : [];
  });
  return [...providers, ...others];
}
