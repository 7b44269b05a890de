import { issuerName } from "./arn.ts";
import { addAudienceCommand, createProviderCommand } from "./aws-commands.ts";
import type { Check, Decision, Provider } from "./decide.ts";
import { audiencesOf, showClaim, textClaim, type Token } from "./token.ts";
import { ABSENT } from "./trust.ts";

/** One way of mending a refusal. */
export interface Fix {
  /** Where to type it: `.gitlab-ci.yml`, `rolecall.yaml`, `trust policy`, `command`, `job`. */
  readonly where: string;
  /** What to type, or to do. */
  readonly text: string;
}

/** What a fix may name beside the decision. */
export interface FixContext {
  readonly token: Token;
  readonly provider: Provider | null;
  readonly roleName: string;
  /** The account that the role is in. */
  readonly account: string;
  /** The CI file, in that CI's words. */
  readonly ciFile: string;
  /** The token's scope as one entry of `allow:` in rolecall.yaml; null when that cannot say it. */
  readonly allowEntry: string | null;
}

type Denied = Extract<Decision, { outcome: "denied" }>;

/** The check that decided a refusal: the last one that failed, or the condition behind a failed policy. */
export function decisiveCheck(decision: Denied): Check | null {
  const failed = decision.checks.filter(({ pass }) => !pass);
  const last = failed.at(-1) ?? null;
  if (last?.kind !== "trust" || last.got.endsWith("denies")) return last;
  const statements = new Map<number, Check[]>();
  for (const check of failed) {
    // A Deny that did not apply is no reason why nothing allowed.
    if (check.statement === undefined || check.action !== last.action || check.effect === "Deny") continue;
    statements.set(check.statement, [...(statements.get(check.statement) ?? []), check]);
  }
  const [nearest] = [...statements.values()].toSorted((a, b) => distance(a) - distance(b));
  return nearest?.[0] ?? last;
}

// A statement about another provider or action is further away than one with however many wrong conditions.
const STRANGERS: { readonly [Kind in Check["kind"]]?: number } = { principal: 2e6, action: 1e6 };

/** How far a statement was from letting the token in, by its comparisons that failed. */
function distance(failed: readonly Check[]): number {
  return failed.reduce((sum, { kind }) => sum + (STRANGERS[kind] ?? 1), 0);
}

/** Ways to mend a refusal, the narrowest first. */
export function fixesFor(decision: Denied, context: FixContext): readonly Fix[] {
  const check = decisiveCheck(decision);
  const fixes = check ? FIXES[check.kind] : undefined;
  return check && fixes ? fixes(check, context) : [];
}

const FIXES: { readonly [Kind in Check["kind"]]?: (check: Check, context: FixContext) => Fix[] } = {
  audience: fixAudience,
  provider: fixProvider,
  condition: fixCondition,
  lifetime: fixLifetime,
  duration: (check) => [
    { where: "command", text: `ask for less: --duration ${/\d+/.exec(check.wanted)?.[0] ?? "3600"}` },
  ],
};

function fixAudience(check: Check, { provider, ciFile }: FixContext): Fix[] {
  const [wanted] = provider?.audiences ?? [];
  return [
    // Where the token has azp, another aud in the CI file would change nothing.
    ...(wanted && check.subject === "aud" ? [{ where: ciFile, text: `aud: ${wanted}` }] : []),
    ...(provider && check.got
      ? [
          {
            where: "command",
            text: addAudienceCommand(provider.arn, check.got),
          },
        ]
      : []),
  ];
}

function fixProvider(_: Check, { token, account }: FixContext): Fix[] {
  const issuer = textClaim(token.claims, "iss") ?? "";
  const [aud = ""] = audiencesOf(token.claims);
  return [
    {
      where: "command",
      text: createProviderCommand(issuer, aud, account),
    },
  ];
}

function fixCondition(check: Check, { roleName, allowEntry, token }: FixContext): Fix[] {
  const subject = `${issuerName(textClaim(token.claims, "iss") ?? "")}:sub`;
  if (check.subject.toLowerCase() === subject.toLowerCase()) {
    return [
      ...(allowEntry ? [{ where: "rolecall.yaml", text: `under roles.${roleName}.allow:  - ${allowEntry}` }] : []),
      { where: "trust policy", text: stringEquals(check.subject, check.got) },
    ];
  }
  // Where and when a job asks is no matter of its token: that is no reason to give the condition up.
  if (/^(aws|sts):/i.test(check.subject) && check.note === undefined) return [];
  // Without a value there is nothing to trust; sub is always there, and says what most claims say.
  const other = `instead of ${check.subject}: ${stringEquals(subject, showClaim(token.claims, "sub"))}`;
  return [{ where: "trust policy", text: check.got === ABSENT ? other : stringEquals(check.subject, check.got) }];
}

function stringEquals(key: string, value: string): string {
  return `"StringEquals": { ${JSON.stringify(key)}: ${JSON.stringify(value)} }`;
}

function fixLifetime(check: Check): Fix[] {
  return check.subject === "exp"
    ? [
        {
          where: "job",
          text: "exchange the token while the job runs; a longer timeout: gives GitLab's token a longer life",
        },
      ]
    : [{ where: "job", text: "set the clock of the machine that made the token, by NTP" }];
}
