import type { Found } from "../finding.ts";
import { meantOf } from "../judge.ts";
import { meantProbeWith } from "../probes.ts";
import { neverProof } from "../proof.ts";
import type { Rule, RoleFacts } from "../rule.ts";
import { SHAPES } from "../shapes/known-issuers.ts";
import { writeSubject } from "../shapes/parts.ts";
import { tryProbe } from "../trial.ts";
import { wantedValues } from "../unit.ts";
import { isPattern } from "../wildcards.ts";
import { deadFor } from "./dead.ts";

/** The audiences that a statement tests and the provider does not have. */
function unregistered(facts: RoleFacts): readonly Found[] {
  return facts.units.flatMap((unit) => {
    if (!unit.audiencesKnown) return [];
    return [...new Set(wantedValues(unit.tests, "aud"))].flatMap((audience) => {
      if (isPattern(audience) || unit.provider.audiences.includes(audience)) return [];
      const [subject = unit.shape.sample.project] = wantedValues(unit.tests, "sub");
      const probe = meantProbeWith(unit, subject);
      const meant = meantOf(unit, { ...probe, claims: { ...probe.claims, aud: audience } }, null);
      const check = meant.failed.find(({ kind }) => kind === "audience");
      if (!check) return [];
      return [
        {
          statement: unit.index,
          path: `Statement[${unit.index}].Condition`,
          message: `a token for ${audience} is refused before the trust policy is looked at`,
          proof: neverProof(meant.probe, check),
        },
      ];
    });
  });
}

/** Hosts of which there is one: a name that nearly is one of them is a slip, or somebody's trap. */
const HOSTS = ["token.actions.githubusercontent.com", "agent.buildkite.com", "app.terraform.io", "oidc.circleci.com"];

/** The URL that a provider was meant to have; its own where that is right, or nobody can tell. */
function meantUrl(url: string): string {
  const plain = url.replace(/^(https?:\/\/)?(www\.)?/, "").replace(/\/$/, "");
  const [host = "", ...path] = plain.split("/");
  const like = HOSTS.find((one) => host.startsWith(`${one}.`) || lettersOf(host) === lettersOf(one));
  return like === undefined ? plain : [like, ...path].join("/");
}

function lettersOf(host: string): string {
  return host.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Providers of known issuers whose URL is not the one that tokens have: another host, a scheme, a slash at its end. */
function misnamed({ units, role }: RoleFacts): readonly Found[] {
  return units.flatMap((unit): readonly Found[] => {
    const { url } = unit.provider;
    const right = meantUrl(url);
    const issuer = SHAPES.find((shape) => shape.issuer?.test(right));
    if (right === url || !issuer || !unit.providerExists) return [];
    const meant = meantProbeWith(unit, writeSubject(issuer, issuer.sample));
    const probe = { ...meant, claims: { ...meant.claims, iss: `https://${right}` } };
    const decision = tryProbe(role.trust, null, probe, unit);
    const check = decision.checks.find(({ kind }) => kind === "provider");
    if (!check) return [];
    return [
      {
        statement: unit.index,
        path: `Statement[${unit.index}].Principal.Federated`,
        message: `tokens have the issuer https://${right}, and the provider is for ${url}`,
        proof: neverProof(probe, check),
      },
    ];
  });
}

/** What a trust policy wants of the account's providers, and they do not have. */
export const REGISTRATION_RULES: readonly Rule[] = [
  {
    id: "P001",
    name: "aud-unregistered",
    severity: "medium",
    title: "the trust policy wants an audience that the provider does not have",
    probe: "a token for that audience",
    fix: "aws iam add-client-id-to-open-id-connect-provider",
    source: "AWS STS API reference, AssumeRoleWithWebIdentity",
    role: unregistered,
  },
  {
    id: "P002",
    name: "provider-missing",
    severity: "medium",
    title: "the provider that the role trusts is not in the account",
    probe: "the token that was meant",
    fix: "create the provider, with the issuer's URL as it is in iss; a URL cannot be edited later",
    source: "AWS STS API reference; aws/aws-sam-cli#7432",
    role: (facts) => [
      ...deadFor("P002", ({ unit }) => `the account has no ${unit.provider.arn}`)(facts),
      ...misnamed(facts),
    ],
  },
];
