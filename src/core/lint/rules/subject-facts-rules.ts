import type { Found } from "../finding.ts";
import { meantOf } from "../judge.ts";
import { isUpTo } from "../platform.ts";
import { OTHERS, OWN } from "../probes/ids.ts";
import { acceptedProof, neverProof } from "../proof.ts";
import type { AccountFacts, Rule, RoleFacts } from "../rule.ts";
import { writeSubject } from "../shapes/parts.ts";
import { showClaim } from "../../token.ts";
import { tryProbe } from "../trial.ts";
import { type Unit, USUAL_AUDIENCE, wantedValues } from "../unit.ts";
import { jobsWithRole, type KnownJob, knownJobs } from "./known-projects.ts";

/** Whoever makes the name again has the role, unless ids are tested. */
function phantom(facts: RoleFacts): readonly Found[] {
  return jobsWithRole(facts).flatMap(({ meant: { unit, probe }, parts, project }): readonly Found[] => {
    if (project.state === undefined) return [];
    const isOwnerGone = project.state === "owner-gone";
    const made = isOwnerGone ? OTHERS : { tenant: OWN.tenant, project: OTHERS.project };
    const again = {
      ...parts,
      tenant: isOwnerGone ? withOtherId(parts.tenant, made.tenant) : parts.tenant,
      project: withOtherId(parts.project, made.project),
    };
    const claims = { ...probe.claims, ...unit.shape.claims?.(again, made), sub: writeSubject(unit.shape, again) };
    const who = isOwnerGone ? "whoever takes the name next" : "whoever of the owner's members makes the project again";
    const other = { ...probe, who, claims };
    if (tryProbe(unit.policy, unit.provider, other, unit).outcome !== "allowed") return [];
    const what = isOwnerGone ? "nobody has the name of its owner" : "there is no such project";
    return [
      {
        severity: isOwnerGone ? "critical" : "high",
        statement: unit.index,
        path: `Statement[${unit.index}].Condition`,
        message: `${project.project}: ${what}, and ${who} has the role`,
        proof: acceptedProof(unit, other),
      },
    ];
  });
}

function withOtherId(name: string, id: string): string {
  return name.replace(/@\d+$/, `@${id}`);
}

/** What the repository's own template makes of a job. */
function templated({ meant: { probe }, parts }: KnownJob, keys: readonly string[]): string {
  const { claims } = probe;
  return keys
    .flatMap((key) => {
      if (key === "repo") return [`repo:${parts.tenant}/${parts.project}`];
      if (key === "context") return [parts.tail];
      const value = claims[key];
      // Colons within a value are escaped. Source: GitHub docs, customizing the subject claims.
      return typeof value === "string" ? [`${key}:${value.replaceAll(":", "%3A")}`] : [];
    })
    .join(":");
}

/** Subjects of the default form, of a repository that writes another. */
function customTemplate(facts: RoleFacts): readonly Found[] {
  return knownJobs(facts).flatMap((job): readonly Found[] => {
    const { unit, probe, value } = job.meant;
    const keys = job.project.subjectClaims;
    if (keys === undefined || unit.shape.template === undefined) return [];
    const sub = templated(job, keys);
    const meant = meantOf(unit, { ...probe, claims: { ...probe.claims, sub } }, value);
    const check = meant.failed.find(({ subject }) => subject.toLowerCase() === `${unit.provider.url}:sub`);
    if (meant.allowedBy !== null || !check) return [];
    return [
      {
        statement: unit.index,
        path: `Statement[${unit.index}].Condition`,
        message: `subjects of ${job.project.project} are made of ${keys.join(", ")}: it sends ${sub}`,
        proof: neverProof(meant.probe, check),
        fix: `write ${sub}, or set the repository's template back`,
      },
    ];
  });
}

/** Until then an environment's name might hold a colon. Source: GitHub docs, OpenID Connect reference. */
const COLONS_UNTIL = "3.18";

/** The name of an environment that ends like the subject of another run. */
function delimiter({ units, context }: RoleFacts): readonly Found[] {
  return units.flatMap((unit) => {
    if (unit.shape.id !== "github-server") return [];
    const server = context.platform?.servers?.find(({ issuer }) => issuer === unit.provider.url);
    if (server && !isUpTo(server.version, COLONS_UNTIL)) return [];
    return wantedValues(unit.tests, "sub").flatMap((value) => environmentLike(unit, value, server !== undefined));
  });
}

