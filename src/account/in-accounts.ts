import { isRolecallError, RolecallError } from "../core/errors.ts";

/** Accounts that are worked on at once; IAM's rate limits are per account, this machine's memory is not. */
export const MOST_AT_ONCE = 8;

/** What came of one account. */
export type Outcome<Account, Result> =
  | { readonly kind: "done"; readonly account: Account; readonly result: Result }
  | { readonly kind: "failed"; readonly account: Account; readonly error: unknown };

/**
 * Does the same in several accounts, a few at once; within an account nothing runs beside anything else.
 * One that fails does not stop the others: they share nothing.
 *
 * @param progress called when an account is finished
 * @returns one outcome for each account, in their order
 */
export async function inAccounts<Account, Result>(
  accounts: readonly Account[],
  run: (account: Account) => Promise<Result>,
  progress: (outcome: Outcome<Account, Result>, finished: number) => void = () => {},
): Promise<readonly Outcome<Account, Result>[]> {
  const outcomes: Outcome<Account, Result>[] = [];
  const waiting = accounts.entries();
  let finished = 0;
  const worker = async (): Promise<void> => {
    for (const [index, account] of waiting) {
      const outcome = await attempt(account, run);
      outcomes[index] = outcome;
      progress(outcome, ++finished);
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, accounts.length) }, worker));
  return outcomes;
}

async function attempt<Account, Result>(
  account: Account,
  run: (account: Account) => Promise<Result>,
): Promise<Outcome<Account, Result>> {
  try {
    return { kind: "done", account, result: await run(account) };
  } catch (error) {
    return { kind: "failed", account, error };
  }
}

/**
 * The results of all accounts.
 *
 * @throws the error of an account; of several the first one, with the others in its details
 */
export function results<Account, Result>(
  outcomes: readonly Outcome<Account, Result>[],
  nameOf: (account: Account) => string,
): readonly Result[] {
  const failed = outcomes.filter((one) => one.kind === "failed");
  const [first] = failed;
  if (!first) return outcomes.flatMap((one) => (one.kind === "done" ? [one.result] : []));
  if (outcomes.length === 1 || !isRolecallError(first.error)) throw first.error;
  const others = failed.slice(1).map(({ account, error }) => `${nameOf(account)}: ${messageOf(error)}`);
  throw new RolecallError(first.error.code, `${nameOf(first.account)}: ${first.error.message}`, {
    details: [...first.error.details, ...others],
    hints: first.error.hints,
    cause: first.error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
