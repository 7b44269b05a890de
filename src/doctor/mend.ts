import type { Ci } from "../ci/ci.ts";
import { decide, type Decision, type Question } from "../core/decide.ts";
import { decisiveCheck } from "../core/fixes.ts";
import { audiencesOf, textClaim } from "../core/token.ts";
import { applyChange, type Change, comparedAudience, type Document } from "./change.ts";
import { withStatement } from "./edit-trust.ts";
import { exactInstead, statementOf, trustChanges, underStringLike } from "./narrow-trust.ts";
import { type Probe, probesOf, visible } from "./probes.ts";

type Denied = Extract<Decision, { outcome: "denied" }>;

/** A way to mend a refusal, tried in memory before it is told. */
export interface Mending {
  /** To be made in this order. */
  readonly changes: readonly Change[];
  readonly proof: Proof;
  /** As an entry of `allow:` in rolecall.yaml the same would be said. */
  readonly asAllow?: true;
  /** It pins a part of the subject that another run may not have: its commit, its step, its user. */
  readonly holdsOnce?: true;
}

/** What the account would do after a change, decided as STS does. */
export interface Proof {
  /** Neighbours of the job that were tried. */
  readonly tried: number;
  /** Those that are refused today and would be let in as well. */
  readonly alsoAdmits: readonly string[];
  /** Those of which AWS sees nothing else than of this job: no policy tells them apart. */
  readonly indistinguishable: readonly string[];
}

/** What is known beside the question itself. */
export interface MendContext {
  /** The trust policy as it is written; null where there is no role. */
  readonly document: Document | null;
  readonly ci: Ci | null;
  /** False where neither job nor CI file can choose the audience. */
  readonly audienceIsChosen: boolean;
}

/** No refusal that is understood needs more changes than these: provider, audience, policy. */
const MOST_CHANGES = 3;

/** Every way that is known to mend a refusal and that works, the narrowest first. */
export function mend(question: Question, decision: Denied, context: MendContext): readonly Mending[] {
  const probes = probesOf(question.token.claims, context.ci);
  const found = firstChanges(question, decision, context).flatMap((first): Mending[] => {
    const changes = complete(question, [first], context);
    return changes ? [{ changes, proof: prove(question, changes, probes) }] : [];
  });
  const ranked = found.toSorted((a, b) => width(a) - width(b) || a.changes.length - b.changes.length);
  // Of those that let in the same jobs the gentlest is enough.
  const best = ranked.filter((one, at) => ranked.findIndex((other) => company(other) === company(one)) === at);
  const exact = [...best, ...otherPlaces(best, ranked)];
  const allowed = allowEntry(question, decision, context, probes);
  const [lasting] = allowed.filter(({ changes }) => changes.some(hasWildcard));
  if (!lasting) return [...allowed, ...exact];
  const { asAllow: _, ...pattern } = lasting;
  const marked = exact.map((one) => (pinsRun(one, question) ? { ...one, holdsOnce: true as const } : one));
  return [...allowed, ...[pattern, ...marked].toSorted((a, b) => width(a) - width(b))];
}

/** Of one job's own scope, which has no wildcard itself: what stands for it in the subject changes from run to run. */
function hasWildcard(change: Change): boolean {
  return change.kind === "trust-policy" && /[*?]/.test(JSON.stringify(change.patch.map(({ value }) => value)));
}

function pinsRun({ changes }: Mending, { token }: Question): boolean {
  const sub = JSON.stringify(token.claims["sub"]);
  return changes.some((one) => one.kind === "trust-policy" && JSON.stringify(one.patch).includes(sub));
}

/** To change the account is another way than to change the job's token, though it lets in the same jobs. */
function otherPlaces(best: readonly Mending[], ranked: readonly Mending[]): readonly Mending[] {
  const kinds = new Set(best.map(({ changes }) => changes[0]?.kind));
  const others = ranked.filter(({ changes }) => !kinds.has(changes[0]?.kind));
  return others.filter(
    ({ changes }, at) => others.findIndex((one) => one.changes[0]?.kind === changes[0]?.kind) === at,
  );
}

function company({ proof }: Mending): string {
  return JSON.stringify(proof.alsoAdmits);
}

function width({ proof }: Mending): number {
  return proof.alsoAdmits.length;
}

/** Adds what else is needed until the token is let in; null when nothing that is known does it. */
function complete(question: Question, changes: readonly Change[], context: MendContext): readonly Change[] | null {
  const after = applyAll(question, changes);
  if (!after) return null;
  const decision = decide(after);
  if (decision.outcome === "allowed") return changes;
  if (changes.length >= MOST_CHANGES) return null;
  const document = changes.findLast((one) => one.kind === "trust-policy")?.policy ?? context.document;
  for (const next of firstChanges(after, decision, { ...context, document })) {
    const more = complete(question, [...changes, next], context);
    if (more) return more;
  }
  return null;
}

function applyAll(question: Question, changes: readonly Change[]): Question | null {
  return changes.reduce<Question | null>((before, change) => before && applyChange(before, change), question);
}

