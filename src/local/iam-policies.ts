import { readIdentityPolicy } from "../core/policy.ts";
import { encodePart } from "../wire/query.ts";
import { changeRole, findRole, roleArnOf, sizeOf } from "./iam-role-records.ts";
import { arn, paging, policyDocument, policyName, roleName } from "./iam-shapes.ts";
import { isAwsManaged } from "./managed-policies.ts";
import { operation, type Operations, result } from "./operation.ts";
import { paginate } from "./pages.ts";
import { optional, text } from "./parameters.ts";
import { iamError, type Refusal } from "./refusal.ts";

const named = { RoleName: roleName, PolicyName: policyName };

// IAM quotas: all inline policies of a role together, white space not counted; attached policies.
const LONGEST_INLINE = 10_240;
const MOST_ATTACHED = 10;

const put = operation({
  parameters: { ...named, PolicyDocument: policyDocument },
  access: roleArnOf,
  run: (call) =>
    changeRole(call, (role) => {
      const { PolicyName: name, PolicyDocument: document } = call.values;
      const reading = readIdentityPolicy(document);
      if (reading.kind === "malformed") return iamError("MalformedPolicyDocument", reading.message);
      const inline = { ...role.inline, [name]: document };
      const size = Object.values(inline).reduce((sum, one) => sum + sizeOf(one), 0);
      if (size > LONGEST_INLINE) {
        return iamError(
          "LimitExceeded",
          `Maximum policy size of ${LONGEST_INLINE} bytes exceeded for role ${role.name}`,
        );
      }
      return { ...role, inline };
    }),
});

const get = operation({
  parameters: named,
  access: roleArnOf,
  run: (call) => {
    const role = findRole(call);
    if ("kind" in role) return role;
    const { PolicyName: name } = call.values;
    const document = Object.hasOwn(role.inline, name) ? role.inline[name] : undefined;
    if (document === undefined) return noSuchPolicy(name);
    return result({ RoleName: role.name, PolicyName: name, PolicyDocument: encodePart(document) });
  },
});

function noSuchPolicy(name: string): Refusal {
  return iamError("NoSuchEntity", `The role policy with name ${name} cannot be found.`);
}

const remove = operation({
  parameters: named,
  access: roleArnOf,
  run: (call) =>
    changeRole(call, (role) => {
      const { PolicyName: name } = call.values;
      if (!Object.hasOwn(role.inline, name)) return noSuchPolicy(name);
      return { ...role, inline: Object.fromEntries(Object.entries(role.inline).filter(([one]) => one !== name)) };
    }),
});

const list = operation({
  parameters: { RoleName: roleName, ...paging },
  access: roleArnOf,
  run: (call) => {
    const role = findRole(call);
    if ("kind" in role) return role;
    const page = paginate(Object.keys(role.inline), (name) => name, call.values);
    return page.kind === "refused" ? page : result({ PolicyNames: page.items, ...page.tail });
  },
});

const POLICY_ARN = /^arn:[a-z-]+:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/;

// Texts recorded from AWS, 2025-06. There are no customer policies on this floor, so none exists.
function checkPolicyArn(wanted: string): Refusal | null {
  if (!POLICY_ARN.test(wanted)) return iamError("ValidationError", "Invalid ARN:  Could not be parsed!");
  return isAwsManaged(wanted)
    ? null
    : iamError("NoSuchEntity", `Policy ${wanted} does not exist or is not attachable.`);
}

const attach = operation({
  parameters: { RoleName: roleName, PolicyArn: arn },
  access: roleArnOf,
  run: (call) =>
    changeRole(call, (role) => {
      const { PolicyArn: wanted } = call.values;
      const problem = checkPolicyArn(wanted);
      if (problem) return problem;
      if (role.attached.includes(wanted)) return role;
      if (role.attached.length >= MOST_ATTACHED)
        return iamError("LimitExceeded", `Cannot exceed quota for PoliciesPerRole: ${MOST_ATTACHED}`);
      return { ...role, attached: [...role.attached, wanted] };
    }),
});

const detach = operation({
  parameters: { RoleName: roleName, PolicyArn: arn },
  access: roleArnOf,
  run: (call) =>
    changeRole(call, (role) => {
      const { PolicyArn: wanted } = call.values;
      if (!POLICY_ARN.test(wanted)) return iamError("ValidationError", "Invalid ARN:  Could not be parsed!");
      if (!role.attached.includes(wanted)) return iamError("NoSuchEntity", `Policy ${wanted} was not found.`);
      return { ...role, attached: role.attached.filter((one) => one !== wanted) };
    }),
});

const listAttached = operation({
  parameters: {
    RoleName: roleName,
    PathPrefix: optional(text({ min: 1, max: 512, pattern: String.raw`((/[A-Za-z0-9\.,\+@=_-]+)*)/` })),
    ...paging,
  },
  access: roleArnOf,
  run: (call) => {
    const role = findRole(call);
    if ("kind" in role) return role;
    const { PathPrefix: prefix = "/" } = call.values;
    const matching = role.attached.filter((one) => pathOf(one).startsWith(prefix));
    const page = paginate(matching, (one) => `${nameOf(one)} ${one}`, call.values);
    if (page.kind === "refused") return page;
    return result({
      AttachedPolicies: page.items.map((one) => ({ PolicyName: nameOf(one), PolicyArn: one })),
      ...page.tail,
    });
  },
});

function nameOf(policyArn: string): string {
  return policyArn.slice(policyArn.lastIndexOf("/") + 1);
}

function pathOf(policyArn: string): string {
  return policyArn.slice(policyArn.indexOf("/"), policyArn.lastIndexOf("/") + 1);
}

export const POLICY_OPERATIONS: Operations = {
  PutRolePolicy: put,
  GetRolePolicy: get,
  DeleteRolePolicy: remove,
  ListRolePolicies: list,
  AttachRolePolicy: attach,
  DetachRolePolicy: detach,
  ListAttachedRolePolicies: listAttached,
};
