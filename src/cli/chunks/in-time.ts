import { RolecallError } from "../../core/errors.ts";

/**
 * Waits for something until the time is up.
 *
 * @param end milliseconds of `Date.now`
 * @throws RolecallError `unavailable` when it takes longer
 */
export async function inTime<Value>(work: Promise<Value>, end: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    const late = (): void => {
      reject(
        new RolecallError("unavailable", "no credentials within the time of --timeout", {
          hints: ["the CI, AWS or the network is slow; rolecall -v shows what it waits for"],
        }),
      );
    };
    timer = setTimeout(late, Math.max(0, end - Date.now()));
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
