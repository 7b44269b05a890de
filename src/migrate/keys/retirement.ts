/** The safe order of retiring a key; nothing is undone but by rolling back, and a deleted key by nothing. */
export const STEP_NAMES = ["role", "green", "removed", "quiet", "deactivate", "wait", "delete"] as const;

export type StepName = (typeof STEP_NAMES)[number];

/** What each step means, for people. */
export const STEP_TITLES: Readonly<Record<StepName, string>> = {
  role: "the role is there, and its trust policy admits tokens of an OIDC provider",
  green: "the role was used since the retirement began",
  removed: "the key's names are out of the CI",
  quiet: "the key is not used any more",
  deactivate: "the key is inactive",
  wait: "nothing missed it",
  delete: "the key is deleted",
};

/** How far a key's retirement is. Times are milliseconds since 1970. */
export interface Retirement {
  readonly account: string;
  readonly user: string;
  /** Its id. */
  readonly key: string;
  /** ARN of the role that takes its place. */
  readonly role: string;
  /** Only a use of the role from here on counts as a green run. */
  readonly begun: number;
  readonly quietDays: number;
  readonly waitDays: number;
  /** When each step was done; what is not in it is not done. */
  readonly done: Readonly<Partial<Record<StepName, number>>>;
}

/** Questions of the steps that a person decides; what the others wait for can be measured. */
export const QUESTIONS: Readonly<Partial<Record<StepName, (retirement: Retirement) => string>>> = {
  removed: () => "are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY taken out of the CI's variables and files?",
  deactivate: ({ key, user }) => `deactivate ${key} of ${user} now? --roll-back makes it active again`,
  delete: ({ key, user }) => `delete ${key} of ${user} now? nothing brings it back`,
};

const DAY = 24 * 3600 * 1000;

export function isFinished({ done }: Retirement): boolean {
  return done.delete !== undefined;
}

/** The first step that is not done; null when all are. */
export function nextStep({ done }: Retirement): StepName | null {
  return STEP_NAMES.find((name) => done[name] === undefined) ?? null;
}

export function withDone(retirement: Retirement, step: StepName, at: number): Retirement {
  return { ...retirement, done: { ...retirement.done, [step]: at } };
}

/** Undoes a step and all that come after it. */
export function backTo(retirement: Retirement, step: StepName): Retirement {
  const kept = STEP_NAMES.slice(0, STEP_NAMES.indexOf(step));
  const done = Object.fromEntries(
    kept.flatMap((name) => (retirement.done[name] === undefined ? [] : [[name, retirement.done[name]]])),
  );
  return { ...retirement, done };
}

/** Milliseconds until a quiet period or a wait is over; 0 when it is, null when it has not begun. */
export function remaining(retirement: Retirement, step: "quiet" | "wait", now: number): number | null {
  const since = step === "quiet" ? retirement.done.removed : retirement.done.deactivate;
  if (since === undefined) return null;
  const days = step === "quiet" ? retirement.quietDays : retirement.waitDays;
  return Math.max(0, since + days * DAY - now);
}
