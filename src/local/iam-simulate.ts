import { Context } from "../core/conditions.ts";
import { readIdentityPolicy } from "../core/policy.ts";
import type { XmlFields } from "../wire/query.ts";
import { holderKeys } from "./authorize.ts";
import { groupsOf, titleOf } from "./iam-holders.ts";
import { nameOf } from "./iam-managed-records.ts";
import { arn, oneOf, paging, policyDocument } from "./iam-shapes.ts";
import { documentInForce, findManaged } from "./managed-policies.ts";
import { type Answer, operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { listOf, optional, structure, text } from "./parameters.ts";
import { type Holder, type IamState, policyOf } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import { contextKeys, simulate, type Simulation, type SourcePolicy } from "./simulation.ts";

const CONTEXT_TYPES = ["string", "numeric", "boolean", "ip", "binary", "date"] as const;
const contextType = oneOf(...CONTEXT_TYPES.flatMap((type) => [type, `${type}List`]));
const documents = listOf(policyDocument);

const common = {
  ActionNames: listOf(text({ min: 3, max: 128 })),
  ResourceArns: optional(listOf(text({ min: 1, max: 2048 }))),
  ResourcePolicy: optional(policyDocument),
  ResourceOwner: optional(text({ min: 1, max: 2048 })),
  CallerArn: optional(text({ min: 1, max: 2048 })),
  ContextEntries: optional(
    listOf(
      structure({
        ContextKeyName: optional(text({ min: 5, max: 256 })),
        ContextKeyValues: optional(listOf(text())),
        ContextKeyType: optional(contextType),
      }),
    ),
  ),
  ResourceHandlingOption: optional(text({ min: 1, max: 64 })),
  ...paging,
};

interface Asked {
  readonly ActionNames: readonly string[];
  readonly ResourceArns: readonly string[] | undefined;
  readonly ContextEntries:
    | readonly {
        readonly ContextKeyName: string | undefined;
        readonly ContextKeyValues: readonly string[] | undefined;
      }[]
    | undefined;
  readonly Marker: string | undefined;
  readonly MaxItems: number | undefined;
}

function givenKeys({ ContextEntries: entries = [] }: Asked): [string, readonly string[]][] {
  return entries.map(({ ContextKeyName: key = "", ContextKeyValues: values = [] }) => [key, values]);
}

/** One result for each action and resource, in pages. */
function answer(asked: Asked, simulation: Simulation, more: XmlFields = {}): Answer {
  const { ActionNames: actions, ResourceArns: resources } = asked;
  const named = resources !== undefined && resources.length > 0;
  const pairs = actions
    .flatMap((action) => (named ? resources : ["*"]).map((resource) => ({ action, resource })))
    .map((pair, at) => ({ ...pair, key: String(at).padStart(6, "0") }));
  const page = paginate(pairs, ({ key }) => key, asked);
  if (page.kind === "refused") return page;
  return result({
    EvaluationResults: page.items.map(({ action, resource }) => ({
      ...simulate(simulation, action, resource, named),
      ...more,
    })),
    ...page.tail,
  });
}

type Sources = { readonly kind: "sources"; readonly sources: readonly SourcePolicy[] } | Refusal;

/** Reads the documents of a request; they are named after their parameter and place. */
function readSources(list: readonly string[] | undefined, parameter: string, type: SourcePolicy["type"]): Sources {
  const sources: SourcePolicy[] = [];
  for (const [at, document] of (list ?? []).entries()) {
    const reading = readIdentityPolicy(document);
    // Code of the API model; the text is not verified.
    if (reading.kind === "malformed") return iamError("InvalidInput", reading.message);
    sources.push({ id: `${parameter}.${at + 1}`, type, document, policy: reading.policy });
  }
  return { kind: "sources", sources };
}

const BOUNDARIES = "PermissionsBoundaryPolicyInputList";

const custom = operation({
  parameters: { PolicyInputList: documents, [BOUNDARIES]: optional(documents), ...common },
  access: () => "*",
  run: ({ values }) => {
    const policies = readSources(values.PolicyInputList, "PolicyInputList", "IAM Policy");
    if (policies.kind === "refused") return policies;
    const boundaries = readSources(values[BOUNDARIES], BOUNDARIES, "Permissions Boundary Policy");
    if (boundaries.kind === "refused") return boundaries;
    const context = new Context(givenKeys(values));
    return answer(values, { policies: policies.sources, boundary: boundaries.sources[0] ?? null, context });
  },
});

function findSource(wanted: string, { users, groups, roles }: IamState): Holder | Refusal {
  const held = [...users.values(), ...groups.values(), ...roles.values()].find((one) => one.arn === wanted);
  if (held) return held;
  const [, kind = "entity"] = /:(user|role|group)\//.exec(wanted) ?? [];
  // The text is not verified.
  return iamError("NoSuchEntity", `The ${kind} with name ${nameOf(wanted)} cannot be found.`);
}

/** The policies of a role, a group, or a user and the user's groups. */
function sourcesOf(holder: Holder, iam: IamState): readonly SourcePolicy[] {
  const user = iam.users.get(holder.name);
  const groups = user === holder ? groupsOf(user, iam) : [];
  return [holder, ...groups].flatMap((one) => ownSources(one, iam));
}

// Named as the simulator names them.
function ownSources(holder: Holder, iam: IamState): readonly SourcePolicy[] {
  const kind = titleOf(holder).toLowerCase();
  const inline = Object.entries(holder.inline).map(([name, document]) => ({
    id: `${kind}_${holder.name}_${name}`,
    document,
  }));
  const attached = holder.attached.map((one) => managedSource(one, iam));
  return [...inline, ...attached].map((one) => ({ ...one, type: "IAM Policy", policy: policyOf(one.document) }));
}

function managedSource(wanted: string, iam: IamState): { readonly id: string; readonly document: string } {
  const record = findManaged(iam, wanted);
  return { id: nameOf(wanted), document: record ? documentInForce(record) : "" };
}

function boundaryOf({ boundary }: Holder, iam: IamState): SourcePolicy | null {
  if (boundary === undefined) return null;
  const source = managedSource(boundary, iam);
  return { ...source, type: "Permissions Boundary Policy", policy: policyOf(source.document) };
}

const principal = operation({
  parameters: {
    PolicySourceArn: arn,
    PolicyInputList: optional(documents),
    [BOUNDARIES]: optional(documents),
    ...common,
  },
  access: ({ PolicySourceArn }) => PolicySourceArn,
  run: ({ values, world }) => {
    const { iam, identity } = world.store;
    const holder = findSource(values.PolicySourceArn, iam);
    if ("kind" in holder) return holder;
    const more = readSources(values.PolicyInputList, "PolicyInputList", "IAM Policy");
    if (more.kind === "refused") return more;
    const boundaries = readSources(values[BOUNDARIES], BOUNDARIES, "Permissions Boundary Policy");
    if (boundaries.kind === "refused") return boundaries;
    return answer(
      values,
      {
        policies: [...sourcesOf(holder, iam), ...more.sources],
        // A boundary in the request takes the place of the principal's own. IAM API reference.
        boundary: boundaries.sources[0] ?? boundaryOf(holder, iam),
        context: new Context([...holderKeys(holder, identity.account), ...givenKeys(values)]),
      },
      { OrganizationsDecisionDetail: { AllowedByOrganizations: true } },
    );
  },
});

const keysForCustom = operation({
  parameters: { PolicyInputList: documents },
  access: () => "*",
  run: ({ values }) => {
    const policies = readSources(values.PolicyInputList, "PolicyInputList", "IAM Policy");
    if (policies.kind === "refused") return policies;
    return result({ ContextKeyNames: contextKeys(policies.sources.map(({ policy }) => policy)) });
  },
});

const keysForPrincipal = operation({
  parameters: { PolicySourceArn: arn, PolicyInputList: optional(documents) },
  access: ({ PolicySourceArn }) => PolicySourceArn,
  run: ({ values, world: { store } }) => {
    const holder = findSource(values.PolicySourceArn, store.iam);
    if ("kind" in holder) return holder;
    const more = readSources(values.PolicyInputList, "PolicyInputList", "IAM Policy");
    if (more.kind === "refused") return more;
    const all = [...sourcesOf(holder, store.iam), ...more.sources];
    return result({ ContextKeyNames: contextKeys(all.map(({ policy }) => policy)) });
  },
});

export const SIMULATE_OPERATIONS: Operations = {
  SimulateCustomPolicy: custom,
  SimulatePrincipalPolicy: principal,
  GetContextKeysForCustomPolicy: keysForCustom,
  GetContextKeysForPrincipalPolicy: keysForPrincipal,
};
