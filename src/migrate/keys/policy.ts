import { coversAction } from "../../core/conditions.ts";
import { matchArnGlob, matchGlob, parseGlob } from "../../core/glob.ts";
import { type Policy, readPolicy, type Statement } from "../../core/policy.ts";
import type { Json } from "../../core/token.ts";
import type { ServiceAccess } from "../../wire/aws-sdk/user-calls.ts";
import type { UserPermissions } from "../../wire/aws-sdk/user-permissions.ts";
import type { Usage } from "./usage.ts";

/** A policy to start from, and what it could not know. */
export interface UsedPolicy {
  /** null when nothing is known to have been used. */
  readonly document: { readonly Version: "2012-10-17"; readonly Statement: readonly Json[] } | null;
  readonly notes: readonly string[];
}

/** What part of the user's permissions one statement of theirs lends to the new policy. */
interface Grant {
  readonly actions: readonly string[];
  readonly statement: Statement;
  readonly resources: readonly string[] | null;
}

/**
 * The part of a user's present permissions that was used: never more than they are, since each action is taken with
 * the resources and conditions of the statement that allows it now. Statements that deny are kept as they are.
 */
export function usedPolicy(permissions: UserPermissions, services: readonly ServiceAccess[], usage: Usage): UsedPolicy {
  const notes: string[] = [];
  const statements = permissions.policies.flatMap(({ from, document }) => readStatements(from, document, notes));
  const allows = statements.filter(({ effect }) => effect === "Allow");
  const grants = [
    ...actionGrants(allows, usedActions(services, usage), notes),
    ...serviceGrants(allows, services, usage, notes),
  ];
  if (grants.length === 0) return { document: null, notes };
  const denies = statements.filter(({ effect }) => effect === "Deny");
  const Statement = [...merged(grants).map(allowJson), ...denies.map(statementJson)];
  noteLimits(permissions, statements, services, notes);
  return { document: { Version: "2012-10-17", Statement }, notes };
}

function readStatements(from: string, document: string, notes: string[]): readonly Statement[] {
  const reading = readPolicy(document);
  if (reading.kind === "policy") return (reading.policy satisfies Policy).statements;
  notes.push(`${from} could not be read: ${reading.message}`);
  return [];
}

/** Action to the ARNs that it was done to; none when they are not known. */
function usedActions(services: readonly ServiceAccess[], { actions }: Usage): ReadonlyMap<string, readonly string[]> {
  const used = new Map(actions);
  for (const { namespace, actions: tracked } of services) {
    for (const name of tracked) {
      const action = `${namespace}:${name}`;
      const known = [...used.keys()].find((one) => one.toLowerCase() === action.toLowerCase());
      // IAM tells no resource; where records do, those are what to start from.
      if (known === undefined) used.set(action, []);
    }
  }
  return used;
}

function actionGrants(
  allows: readonly Statement[],
  used: ReadonlyMap<string, readonly string[]>,
  notes: string[],
): readonly Grant[] {
  return [...used].flatMap(([action, arns]) => {
    const covering = allows.filter((statement) => coversAction(statement, action));
    if (covering.length === 0) notes.push(`${action} was used, and nothing of the user's allows it now: left out`);
    const grants = covering.flatMap((statement) => {
      // What a policy variable stands for is not known here, so its pattern is kept.
      const keeps = arns.length === 0 || hasVariable(statement);
      const resources = keeps ? null : arns.filter((arn) => coversArn(statement, arn));
      return resources?.length === 0 ? [] : [{ actions: [action], statement, resources }];
    });
    if (covering.length > 0 && grants.length === 0)
      notes.push(`${action} was used on ${arns.join(", ")}, which nothing of the user's allows now: left out`);
    return grants;
  });
}

function coversArn({ resources, notResources }: Statement, arn: string): boolean {
  if (resources) return resources.some((pattern) => matches(pattern, arn));
  return notResources ? !notResources.some((pattern) => matches(pattern, arn)) : false;
}

function matches(pattern: string, arn: string): boolean {
  const glob = parseGlob(pattern);
  return pattern.startsWith("arn:") ? matchArnGlob(glob, arn) : matchGlob(glob, arn);
}

function hasVariable({ resources, notResources }: Statement): boolean {
  return [...(resources ?? []), ...(notResources ?? [])].some((pattern) => pattern.includes("${"));
}

