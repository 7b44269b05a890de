import type { Check } from "../decide.ts";
import type { Proof } from "./finding.ts";
import type { Probe } from "./trial.ts";
import type { Unit } from "./unit.ts";

/** The proof that is a token which gets the role. */
export function acceptedProof({ request }: Unit, probe: Probe): Proof {
  const { who, claims, sessionName, duration } = probe;
  const assumed = [probe.assumed, request.assumed].filter((one) => one !== undefined && one !== null).join(", and ");
  return {
    kind: "accepted",
    who,
    claims,
    sessionName,
    ...(duration === undefined ? {} : { duration }),
    ...(assumed === "" ? {} : { assumed }),
  };
}

/** The proof that is a token which was meant, and the check that keeps it out. */
export function neverProof(probe: Probe, { kind, subject, wanted, got, note }: Check): Proof {
  return {
    kind: "never",
    claims: probe.claims,
    check: { kind, subject, wanted, got, ...(note === undefined ? {} : { note }) },
  };
}
