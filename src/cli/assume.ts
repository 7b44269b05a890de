import type { Credentials } from "../core/credentials.ts";
import { type ChainPlanner, type Plan, planExchange as planWith } from "./exchange-token.ts";
import type { JobInput } from "./given.ts";
import type { Io } from "./io.ts";

export { assume, type Plan } from "./exchange-token.ts";
export { given, type JobInput } from "./given.ts";
export { parseEndpoint } from "./sts-endpoint.ts";

/**
 * Resolves what to ask STS for, chains of roles included. Nothing is sent yet.
 *
 * @throws RolecallError `usage`, `config`, `no-token`; `refused` for what the user does not allow
 */
export function planExchange(options: JobInput, io: Io): Promise<Plan> {
  return planWith(options, io, planChain);
}

const CHAIN_OPTIONS = ["then", "tag", "transitive-tag", "external-id"] as const;

const planChain: ChainPlanner = async (options, narrowing) =>
  CHAIN_OPTIONS.some((name) => options[name]?.length)
    ? (await import("./chunks/chain.ts")).planChain(options, narrowing)
    : null;

/** Credentials to hand over, and the region that goes with them. */
export interface Obtained {
  readonly credentials: Credentials;
  readonly region: string | undefined;
}

/** With `--use-existing` the session of the environment, if it works and is the one that is wanted. */
export async function findExisting(
  options: JobInput & { readonly "use-existing": boolean },
  io: Io,
): Promise<Obtained | null> {
  if (!options["use-existing"]) return null;
  return (await import("./chunks/existing.ts")).existingSession(options, io);
}
