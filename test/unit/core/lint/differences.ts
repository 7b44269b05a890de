import type { LintRole } from "../../../../src/core/lint/finding.ts";
import type { Provider } from "../../../../src/core/decide.ts";
import type { RuleCase } from "./rule-cases.ts";

/** In how many things a bad role and its near miss differ: elements, operators, keys, values, settings. */
export function differences(one: RuleCase): number {
  const { bad, good, providers = [], goodProviders = providers, platform = {}, goodPlatform = platform } = one;
  const ofBad = leaves({ ...partsOf(bad), providers: named(providers), platform });
  const ofGood = leaves({ ...partsOf(good), providers: named(goodProviders), platform: goodPlatform });
  const gone = ofBad.filter((leaf) => !ofGood.includes(leaf));
  const come = ofGood.filter((leaf) => !ofBad.includes(leaf));
  // One that went and one that came in its place are one.
  return Math.max(gone.length, come.length);
}

/** An ARN says what the URL does. */
function named(providers: readonly Provider[]): readonly object[] {
  return providers.map(({ url, audiences, thumbprints }) => ({ url, audiences, thumbprints }));
}

function partsOf({ trust, permissions, maxSessionDuration, lastUsed }: LintRole): object {
  const statements = trust.statements.map(({ conditions, ...rest }) => ({
    ...rest,
    conditions: conditions.flatMap(({ operator, key, values }) => values.map((value) => `${operator} ${key} ${value}`)),
  }));
  const { boundary, ...policies } = permissions ?? { boundary: null };
  return { statements, policies, boundary: JSON.stringify(boundary), maxSessionDuration, lastUsed };
}

/** Each value with its path; of lists the index is no part of it. */
function leaves(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => leaves(one, `${path}[]`));
  if (typeof value !== "object" || value === null) return [`${path}=${String(value)}`];
  return Object.entries(value).flatMap(([name, one]) => leaves(one, `${path}.${name}`));
}
