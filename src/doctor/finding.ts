/** What doctor found in one place. */
export interface Finding {
  /** Which of the places: `environment`, `token`. */
  readonly place: Place;
  readonly state: State;
  /** What was looked at and what it was; never a secret. */
  readonly says: string;
  /** The failure catalogue's entry. */
  readonly failure?: string;
  readonly fix?: string;
}

/** The cheapest evidence first. Source: the failure catalogue, order of evidence. */
export type Place = "environment" | "inputs" | "token" | "issuer" | "clock" | "policy" | "session" | "tools";

/** `unknown`: it could not be looked at, and nothing follows from that. */
export type State = "good" | "warning" | "bad" | "unknown";

type More = Pick<Finding, "failure" | "fix">;

/** Findings of one place. */
export function findingsOf(place: Place) {
  const of =
    (state: State) =>
    (says: string, more: More = {}): Finding => ({ place, state, says, ...more });
  return { good: of("good"), warning: of("warning"), bad: of("bad"), unknown: of("unknown") };
}
