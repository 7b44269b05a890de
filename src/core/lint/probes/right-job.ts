import { showClaim } from "../../token.ts";
import { type Probe, tryProbe } from "../trial.ts";
import { isNegated, mayBeAbsent, OTHER_AUDIENCE, type Unit, wantedValues } from "../unit.ts";
import { evil, fill, isPattern } from "../wildcards.ts";
import type { Anchor } from "./anchors.ts";
import { newOwners } from "./forms.ts";
import { meantProbe, meantSubject } from "./meant.ts";
import { fittedRuns, runs } from "./runs.ts";
import { OTHERS } from "./ids.ts";
import { ARRANGED, like, probe } from "./probe.ts";

/** The right job with something missing or other: claims, ids, subject, audience, tags. */
export function rightJob(unit: Unit, anchor: Anchor): readonly Probe[] {
  const { shape, tests, statement } = unit;
  const meant = rightToken(unit, anchor);
  const found: Probe[] = [];
  for (const claim of new Set(tests.filter(mayBeAbsent).map((test) => test.claim))) {
    if (claim === "sub" || claim === "aud" || claim.startsWith("sts:") || MULTI_VALUED.has(claim)) continue;
    // A subject that names the environment comes with the claim.
    if (claim === "environment" && /:environment:/.test(showClaim(meant.claims, "sub"))) continue;
    const { [claim]: _, ...claims } = meant.claims;
    found.push({ ...meant, kind: "missing", who: `the right project, without the claim ${claim}`, claims, claim });
  }
  if (tests.some((test) => test.claim === "sub" && mayBeAbsent(test)))
    found.push({ ...meant, kind: "empty", who: "a token with an empty subject", claims: { ...meant.claims, sub: "" } });
  found.push(...recycled(unit, anchor), ...otherWorkflow(unit, meant));
  found.push(...otherAudiences(unit, meant));
  // GitHub and gitlab.com put no tags into their tokens, so nobody there can choose any.
  const cannotTag = shape.id === "github" || shape.id === "gitlab";
  if (cannotTag && !statement.actions?.some(isPattern)) return found;
  found.push({
    ...meant,
    kind: "tags",
    who: "the right job, with session tags of its choice",
    claims: { ...meant.claims, "https://aws.amazon.com/tags": { principal_tags: { "rolecall-probe": ["chosen"] } } },
  });
  return found;
}

/** The token that was meant; where a condition hits just that one, another of the project's. */
function rightToken(unit: Unit, anchor: Anchor): Probe {
  const meant = meantProbe(unit, anchor, meantSubject(unit.shape, anchor));
  const getsIn = (one: Probe): boolean => tryProbe(unit.policy, unit.provider, one, unit).outcome === "allowed";
  const mayHit =
    unit.policy.statements.length > 1 || unit.tests.some((test) => test.claim === "sub" && isNegated(test));
  if (!mayHit || getsIn(meant)) return meant;
  return runs(unit, anchor).find(getsIn) ?? fittedRuns(unit, anchor).find(getsIn) ?? meant;
}

/** Whoever has got the right tenant's name since, on a project of whatever name. */
export function fittedRecycled(unit: Unit, { value, meant }: Anchor): readonly Probe[] {
  const { shape } = unit;
  if (shape.afterTenant === null || shape.tenancy) return [];
  return newOwners(unit, value, meant).map((parts) =>
    probe(unit, "recycled", "an organization of the same name, made after the name was given up", {
      parts,
      ids: OTHERS,
      wanted: (claim) => ARRANGED.has(claim) || claim === "job_workflow_ref",
    }),
  );
}

const MULTI_VALUED: ReadonlySet<string> = new Set(["amr", "oaud"]);

/** The same job's token for each other client of the provider; where it has no other, for the one there is. */
function otherAudiences({ shape, tests, provider, audiencesKnown }: Unit, meant: Probe): readonly Probe[] {
  if (shape.tenancy === "aud") return [];
  const wanted = wantedValues(tests, "aud");
  const own = meant.claims["aud"];
  const all = [...provider.audiences, ...(audiencesKnown ? [] : [OTHER_AUDIENCE])];
  const others = all.filter((audience) => audience !== own && !wanted.includes(audience));
  const assumed = (audience: string): Partial<Probe> =>
    audiencesKnown ? {} : { assumed: `the provider has the audience ${audience}` };
  const found = others.map((audience): Probe => ({
    ...meant,
    kind: "audience",
    who: "the right job, with a token for another client of the provider",
    claims: { ...meant.claims, aud: audience },
    ...assumed(audience),
  }));
  if (tests.some(({ claim }) => claim === "aud") || typeof own !== "string") return found;
  const only: Probe = {
    ...meant,
    kind: "audience",
    who: "the right job, whatever its token was asked for",
    ...assumed(own),
  };
  return [...found, only];
}

function recycled(unit: Unit, anchor: Anchor): readonly Probe[] {
  const { shape, tests } = unit;
  const { value, isRead, meant } = anchor;
  // Names may be tested beside the subject, or instead of it.
  const isNamed = value !== null || tests.some(({ claim }) => claim === "repository" || claim.endsWith("_slug"));
  if (shape.claims === undefined || !isNamed || !isRead) return [];
  const parts = {
    ...meant,
    tenant: like(meant.tenant, meant.tenant.split("@")[0] ?? "", OTHERS.tenant),
    project: like(meant.project, meant.project.split("@")[0] ?? "", OTHERS.project),
  };
  const who = "a project of the same name, made after the name was given up";
  const wanted = (claim: string): boolean =>
    ARRANGED.has(claim) || claim === "job_workflow_ref" || claim === "repository" || claim.endsWith("_slug");
  const other = probe(unit, "recycled", who, { parts, ids: OTHERS, wanted });
  // Where the subject holds ids and no names, nothing can be recycled.
  const same = meantProbe(unit, anchor, meantSubject(shape, anchor));
  const isSame = Object.entries(other.claims).every(
    ([claim, theirs]) => claim === "aud" || same.claims[claim] === theirs,
  );
  return isSame ? [] : [other];
}

function otherWorkflow({ tests }: Unit, meant: Probe): readonly Probe[] {
  return wantedValues(tests, "job_workflow_ref")
    .filter(isPattern)
    .map((value) => ({
      ...meant,
      kind: "workflow" as const,
      who: "the trusted workflow, at a ref that anybody who may push can make",
      claims: { ...meant.claims, job_workflow_ref: evilWorkflow(value) },
    }));
}

function evilWorkflow(value: string): string {
  if (value.endsWith("@*")) return `${fill(value.slice(0, -1), "")}refs/heads/rolecall-probe`;
  return evil(value).replace(/@refs\/heads\/-evil$/, "@refs/heads/evil");
}
