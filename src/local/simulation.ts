import type { Context } from "../core/conditions.ts";
import { objectSpans } from "../core/json-spans.ts";
import { matchingStatements, permit } from "../core/permit.ts";
import type { Policy, Statement } from "../core/policy.ts";
import type { XmlFields } from "../wire/query.ts";

/** A policy of a simulation, with the name that the answer gives it. */
export interface SourcePolicy {
  readonly id: string;
  readonly type: "IAM Policy" | "Permissions Boundary Policy";
  readonly document: string;
  readonly policy: Policy;
}

export interface Simulation {
  readonly policies: readonly SourcePolicy[];
  readonly boundary: SourcePolicy | null;
  readonly context: Context;
}

type Decision = "allowed" | "explicitDeny" | "implicitDeny";

/** What one call would come to. The members and their order are recorded, 2025-04 (../shared/vectors/aws-recorded). */
export function simulate(simulation: Simulation, action: string, resource: string, named: boolean): XmlFields {
  const { policies, boundary, context } = simulation;
  const question = { action, resource, context };
  const answer = permit({
    ...question,
    policies: policies.map(({ policy }) => policy),
    boundary: boundary?.policy ?? null,
  });
  const denied = answer.outcome === "denied" && answer.explicit ? "explicitDeny" : "implicitDeny";
  const decision: Decision = answer.outcome === "allowed" ? "allowed" : denied;
  const sources = boundary ? [...policies, boundary] : policies;
  const matched = sources.flatMap((source) => matchedXml(source, question, decision));
  const missing = missingKeys(sources, context);
  const bounded = boundary
    ? { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: boundaryAllows(boundary, question) } }
    : {};
  const specific: XmlFields = {
    EvalResourceName: resource,
    EvalResourceDecision: decision,
    MatchedStatements: matched,
    MissingContextValues: missing,
    ...bounded,
  };
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decision,
    MatchedStatements: matched,
    MissingContextValues: missing,
    EvalDecisionDetails: {},
    ...bounded,
    ResourceSpecificResults: named ? [specific] : undefined,
  };
}

type Question = Parameters<typeof matchingStatements>[1];

function boundaryAllows({ policy }: SourcePolicy, question: Question): boolean {
  return permit({ ...question, policies: [policy] }).outcome === "allowed";
}

// The statements that made the decision: none made an implicit one.
function matchedXml(source: SourcePolicy, question: Question, decision: Decision): readonly XmlFields[] {
  if (decision === "implicitDeny") return [];
  const effect: Statement["effect"] = decision === "allowed" ? "Allow" : "Deny";
  const spans = objectSpans(source.document, "Statement");
  return matchingStatements(source.policy, question)
    .filter((statement) => statement.effect === effect)
    .map((statement) => {
      const span = spans[source.policy.statements.indexOf(statement)];
      return {
        SourcePolicyId: source.id,
        SourcePolicyType: source.type,
        // Recorded: both positions are behind their brace, counted from 1.
        StartPosition: span && position(source.document, span.start + 1),
        EndPosition: span && position(source.document, span.end),
      };
    });
}

function position(document: string, offset: number): XmlFields {
  const lines = document.slice(0, offset).split("\n");
  return { Line: lines.length, Column: (lines.at(-1) ?? "").length + 1 };
}

function missingKeys(sources: readonly SourcePolicy[], context: Context): readonly string[] {
  return contextKeys(sources.map(({ policy }) => policy)).filter((key) => context.get(key) === null);
}

const VARIABLE = /\$\{([^},]+)/g;

/** The context keys that policies ask for, in conditions and as variables. */
export function contextKeys(policies: readonly Policy[]): readonly string[] {
  const keys = policies.flatMap(({ statements }) => statements.flatMap(keysOf));
  return [...new Map(keys.map((key) => [key.toLowerCase(), key])).values()];
}

function keysOf({ conditions, resources = [], notResources = [] }: Statement): readonly string[] {
  const texts = [...resources, ...notResources, ...conditions.flatMap(({ values }) => values)];
  const variables = texts.flatMap((text) => [...text.matchAll(VARIABLE)].map(([, key = ""]) => key.trim()));
  return [...conditions.map(({ key }) => key), ...variables.filter((key) => key.includes(":"))];
}