function prove(before: Question, changes: readonly Change[], probes: readonly Probe[]): Proof {
  const own = visible(changedToken(before, changes).claims);
  const admitted = probes.filter(
    (probe) => decide(asking(before, probe)).outcome === "denied" && admits(before, changes, probe),
  );
  const isSame = ({ claims }: Probe): boolean =>
    visible(claims) === own || visible(claims) === visible(before.token.claims);
  return {
    tried: probes.length,
    alsoAdmits: admitted.filter((probe) => !isSame(probe)).map(({ job }) => job),
    indistinguishable: admitted.filter(isSame).map(({ job }) => job),
  };
}

function changedToken(question: Question, changes: readonly Change[]): Question["token"] {
  return applyAll(question, changes)?.token ?? question.token;
}

/** The account after the changes, asked by another job; that the job's own token changes is no change of the account. */
function admits(before: Question, changes: readonly Change[], probe: Probe): boolean {
  const account = applyAll(
    before,
    changes.filter(({ kind }) => kind !== "token-audience"),
  );
  return account !== null && decide(asking(account, probe)).outcome === "allowed";
}

function asking(question: Question, { claims }: Probe): Question {
  return { ...question, token: { ...question.token, claims } };
}

/** What could come first; whether it leads anywhere is tried. */
function firstChanges(question: Question, decision: Denied, context: MendContext): readonly Change[] {
  const check = decisiveCheck(decision);
  if (!check) return [];
  const { token, provider, role } = question;
  if (check.kind === "provider") {
    const url = textClaim(token.claims, "iss") ?? "";
    return url.startsWith("https://") ? [{ kind: "new-provider", url, audience: comparedAudience(question) }] : [];
  }
  if (check.kind === "audience") return audienceChanges(question, context);
  if (check.kind === "duration") return [{ kind: "duration", seconds: role?.maxSessionDuration ?? 3600 }];
  if (!role || !provider || !context.document || check.effect === "Deny" || check.got.endsWith("denies")) return [];
  if (!["principal", "action", "condition", "trust"].includes(check.kind)) return [];
  const failed = decision.checks.filter(({ pass, effect }) => !pass && effect !== "Deny");
  const like = check.kind === "condition" ? underStringLike(context.document, check) : null;
  return [...trustChanges(context.document, check, failed, question), ...(like ? [like] : [])];
}

function audienceChanges(question: Question, { audienceIsChosen }: MendContext): readonly Change[] {
  const { token, provider } = question;
  const several = audiencesOf(token.claims).length > 1;
  const chosen = audienceIsChosen && token.claims["azp"] === undefined && !several ? (provider?.audiences ?? []) : [];
  return [
    ...chosen.slice(0, 1).map((audience) => ({ kind: "token-audience" as const, audience })),
    ...(provider
      ? [{ kind: "provider-audience" as const, provider: provider.arn, audience: comparedAudience(question) }]
      : []),
  ];
}

/** The job's own scope as rolecall.yaml would allow it. */
function allowEntry(
  question: Question,
  decision: Denied,
  { ci, document }: MendContext,
  probes: readonly Probe[],
): readonly Mending[] {
  const scope = ci?.scopeOf(question.token.claims) ?? null;
  if (decision.cause !== "not-authorized" || !ci || !scope || !document || !question.role || !question.provider)
    return [];
  const conditions = ci.conditions(textClaim(question.token.claims, "iss") ?? "", scope);
  const changes = [withStatement(document, statementOf(conditions, question))];
  const after = applyAll(question, changes);
  if (!after || decide(after).outcome !== "allowed") return [];
  return [{ changes, proof: prove(question, changes, probes), asAllow: true }];
}

/** A change by which a job keeps its role and others lose it. */
export interface Narrowing {
  readonly change: Change;
  /** Neighbours that are let in today and would be refused. */
  readonly shutsOut: readonly string[];
}

/**
 * The exact statement for this job instead of the one that lets it in; null when that shuts nobody out, or when
 * another statement lets the neighbours in as well.
 */
export function narrow(question: Question, statement: number, { document, ci }: MendContext): Narrowing | null {
  const others = admittedOthers(question, ci);
  if (document === null || others.length === 0) return null;
  for (const change of exactInstead(document, statement, question)) {
    const account = applyChange(question, change);
    if (!account || decide(account).outcome !== "allowed") continue;
    const left = others.filter((probe) => decide(asking(account, probe)).outcome === "allowed");
    if (left.length === 0) return { change, shutsOut: others.map(({ job }) => job) };
  }
  return null;
}

/** Neighbours of an allowed job that the account lets in as well; of those that AWS cannot tell apart it must. */
export function alsoAdmitted(question: Question, ci: Ci | null): readonly string[] {
  return admittedOthers(question, ci).map(({ job }) => job);
}

function admittedOthers(question: Question, ci: Ci | null): readonly Probe[] {
  const own = visible(question.token.claims);
  return probesOf(question.token.claims, ci).filter(
    (probe) => visible(probe.claims) !== own && decide(asking(question, probe)).outcome === "allowed",
  );
}
