import type { Scope } from "../ci/ci.ts";
import { CIS } from "../ci/index.ts";
import type { Condition } from "../core/policy.ts";
import { type Grant, NAMING } from "./grant.ts";

/** Who a grant lets in, for people: `branch main of acme/shop (gitlab.com, audience https://shop.test)`. */
export function describeGrant(grant: Grant): string {
  const { type, id } = grant.principal;
  const provider = /^.*?:oidc-provider\/(.*)$/.exec(id)?.[1];
  if (type !== "Federated" || provider === undefined) return describePrincipal(grant);
  const aud = valueOf(grant, `${provider}:aud`);
  const sub = valueOf(grant, `${provider}:sub`);
  const about = [provider, aud === undefined ? "any audience" : `audience ${aud}`];
  return `${describeSubject(provider, sub)} (${about.join(", ")})${describeRest(grant, provider)}`;
}

function valueOf({ values }: Grant, key: string): string | undefined {
  return values.get(key.toLowerCase())?.replaceAll("${$}{", "${");
}

function describePrincipal({ principal: { type, id }, statement }: Grant): string {
  const actions = (statement.actions ?? ["every action"]).join(", ");
  const conditions = statement.conditions.map((one) => condition(one)).join(" and ");
  return `${type} ${id}, by ${actions}${conditions === "" ? "" : `, if ${conditions}`}`;
}

function describeSubject(provider: string, sub: string | undefined): string {
  if (sub === undefined) return "every token of the issuer";
  const scope = scopeOf(provider, sub);
  return scope ? describeScope(scope) : `subject ${sub}`;
}

/** A subject or its pattern, read by the CI that the issuer is of, or by the first that has such subjects. */
function scopeOf(provider: string, sub: string): Scope | null {
  const known = CIS.filter(({ issuer }) => issuer === `https://${provider}`);
  // The CI without a form of its own reads everything as a project, which says no more than the subject.
  const candidates = known.length > 0 ? known : CIS.filter(({ id }) => id !== "custom");
  for (const ci of candidates) {
    const scope = ci.scopeOf({ iss: `https://${provider}`, sub });
    if (scope) return scope;
  }
  return null;
}

const WILDCARD = /[*?]/;

/** `branch main of acme/shop`, `any tag of acme/*`. */
export function describeScope({ project, branch, tag, environment, pullRequests }: Scope): string {
  const parts = [
    ...(branch === undefined ? [] : [named("branch", "branches", branch)]),
    ...(tag === undefined ? [] : [named("tag", "tags", tag)]),
    ...(environment === undefined ? [] : [named("environment", "environments", environment)]),
    ...(pullRequests ? ["pull requests"] : []),
  ];
  const jobs = parts.length > 0 ? parts.join(" and ") : "every job";
  return `${jobs} of ${WILDCARD.test(project) ? `any project ${project}` : project}`;
}

function named(one: string, several: string, value: string): string {
  if (value === "*") return `any ${one}`;
  return `${WILDCARD.test(value) ? several : one} ${value}`;
}

/** The conditions beside subject and audience, as they are written. */
function describeRest({ statement, values }: Grant, provider: string): string {
  const told = [`${provider}:aud`, `${provider}:sub`].map((key) => key.toLowerCase());
  const others = statement.conditions.filter(
    ({ key, operator }) => !(told.includes(key.toLowerCase()) && NAMING.test(operator)),
  );
  if (others.length === 0) return "";
  const texts = others.map((one) => {
    const value = NAMING.test(one.operator) ? values.get(one.key.toLowerCase()) : undefined;
    return condition(value === undefined ? one : { ...one, values: [value] }, provider);
  });
  return `, if ${texts.join(" and ")}`;
}

function condition({ operator, key, values }: Condition, provider = ""): string {
  const name = key.toLowerCase().startsWith(`${provider.toLowerCase()}:`) ? key.slice(provider.length + 1) : key;
  const list = values.join(" or ");
  return /^String(Equals|Like)$/.test(operator) ? `${name} is ${list}` : `${name} ${operator} ${list}`;
}