/** Services of which only is known that they were used: what the user may do there stays, as wide as it is. */
function serviceGrants(
  allows: readonly Statement[],
  services: readonly ServiceAccess[],
  usage: Usage,
  notes: string[],
): readonly Grant[] {
  const seen = new Set([...usage.actions.keys()].map((action) => action.split(":")[0]?.toLowerCase()));
  return services
    .filter(({ lastUsed, actions }) => lastUsed !== null && actions.length === 0)
    .flatMap(({ namespace }) => {
      if (seen.has(namespace)) {
        notes.push(`${namespace}: its actions are those of CloudTrail's records alone; data events may be missing`);
        return [];
      }
      const grants = allows.flatMap((statement) => {
        const actions = ofService(statement, namespace);
        return actions.length === 0 ? [] : [{ actions, statement, resources: null }];
      });
      notes.push(
        grants.length > 0
          ? `${namespace} was used, and for what is not known: all that the user may do there is kept; narrow it`
          : `${namespace} was used, and which of the user's permissions that needs cannot be told: left out`,
      );
      return grants;
    });
}

/** A statement's actions, as far as they are of one service; none where that cannot be said in actions. */
function ofService({ actions, notActions }: Statement, namespace: string): readonly string[] {
  // NotAction allows the rest of the world: all of a service that it does not touch.
  if (notActions) return notActions.some((one) => isOfService(one, namespace)) ? [] : [`${namespace}:*`];
  return (actions ?? [])
    .filter((action) => isOfService(action, namespace))
    .map((action) => `${namespace}:${action.includes(":") ? action.slice(action.indexOf(":") + 1) : "*"}`);
}

function isOfService(action: string, namespace: string): boolean {
  const [service = ""] = action.split(":");
  return matchGlob(parseGlob(service.toLowerCase()), namespace);
}

/** One statement for all actions that have resources and conditions in common. */
function merged(grants: readonly Grant[]): readonly Grant[] {
  const groups = new Map<string, Grant>();
  for (const grant of grants) {
    const { resources, statement } = grant;
    const key = JSON.stringify([
      resources ?? statement.resources,
      resources ? null : statement.notResources,
      statement.conditions,
    ]);
    const before = groups.get(key);
    groups.set(key, { ...grant, actions: [...new Set([...(before?.actions ?? []), ...grant.actions])].toSorted() });
  }
  return [...groups.values()];
}

function allowJson({ actions, statement, resources }: Grant): Json {
  return {
    Effect: "Allow",
    Action: actions,
    ...(resources ? { Resource: resources } : resourceJson(statement)),
    ...conditionJson(statement),
  };
}

function statementJson(statement: Statement): Json {
  const { effect, actions, notActions } = statement;
  return {
    Effect: effect,
    ...(actions ? { Action: actions } : { NotAction: notActions ?? [] }),
    ...resourceJson(statement),
    ...conditionJson(statement),
  };
}

function resourceJson({ resources, notResources }: Statement): { readonly [key: string]: Json } {
  return notResources ? { NotResource: notResources } : { Resource: resources ?? ["*"] };
}

function conditionJson({ conditions }: Statement): { readonly [key: string]: Json } {
  const block: Record<string, Record<string, Json>> = {};
  for (const { operator, key, values } of conditions) (block[operator] ??= {})[key] = [...values];
  return conditions.length === 0 ? {} : { Condition: block };
}

function noteLimits(
  permissions: UserPermissions,
  statements: readonly Statement[],
  services: readonly ServiceAccess[],
  notes: string[],
): void {
  const unused = services.filter(({ lastUsed }) => lastUsed === null).length;
  if (unused > 0)
    notes.push(`services that the user may use and did not, within the time that IAM tracks, are left out: ${unused}`);
  if (permissions.boundary)
    notes.push(`the user has the permissions boundary ${permissions.boundary.from}: give it to the role too`);
  if (/\$\{aws:(?:username|userid)\}/i.test(JSON.stringify(statements)))
    notes.push(
      "the permissions name ${aws:username} or ${aws:userid}, which a role's session has not or has otherwise: put the values in",
    );
  if (
    statements.some(({ conditions }) =>
      conditions.some(({ key }) =>
        /^aws:(?:username|PrincipalType|PrincipalArn|userid|MultiFactorAuth\w+)$/i.test(key),
      ),
    )
  )
    notes.push("a condition is about who calls, and a role's session is not this user: look at it again");
  notes.push("not known: what service control policies, resource policies and session policies would say");
}
