import type { Credentials } from "../core/credentials.ts";
import { isRolecallError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { exchange, type Refusal } from "../credentials/exchange.ts";
import type { AssumeCall } from "../wire/sts.ts";
import type { Step } from "./step.ts";
import { say } from "./workflow.ts";

type Kinded = { readonly kind: string };

/** Ends the tries when there have been as many as the inputs allow. */
class Enough extends Error {}

/**
 * Asks STS, and once more where that helps: `exchange` says what is tried again, when, and for how long in all. A
 * refusal is a value.
 *
 * @param most tries, 1 or more
 * @param ask asks once, for at most so many milliseconds
 * @throws RolecallError what `ask` threw last
 */
export async function persist<Answer extends Kinded>(
  step: Step,
  most: number,
  ask: (timeout: number) => Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  let tried = 0;
  let last: Answer | Refusal | Error = new Enough();
  const once = async (timeout: number): Promise<Answer | Refusal> => {
    tried++;
    try {
      return (last = await ask(timeout));
    } catch (error) {
      if (isRolecallError(error)) last = error;
      throw error;
    }
  };
  try {
    await exchange(NO_CALL, {
      assume: async (_, timeout) => {
        const answer = await once(timeout);
        return isRefusal(answer) ? answer : { kind: "credentials", credentials: NO_CREDENTIALS };
      },
      now: step.now,
      sleep: (milliseconds) => (tried >= most ? Promise.reject(new Enough()) : pause(milliseconds)),
      random: Math.random,
      onRetry: (why, wait) => {
        if (tried < most) say(step, `${why}; trying again in ${(wait / 1000).toFixed(1)} s`);
      },
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  if (last instanceof Error) throw last;
  return last;
}

export function isRefusal(answer: Kinded): answer is Refusal {
  return answer.kind === "refused";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// `exchange` passes these through; question and answer are those of `ask`.
const NOTHING = new Secret("");
const NO_CALL: AssumeCall = { endpoint: new URL("https://sts.invalid"), roleArn: "", sessionName: "", token: NOTHING };
const NO_CREDENTIALS: Credentials = {
  accessKeyId: "",
  secretAccessKey: NOTHING,
  sessionToken: NOTHING,
  expiration: new Date(0),
  role: "",
};
