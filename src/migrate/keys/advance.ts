import { backTo, isFinished, type Retirement, STEP_NAMES, type StepName, withDone } from "./retirement.ts";
import { type Outside, type RetireCalls, STEPS, type Verdict } from "./steps.ts";

/** How far a retirement came, and what stopped it. */
export interface Progress {
  readonly retirement: Retirement;
  /** null when the key is deleted. */
  readonly stop: { readonly step: StepName; readonly why: string; readonly hints: readonly string[] } | null;
  /** The key was gone before the last step deleted it. */
  readonly gone: boolean;
}

/**
 * Goes through the steps that are not done, as far as it can. Each is kept as soon as it is done, and looks at AWS
 * itself: when the process dies between a change and the record of it, the next run finds the change made.
 */
export async function advance(start: Retirement, outside: Outside): Promise<Progress> {
  let retirement = start;
  if (isFinished(retirement)) return { retirement, stop: null, gone: false };
  if (await isGone(retirement, outside.aws)) {
    retirement = withDone(retirement, "delete", outside.now());
    await outside.save(retirement);
    return { retirement, stop: null, gone: true };
  }
  for (const step of STEP_NAMES) {
    // The role is looked at every time: no key may go when what takes its place has gone.
    if (retirement.done[step] !== undefined && step !== "role") continue;
    const verdict: Verdict = await STEPS[step](retirement, outside);
    if (verdict.kind === "done") {
      retirement = withDone(retirement, step, retirement.done[step] ?? outside.now());
      await outside.save(retirement);
      continue;
    }
    const { [step]: _, ...others } = retirement.done;
    retirement = verdict.kind === "back" ? backTo(retirement, verdict.to) : { ...retirement, done: others };
    await outside.save(retirement);
    return { retirement, stop: { step, why: verdict.why, hints: verdict.hints }, gone: false };
  }
  return { retirement, stop: null, gone: false };
}

async function isGone({ user, key }: Retirement, aws: Pick<RetireCalls, "listKeys">): Promise<boolean> {
  const keys = await aws.listKeys(user);
  return keys === null || keys.every(({ id }) => id !== key);
}

/** Makes the key active again, and goes back to before its names were said to be gone. False when it is deleted. */
export async function rollBack(
  retirement: Retirement,
  aws: Pick<RetireCalls, "listKeys" | "setKeyActive">,
  save: Outside["save"],
): Promise<boolean> {
  const { user, key } = retirement;
  if (isFinished(retirement) || (await isGone(retirement, aws))) return false;
  await aws.setKeyActive(user, key, true);
  await save(backTo(retirement, "removed"));
  return true;
}
