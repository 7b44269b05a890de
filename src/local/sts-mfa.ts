import { takeCode } from "./iam-mfa-records.ts";
import type { Principal } from "./principal.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { World } from "./world.ts";

/** What was shown of an MFA device; `at` in seconds since 1970, null when a request speaks of none. */
export interface MfaProof {
  readonly kind: "proof";
  readonly at: number | null;
}

interface NamesDevice {
  readonly SerialNumber: string | undefined;
  readonly TokenCode: string | undefined;
}

// Texts that people paste: of a device that is not the user's aws/aws-cli#6325 and broamski/aws-mfa#46.
const TEXTS = {
  half: "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ",
  wrong: "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
  "no device":
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
} as const;

function fail(why: keyof typeof TEXTS): Refusal {
  return refuse(403, "AccessDenied", TEXTS[why]);
}

/** Checks the code that a request shows. Only a user has devices, and shows a code with keys of the user's own. */
export function readMfa(
  { SerialNumber: serial, TokenCode: code }: NamesDevice,
  principal: Principal,
  world: World,
): MfaProof | Refusal {
  if (serial === undefined && code === undefined) return { kind: "proof", at: null };
  if (serial === undefined || code === undefined) return fail("half");
  if (principal.kind !== "user" || principal.temporary) return fail("no device");
  const answer = takeCode(principal.user, serial, code, world);
  return answer === "good" ? { kind: "proof", at: Math.floor(world.now() / 1000) } : fail(answer);
}

type Keys = readonly (readonly [string, string])[];

/**
 * The condition keys that tell of MFA: there with temporary credentials, and with a code in the request itself. IAM
 * guide, aws:MultiFactorAuthPresent and aws:MultiFactorAuthAge. `now`: milliseconds since 1970.
 */
export function mfaKeys(principal: Principal, now: number, shown: number | null = null): Keys {
  const at = shown ?? (principal.kind === "user" ? principal.mfaAt : principal.session.mfaAt) ?? null;
  if (at !== null) {
    const age = Math.max(0, Math.floor(now / 1000) - at);
    return [
      ["aws:MultiFactorAuthPresent", "true"],
      ["aws:MultiFactorAuthAge", String(age)],
    ];
  }
  const temporary = principal.kind === "session" || principal.temporary;
  return temporary ? [["aws:MultiFactorAuthPresent", "false"]] : [];
}
