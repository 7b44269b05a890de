import type { ProjectFacts } from "../core/lint/platform.ts";
import { Forbidden } from "../wire/rest.ts";

/** What a CI's API said of a project. */
export interface AskedProject {
  /** Null where it is not visible, which proves nothing. */
  readonly facts: ProjectFacts | null;
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}

/** An answer, or undefined where the token may not have it: then the reason is kept. */
export async function orUnread<T>(
  what: string,
  needs: string,
  unread: string[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    unread.push(`not read: ${what} (${error.status}): the token needs ${needs}`);
    return undefined;
  }
}
