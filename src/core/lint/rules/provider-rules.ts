import type { Provider } from "../../decide.ts";
import type { Found } from "../finding.ts";
import { acceptedProof } from "../proof.ts";
import type { AccountFacts, Rule, RoleFacts } from "../rule.ts";
import type { Severity } from "../severity.ts";
import { isShared } from "../shapes.ts";
import { SHAPES } from "../shapes/known-issuers.ts";
import { tryProbe } from "../trial.ts";
import type { Unit } from "../unit.ts";

function unitsTrusting(
  { roles }: AccountFacts,
  { arn }: Provider,
): readonly { readonly facts: RoleFacts; readonly unit: Unit }[] {
  return roles.flatMap((facts) =>
    facts.units.filter(({ provider }) => provider.arn === arn).map((unit) => ({ facts, unit })),
  );
}

function orphanProviders(facts: AccountFacts): readonly Found[] {
  return facts.providers.flatMap((provider) => {
    if (unitsTrusting(facts, provider).length > 0) return [];
    const text = `none of the roles that were read trusts ${provider.url}`;
    return [{ resource: provider.arn, message: text, proof: { kind: "observed", text } }];
  });
}

/** An audience with which no token that any role is for gets in. */
function orphanAudiences(facts: AccountFacts): readonly Found[] {
  return facts.providers.flatMap((provider) => {
    const trusting = unitsTrusting(facts, provider);
    if (trusting.length === 0) return [];
    return provider.audiences
      .filter((audience) => !trusting.some(({ facts: one, unit }) => takes(one, unit, audience)))
      .map((audience): Found => {
        const text = `a token for ${audience} gets none of the ${trusting.length} role statements that trust ${provider.url}`;
        return { resource: provider.arn, message: text, proof: { kind: "observed", text } };
      });
  });
}

/** By deciding about every token that the role is for, with this audience instead of its own. */
function takes({ role, meant }: RoleFacts, unit: Unit, audience: string): boolean {
  return meant
    .filter((one) => one.unit === unit)
    .some(({ probe }) => {
      const other = { ...probe, claims: { ...probe.claims, aud: audience } };
      return tryProbe(role.trust, unit.provider, other, unit).outcome === "allowed";
    });
}

/** Thumbprints of GitHub's former certificates, in many examples to this day. Source: GitHub changelog 2023-06-27. */
const STALE = ["6938fd4d98bab03faadb97b34396831e3780aea1", "1c58a3a8518e8759bf075b76b750d4f2df264fcd"];

function thumbprintNoise({ providers }: AccountFacts): readonly Found[] {
  return providers.flatMap(({ arn, url, thumbprints }): readonly Found[] => {
    const stale = thumbprints.filter((one) => STALE.includes(one.toLowerCase()));
    // One is what IAM itself writes down when it is given none.
    const isNoise = thumbprints.length > 1 && SHAPES.some(({ issuer }) => issuer?.test(url));
    if (stale.length === 0 && !isNoise) return [];
    const text =
      stale.length > 0
        ? `a thumbprint of a certificate that is gone: ${stale.join(", ")}`
        : `${thumbprints.length} thumbprints, and AWS does not look at them for this issuer`;
    return [{ resource: arn, message: text, proof: { kind: "observed", text } }];
  });
}

const LEGACY: readonly (readonly [RegExp, Severity, string])[] = [
  [
    /^vstoken\.actions\.githubusercontent\.com$/,
    "medium",
    "GitHub's issuer before general availability signs no tokens any more",
  ],
  [/^vstoken\.dev\.azure\.com(\/|$)/, "low", "Azure DevOps retires this issuer on 2027-07-01"],
];

function legacyIssuers({ providers }: AccountFacts): readonly Found[] {
  return providers.flatMap(({ arn, url }) => {
    const legacy = LEGACY.find(([pattern]) => pattern.test(url));
    if (!legacy) return [];
    const [, severity, text] = legacy;
    return [{ resource: arn, severity, message: text, proof: { kind: "observed" as const, text } }];
  });
}

// Hosts where pages and buckets change hands.
const WRITABLE =
  /(^|\.)s3[.-][a-z0-9.-]*amazonaws\.com(\/|$)|\.(github\.io|gitlab\.io|pages\.dev|netlify\.app|web\.app)(\/|$)/;

/** Whoever can write there is the issuer: a token that the role is for is theirs to sign. */
function writableIssuers(facts: AccountFacts): readonly Found[] {
  return facts.providers.flatMap((provider): readonly Found[] => {
    if (!WRITABLE.test(provider.url) || isShared(provider.url)) return [];
    const taken = unitsTrusting(facts, provider)
      .flatMap(({ facts: one, unit }) => one.meant.filter((meant) => meant.unit === unit))
      .find(({ allowedBy }) => allowedBy !== null);
    if (!taken) return [];
    return [
      {
        resource: provider.arn,
        message: `whoever may write to ${provider.url} can sign tokens for ${taken.unit.role.resource}`,
        proof: acceptedProof(taken.unit, { ...taken.probe, who: "whoever writes the issuer's keys" }),
      },
    ];
  });
}

/** Providers as an account has them. */
export const PROVIDER_RULES: readonly Rule[] = [
  {
    id: "P003",
    name: "orphan-provider",
    severity: "low",
    title: "no role trusts the provider",
    probe: "every role of the account",
    fix: "aws iam delete-open-id-connect-provider",
    source: "AWS IAM guide, OIDC identity providers",
    account: orphanProviders,
  },
  {
    id: "P004",
    name: "orphan-audience",
    severity: "low",
    title: "an audience of the provider with which no job gets a role",
    probe: "every token that a role is for, with this audience",
    fix: "aws iam remove-client-id-from-open-id-connect-provider",
    source: "AWS IAM guide, OIDC identity providers",
    account: orphanAudiences,
  },
  {
    id: "P005",
    name: "thumbprint-noise",
    severity: "info",
    title: "thumbprints that AWS does not need",
    probe: "the provider's list",
    fix: "leave the list alone or empty: AWS trusts the public authorities by itself",
    source: "AWS IAM guide, thumbprints of OIDC providers; aws-actions/configure-aws-credentials#357",
    account: thumbprintNoise,
  },
  {
    id: "P006",
    name: "legacy-issuer",
    severity: "medium",
    title: "an issuer that is retired, or will be",
    probe: "the provider's URL",
    fix: "move to the CI's issuer of today",
    source: "GitHub changelog 2021-10; aws/aws-toolkit-azure-devops#614",
    account: legacyIssuers,
  },
  {
    id: "P007",
    name: "writable-issuer",
    severity: "medium",
    title: "the issuer's keys are in a bucket, or on a page, that others may come to own",
    probe: "a token that the role is for, signed with a key put there",
    fix: "lock the bucket, and watch that it stays yours",
    source: "GitLab docs, configure OpenID Connect with a non-public instance: takeover of the bucket",
    account: writableIssuers,
  },
];
