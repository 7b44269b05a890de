import { EXCHANGE_FAILURES } from "./failures/of-exchange.ts";
import { PROVIDER_FAILURES } from "./failures/of-provider.ts";
import { TRUST_FAILURES } from "./failures/of-trust-policy.ts";
import type { Failure, JobEvidence } from "./failures/failure.ts";
import { STS_TEXTS } from "./failures/sts-texts.ts";

/**
 * Ways in which an exchange is refused. `tell` reads what the token alone can show.
 * Sources stand with each id in the project's failure catalogue; GitLab's in its AWS and ID-token pages.
 */
export const FAILURES = { ...PROVIDER_FAILURES, ...TRUST_FAILURES, ...EXCHANGE_FAILURES } as const;

export type FailureId = keyof typeof FAILURES;

/** A cause, with the evidence that this token gives for it. */
export interface Candidate {
  readonly id: FailureId;
  readonly title: string;
  readonly evidence: string | null;
  readonly fix: string;
}

/** Every cause that a text may stand for, likeliest first, where the token is not known. */
export function causesOf(code: string, text: string): readonly Pick<Candidate, "id" | "title">[] {
  return rowOf(code, text).map((id) => ({ id, title: FAILURES[id].title }));
}

function rowOf(code: string, text: string): readonly FailureId[] {
  return (
    STS_TEXTS.find((one) => (one.code === undefined || one.code === code) && one.text.test(text))?.candidates ?? []
  );
}

/**
 * The causes that a refusal may have, likeliest first: those that the token shows, then those that it
 * cannot show. One whose evidence was looked for and not found is left out.
 */
export function candidatesFor(code: string, text: string, evidence: JobEvidence): readonly Candidate[] {
  const judged = rowOf(code, text).flatMap((id): Candidate[] => {
    const { title, tell, fix, concerns }: Failure = FAILURES[id];
    const told = tell?.(evidence) ?? null;
    const isOut = (tell !== undefined && told === null) || concerns?.(evidence) === false;
    return isOut ? [] : [{ id, title, evidence: told, fix: fix(evidence) }];
  });
  return judged.toSorted((a, b) => weight(b) - weight(a));
}

/** What only some tokens show says most; what cannot be shown by a token comes last. */
function weight({ id, evidence }: Candidate): number {
  const { isWeak = false }: Failure = FAILURES[id];
  return evidence === null ? 0 : isWeak ? 1 : 2;
}
