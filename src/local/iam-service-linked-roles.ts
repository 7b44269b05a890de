import { randomUUID } from "node:crypto";

import { encodePart } from "../wire/query.ts";
import { findRole, putRole, roleArnOf, roleXml } from "./iam-role-records.ts";
import { description, policyName, roleName } from "./iam-shapes.ts";
import { newUniqueId } from "./ids.ts";
import { operation, type Operations, result } from "./operation.ts";
import { optional, text } from "./parameters.ts";
import { type Holder, type RoleRecord, withoutEntry } from "./records.ts";
import { iamError, type Refusal } from "./refusal.ts";
import { LINKED_SERVICES, type LinkedService } from "./iam-linked-services.ts";
import type { World } from "./world.ts";

/** Roles that belong to a service. Texts recorded from AWS (../shared/vectors/aws-recorded) unless said otherwise. */

const HOME = "/aws-service-role/";

// A service that the table does not know has a role too, named after it; whether AWS has one is not known here.
function linkedService(service: string): LinkedService {
  const [first = service] = service.split(".");
  return (
    LINKED_SERVICES[service] ?? { role: first.charAt(0).toUpperCase() + first.slice(1), policy: null, suffix: false }
  );
}

const create = operation({
  parameters: {
    AWSServiceName: policyName,
    Description: optional(description),
    CustomSuffix: optional(text({ min: 1, max: 64, pattern: String.raw`[\w+=,.@-]+` })),
  },
  access: ({ AWSServiceName: service }, { store }) =>
    `arn:aws:iam::${store.identity.account}:role${HOME}${service}/AWSServiceRoleFor${linkedService(service).role}`,
  run: ({ values, world }) => {
    const { AWSServiceName: service, CustomSuffix: suffix } = values;
    // Unverified: AWS's words from memory.
    if (!/^[\w-]+(\.[\w-]+)*\.amazonaws\.com$/.test(service))
      return iamError("InvalidInput", `Service role name ${service} is not valid.`);
    const linked = linkedService(service);
    if (suffix !== undefined && !linked.suffix)
      return iamError("InvalidInput", `Custom suffix is not allowed for ${service}`);
    const name = `AWSServiceRoleFor${linked.role}${suffix === undefined ? "" : `_${suffix}`}`;
    if (world.store.iam.roles.has(name))
      return iamError(
        "InvalidInput",
        `Service role name ${name} has been taken in this account, please try a different suffix.`,
      );
    const path = `${HOME}${service}/`;
    const role: RoleRecord = {
      arn: `arn:aws:iam::${world.store.identity.account}:role${path}${name}`,
      name,
      path,
      id: newUniqueId("AROA"),
      trust: trustOf(service),
      description: values.Description,
      maxSessionDuration: 3600,
      tags: [],
      inline: {},
      attached: linked.policy === null ? [] : [`arn:aws:iam::aws:policy${HOME}${linked.policy}`],
      created: world.now(),
    };
    putRole(world, role);
    const asMade = encodePart(trustAsMade(service));
    return result({
      Role: { ...roleXml(role), AssumeRolePolicyDocument: asMade, Description: role.description },
    });
  },
});

function trustOf(service: string): string {
  const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

// CreateServiceLinkedRole answers lists where GetRole, recorded, does not. Example of the AWS CLI's reference.
function trustAsMade(service: string): string {
  const statement = { Action: ["sts:AssumeRole"], Effect: "Allow", Principal: { Service: [service] } };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

function isServiceLinked(holder: Holder): boolean {
  return "trust" in holder && holder.path.startsWith(HOME);
}

/** What IAM says against changing a service's role. AWS re:Post knowledge center, identity-center-aws-reserved-sso. */
export function protectedRole(role: Holder): Refusal | null {
  return isServiceLinked(role)
    ? iamError(
        "UnmodifiableEntity",
        `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
      )
    : null;
}

// What was deleted since the start.
const tasks = new WeakMap<World, Set<string>>();

// Nothing uses such a role here, so that it is gone at once.
const remove = operation({
  parameters: { RoleName: roleName },
  access: roleArnOf,
  run: (call) => {
    const role = findRole(call);
    if ("kind" in role) return role;
    // Code of the API model, text not verified.
    if (!isServiceLinked(role)) return iamError("NoSuchEntity", `The role with name ${role.name} cannot be found.`);
    call.world.store.changeIam((iam) => ({ ...iam, roles: withoutEntry(iam.roles, role.name) }));
    const task = `task${role.path}${role.name}/${randomUUID()}`;
    tasks.set(call.world, new Set(tasks.get(call.world)).add(task));
    return result({ DeletionTaskId: task });
  },
});

const status = operation({
  parameters: { DeletionTaskId: text({ min: 1, max: 1000 }) },
  access: (_, { store }) => `arn:aws:iam::${store.identity.account}:role${HOME}*`,
  run: ({ values: { DeletionTaskId: task }, world }) =>
    tasks.get(world)?.has(task) === true
      ? result({ Status: "SUCCEEDED" })
      : iamError("NoSuchEntity", `The deletion task ${task} cannot be found.`),
});

export const SERVICE_LINKED_ROLE_OPERATIONS: Operations = {
  CreateServiceLinkedRole: create,
  DeleteServiceLinkedRole: remove,
  GetServiceLinkedRoleDeletionStatus: status,
};
