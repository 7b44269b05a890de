import { Context } from "../core/conditions.ts";
import { type Policy, readPolicy, type Statement } from "../core/policy.ts";
import { evaluateTrust } from "../core/trust.ts";
import { type Grant, grantsOf, NAMING } from "./grant.ts";
import { describeGrant } from "./grant-words.ts";

/** Who gains and who loses a role by a change of its trust policy, in words; one line for each group of jobs. */
export interface Access {
  readonly gains: readonly string[];
  readonly loses: readonly string[];
  /** True when somebody can take a role that was there before, and could not. A new role widens nothing that was. */
  readonly widens: boolean;
}

const ACTION = "sts:AssumeRoleWithWebIdentity";

/**
 * Compares two trust policies by what they admit, not by how they are written: from every value of either
 * policy tokens are made, wildcards filled with nothing, with one character and with text that occurs
 * nowhere, and both policies decide on each.
 *
 * @param before JSON, or null when there is no role yet
 * @param after JSON, or null when the role goes
 */
export function accessChange(before: string | null, after: string | null): Access {
  const old = policyOf(before);
  const next = policyOf(after);
  const given = grantsOf(next);
  const taken = grantsOf(old);
  const trials: Trials = { samples: valuesOf([...given, ...taken], [old, next]), endings: endingsOf([old, next]) };
  const gains = given.filter((grant) => before === null || exceeds(grant, next, old, trials));
  const loses = taken.filter((grant) => after === null || exceeds(grant, old, next, trials));
  return {
    gains: unique(gains.map((grant) => describeGrant(grant))),
    loses: unique(loses.map((grant) => describeGrant(grant))),
    widens: before !== null && gains.length > 0,
  };
}

const NOBODY: Policy = { version: "2012-10-17", statements: [] };

/** A policy that cannot be read admits nobody. */
function policyOf(text: string | null): Policy {
  if (text === null) return NOBODY;
  const reading = readPolicy(text);
  return reading.kind === "policy" ? reading.policy : NOBODY;
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}

type Samples = ReadonlyMap<string, readonly string[]>;

/** What tokens are made of. */
interface Trials {
  readonly samples: Samples;
  /** By key: ends of values that keep somebody out, so that a pattern is also filled with what is kept out of it. */
  readonly endings: Samples;
}

// More would try thousands of tokens for one pattern.
const MOST_ENDINGS = 300;

function endingsOf(policies: readonly Policy[]): Samples {
  const endings = new Map<string, Set<string>>();
  for (const { effect, conditions } of policies.flatMap(({ statements }) => statements)) {
    for (const { operator, key, values } of conditions) {
      if (effect === "Allow" && NAMING.test(operator)) continue;
      const known = endings.get(key.toLowerCase()) ?? new Set();
      for (const text of values.flatMap(fill)) {
        for (let start = text.length - 1; start >= 0 && known.size < MOST_ENDINGS; start--)
          known.add(text.slice(start));
      }
      endings.set(key.toLowerCase(), known);
    }
  }
  return new Map([...endings].map(([key, texts]) => [key, [...texts]]));
}

/** Every value that either policy has for a key, in any kind of condition: what one forbids, another may let in. */
function valuesOf(grants: readonly Grant[], policies: readonly Policy[]): Samples {
  const samples = new Map<string, Set<string>>();
  for (const { conditions } of policies.flatMap(({ statements }) => statements)) {
    for (const { key, values } of conditions) {
      const known = samples.get(key.toLowerCase()) ?? new Set();
      for (const value of values) for (const text of fill(value)) known.add(text);
      samples.set(key.toLowerCase(), known);
    }
  }
  // A token always has both.
  for (const { principal } of grants.filter(({ principal: { type } }) => type === "Federated")) {
    for (const claim of ["aud", "sub"]) {
      const key = `${urlOf(principal.id)}:${claim}`.toLowerCase();
      samples.set(key, (samples.get(key) ?? new Set()).add(`${FRESH}0`));
    }
  }
  return new Map([...samples].map(([key, values]) => [key, [...values]]));
}

// Text that no policy is likely to have, longer than a run of `?` in any of them.
const FRESH = "zq7".repeat(20);

/** Texts that a pattern lets in, such that another pattern lets in all of them only if it lets in everything that it does. */
function fill(pattern: string): readonly string[] {
  const literal = pattern.replaceAll("${*}", "*").replaceAll("${?}", "?").replaceAll("${$}", "$");
  if (!/[*?]/.test(pattern)) return [literal];
  return ["", "z", FRESH].map((text) => pattern.replaceAll("?", "z").replaceAll("*", text));
}

function fillWith(pattern: string, texts: readonly string[]): readonly string[] {
  return pattern.includes("*") ? texts.map((text) => pattern.replaceAll("?", "z").replaceAll("*", text)) : [];
}

function urlOf(providerArn: string): string {
  return providerArn.replace(/^.*?:oidc-provider\//, "");
}

/** True when a policy admits some token of a grant that another does not. */
function exceeds(grant: Grant, policy: Policy, other: Policy, trials: Trials): boolean {
  const { principal, statement } = grant;
  if (principal.type !== "Federated" || !principal.id.includes(":oidc-provider/"))
    return !other.statements.some((one) => sameStatement(one, statement, grant));
  const contexts = contextsOf(grant, trials);
  // Too many to try: who cannot be shown to be admitted already is said to be new.
  if (!contexts) return !other.statements.some((one) => sameStatement(one, statement, grant));
  return contexts.some((context) => admits(policy, principal.id, context) && !admits(other, principal.id, context));
}

/** Roles, users and services: no token to try, so the statement itself is looked for. */
function sameStatement(one: Statement, other: Statement, { principal: { type, id } }: Grant): boolean {
  const parts = ({ effect, actions, conditions }: Statement): string => JSON.stringify([effect, actions, conditions]);
  return parts(one) === parts(other) && (one.principals?.[type] ?? []).includes(id);
}

const MOST_CONTEXTS = 4000;
type Choice = readonly (readonly [key: string, value: string | null])[];

/**
 * Condition keys of tokens that the grant may admit: its own values, and for other keys all that occur or
 * none. Null when these are too many.
 */
function contextsOf({ values, principal }: Grant, { samples, endings }: Trials): readonly Context[] | null {
  const always = ["aud", "sub"].map((claim) => `${urlOf(principal.id)}:${claim}`.toLowerCase());
  const choices = [...samples].map(([key, all]): Choice => {
    const own = values.get(key);
    if (own !== undefined) return [...fill(own), ...fillWith(own, endings.get(key) ?? [])].map((text) => [key, text]);
    return (always.includes(key) ? all : [null, ...all]).map((text) => [key, text]);
  });
  if (choices.reduce((size, choice) => size * choice.length, 1) > MOST_CONTEXTS) return null;
  const lists = choices.reduce<readonly Choice[]>(
    (made, choice) => made.flatMap((one) => choice.map((entry) => [...one, entry])),
    [[]],
  );
  return lists.map((keys) => new Context(keys.flatMap(([key, text]) => (text === null ? [] : [[key, text] as const]))));
}

function admits(policy: Policy, provider: string, context: Context): boolean {
  const url = urlOf(provider);
  return evaluateTrust(policy, { arn: provider, url, audiences: [], thumbprints: [] }, ACTION, context).allowed;
}
