import type { Json } from "../../src/core/token.ts";

/** How a failure is brought about on the local AWS, and mended. */
export type Scenario = ExchangeScenario | JobScenario | WeatherScenario | RefusedPolicyScenario | TextScenario;

/** An account, and a job that asks it for a role. */
interface Asking {
  /** Address and audience of each provider that the account has. */
  readonly providers: readonly (readonly [url: string, audience: string])[];
  readonly trust: Json;
  /** Words behind `rolecall token mint`. */
  readonly job: readonly string[];
}

/** A job asks for a role, and it goes wrong. */
export interface ExchangeScenario extends Asking {
  readonly kind: "exchange";
  /** `refused` by STS, `unsent` because rolecall sees it before, `allowed` though it should not be. */
  readonly outcome: "refused" | "unsent" | "allowed";
  /** Further words for creds and explain. */
  readonly options?: readonly string[];
  /** Further words for creds alone. */
  readonly credsOptions?: readonly string[];
  /** Typed between the token and its exchange. */
  readonly meanwhile?: readonly string[];
  /** The role that is asked for, when it is not the one that there is. */
  readonly role?: string;
  /** What mends it where the account is right: the words of a job that has it right. */
  readonly mendedJob?: readonly string[];
}

/** Something about the job itself is wrong: explain says so before STS is asked, or doctor. */
export interface JobScenario {
  readonly kind: "job";
  readonly by: "explain" | "doctor";
  /** Typed before it. */
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
  readonly mended: MendedJob;
}

/** The same job once the fix was followed; it gets its role. */
export interface MendedJob {
  /** What of the fix that was told makes it so. */
  readonly told: RegExp;
  /** The CI of the job; by default GitLab. */
  readonly ci?: string;
  readonly before?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
  /** Why no exchange is tried here: the decision alone is looked at. */
  readonly decidedOnly?: string;
}

/** Nothing is wrong, and STS refuses all the same: it passes by itself. */
export interface WeatherScenario extends Asking {
  readonly kind: "weather";
  /** What `rolecall up --weather` is given. */
  readonly weather: string;
  /** What STS says meanwhile. */
  readonly said: string;
  readonly credsOptions?: readonly string[];
}

/** IAM does not save the trust policy. */
export interface RefusedPolicyScenario extends Asking {
  readonly kind: "policy";
  /** What IAM says. */
  readonly said: string;
}

/** What cannot be brought about here: why, and whether its text is enough to know it by. */
export interface TextScenario {
  readonly kind: "text";
  readonly because: string;
  /** What a tool said; null where nothing is said, or where others say the same. */
  readonly said: string | null;
}

export const ACCOUNT = "123456789012";
