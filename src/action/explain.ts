import { readRoleArn } from "../core/arn.ts";
import { RolecallError } from "../core/errors.ts";
import { candidatesFor } from "../core/failures.ts";
import { isoSeconds } from "../core/iso-date.ts";
import { audiencesOf, showClaim, timeClaim, type Token } from "../core/token.ts";
import type { Refusal } from "../credentials/exchange.ts";

/** How many causes are told; more would only hide the first. */
const SHOWN = 3;

/** STS's refusal of a token: its own words, what the token says, the likeliest causes and their mending. */
export function explainToken(refusal: Refusal, roleArn: string, token: Token, now: number): RolecallError {
  const role = readRoleArn(roleArn);
  const evidence = { claims: token.claims, now, stsDate: refusal.date };
  const all = role ? candidatesFor(refusal.code, refusal.message, { ...evidence, role }) : [];
  const candidates = all.slice(0, SHOWN);
  const causes = candidates.map(({ id, title, evidence: told }) => `  ${id} ${title}${told ? ` (${told})` : ""}`);
  return new RolecallError("refused", refusalOf(refusal, roleArn), {
    details: [...claimsOf(token), ...requestOf(refusal), ...(causes.length > 0 ? ["likely causes:", ...causes] : [])],
    hints: candidates.map(({ id, fix }) => `${id}: ${fix}`),
  });
}

/** The claims that decide; never the token. */
function claimsOf({ claims }: Token): readonly string[] {
  const exp = timeClaim(claims["exp"]);
  return [
    `token iss  ${showClaim(claims, "iss") || "absent"}`,
    `token aud  ${audiencesOf(claims).join(", ") || "absent"}`,
    `token sub  ${showClaim(claims, "sub") || "absent"}`,
    `token exp  ${exp === null ? showClaim(claims, "exp") || "absent" : isoSeconds(exp)}`,
  ];
}

interface Cause {
  readonly code?: string;
  readonly text: RegExp;
  readonly hints: (roleArn: string, caller: string) => readonly string[];
}

/** What helps where keys ask for a role. Source: STS API reference, AssumeRole; IAM guide, id_session-tags. */
const CAUSES: readonly Cause[] = [
  {
    text: /sts:TagSession/,
    hints: (roleArn) => [
      `the trust policy of ${roleArn} must allow sts:TagSession beside sts:AssumeRole`,
      "or leave the tags out with role-skip-session-tagging: true",
    ],
  },
  {
    code: "AccessDenied",
    text: /./,
    hints: (roleArn, caller) => [
      `the trust policy of ${roleArn} must allow sts:AssumeRole to ${caller}, and so must the policies of ${caller}`,
      "a condition on sts:ExternalId wants role-external-id",
    ],
  },
  {
    text: /1 hour session limit for roles assumed by role chaining/,
    hints: () => ["a role that is taken with another role's session has one hour at most: role-duration-seconds: 3600"],
  },
  {
    text: /DurationSeconds exceeds/,
    hints: () => ["ask for less with role-duration-seconds, or raise the role's maximum session duration"],
  },
  {
    code: "PackedPolicyTooLarge",
    text: /./,
    hints: () => ["make the session's policies smaller, or leave the tags out with role-skip-session-tagging: true"],
  },
];

/** STS's refusal of AssumeRole. */
export function explainAssumeRole(refusal: Refusal, roleArn: string, caller: string): RolecallError {
  const { code, message } = refusal;
  const cause = CAUSES.find((one) => (one.code === undefined || one.code === code) && one.text.test(message));
  return new RolecallError("refused", refusalOf(refusal, roleArn), {
    details: [`asked by ${caller}`, ...requestOf(refusal)],
    hints: cause?.hints(roleArn, caller) ?? [],
  });
}

const BAD_KEYS: Readonly<Record<string, string>> = {
  InvalidClientTokenId: "there is no such access key, or it is inactive",
  SignatureDoesNotMatch: "the secret access key is not the one of this access key",
  ExpiredToken: "the session has ended",
};

/** Keys that STS does not know. */
export function explainKeys(refusal: Refusal): RolecallError {
  const { code, message } = refusal;
  return new RolecallError("refused", `the AWS credentials cannot be used: ${code}: ${message}`, {
    details: requestOf(refusal),
    hints: Object.hasOwn(BAD_KEYS, code) ? [BAD_KEYS[code] ?? ""] : [],
  });
}

function refusalOf({ code, message }: Refusal, roleArn: string): string {
  return `STS refused ${roleArn}: ${code}: ${message}`;
}

function requestOf({ requestId }: Refusal): readonly string[] {
  return requestId === null ? [] : [`request    ${requestId}`];
}