function environmentLike(unit: Unit, value: string, isKnown: boolean): readonly Found[] {
  const [, before = "", rest = ""] = /^(repo:[^/:*]+\/[^/:*]+:(?:environment:)?)\*(:[^*?]+)$/.exec(value) ?? [];
  if (rest === "") return [];
  const name = `rolecall-probe${rest}`;
  const sub = `${before}${before.endsWith("environment:") ? "" : "environment:"}${name}`;
  const probe = {
    kind: "crafted" as const,
    who: "the right project, in an environment whose name ends like the pattern",
    claims: { iss: `https://${unit.provider.url}`, sub, aud: audienceOf(unit) },
    sessionName: "rolecall-probe",
    ...(isKnown ? {} : { assumed: `the server is GitHub Enterprise Server ${COLONS_UNTIL} or older` }),
  };
  if (tryProbe(unit.policy, unit.provider, probe, unit).outcome !== "allowed") return [];
  return [
    {
      statement: unit.index,
      path: `Statement[${unit.index}].Condition`,
      message: `an environment may be called ${name}, and its jobs then have a subject that ${value} takes`,
      proof: acceptedProof(unit, probe),
    },
  ];
}

function audienceOf({ tests, provider }: Unit): string {
  const wanted = wantedValues(tests, "aud");
  return provider.audiences.find((one) => wanted.includes(one)) ?? provider.audiences[0] ?? USUAL_AUDIENCE;
}

/** The issuer's own URL: what GitLab's examples ask for, whatever the token is then used for. */
function issuerAsAudience({ meant }: RoleFacts): readonly Found[] {
  const found = meant.filter(
    ({ unit, probe, allowedBy }) =>
      allowedBy === unit.index && showClaim(probe.claims, "aud") === `https://${unit.provider.url}`,
  );
  return found
    .filter(({ unit }, index) => found.findIndex((one) => one.unit === unit) === index)
    .map(({ unit, probe }) => ({
      statement: unit.index,
      path: `Statement[${unit.index}].Condition`,
      message: `a token that the same job has for any other service will do: its audience is https://${unit.provider.url}`,
      proof: acceptedProof(unit, probe),
    }));
}

/** One token that several roles take, since they have one audience. */
function sharedAudience({ roles, providers }: AccountFacts): readonly Found[] {
  return providers.flatMap(({ arn }) => {
    const byToken = new Map<string, { readonly found: Found; readonly roles: Set<string> }>();
    for (const { role, meant } of roles) {
      for (const { unit, probe, allowedBy } of meant) {
        const { aud, sub } = probe.claims;
        if (unit.provider.arn !== arn || allowedBy !== unit.index || aud !== USUAL_AUDIENCE) continue;
        const key = JSON.stringify(sub);
        const known = byToken.get(key);
        if (known) known.roles.add(role.resource);
        else
          byToken.set(key, {
            roles: new Set([role.resource]),
            found: { resource: arn, message: "", proof: acceptedProof(unit, probe) },
          });
      }
    }
    const shared = [...byToken.values()].toSorted((a, b) => b.roles.size - a.roles.size)[0];
    if (!shared || shared.roles.size < 2) return [];
    const names = [...shared.roles].map((resource) => resource.split("/").at(-1));
    const listed = names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
    return [
      { ...shared.found, message: `one token for ${USUAL_AUDIENCE} is good for ${names.length} roles: ${listed}` },
    ];
  });
}

/** What has to be known of a project, a server or other roles beside a trust policy. */
export const SUBJECT_FACTS_RULES: readonly Rule[] = [
  {
    id: "T014",
    name: "aud-shared-default",
    severity: "info",
    title: "the audience is one that tokens for other roles and services have too",
    probe: "the same job's token for something else",
    fix: "an audience of its own for each role: a client ID of the provider, and a condition on aud",
    source: "AWS IAM guide, OIDC identity providers: audiences; GitLab docs, ID token authentication",
    role: issuerAsAudience,
    account: sharedAudience,
  },
  {
    id: "T017",
    name: "phantom-subject",
    severity: "critical",
    title: "the project or its owner is no more, and whoever takes the name has the role",
    probe: "a project of the same name with other ids",
    fix: "delete the role, or test ids",
    source: "Astrix, Sub:jugation: 14% of the names in AWS trust policies were free",
    needs: "whether the project is still there",
    role: phantom,
  },
  {
    id: "T021",
    name: "custom-template-mismatch",
    severity: "medium",
    title: "the repository's subjects are made of other claims than the policy's",
    probe: "the token that was meant, with the subject that the repository's template makes",
    fix: "write the subject as it is sent: rolecall token show prints it in a job",
    source: "GitHub docs, customizing the subject claims; ministryofjustice/modernisation-platform#9766",
    needs: "the subject template of the project",
    role: customTemplate,
  },
  {
    id: "T022",
    name: "environment-delimiter",
    severity: "medium",
    title: "on older servers an environment's name may hold a colon, and end like another subject",
    probe: "a job in an environment whose name ends like the pattern",
    fix: "upgrade GitHub Enterprise Server, or name the subject without a wildcard",
    source: "GitHub docs, OpenID Connect reference: colons in names of environments",
    role: delimiter,
  },
];
