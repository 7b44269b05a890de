import type { Policy } from "../core/policy.ts";
import type { IamState } from "./records.ts";

/**
 * Who a trust policy may name. IAM looks each of them up when the policy is saved: a role or user that is not there
 * is refused. Text and rule: reports of users of Terraform, CDK and Databricks, 2017 to 2024; the case of the types,
 * too. Here only this account can be looked into; whoever is named in another one is taken to be there.
 */
export function trustPrincipalProblem({ statements }: Policy, account: string, iam: IamState): string | null {
  for (const { principals = {} } of statements) {
    for (const [type, names] of Object.entries(principals)) {
      const bad = names.find((name) => !isThere(type, name, account, iam));
      if (bad !== undefined) return `Invalid principal in policy: "${type.toUpperCase()}":"${bad}"`;
    }
  }
  return null;
}

// Whether IAM looks up a provider, too, is not known: here it does not.
function isThere(type: string, name: string, account: string, iam: IamState): boolean {
  if (type === "AWS") return isAwsPrincipal(name, account, iam);
  if (type === "Service") return SERVICE.test(name);
  return true;
}

// "arn:aws:iam:::user/…" and "amazonaws.com" are among the reports; which services there are is not known here.
const SERVICE = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$/i;
const UNIQUE_ID = /^A(ROA|IDA)[A-Z0-9]{12,124}$/;
const ARN = /^arn:[a-z-]+:(iam|sts)::(\d{12}):(root|(user|role|assumed-role|federated-user)\/[^*?]+)$/;

function isAwsPrincipal(name: string, account: string, iam: IamState): boolean {
  if (name === "*" || /^\d{12}$/.test(name)) return true;
  const holders = [...iam.users.values(), ...iam.roles.values()];
  if (UNIQUE_ID.test(name)) return holders.some(({ id }) => id === name);
  const [, service, owner] = ARN.exec(name) ?? [];
  if (service === undefined) return false;
  if (service === "sts" || owner !== account || name.endsWith(":root")) return true;
  return holders.some(({ arn }) => arn === name);
}
