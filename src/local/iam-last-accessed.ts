import { randomUUID } from "node:crypto";

import { isoSeconds } from "../core/iso-date.ts";
import type { Policy } from "../core/policy.ts";
import type { XmlFields } from "../wire/query.ts";
import { groupsOf, titleOf } from "./iam-holders.ts";
import { everyHolder, nameOf } from "./iam-managed-records.ts";
import { arn, jobId, oneOf, paging } from "./iam-shapes.ts";
import { attachedPolicy, findManaged } from "./managed-policies.ts";
import { operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { listOf, optional, text } from "./parameters.ts";
import { type Holder, type IamState, policyOf } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import type { KeyUse } from "./state.ts";
import type { Store } from "./store.ts";
import type { World } from "./world.ts";

/**
 * Which services a user, group, role or policy may use, and when each was last used, from the calls that this
 * cloud has seen. A job is done when it is asked for, and is forgotten when the cloud stops (at AWS, after 7 days).
 */

interface Job {
  readonly arn: string;
  readonly granularity: string;
  readonly created: number;
}

const serviceNamespace = text({ min: 1, max: 64, pattern: String.raw`[\w-]*` });

const jobs = new WeakMap<Store, Map<string, Job>>();

function jobsOf({ store }: World): Map<string, Job> {
  const known = jobs.get(store) ?? new Map<string, Job>();
  jobs.set(store, known);
  return known;
}

/** Names of the services that this cloud answers, or that policies for CI speak of; others go by their namespace. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  cloudformation: "AWS CloudFormation",
  cloudwatch: "Amazon CloudWatch",
  dynamodb: "Amazon DynamoDB",
  ec2: "Amazon EC2",
  ecr: "Amazon Elastic Container Registry",
  ecs: "Amazon Elastic Container Service",
  eks: "Amazon Elastic Kubernetes Service",
  iam: "AWS Identity and Access Management",
  kms: "AWS Key Management Service",
  lambda: "AWS Lambda",
  logs: "Amazon CloudWatch Logs",
  s3: "Amazon S3",
  secretsmanager: "AWS Secrets Manager",
  sns: "Amazon SNS",
  sqs: "Amazon SQS",
  ssm: "AWS Systems Manager",
  sts: "AWS Security Token Service",
};

const holderKinds = /^arn:[a-z-]+:iam::\d{12}:(user|group|role)\//;

/** The user, group or role, or else everybody to whom a policy is attached. */
function holdersOf(wanted: string, iam: IamState): readonly Holder[] {
  const all = everyHolder(iam);
  return holderKinds.test(wanted)
    ? all.filter((one) => one.arn === wanted)
    : all.filter(({ attached }) => attached.includes(wanted));
}

// The words of the other calls about what is not there; not verified for these.
function missing(wanted: string): Refusal {
  const kind = holderKinds.exec(wanted)?.[1];
  return iamError(
    "NoSuchEntity",
    kind === undefined ? `Policy ${wanted} was not found.` : `The ${kind} with name ${nameOf(wanted)} cannot be found.`,
  );
}

function policiesOf(wanted: string, iam: IamState): readonly Policy[] {
  if (!holderKinds.test(wanted)) return [attachedPolicy(iam, wanted)];
  return holdersOf(wanted, iam)
    .flatMap((one) => [one, ...("keys" in one ? memberships(one, iam) : [])])
    .flatMap(({ inline, attached }) => [
      ...Object.values(inline).map(policyOf),
      ...attached.map((own) => attachedPolicy(iam, own)),
    ]);
}

function memberships(user: Holder, iam: IamState): readonly Holder[] {
  const record = iam.users.get(user.name);
  return record ? groupsOf(record, iam) : [];
}

/** Namespaces that policies allow something of. */
export function allowedServices(policies: readonly Policy[]): readonly string[] {
  const actions = policies
    .flatMap(({ statements }) => statements)
    .filter(({ effect }) => effect === "Allow")
    .flatMap((statement) => statement.actions ?? ["*"]);
  const known = Object.keys(SERVICE_NAMES);
  const services = actions.flatMap((action) => {
    const [service = "*"] = action.toLowerCase().split(":");
    return service.includes("*") ? known : [service];
  });
  return [...new Set(services)].toSorted();
}

interface Use extends KeyUse {
  readonly by: string;
}

function usesOf(wanted: string, { store }: World): readonly Use[] {
  const { iam } = store;
  return holdersOf(wanted, iam)
    .flatMap((holder) => ("members" in holder ? membersOf(holder, iam) : [holder]))
    .flatMap((holder) => {
      const ids = "keys" in holder ? keyIds(holder, iam) : [holder.id];
      return ids.map((id) => store.lastUse(id)).flatMap((use) => (use ? [{ ...use, by: holder.arn }] : []));
    });
}

function membersOf({ name }: Holder, { groups, users }: IamState): readonly Holder[] {
  return [...users.values()].filter(({ id }) => groups.get(name)?.members.includes(id));
}

function keyIds({ name }: Holder, { users }: IamState): readonly string[] {
  return (users.get(name)?.keys ?? []).map(({ id }) => id);
}

function serviceXml(service: string, uses: readonly Use[]): XmlFields {
  const own = uses.filter((use) => use.service === service).toSorted((a, b) => b.at - a.at);
  const [last] = own;
  return {
    ServiceName: SERVICE_NAMES[service] ?? service,
    LastAuthenticated: last && isoSeconds(last.at / 1000),
    ServiceNamespace: service,
    LastAuthenticatedEntity: last?.by,
    LastAuthenticatedRegion: last?.region,
    TotalAuthenticatedEntities: new Set(own.map(({ by }) => by)).size,
  };
}

const generate = operation({
  parameters: { Arn: arn, Granularity: optional(oneOf("SERVICE_LEVEL", "ACTION_LEVEL")) },
  access: ({ Arn }) => Arn,
  run: ({ values, world }) => {
    const { Arn: wanted, Granularity: granularity = "SERVICE_LEVEL" } = values;
    const { iam } = world.store;
    const there = holderKinds.test(wanted) ? holdersOf(wanted, iam).length > 0 : findManaged(iam, wanted) !== undefined;
    if (!there) return missing(wanted);
    const id = randomUUID();
    jobsOf(world).set(id, { arn: wanted, granularity, created: world.now() });
    return result({ JobId: id });
  },
});

const get = operation({
  parameters: { JobId: jobId, ...paging },
  access: () => "*",
  run: ({ values, world }) => {
    const job = jobsOf(world).get(values.JobId);
    // The text is not verified.
    if (!job) return iamError("NoSuchEntity", `Job ${values.JobId} cannot be found.`);
    const uses = usesOf(job.arn, world);
    const page = paginate(allowedServices(policiesOf(job.arn, world.store.iam)), (one) => one, values);
    if (page.kind === "refused") return page;
    const at = isoSeconds(job.created / 1000);
    return result({
      JobStatus: "COMPLETED",
      JobType: job.granularity,
      JobCreationDate: at,
      ServicesLastAccessed: page.items.map((service) => serviceXml(service, uses)),
      JobCompletionDate: at,
      ...page.tail,
    });
  },
});

const getEntities = operation({
  parameters: { JobId: jobId, ServiceNamespace: serviceNamespace, ...paging },
  access: () => "*",
  run: ({ values, world }) => {
    const job = jobsOf(world).get(values.JobId);
    // The text is not verified.
    if (!job) return iamError("NoSuchEntity", `Job ${values.JobId} cannot be found.`);
    const page = paginate(entitiesOf(job.arn, world.store.iam), ({ arn: own }) => own, values);
    if (page.kind === "refused") return page;
    const at = isoSeconds(job.created / 1000);
    return result({
      JobStatus: "COMPLETED",
      JobCreationDate: at,
      JobCompletionDate: at,
      EntityDetailsList: page.items.map((one) => entityXml(one, values.ServiceNamespace, world)),
      ...page.tail,
    });
  },
});

function entitiesOf(wanted: string, iam: IamState): readonly Holder[] {
  const holders = holdersOf(wanted, iam);
  return holderKinds.test(wanted)
    ? holders.flatMap((one) => ("members" in one ? membersOf(one, iam) : [one]))
    : holders;
}

function entityXml(holder: Holder, service: string, world: World): XmlFields {
  const last = usesOf(holder.arn, world)
    .filter((use) => use.service === service)
    .toSorted((a, b) => b.at - a.at)[0];
  return {
    EntityInfo: {
      Arn: holder.arn,
      Name: holder.name,
      Type: titleOf(holder).toUpperCase(),
      Id: holder.id,
      Path: holder.path,
    },
    LastAuthenticated: last && isoSeconds(last.at / 1000),
  };
}

const granting = operation({
  parameters: { Arn: arn, ServiceNamespaces: listOf(serviceNamespace, { max: 200 }), Marker: paging.Marker },
  access: ({ Arn }) => Arn,
  run: ({ values: { Arn: wanted, ServiceNamespaces: services }, world }) => {
    const { iam } = world.store;
    const [holder] = holdersOf(wanted, iam);
    if (!holder || !holderKinds.test(wanted)) return missing(wanted);
    const grants = [holder, ...("keys" in holder ? memberships(holder, iam) : [])].flatMap((one) => grantsOf(one, iam));
    const told = services.map((service) => ({
      ServiceNamespace: service,
      Policies: grants.filter((one) => one.services.includes(service)).map(({ fields }) => fields),
    }));
    return result({ PoliciesGrantingServiceAccess: told, IsTruncated: false });
  },
});

interface Grant {
  readonly services: readonly string[];
  readonly fields: XmlFields;
}

function grantsOf({ arn: own, name, inline, attached }: Holder, iam: IamState): readonly Grant[] {
  const type = (holderKinds.exec(own)?.[1] ?? "").toUpperCase();
  return [
    ...attached.map((one) => ({
      services: allowedServices([attachedPolicy(iam, one)]),
      fields: { PolicyName: nameOf(one), PolicyType: "MANAGED", PolicyArn: one },
    })),
    ...Object.entries(inline).map(([policy, document]) => ({
      services: allowedServices([policyOf(document)]),
      fields: { PolicyName: policy, PolicyType: "INLINE", EntityType: type, EntityName: name },
    })),
  ];
}

export const LAST_ACCESSED_OPERATIONS: Operations = {
  GenerateServiceLastAccessedDetails: generate,
  GetServiceLastAccessedDetails: get,
  GetServiceLastAccessedDetailsWithEntities: getEntities,
  ListPoliciesGrantingServiceAccess: granting,
};
